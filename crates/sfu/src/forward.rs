//! The forwarding plane: takes packets of tracks and sends them, each rewritten
//! and protected, to those who are to have them. Who that is, and how much of
//! what they get, the room decides and tells; see [`Command`] and [`Event`].
//!
//! ```text
//! Forwarder::forward   a packet of a track
//!   track, store         its payload is kept once, whoever receives it
//! Forwarder::flush     for each receiver of what came (`fresh`):
//!   stream               chosen (`select`), renumbered (`rewrite`): a few bytes
//!   receiver, queue      what leaves first, and what at the receiver's pace
//!   stream, packet       header, extensions, payload: one copy
//!   srtp                 sealed where it lies
//!   batch ─ Sink         runs of equal size, borrowed: a system call each
//! Forwarder::control   what a receiver says of it
//!   repair, history      packets that it misses are queued again
//!   estimate             how much passes
//! ```
//!
//! A forwarder is plain state that may move between threads; it knows no clock,
//! and nothing of rooms. A room has one of its own, and each of its shards has
//! another (`spread`); what they tell each other is owned.

mod batch;
mod command;
mod fresh;
mod history;
mod packet;
mod queue;
mod receiver;
mod repair;
mod report;
mod store;
mod stream;
mod table;
mod track;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parlor_model::call::SlotTrack;
use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

use crate::estimate::feedback::Arrival;
use crate::io::Sink;
use crate::publication::Passing;
use batch::Batch;
use fresh::{Fresh, Visit};
use receiver::{Receiver, Reports};
use report::Clock;
use table::{Index, Table};
use track::{Subscriber, Track};

pub(crate) use command::{
    Bandwidth, Beginning, Command, Event, Format, Opening, Place, StreamSetup,
};
pub(crate) use packet::{Carried, ExtensionIds};

/// How often receivers are looked at for reports: one in so many of them, so
/// that each has its turn in a second and they do not all at once.
const TICK: Duration = Duration::from_millis(100);
const TICKS: u64 = 10;
/// In which of its turns a receiver's sound is reported on: a clock that drifts
/// is followed soon enough, and its share of the way is small.
const SOUND_TURNS: u64 = 5;

/// Sends media to some receivers.
pub(crate) struct Forwarder {
    clock: Clock,
    receivers: Table<ParticipantId, Receiver>,
    tracks: Table<SlotTrack, Track>,
    /// What came and is not given out yet.
    fresh: Fresh,
    /// Those for whom something waits.
    dirty: Vec<Index>,
    /// Those for whom it waits for its time, and when to look again.
    held: Vec<Index>,
    held_until: Option<Instant>,
    batch: Batch,
    events: VecDeque<Event>,
    /// When to look for reports next; `None` while nothing is sent.
    tick_at: Option<Instant>,
    ticks: u64,
    /// The tick after which something was sent last.
    busy_at: u64,
    /// Scratch for reading feedback.
    arrivals: Vec<Arrival>,
}

impl Forwarder {
    /// Sends to nobody yet. `wall` is the wall clock at `now`.
    pub(crate) fn new(now: Instant, wall: UnixMillis) -> Self {
        Self {
            clock: Clock::new(now, wall),
            receivers: Table::new(),
            tracks: Table::new(),
            fresh: Fresh::default(),
            dirty: Vec::new(),
            held: Vec::new(),
            held_until: None,
            batch: Batch::default(),
            events: VecDeque::new(),
            tick_at: None,
            ticks: 0,
            busy_at: 0,
            arrivals: Vec::new(),
        }
    }

    /// Does what it is told.
    pub(crate) fn command(&mut self, now: Instant, command: Command) {
        // What came before is for those it was meant for.
        self.give_out(now);
        match command {
            Command::Open(opening) => self.open(*opening),
            Command::Close(receiver) => self.close(receiver),
            Command::Route(receiver, route) => {
                if let Some(receiver) = self.receiver_mut(receiver) {
                    receiver.route = route;
                }
            }
            Command::Stream(place, setup) => {
                if let Some(receiver) = self.receiver_mut(place.receiver) {
                    receiver.set_up(now, place.slot, *setup);
                }
            }
            Command::Carry(place, track) => self.carry(place, Some(track)),
            Command::Drop(place) => self.carry(place, None),
            Command::Aim(place, target) => {
                let receiver = self.receiver_mut(place.receiver);
                if let Some(stream) = receiver.and_then(|it| it.stream_mut(place.slot)) {
                    stream.aim(target);
                    let current = stream.take_current();
                    self.events.extend(current.map(|current| Event::Current(place, current)));
                }
            }
            Command::Need(receiver, bits_per_second) => {
                if let Some(index) = self.receivers.find(&receiver) {
                    let receiver = self.receivers.get_mut(index);
                    let news = receiver.and_then(|it| it.need(now, bits_per_second));
                    self.events.extend(news);
                    self.mark(index);
                }
            }
        }
    }

