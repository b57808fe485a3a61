//! One ICE-TCP connection: the client is active, we are passive. Its first
//! packet is a STUN request that names, by our username fragment, the worker
//! whose participant it is for; from then on the connection is theirs.

use std::time::Duration;

use parlor_sfu::{Transport, requested_ufrag};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::StreamEnds;
use super::framing::{Deframer, Framing, with_length};
use super::link::{FromStream, Outbound, StreamEnd, StreamInbox, StreamKey, outbound};
use crate::node::Shared;

/// From the start until the worker has answered. Only a request with the right
/// password is ever answered, so this is how long a stranger stays.
const PROOF_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may say nothing. Browsers check each connection they use
/// every few seconds (RFC 7675), and close those they do not use.
const SILENCE: Duration = Duration::from_secs(30);

/// How long one write may take: a client that reads nothing for so long has
/// lost its network.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Read from a connection at a time.
const READ_BYTES: usize = 16 * 1024;

/// Most packets written at a time.
const WRITE_BATCH: usize = 32;

/// Serves the connection to its end.
pub(super) async fn serve<S>(shared: &Shared, stream: S, ends: StreamEnds)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (reader, writer) = tokio::io::split(stream);
    let mut reader = Reader::new(reader);
    let Some((inbox, first)) = timeout(PROOF_TIMEOUT, reader.first(shared)).await.ok().flatten()
    else {
        return;
    };
    let Some(destination) = shared.tcp_address(ends.local) else {
        return;
    };
    let key = StreamKey { transport: Transport::Tcp, remote: ends.peer };
    let number = shared.next_connection().0;
    let (queue, packets) = outbound();
    let serving = async {
        inbox.send(FromStream::Opened(key, StreamEnd { number, queue })).await.ok()?;
        inbox.send(FromStream::Packet(key, destination, first)).await.ok()?;
        let reading = async {
            while let Some(packet) = timeout(SILENCE, reader.next()).await.ok()? {
                inbox.send(FromStream::Packet(key, destination, packet)).await.ok()?;
            }
            Some(())
        };
        tokio::select! {
            _ended = reading => {}
            _ended = write(writer, packets) => {}
        }
        Some(())
    };
    // However it ended, the worker is told, unless it has stopped.
    serving.await;
    inbox.send(FromStream::Closed(key, number)).await.ok();
}

/// Writes what the worker says, as long as it has the connection.
async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut packets: mpsc::Receiver<Outbound>,
) -> Option<()> {
    let mut framed = Vec::new();
    let mut batch = vec![timeout(PROOF_TIMEOUT, packets.recv()).await.ok()??];
    loop {
        framed.clear();
        batch.drain(..).for_each(|packet| with_length(&packet.contents, &mut framed));
        timeout(WRITE_TIMEOUT, writer.write_all(&framed)).await.ok()?.ok()?;
        if packets.recv_many(&mut batch, WRITE_BATCH).await == 0 {
            return None;
        }
    }
}

/// The reading half.
struct Reader<R> {
    reader: R,
    deframer: Deframer,
    buffer: Box<[u8]>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    fn new(reader: R) -> Self {
        let deframer = Deframer::new(Framing::Length);
        Self { reader, deframer, buffer: vec![0; READ_BYTES].into() }
    }

    /// The first packet, and the worker it is for.
    async fn first(&mut self, shared: &Shared) -> Option<(StreamInbox, Vec<u8>)> {
        let first = self.next().await?;
        let worker = shared.worker_of_ufrag(requested_ufrag(&first)?)?;
        Some((shared.stream_inboxes.get(worker)?.clone(), first))
    }

    /// The next packet. `None`: the connection has ended, or is not ICE-TCP.
    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(packet) = self.deframer.next().ok()? {
                return Some(packet.to_vec());
            }
            let read = self.reader.read(&mut self.buffer).await.ok()?;
            if read == 0 {
                return None;
            }
            self.deframer.push(&self.buffer[..read]);
        }
    }
}
