//! A shard: what sends a room's media to some of its receivers from elsewhere,
//! on a thread of its own shell. The room opens it when it has more receivers
//! than it serves by itself, tells it what to do by [`ShardInput`]s, each
//! packet once however many receive it, and is told what it should know by
//! [`ShardEvent`]s. Both are owned, and come in the order in which they went.

mod queue;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use parlor_model::call::SlotTrack;
use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

use crate::forward::{Command, Event, Forwarder, Opening};
use crate::io::Sink;
use crate::publication::Passing;

pub use queue::{ShardLost, ShardQueue};

/// Sends a room's media to some of its receivers. Plain state, like a
/// [`Room`](crate::Room), that may move between threads.
pub struct Shard {
    now: Instant,
    forwarder: Forwarder,
    told: VecDeque<ShardEvent>,
}

/// What a room tells one of its shards. It must come there, but see
/// [`ShardQueue`].
pub struct ShardInput(pub(crate) ToShard);

/// What a shard tells its room.
pub struct ShardEvent(pub(crate) FromShard);

/// What is in a [`ShardInput`].
pub(crate) enum ToShard {
    /// Somebody can be sent to. The number tells this opening from earlier ones
    /// of the same receiver.
    Open(u64, Box<Opening>),
    /// Anything else to do.
    Command(Command),
    /// What a receiver says: a compound of control packets that was opened.
    Control(ParticipantId, Box<[u8]>),
    /// A packet of a track.
    Packet(Arc<SharedPacket>),
    /// Packets of the track did not fit the queue: its streams begin anew.
    BrokenOff(SlotTrack),
}

/// What is in a [`ShardEvent`].
#[derive(Debug)]
pub(crate) enum FromShard {
    /// From here on the shard speaks of this opening of the receiver.
    Opened(ParticipantId, u64),
    /// What its forwarder tells.
    Event(Event),
}

/// A packet on its way to several shards.
pub(crate) struct SharedPacket {
    pub(crate) track: SlotTrack,
    pub(crate) passing: Passing,
}

impl Shard {
    /// Sends to nobody yet. `wall` is the wall clock at `now`.
    pub(crate) fn new(now: Instant, wall: UnixMillis) -> Self {
        Self { now, forwarder: Forwarder::new(now, wall), told: VecDeque::new() }
    }

    /// Takes what the room tells.
    pub fn handle(&mut self, now: Instant, input: ShardInput) {
        // Time never goes back, whatever order a shell stamps its inputs in.
        self.now = self.now.max(now);
        match input.0 {
            ToShard::Open(number, opening) => {
                let receiver = opening.receiver;
                self.forwarder.command(self.now, Command::Open(opening));
                self.note_events();
                self.told.push_back(ShardEvent(FromShard::Opened(receiver, number)));
            }
            ToShard::Command(command) => self.forwarder.command(self.now, command),
            ToShard::Control(from, compound) => self.forwarder.control(self.now, from, &compound),
            ToShard::Packet(packet) => {
                self.forwarder.forward(self.now, &packet.track, &packet.passing);
            }
            ToShard::BrokenOff(track) => self.forwarder.break_off(self.now, &track),
        }
        self.note_events();
    }

    /// Puts out everything that waits. Due when [`Self::next_timeout`] says so,
    /// and within two milliseconds after an input.
    pub fn flush(&mut self, now: Instant, sink: &mut impl Sink) {
        self.now = self.now.max(now);
        self.forwarder.flush(self.now, sink);
        self.note_events();
    }

    /// The next thing to tell the room.
    pub fn poll(&mut self) -> Option<ShardEvent> {
        self.told.pop_front()
    }

    /// When [`Self::flush`] is due; in the past means at once.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.forwarder.deadline(self.now)
    }

    /// Whether nobody is sent to, and nothing is kept for anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.forwarder.is_empty()
    }

    fn note_events(&mut self) {
        while let Some(event) = self.forwarder.poll_event() {
            self.told.push_back(ShardEvent(FromShard::Event(event)));
        }
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shard")
    }
}

impl fmt::Debug for ShardInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            ToShard::Open(..) => "Open",
            ToShard::Command(_) => "Command",
            ToShard::Control(..) => "Control",
            ToShard::Packet(_) => "Packet",
            ToShard::BrokenOff(_) => "BrokenOff",
        };
        f.debug_tuple("ShardInput").field(&kind).finish()
    }
}

impl fmt::Debug for ShardEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ShardEvent").field(&self.0).finish()
    }
}

/// What crosses threads may do so.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Shard>();
    is_send::<ShardInput>();
    is_send::<ShardEvent>();
};
