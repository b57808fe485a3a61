//! The shards of the room, as on other threads: what goes between them and the
//! room takes a moment, and is bounded.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use parlor_sfu::{Input, Shard, ShardEvent, ShardInput, ShardQueue};

use super::flow::Media;
use super::{Sim, TURN};

/// How long a message between threads takes.
const HOP: Duration = Duration::from_micros(300);

/// All shards of the room.
#[derive(Default)]
pub(super) struct Shards {
    open: BTreeMap<usize, Thread>,
    lost: Vec<usize>,
    is_stalled: bool,
    sent: u64,
}

/// A shard and what is on its way to it and from it.
struct Thread {
    shard: Shard,
    queue: ShardQueue,
    inputs: VecDeque<(Instant, Vec<ShardInput>)>,
    events: VecDeque<(Instant, Vec<ShardEvent>)>,
    flush_at: Option<Instant>,
}

impl Shards {
    pub(super) fn open(&mut self, number: usize, shard: Shard) {
        let (queue, flush_at) = (ShardQueue::default(), None);
        let (inputs, events) = (VecDeque::new(), VecDeque::new());
        let before = self.open.insert(number, Thread { shard, queue, inputs, events, flush_at });
        assert!(before.is_none(), "shard {number} was open");
    }

    pub(super) fn close(&mut self, number: usize) {
        self.open.remove(&number);
    }

    pub(super) fn push(&mut self, now: Instant, number: usize, input: ShardInput) {
        let Some(thread) = self.open.get_mut(&number) else {
            return;
        };
        let in_flight = thread.inputs.iter().map(|(_, inputs)| inputs.len()).sum();
        if thread.queue.push(now, input, in_flight).is_err() {
            self.lose(number);
        }
    }

    pub(super) fn stall(&mut self, is_stalled: bool) {
        self.is_stalled = is_stalled;
    }

    pub(super) fn lose(&mut self, number: usize) {
        if self.open.remove(&number).is_some() {
            self.lost.push(number);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        if !self.lost.is_empty() {
            return Some(now);
        }
        self.open.values().filter_map(|thread| thread.deadline(now, self.is_stalled)).min()
    }
}

impl Thread {
    fn deadline(&self, now: Instant, is_stalled: bool) -> Option<Instant> {
        let events = self.events.front().map(|(at, _)| *at);
        let waiting = (!self.queue.is_empty()).then_some(now);
        if is_stalled {
            return [events, waiting].into_iter().flatten().min();
        }
        let inputs = self.inputs.front().map(|(at, _)| *at);
        let timeout = self.shard.next_timeout().map(|at| at.max(now + TURN));
        [inputs, events, waiting, self.flush_at, timeout].into_iter().flatten().min()
    }

    /// What the room said goes on its way.
    fn send(&mut self, now: Instant) {
        if !self.queue.is_empty() {
            self.inputs.push_back((now + HOP, self.queue.take()));
        }
    }

    /// What the thread does with what has come.
    fn turn(&mut self, now: Instant) -> Media {
        while let Some((_, inputs)) = self.inputs.pop_front_if(|(at, _)| *at <= now) {
            inputs.into_iter().for_each(|input| self.shard.handle(now, input));
            self.flush_at.get_or_insert(now + TURN);
        }
        let mut media = Media::default();
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let is_timeout = self.flush_at.is_none() && is_due(self.shard.next_timeout());
        if is_due(self.flush_at) || is_timeout {
            self.flush_at = None;
            self.shard.flush(now, &mut media);
        }
        let events: Vec<_> = std::iter::from_fn(|| self.shard.poll()).collect();
        if !events.is_empty() {
            self.events.push_back((now + HOP, events));
        }
        media
    }
}

impl Sim {
    pub(super) fn step_shards(&mut self) {
        for number in self.shards.open.keys().copied().collect::<Vec<_>>() {
            self.step_shard(number);
        }
        for number in std::mem::take(&mut self.shards.lost) {
            self.give_room(Input::ShardLost(number));
        }
    }

    fn step_shard(&mut self, number: usize) {
        let (now, is_stalled) = (self.now, self.shards.is_stalled);
        let Some(thread) = self.shards.open.get_mut(&number) else {
            return;
        };
        thread.send(now);
        let media = if is_stalled { Media::default() } else { thread.turn(now) };
        let mut events = Vec::new();
        while let Some((_, told)) = thread.events.pop_front_if(|(at, _)| *at <= now) {
            events.extend(told);
        }
        self.shards.sent += self.send_media(media);
        if !events.is_empty() {
            self.give_room(Input::FromShard(number, events));
        }
    }
}
