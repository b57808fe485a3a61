//! The shards that a worker runs for rooms of others: takes what the rooms tell
//! them, puts out what they send, by the sockets of the rooms' workers, and
//! tells back. There are few, since only large rooms have any, so that looking
//! at each in a turn costs nothing.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use parlor_sfu::{Route, Shard, ShardEvent, ShardInput, Sink, Transmit, Transport};
use tracing::error;

use super::FLUSH_DELAY;
use crate::counters::Counts;
use crate::egress::Run;
use crate::mail::{Commission, Letter, ShardKey, Tether, Undelivered};
use crate::turn::is_relayed;
use crate::udp::{UdpPort, port_for};

/// Most events that wait for a room. They are few, and none may be left out: a
/// room that is so far behind has stopped.
const MOST_EVENTS: usize = 16_384;
/// Most packets that wait for the room's worker, which alone can send them: what
/// one connection queues. More would only arrive later.
const MOST_MEDIA: usize = 1024;

/// All of them.
#[derive(Default)]
pub(super) struct Hosted(BTreeMap<ShardKey, HostedShard>);

/// One of them.
struct HostedShard {
    key: ShardKey,
    shard: Shard,
    tether: Tether,
    ports: Vec<UdpPort>,
    /// When what has come is to be put out.
    flush_at: Option<Instant>,
    events: Vec<ShardEvent>,
    media: Vec<Transmit>,
}

/// Where a shard's media go out.
struct ShardOut<'a> {
    ports: &'a mut [UdpPort],
    media: &'a mut Vec<Transmit>,
    counts: &'a mut Counts,
}

impl Sink for ShardOut<'_> {
    fn run(&mut self, to: &Route, packets: &[u8], size: usize) {
        let Route { participant, transport, source, destination } = *to;
        let size = size.max(1);
        if transport == Transport::Udp && !is_relayed(destination.ip()) {
            let run = Run {
                destination,
                contents: packets,
                segment_bytes: size,
                packets: packets.len().div_ceil(size),
            };
            let port = port_for(self.ports, source, destination);
            return self.ports[port].send(&run, self.counts);
        }
        for packet in packets.chunks(size) {
            if self.media.len() >= MOST_MEDIA {
                self.counts.packets_dropped += 1;
                continue;
            }
            let contents = packet.to_vec();
            self.media.push(Transmit { participant, transport, source, destination, contents });
        }
    }
}

impl Hosted {
    /// Begins to run a shard.
    pub(super) fn open(&mut self, key: ShardKey, commission: Commission) {
        let Commission { shard, tether, sockets } = commission;
        let ports = sockets.into_iter().map(UdpPort::of_another).collect::<io::Result<Vec<_>>>();
        match ports {
            Ok(ports) => {
                let (events, media, flush_at) = (Vec::new(), Vec::new(), None);
                let hosted = HostedShard { key, shard, tether, ports, flush_at, events, media };
                self.0.insert(key, hosted);
            }
            Err(error) => error!(%error, "a thread cannot send for another one's room"),
        }
    }

    /// Takes what a room tells its shard.
    pub(super) fn take(&mut self, now: Instant, key: ShardKey, inputs: Vec<ShardInput>) {
        let Some(hosted) = self.0.get_mut(&key) else {
            return;
        };
        if !hosted.take(now, inputs) {
            self.0.remove(&key);
        }
    }

    /// Puts out what is due, and sends what is to be told.
    pub(super) fn run(&mut self, now: Instant, counts: &mut Counts) {
        self.0.retain(|_, hosted| hosted.flush_if_due(now, counts) && hosted.tell());
        counts.shards = self.0.len() as u64;
    }

    /// When [`Self::run`] is due because media wait: soon.
    pub(super) fn flush_deadline(&self) -> Option<Instant> {
        self.0.values().filter_map(|hosted| hosted.flush_at).min()
    }

    /// When it is due by itself.
    pub(super) fn timer_deadline(&self, now: Instant) -> Option<Instant> {
        self.0.values().filter_map(|hosted| hosted.deadline(now)).min()
    }

    /// Looks whose rooms have gone.
    pub(super) fn look(&mut self) {
        self.0.retain(|_, hosted| !hosted.tether.link.is_over());
    }

