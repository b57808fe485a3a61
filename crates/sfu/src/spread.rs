//! Who of a room's receivers is sent to from where: by the room's own
//! forwarder, or, in a large room, by one of its shards. The room speaks to the
//! forwarding plane as if it were one.
//!
//! A receiver stays where it was opened: the numbers of its packets, with which
//! none may be sealed twice, are in one place.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parlor_model::call::SlotTrack;
use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

use crate::config::SpreadConfig;
use crate::forward::{Command, Event, Forwarder, Opening};
use crate::io::{Output, Route, Sink};
use crate::publication::Passing;
use crate::shard::{FromShard, Shard, ShardEvent, ShardInput, SharedPacket, ToShard};

/// How long a shard that was lost is not used. Shorter gets back sooner what
/// the machine can do; longer spares people a second loss if it fails again.
const LOST_FOR: Duration = Duration::from_secs(30);

/// What goes out of the room.
type Outputs = VecDeque<Output>;

/// The forwarding plane of a room.
pub(crate) struct Spread {
    config: SpreadConfig,
    /// The wall clock at a moment: what a shard's own clock shows.
    anchor: (Instant, UnixMillis),
    own: Forwarder,
    own_receivers: usize,
    shards: Vec<State>,
    /// Where everybody is who can be sent to; nobody, if there are no shards.
    homes: BTreeMap<ParticipantId, Home>,
    /// To which shards the packets of a track go.
    carriers: BTreeMap<SlotTrack, Vec<Carrier>>,
    /// How many receivers were opened.
    openings: u64,
}

/// What is with a shard.
#[derive(Clone, Copy, Debug)]
enum State {
    Unused,
    Open { receivers: usize },
    Lost { at: Instant },
}

/// Where a receiver is.
#[derive(Debug)]
enum Home {
    Own,
    Shard(Lodging),
}

/// A receiver at a shard.
#[derive(Debug)]
struct Lodging {
    shard: usize,
    opening: u64,
    /// Whether what the shard tells is about this opening.
    is_confirmed: bool,
    /// The tracks that are carried, by slot.
    carried: BTreeMap<usize, SlotTrack>,
}

/// A shard to which a track's packets go, and for how many slots.
#[derive(Debug)]
struct Carrier {
    shard: usize,
    slots: usize,
}

impl Spread {
    /// Nobody is sent to yet. `wall` is the wall clock at `now`.
    pub(crate) fn new(config: SpreadConfig, now: Instant, wall: UnixMillis) -> Self {
        Self {
            shards: vec![State::Unused; config.shards],
            config,
            anchor: (now, wall),
            own: Forwarder::new(now, wall),
            own_receivers: 0,
            homes: BTreeMap::new(),
            carriers: BTreeMap::new(),
            openings: 0,
        }
    }

    /// Has the right one do what is commanded.
    pub(crate) fn command(&mut self, now: Instant, command: Command, outputs: &mut Outputs) {
        if self.shards.is_empty() {
            return self.own.command(now, command);
        }
        match command {
            Command::Open(opening) => self.open(now, opening, outputs),
            Command::Close(receiver) => self.close(now, receiver, outputs),
            command => self.pass_on(now, command, outputs),
        }
    }

