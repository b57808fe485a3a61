//! One connection of a TURN client: carries what its session says, to the
//! client and to the workers whose addresses it sends to.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use parlor_sfu::Transport;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::StreamEnds;
use super::framing::{Deframer, Framing};
use super::link::{FromStream, Outbound, StreamEnd, StreamKey, outbound};
use crate::node::Shared;
use crate::random;
use crate::turn::{Action, Around, Family, Session};

/// How often it is looked whether the connection still has a user. A user who
/// left keeps it for so long at most.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many looks in a row may find nobody: the first ones come before the
/// client has asked for anything.
const MAX_IDLE_LOOKS: u32 = 3;

/// How long one write may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Read from a connection at a time.
const READ_BYTES: usize = 16 * 1024;

/// Most packets that wait to be written, and most written at a time.
const QUEUE_LENGTH: usize = 192;
const WRITE_BATCH: usize = 32;

/// Serves the connection to its end.
pub(super) async fn serve<S>(shared: &Shared, stream: S, ends: StreamEnds)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Ok(nonce) = random::word() else {
        return;
    };
    let (reader, writer) = tokio::io::split(stream);
    let (replies, to_write) = mpsc::channel(QUEUE_LENGTH);
    let mut client = Client {
        shared,
        session: Session::new(ends.peer, nonce),
        replies,
        relays: Relays::new(shared),
    };
    tokio::select! {
        _ended = client.run(reader) => {}
        _ended = write(writer, to_write) => {}
    }
    client.relays.close().await;
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut packets: mpsc::Receiver<Vec<u8>>,
) -> Option<()> {
    let (mut batch, mut bytes) = (Vec::new(), Vec::new());
    while packets.recv_many(&mut batch, WRITE_BATCH).await > 0 {
        bytes.clear();
        batch.drain(..).for_each(|packet: Vec<u8>| bytes.extend(packet));
        let writing = async {
            writer.write_all(&bytes).await?;
            // TLS may hold back the end of it.
            writer.flush().await
        };
        timeout(WRITE_TIMEOUT, writing).await.ok()?.ok()?;
    }
    None
}

struct Client<'a> {
    shared: &'a Shared,
    session: Session,
    replies: mpsc::Sender<Vec<u8>>,
    relays: Relays<'a>,
}

impl Client<'_> {
    /// Runs until the client is gone, misbehaves, or has no use for it.
    async fn run(&mut self, mut reader: impl AsyncRead + Unpin) -> Option<()> {
        let mut deframer = Deframer::new(Framing::Turn);
        let mut buffer = vec![0; READ_BYTES];
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut idle_looks = 0;
        loop {
            tokio::select! {
                read = reader.read(&mut buffer) => match read.ok()? {
                    0 => return None,
                    read => {
                        deframer.push(&buffer[..read]);
                        self.take(&mut deframer).await?;
                    }
                },
                Some(packet) = self.relays.packets.recv() => self.pass_on(&packet),
                _ = looks.tick() => {
                    let is_idle = self.session.is_idle(Instant::now(), self.shared);
                    idle_looks = if is_idle { idle_looks + 1 } else { 0 };
                    if idle_looks > MAX_IDLE_LOOKS {
                        return None;
                    }
                }
            }
        }
    }

    async fn take(&mut self, deframer: &mut Deframer) -> Option<()> {
        while let Some(packet) = deframer.next().ok()? {
            match self.session.handle(Instant::now(), self.shared, packet).ok()? {
                Action::Nothing => {}
                // Whoever asks faster than it reads is not worth keeping.
                Action::Reply(reply) => self.replies.try_send(reply).ok()?,
                Action::Relay(from, to, contents) => self.relays.send(from, to, contents).await?,
            }
        }
        Some(())
    }

    /// What finds the client's queue full is lost, as on any network.
    fn pass_on(&self, packet: &Outbound) {
        let wrapped = self.session.wrap(Instant::now(), packet.source, &packet.contents);
        if let Some(wrapped) = wrapped {
            self.replies.try_send(wrapped).ok();
        }
    }
}

/// The ways from one connection to the workers.
struct Relays<'a> {
    shared: &'a Shared,
    /// By worker, what it knows the connection by.
    open: BTreeMap<usize, StreamKey>,
    number: u64,
    queue: mpsc::Sender<Outbound>,
    packets: mpsc::Receiver<Outbound>,
}

impl<'a> Relays<'a> {
    fn new(shared: &'a Shared) -> Self {
        let (queue, packets) = outbound();
        let number = shared.next_connection().0;
        Self { shared, open: BTreeMap::new(), number, queue, packets }
    }

    async fn send(&mut self, from: SocketAddr, to: SocketAddr, contents: Vec<u8>) -> Option<()> {
        let worker = *self.shared.media_addresses.get(&to)?;
        let inbox = self.shared.stream_inboxes.get(worker)?;
        let key = StreamKey { transport: Transport::Udp, remote: from };
        if self.open.insert(worker, key) != Some(key) {
            let end = StreamEnd { number: self.number, queue: self.queue.clone() };
            inbox.send(FromStream::Opened(key, end)).await.ok()?;
        }
        inbox.send(FromStream::Packet(key, to, contents)).await.ok()
    }

    async fn close(self) {
        for (worker, key) in self.open {
            // A worker that has stopped has forgotten it anyway.
            let closed = FromStream::Closed(key, self.number);
            self.shared.stream_inboxes[worker].send(closed).await.ok();
        }
    }
}

impl Around for Shared {
    fn password(&self, username: &str) -> Option<String> {
        let (user, password) = self.ticket_key.relay_user(username)?;
        let is_good =
            (self.wall_clock)() <= user.begins_by || self.directory.is_inside(user.participant);
        is_good.then_some(password)
    }

    fn has_ip(&self, ip: IpAddr) -> bool {
        self.media_addresses.keys().any(|address| address.ip() == ip)
    }

    fn has_address(&self, address: SocketAddr) -> bool {
        self.media_addresses.contains_key(&address)
    }

    fn relayed(&self, asked: Option<Family>) -> Option<SocketAddr> {
        let has = |family| self.media_addresses.keys().any(|of| Family::of(of.ip()) == family);
        // A client that asks for nothing means IPv4 (RFC 8656, section 7.2),
        // which would be of no use to it where the node has none.
        let fallback = if has(Family::V4) { Family::V4 } else { Family::V6 };
        let family = asked.unwrap_or(fallback);
        has(family).then(|| self.relay_addresses.next(family))
    }
}