    /// After a panic: all of them, and their rooms hear of it.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The node stops, and with it all rooms.
    pub(super) fn leave(&mut self) {
        for hosted in self.0.values_mut() {
            hosted.tether.is_released = true;
        }
    }
}

impl HostedShard {
    /// `false`: it failed.
    fn take(&mut self, now: Instant, inputs: Vec<ShardInput>) -> bool {
        self.tether.link.inputs.fetch_sub(inputs.len(), Relaxed);
        self.flush_at.get_or_insert(now);
        self.guarded(|hosted| {
            for input in inputs {
                hosted.shard.handle(now, input);
            }
        })
    }

    /// `false`: it failed.
    fn flush_if_due(&mut self, now: Instant, counts: &mut Counts) -> bool {
        let next = self.flush_at.or_else(|| self.shard.next_timeout());
        if next.is_none_or(|at| at > now) && self.ports.iter().all(|port| !port.is_backlogged()) {
            return true;
        }
        self.flush_at = None;
        self.guarded(|hosted| {
            let Self { shard, ports, media, .. } = hosted;
            // Nobody says when another thread's socket has room again.
            ports.iter_mut().for_each(|port| port.drain(counts));
            shard.flush(now, &mut ShardOut { ports, media, counts });
            hosted.events.extend(std::iter::from_fn(|| hosted.shard.poll()));
        })
    }

    /// Sends what the room should know. `false`: it does not listen.
    fn tell(&mut self) -> bool {
        if !self.media.is_empty() {
            let media = std::mem::take(&mut self.media);
            if let Err(Undelivered::Full(Letter::Media(_, media))) =
                self.tether.other.send(Letter::Media(self.key, media))
            {
                self.media = media;
            }
        }
        if self.events.is_empty() {
            return true;
        }
        let events = std::mem::take(&mut self.events);
        let count = events.len();
        if self.tether.link.events.fetch_add(count, Relaxed) + count > MOST_EVENTS {
            return false;
        }
        match self.tether.other.send(Letter::Events(self.key, events)) {
            Err(Undelivered::Full(Letter::Events(_, events))) => {
                self.tether.link.events.fetch_sub(count, Relaxed);
                self.events = events;
                count <= MOST_EVENTS
            }
            Ok(()) | Err(_) => true,
        }
    }

    /// When to look at it by itself: its own time, or that what found no place
    /// may find one.
    fn deadline(&self, now: Instant) -> Option<Instant> {
        let is_held = !self.events.is_empty() || !self.media.is_empty();
        let is_held = is_held || self.ports.iter().any(UdpPort::is_backlogged);
        let retry = is_held.then(|| now + FLUSH_DELAY);
        let timeout = self.shard.next_timeout().map(|at| at.max(now + FLUSH_DELAY));
        [retry, timeout].into_iter().flatten().min()
    }

    /// A fault in one shard must not take the worker's rooms along.
    fn guarded(&mut self, work: impl FnOnce(&mut Self)) -> bool {
        let is_sound = catch_unwind(AssertUnwindSafe(|| work(self))).is_ok();
        if !is_sound {
            error!("a shard of another thread's room failed and was given up");
        }
        is_sound
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use parlor_model::id::ParticipantId;

    use super::*;
    use crate::udp;

    #[test]
    fn media_for_connections_go_back_to_the_rooms_thread_and_are_bounded() {
        let socket = udp::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let local = socket.local_addr().unwrap();
        let mut ports = [UdpPort::of_another(socket).unwrap()];
        let (mut media, mut counts) = (Vec::new(), Counts::default());
        let mut out = ShardOut { ports: &mut ports, media: &mut media, counts: &mut counts };
        let mut to = Route {
            participant: ParticipantId::from_random([1; 16]),
            transport: Transport::Udp,
            source: local,
            destination: local,
        };
        out.run(&to, &[1, 2, 3, 4, 5], 2);
        to.transport = Transport::Tcp;
        out.run(&to, &[1, 2, 3, 4, 5], 2);
        (0..MOST_MEDIA).for_each(|_| out.run(&to, &[6], 1));
        assert_eq!((counts.packets_out, counts.packets_dropped), (3, 3));
        assert_eq!(media.len(), MOST_MEDIA);
        assert_eq!((&media[1].contents, &media[2].contents), (&vec![3, 4], &vec![5]));
    }
}
