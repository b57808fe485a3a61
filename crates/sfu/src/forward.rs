//! The forwarding plane: takes packets of tracks and sends them, each rewritten
//! and protected, to those who are to have them. Who that is, and how much of
//! what they get, the room decides and tells; see [`Command`] and [`Event`].
//!
//! ```text
//! Forwarder::forward   a packet of a track
//!   track, store         its payload is kept once, whoever receives it
//!   for each subscriber:
//!     stream             chosen (`select`), renumbered (`rewrite`): a few bytes
//!     receiver           queued
//! Forwarder::flush     for each receiver with a queue:
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
use crate::layers::EncodingSet;
use crate::publication::Passing;
use batch::Batch;
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

/// How often a receiver is looked at, at most, while something waits for its
/// time. Shorter spreads packets more evenly; each look costs a system call.
const PACE_EVERY: Duration = Duration::from_millis(2);

/// Sends media to some receivers.
pub(crate) struct Forwarder {
    clock: Clock,
    receivers: Table<ParticipantId, Receiver>,
    tracks: Table<SlotTrack, Track>,
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
                let receiver = self.receiver_mut(receiver);
                let news = receiver.and_then(|it| it.need(now, bits_per_second));
                self.events.extend(news);
            }
        }
    }

    /// Passes a packet on to everybody who receives the track.
    pub(crate) fn forward(&mut self, now: Instant, name: &SlotTrack, passing: &Passing) {
        let Some(track) = self.tracks.find(name).and_then(|track| self.tracks.get_mut(track))
        else {
            return;
        };
        let Some(lying) = track.keep(now, passing) else {
            return;
        };
        let mut awaited = EncodingSet::default();
        for Subscriber { receiver: index, slot } in &track.subscribers {
            let Some(receiver) = self.receivers.get_mut(*index) else {
                continue;
            };
            awaited.extend(receiver.forward(now, *slot, (passing, lying), &mut self.events));
            if !receiver.is_dirty && receiver.has_work() {
                receiver.is_dirty = true;
                self.dirty.push(*index);
            }
        }
        if track.note_awaited(now, awaited) {
            self.events.push_back(Event::Awaited(name.clone(), awaited));
        }
    }

    /// Packets of a track are missing: its streams begin anew, with a keyframe.
    pub(crate) fn break_off(&mut self, name: &SlotTrack) {
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
        if !(self.dirty.is_empty() && self.held.is_empty()) {
            self.busy_at = self.ticks;
            self.tick_at.get_or_insert(now + TICK);
        }
        let mut dirty = std::mem::take(&mut self.dirty);
        self.held_until = None;
        for index in self.held.drain(..) {
            if let Some(receiver) = self.receivers.get_mut(index) {
                receiver.is_held = false;
                dirty.push(index);
            }
        }
        for index in dirty.drain(..) {
            let Some(receiver) = self.receivers.get_mut(index) else {
                continue;
            };
            receiver.is_dirty = false;
            let outputs = (&mut self.batch, &mut *sink, &mut self.events);
            if receiver.flush((now, &self.clock), &self.tracks, outputs).is_err() {
                self.events.push_back(Event::Failed(receiver.id));
            } else if let Some(until) = receiver.held_until(now) {
                if !std::mem::replace(&mut receiver.is_held, true) {
                    self.held.push(index);
                }
                let until = until.max(now + PACE_EVERY);
                self.held_until = Some(self.held_until.map_or(until, |it| it.min(until)));
            }
        }
        self.dirty = dirty;
    }

    /// When [`Self::flush`] is due; in the past means at once.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        if !self.dirty.is_empty() {
            return Some(now);
        }
        [self.held_until, self.tick_at].into_iter().flatten().min()
    }

    /// What happened that the room should know.
    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
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
