//! When which room wants to be woken. Rooms change their minds often, so a
//! heap entry is a hint: it counts only if it is still the room's last word.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Instant;

use parlor_model::id::RoomId;

/// The deadlines of a worker's rooms.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, RoomId)>>,
    last_word: HashMap<RoomId, Instant>,
}

impl Timers {
    /// Sets or clears the deadline of a room.
    pub(super) fn set(&mut self, room: RoomId, deadline: Option<Instant>) {
        let Some(at) = deadline else {
            self.last_word.remove(&room);
            return;
        };
        if self.last_word.insert(room, at) != Some(at) {
            self.heap.push(Reverse((at, room)));
            self.tidy();
        }
    }

    /// Takes a room whose deadline has passed.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<RoomId> {
        let (at, room) = self.first()?;
        if at > now {
            return None;
        }
        self.heap.pop();
        self.last_word.remove(&room);
        Some(room)
    }

    /// The next deadline.
    pub(super) fn next(&mut self) -> Option<Instant> {
        self.first().map(|(at, _)| at)
    }

    /// Drops outdated entries from the top.
    fn first(&mut self) -> Option<(Instant, RoomId)> {
        while let Some(Reverse((at, room))) = self.heap.peek().copied() {
            if self.last_word.get(&room) == Some(&at) {
                return Some((at, room));
            }
            self.heap.pop();
        }
        None
    }

    /// Keeps outdated entries fewer than the living, amortised.
    fn tidy(&mut self) {
        if self.heap.len() > 64 + 4 * self.last_word.len() {
            let last_word = &self.last_word;
            self.heap.retain(|Reverse((at, room))| last_word.get(room) == Some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn room(n: u8) -> RoomId {
        RoomId::from_random([n; 16])
    }

    #[test]
    fn rooms_come_due_in_order_of_their_last_word() {
        let start = Instant::now();
        let at = |secs| start + Duration::from_secs(secs);
        let mut timers = Timers::default();
        timers.set(room(1), Some(at(1)));
        timers.set(room(2), Some(at(2)));
        timers.set(room(1), Some(at(3)));
        timers.set(room(3), Some(at(1)));
        timers.set(room(3), None);

        assert_eq!(timers.next(), Some(at(2)));
        assert_eq!(timers.pop_due(at(1)), None);
        assert_eq!(timers.pop_due(at(5)), Some(room(2)));
        assert_eq!(timers.pop_due(at(5)), Some(room(1)));
        assert_eq!(timers.pop_due(at(5)), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn changed_minds_do_not_pile_up() {
        let start = Instant::now();
        let mut timers = Timers::default();
        for millis in 0..10_000 {
            timers.set(room(1), Some(start + Duration::from_millis(10_000 - millis)));
        }
        assert!(timers.heap.len() < 100, "{}", timers.heap.len());
        assert_eq!(timers.pop_due(start + Duration::from_secs(20)), Some(room(1)));
    }
}
