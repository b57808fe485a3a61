//! One connection of a TURN client: carries what its session says, to the
//! client and to the workers whose addresses it sends to.

mod outgoing;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use parlor_sfu::Transport;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::StreamEnds;
use super::framing::{Deframer, Framing};
use super::link::{FromStream, Outbound, StreamEnd, StreamKey, outbound};
use crate::node::Shared;
use crate::random;
use crate::turn::{Action, Around, Family, Session};
use outgoing::Outgoing;

/// How often it is looked whether the connection still has a user.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many looks in a row may find nobody: the first ones come before the
/// client has asked for anything. The next one ends the connection, so a user
/// who left keeps it for twenty seconds at most.
const MAX_IDLE_LOOKS: u32 = 3;

/// Read from a connection at a time.
const READ_BYTES: usize = 16 * 1024;

/// Serves the connection to its end.
pub(super) async fn serve<S>(shared: &Shared, stream: S, ends: StreamEnds)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Ok(nonce) = random::word() else {
        return;
    };
    let (reader, writer) = tokio::io::split(stream);
    let (outgoing, waiting) = outgoing::queues();
    let mut client = Client {
        shared,
        session: Session::new(ends.peer, nonce),
        outgoing,
        relays: Relays::new(shared),
    };
    tokio::select! {
        _ended = client.run(reader) => {}
        _ended = waiting.write(writer) => {}
    }
    client.relays.close().await;
}

struct Client<'a> {
    shared: &'a Shared,
    session: Session,
    outgoing: Outgoing,
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
                Action::Reply(reply) => self.outgoing.reply(reply)?,
                Action::Relay(from, to, contents) => self.relays.send(from, to, contents).await?,
            }
        }
        Some(())
    }

    fn pass_on(&self, packet: &Outbound) {
        let wrapped = self.session.wrap(Instant::now(), packet.source, &packet.contents);
        if let Some(wrapped) = wrapped {
            self.outgoing.media(wrapped);
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
        let known = self.open.get(&worker).copied();
        if known != Some(key) {
            // A client that has allocated anew: the worker need not keep more
            // than one address of a connection.
            if let Some(earlier) = known {
                inbox.send(FromStream::Closed(earlier, self.number)).await.ok()?;
            }
            // Noted first, so that it is closed in the end even if this is cut
            // short here.
            self.open.insert(worker, key);
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