    /// Takes a packet for everybody who receives the track.
    pub(crate) fn forward(&mut self, now: Instant, name: &SlotTrack, passing: &Passing) {
        if let Some(index) = self.tracks.find(name)
            && let Some(track) = self.tracks.get_mut(index)
            && track.keep(now, passing)
        {
            self.fresh.note(index);
        }
    }

    /// Packets of a track are missing: its streams begin anew, with a keyframe.
    pub(crate) fn break_off(&mut self, now: Instant, name: &SlotTrack) {
        self.give_out(now);
        let track = self.tracks.find(name).and_then(|track| self.tracks.get(track));
        for Subscriber { receiver, slot } in track.into_iter().flat_map(|it| &it.subscribers) {
            let receiver = self.receivers.get_mut(*receiver);
            if let Some(stream) = receiver.and_then(|it| it.stream_mut(*slot)) {
                stream.restart();
            }
        }
    }

    /// Whether nobody is sent to, and nothing is kept for anybody.
    pub(crate) fn is_empty(&self) -> bool {
        self.receivers.is_empty() && self.tracks.is_empty()
    }

    /// Takes what a receiver says, in a compound RTCP packet that was opened.
    pub(crate) fn control(&mut self, now: Instant, from: ParticipantId, compound: &[u8]) {
        let Some(index) = self.receivers.find(&from) else {
            return;
        };
        let Some(receiver) = self.receivers.get_mut(index) else {
            return;
        };
        let outputs = (&mut self.arrivals, &mut self.events);
        receiver.take_control((now, &self.clock), compound, &self.tracks, outputs);
        self.mark(index);
    }

    /// Puts out everything that waits, and what is due by itself.
    pub(crate) fn flush(&mut self, now: Instant, sink: &mut impl Sink) {
        self.tick(now);
        if !(self.fresh.is_empty() && self.dirty.is_empty() && self.held.is_empty()) {
            self.busy_at = self.ticks;
            self.tick_at.get_or_insert(now + TICK);
        }
        let mut waiting = std::mem::take(&mut self.dirty);
        self.release_held(now, &mut waiting);
        let visits = self.fresh.visits(&self.tracks);
        for visits in visits.chunk_by(|a, b| a.receiver == b.receiver) {
            self.give(visits);
            self.flush_receiver(now, visits[0].receiver, sink);
        }
        self.end_fresh(now, visits);
        for index in waiting.drain(..) {
            if self.receivers.get(index).is_some_and(|it| it.is_dirty) {
                self.flush_receiver(now, index, sink);
            }
        }
        self.dirty = waiting;
    }