    /// Passes a packet on to everybody who receives the track.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        track: SlotTrack,
        passing: Passing,
        outputs: &mut Outputs,
    ) {
        self.own.forward(now, &track, &passing);
        if let Some(carriers) = self.carriers.get(&track) {
            let packet = Arc::new(SharedPacket { track, passing });
            for Carrier { shard, .. } in carriers {
                let input = ShardInput(ToShard::Packet(Arc::clone(&packet)));
                outputs.push_back(Output::Shard(*shard, input));
            }
        }
    }

    /// Takes what a receiver says, in a compound RTCP packet that was opened.
    pub(crate) fn control(
        &mut self,
        now: Instant,
        from: ParticipantId,
        compound: &[u8],
        outputs: &mut Outputs,
    ) {
        match self.homes.get(&from) {
            Some(Home::Shard(lodging)) => {
                let input = ShardInput(ToShard::Control(from, compound.into()));
                outputs.push_back(Output::Shard(lodging.shard, input));
            }
            Some(Home::Own) | None => self.own.control(now, from, compound),
        }
    }

    /// Puts out what waits for those who are sent to from here.
    pub(crate) fn flush(&mut self, now: Instant, sink: &mut impl Sink) {
        self.own.flush(now, sink);
    }

    /// When [`Self::flush`] is due; in the past means at once.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.own.deadline(now)
    }

    /// What happened to those who are sent to from here.
    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.own.poll_event()
    }

    /// What happened at a shard. `None`: it is about a receiver that is not
    /// there any more, or about nothing that the room should know.
    pub(crate) fn accept(&mut self, shard: usize, event: ShardEvent) -> Option<Event> {
        let (receiver, event) = match event.0 {
            FromShard::Opened(receiver, opening) => {
                if let Some(Home::Shard(lodging)) = self.homes.get_mut(&receiver) {
                    lodging.is_confirmed |= lodging.opening == opening;
                }
                return None;
            }
            FromShard::Event(event @ Event::Awaited(..)) => return Some(event),
            FromShard::Event(event) => (event.receiver()?, event),
        };
        let home = self.homes.get(&receiver);
        let is_there = matches!(home, Some(Home::Shard(lodging))
            if lodging.shard == shard && lodging.is_confirmed);
        is_there.then_some(event)
    }

    /// A shard is no more: who was sent to from there.
    pub(crate) fn lose(&mut self, now: Instant, shard: usize) -> Vec<ParticipantId> {
        let Some(state) = self.shards.get_mut(shard) else {
            return Vec::new();
        };
        *state = State::Lost { at: now };
        let is_there = |home: &Home| matches!(home, Home::Shard(it) if it.shard == shard);
        let gone: Vec<_> =
            self.homes.iter().filter(|(_, home)| is_there(home)).map(|(id, _)| *id).collect();
        self.homes.retain(|_, home| !is_there(home));
        self.carriers.retain(|_, carriers| {
            carriers.retain(|it| it.shard != shard);
            !carriers.is_empty()
        });
        gone
    }

    /// Whether nobody is sent to, and nothing is kept for anybody.
    pub(crate) fn is_empty(&self) -> bool {
        let is_open = |it: &State| matches!(it, State::Open { .. });
        self.own.is_empty()
            && self.homes.is_empty()
            && self.carriers.is_empty()
            && self.own_receivers == 0
            && !self.shards.iter().any(is_open)
    }

    fn open(&mut self, now: Instant, opening: Box<Opening>, outputs: &mut Outputs) {
        let receiver = opening.receiver;
        self.close(now, receiver, outputs);
        let Some(shard) = self.choose(now, &opening.route) else {
            self.own_receivers += 1;
            self.homes.insert(receiver, Home::Own);
            return self.own.command(now, Command::Open(opening));
        };
        let state = &mut self.shards[shard];
        if let State::Open { receivers } = state {
            *receivers += 1;
        } else {
            *state = State::Open { receivers: 1 };
            let (at, wall) = self.anchor;
            outputs.push_back(Output::OpenShard(shard, Box::new(Shard::new(at, wall))));
        }
        self.openings += 1;
        let opened = ShardInput(ToShard::Open(self.openings, opening));
        outputs.push_back(Output::Shard(shard, opened));
        let lodging = Lodging {
            shard,
            opening: self.openings,
            is_confirmed: false,
            carried: BTreeMap::new(),
        };
        self.homes.insert(receiver, Home::Shard(lodging));
    }

    /// The shard for somebody new; `None`: the room itself. It takes the first
    /// ones. So many go to each shard, too, before there is another; when there
    /// are all, to whoever has the fewest, where the room counts as if it had
    /// its first ones twice, for it also has all the rest to do.
    fn choose(&self, now: Instant, route: &Route) -> Option<usize> {
        let first = self.config.own_receivers;
        if self.own_receivers < first || !(self.config.can_leave)(route) {
            return None;
        }
        let open = self.shards.iter().enumerate().filter_map(|(shard, state)| match state {
            State::Open { receivers } => Some((*receivers, shard)),
            State::Unused | State::Lost { .. } => None,
        });
        let emptiest = open.min();
        if let Some((receivers, shard)) = emptiest
            && receivers < first
        {
            return Some(shard);
        }
        let is_usable = |state: &State| match state {
            State::Unused => true,
            State::Open { .. } => false,
            State::Lost { at } => now.saturating_duration_since(*at) >= LOST_FOR,
        };
        let another = self.shards.iter().position(is_usable);
        let emptiest = emptiest.filter(|(receivers, _)| *receivers <= self.own_receivers + first);
        another.or(emptiest.map(|(_, shard)| shard))
    }

    fn close(&mut self, now: Instant, receiver: ParticipantId, outputs: &mut Outputs) {
        match self.homes.remove(&receiver) {
            None => {}
            Some(Home::Own) => {
                self.own_receivers -= 1;
                self.own.command(now, Command::Close(receiver));
            }
            Some(Home::Shard(lodging)) => {
                let shard = lodging.shard;
                for track in lodging.carried.values() {
                    self.release(shard, track);
                }
                let left = match &mut self.shards[shard] {
                    State::Open { receivers } => {
                        *receivers -= 1;
                        *receivers
                    }
                    State::Unused | State::Lost { .. } => return,
                };
                outputs.push_back(if left == 0 {
                    self.shards[shard] = State::Unused;
                    Output::CloseShard(shard)
                } else {
                    let close = Command::Close(receiver);
                    Output::Shard(shard, ShardInput(ToShard::Command(close)))
                });
            }
        }
    }

    fn pass_on(&mut self, now: Instant, command: Command, outputs: &mut Outputs) {
        let Some(Home::Shard(lodging)) = self.homes.get_mut(&command.receiver()) else {
            return self.own.command(now, command);
        };
        let shard = lodging.shard;
        let (before, after) = match &command {
            Command::Carry(place, track) => {
                (lodging.carried.insert(place.slot, track.clone()), Some(track))
            }
            Command::Drop(place) => (lodging.carried.remove(&place.slot), None),
            _ => (None, None),
        };
        if let Some(track) = after {
            let carriers = self.carriers.entry(track.clone()).or_default();
            match carriers.iter_mut().find(|it| it.shard == shard) {
                Some(carrier) => carrier.slots += 1,
                None => carriers.push(Carrier { shard, slots: 1 }),
            }
        }
        if let Some(track) = before {
            self.release(shard, &track);
        }
        outputs.push_back(Output::Shard(shard, ShardInput(ToShard::Command(command))));
    }

    /// One slot fewer of the shard carries the track.
    fn release(&mut self, shard: usize, track: &SlotTrack) {
        let Some(carriers) = self.carriers.get_mut(track) else {
            return;
        };
        if let Some(carrier) = carriers.iter_mut().find(|it| it.shard == shard) {
            carrier.slots -= 1;
        }
        carriers.retain(|it| it.slots > 0);
        if carriers.is_empty() {
            self.carriers.remove(track);
        }
    }
}

#[cfg(test)]
mod tests;
