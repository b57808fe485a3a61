//! What waits to be sent to a receiver, by what leaves first: sound at once,
//! then repairs, then pictures, both of them at the receiver's pace. Bounded by
//! what arrives before the oldest picture is too old.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::history::Entry;

/// A packet that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) slot: usize,
    pub(super) entry: Entry,
    pub(super) is_repair: bool,
    pub(super) since: Instant,
}

/// The packets.
#[derive(Debug, Default)]
pub(super) struct Queue {
    sounds: VecDeque<Waiting>,
    repairs: VecDeque<Waiting>,
    pictures: VecDeque<Waiting>,
}

impl Queue {
    pub(super) fn push(&mut self, waiting: Waiting, is_video: bool) {
        let queue = match (waiting.is_repair, is_video) {
            (true, _) => &mut self.repairs,
            (false, true) => &mut self.pictures,
            (false, false) => &mut self.sounds,
        };
        queue.push_back(waiting);
    }

    /// The next packet that waits for nothing.
    pub(super) fn pop_unpaced(&mut self) -> Option<Waiting> {
        self.sounds.pop_front()
    }

    /// The next packet that leaves at the receiver's pace.
    pub(super) fn pop_paced(&mut self) -> Option<Waiting> {
        self.repairs.pop_front().or_else(|| self.pictures.pop_front())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sounds.is_empty() && !self.has_paced()
    }

    /// Whether packets wait for their time.
    pub(super) fn has_paced(&self) -> bool {
        !(self.repairs.is_empty() && self.pictures.is_empty())
    }

    /// The slot whose picture has waited for longer than that.
    pub(super) fn overdue(&self, now: Instant, most: Duration) -> Option<usize> {
        let oldest = self.pictures.front()?;
        (now.saturating_duration_since(oldest.since) > most).then_some(oldest.slot)
    }

    /// Forgets all that waits for a slot.
    pub(super) fn forget(&mut self, slot: usize) {
        for queue in [&mut self.sounds, &mut self.repairs, &mut self.pictures] {
            queue.retain(|it| it.slot != slot);
        }
    }
}
