//! The payloads of one encoding of a track, kept once however many receive
//! it: until they are sent, and for as long as they may be asked for again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::packet::Carried;

/// Most payloads kept of a video, and of sound. More repairs losses on longer
/// ways; each costs the memory of a packet.
const MOST_VIDEO: usize = 512;
const MOST_AUDIO: usize = 128;
/// How long a packet can be asked for again. Longer helps decoders that wait so
/// long for a repair, which few do; it costs memory: a camera in three sizes
/// takes 400 KB.
const LASTS: Duration = Duration::from_millis(1500);

/// Where a payload lies in its store. Wraps.
pub(super) type Position = u32;

/// A payload and what belongs to it for every receiver.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) payload: Arc<[u8]>,
    pub(super) carried: Carried,
    at: Instant,
}

/// The payloads of an encoding, oldest first.
#[derive(Debug)]
pub(super) struct Store {
    kept: VecDeque<Stored>,
    /// The position of the oldest.
    first: Position,
    most: usize,
}

impl Store {
    pub(super) fn new(is_video: bool) -> Self {
        let most = if is_video { MOST_VIDEO } else { MOST_AUDIO };
        Self { kept: VecDeque::new(), first: 0, most }
    }

    /// Keeps a payload; returns where.
    pub(super) fn push(&mut self, now: Instant, payload: Arc<[u8]>, carried: Carried) -> Position {
        self.forget_old(now);
        if self.kept.len() == self.most {
            self.forget_first();
        }
        let position = self.first.wrapping_add(self.kept.len() as u32);
        self.kept.push_back(Stored { payload, carried, at: now });
        position
    }

    /// What lies there. `None`: not any more.
    pub(super) fn get(&self, position: Position) -> Option<&Stored> {
        self.kept.get(position.wrapping_sub(self.first) as usize)
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Forgets what nobody may ask for any more.
    pub(super) fn forget_old(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|it| now.saturating_duration_since(it.at) > LASTS) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        self.kept.pop_front();
        self.first = self.first.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(store: &mut Store, now: Instant, byte: u8) -> Position {
        store.push(now, Arc::from([byte]), Carried::default())
    }

    fn found(store: &Store, position: Position) -> Option<u8> {
        store.get(position).map(|stored| stored.payload[0])
    }

    #[test]
    fn the_oldest_make_room() {
        let now = crate::test_start();
        let mut store = Store::new(false);
        let positions: Vec<_> = (0..=128).map(|byte| push(&mut store, now, byte)).collect();
        assert_eq!(found(&store, positions[0]), None);
        assert_eq!(found(&store, positions[1]), Some(1));
        assert_eq!(found(&store, positions[128]), Some(128));
        assert_eq!(found(&store, positions[128].wrapping_add(1)), None);
    }

    #[test]
    fn nothing_is_kept_for_longer_than_it_may_be_asked_for() {
        let now = crate::test_start();
        let mut store = Store::new(true);
        let first = push(&mut store, now, 1);
        let second = push(&mut store, now + LASTS, 2);
        assert_eq!(found(&store, first), Some(1));
        store.forget_old(now + LASTS + Duration::from_millis(1));
        assert_eq!((found(&store, first), found(&store, second)), (None, Some(2)));
    }

    #[test]
    fn positions_wrap() {
        let now = crate::test_start();
        let mut store = Store { first: u32::MAX, ..Store::new(true) };
        let positions = [1, 2, 3].map(|byte| push(&mut store, now, byte));
        assert_eq!(positions, [u32::MAX, 0, 1]);
        assert_eq!(positions.map(|at| found(&store, at)), [Some(1), Some(2), Some(3)]);
    }
}