    /// When [`Self::flush`] is due; in the past means at once.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        if !(self.dirty.is_empty() && self.fresh.is_empty()) {
            return Some(now);
        }
        [self.held_until, self.tick_at].into_iter().flatten().min()
    }

    /// What happened that the room should know.
    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Gives a receiver what came for it.
    fn give(&mut self, visits: &[Visit]) {
        for &Visit { receiver, slot, track } in visits {
            let (Some(receiver), Some(track)) =
                (self.receivers.get_mut(receiver), self.tracks.get_mut(track))
            else {
                continue;
            };
            for arrived in &track.fresh {
                track.awaited.extend(receiver.forward(slot, arrived, &mut self.events));
            }
        }
    }

    /// Gives everybody what came for them, to be put out with the next flush.
    fn give_out(&mut self, now: Instant) {
        if self.fresh.is_empty() {
            return;
        }
        let visits = self.fresh.visits(&self.tracks);
        for visit in &visits {
            self.give(std::slice::from_ref(visit));
            self.mark(visit.receiver);
        }
        self.end_fresh(now, visits);
    }

    fn end_fresh(&mut self, now: Instant, visits: Vec<Visit>) {
        for track in self.fresh.end(visits) {
            if let Some(track) = self.tracks.get_mut(track)
                && let Some(awaited) = track.end_fresh(now)
            {
                self.events.push_back(Event::Awaited(track.name.clone(), awaited));
            }
        }
    }

    /// Adds those whose time has come to those who wait to be flushed.
    fn release_held(&mut self, now: Instant, waiting: &mut Vec<Index>) {
        let Self { held, held_until, receivers, .. } = self;
        *held_until = None;
        held.retain(|index| {
            let Some(receiver) = receivers.get_mut(*index) else {
                return false;
            };
            if let Some(until) = receiver.held_until(now) {
                *held_until = Some(held_until.map_or(until, |it| it.min(until)));
                return true;
            }
            receiver.is_held = false;
            if !std::mem::replace(&mut receiver.is_dirty, true) {
                waiting.push(*index);
            }
            false
        });
    }

    fn flush_receiver(&mut self, now: Instant, index: Index, sink: &mut impl Sink) {
        let Some(receiver) = self.receivers.get_mut(index) else {
            return;
        };
        receiver.is_dirty = false;
        let outputs = (&mut self.batch, &mut *sink, &mut self.events);
        if receiver.flush((now, &self.clock), &self.tracks, outputs).is_err() {
            self.events.push_back(Event::Failed(receiver.id));
        } else if let Some(until) = receiver.held_until(now) {
            if !std::mem::replace(&mut receiver.is_held, true) {
                self.held.push(index);
            }
            self.held_until = Some(self.held_until.map_or(until, |it| it.min(until)));
        }
    }

    fn open(&mut self, opening: Opening) {
        self.close(opening.receiver);
        self.receivers.insert(opening.receiver, Receiver::new(opening));
    }

    fn close(&mut self, receiver: ParticipantId) {
        let Some((index, receiver)) = self.receivers.remove(&receiver) else {
            return;
        };
        // Another may have the number soon.
        self.dirty.retain(|dirty| *dirty != index);
        self.held.retain(|held| *held != index);
        for (slot, track) in receiver.carried() {
            self.unsubscribe(track, Subscriber { receiver: index, slot });
        }
    }

    fn carry(&mut self, place: Place, track: Option<SlotTrack>) {
        let Some(index) = self.receivers.find(&place.receiver) else {
            return;
        };
        let Some(receiver) = self.receivers.get_mut(index) else {
            return;
        };
        let Some(before) = receiver.stream_mut(place.slot).map(|stream| stream.track) else {
            return;
        };
        let subscriber = Subscriber { receiver: index, slot: place.slot };
        let after = track.map(|name| {
            let known = self.tracks.find(&name);
            known.unwrap_or_else(|| self.tracks.insert(name.clone(), Track::new(name)))
        });
        let current = receiver.carry(place.slot, after);
        self.events.extend(current.map(|current| Event::Current(place, current)));
        if before != after {
            if let Some(track) = after.and_then(|track| self.tracks.get_mut(track)) {
                track.subscribers.push(subscriber);
            }
            if let Some(track) = before {
                self.unsubscribe(track, subscriber);
            }
        }
    }

    /// Takes a receiver off a track, and the track away with the last one.
    fn unsubscribe(&mut self, index: Index, subscriber: Subscriber) {
        let Some(track) = self.tracks.get_mut(index) else {
            return;
        };
        track.subscribers.retain(|it| *it != subscriber);
        if track.subscribers.is_empty() {
            let name = track.name.clone();
            self.tracks.remove(&name);
        }
    }

    fn receiver_mut(&mut self, id: ParticipantId) -> Option<&mut Receiver> {
        self.receivers.get_mut(self.receivers.find(&id)?)
    }

    fn mark(&mut self, index: Index) {
        if let Some(receiver) = self.receivers.get_mut(index)
            && !receiver.is_dirty
            && receiver.has_work()
        {
            receiver.is_dirty = true;
            self.dirty.push(index);
        }
    }

    /// Looks for reports that are due, and forgets payloads that are old.
    fn tick(&mut self, now: Instant) {
        if self.tick_at.is_none_or(|at| at > now) {
            return;
        }
        self.ticks += 1;
        let turn = (self.ticks % TICKS) as usize;
        let is_sound_turn = (self.ticks / TICKS).is_multiple_of(SOUND_TURNS);
        let reports = if is_sound_turn { Reports::All } else { Reports::Pictures };
        for index in self.receivers.indices().skip(turn).step_by(TICKS as usize) {
            if let Some(receiver) = self.receivers.get_mut(index) {
                receiver.ask_for_reports(reports);
                self.mark(index);
            }
        }
        if turn == 0 {
            self.tracks.iter_mut().for_each(|track| track.forget_old(now));
        }
        // A round of turns after the last packet nothing is left to do.
        let is_idle = self.ticks > self.busy_at + SOUND_TURNS * TICKS + TICKS;
        self.tick_at = (!is_idle).then(|| now + TICK);
    }
}

#[cfg(test)]
pub(crate) fn test_route() -> crate::io::Route {
    let source = std::net::SocketAddr::from(([10, 0, 0, 1], 1));
    crate::io::Route {
        participant: ParticipantId::from_random([1; 16]),
        transport: crate::io::Transport::Udp,
        source,
        destination: source,
    }
}

#[cfg(test)]
pub(crate) mod tests;
