//! What was sent on a stream, so that it can be sent again.

use std::collections::VecDeque;

use super::store::Position;
use crate::rewrite::PictureNumbers;

/// A packet as one receiver gets it: which payload, and the receiver's own
/// numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Extended sequence number.
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    pub(super) position: Position,
    pub(super) encoding: u8,
    /// Index of the format it travels in.
    pub(super) format: u8,
    pub(super) is_marked: bool,
    /// How its picture is numbered, if not as the sender does.
    pub(super) numbers: Option<PictureNumbers>,
}

/// The packets of a stream that may be asked for again, by sequence.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<Entry>);

impl History {
    /// Notes a packet. At most `most` are kept: as many as there are payloads.
    pub(super) fn note(&mut self, entry: Entry, most: usize) {
        while self.0.len() >= most.max(1) {
            self.0.pop_front();
        }
        // Nearly all come in order; what comes late has its place before.
        let later = self.0.iter().rev().take_while(|it| it.sequence > entry.sequence).count();
        self.0.insert(self.0.len() - later, entry);
    }

    /// The packet whose sequence number ends with these 16 bits.
    pub(super) fn find(&self, sequence: u16) -> Option<Entry> {
        let last = self.0.back()?.sequence;
        let behind = (last as u16).wrapping_sub(sequence);
        let sequence = last.checked_sub(u64::from(behind))?;
        let index = self.0.binary_search_by_key(&sequence, |it| it.sequence).ok()?;
        self.0.get(index).copied()
    }

    /// The packet with the highest sequence number.
    pub(super) fn latest(&self) -> Option<Entry> {
        self.0.back().copied()
    }

    /// Nothing may be asked for any more.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sequence: u64) -> Entry {
        Entry {
            sequence,
            timestamp: 0,
            position: 0,
            encoding: 0,
            format: 0,
            is_marked: false,
            numbers: None,
        }
    }

    fn history(sequences: &[u64], most: usize) -> History {
        let mut history = History::default();
        sequences.iter().for_each(|sequence| history.note(entry(*sequence), most));
        history
    }

    #[test]
    fn packets_are_found_across_the_wrap_and_out_of_order() {
        let history = history(&[65_534, 65_537, 65_535, 65_538], 9);
        for sequence in [65_534, 65_535, 65_537, 65_538_u64] {
            assert_eq!(history.find(sequence as u16).map(|it| it.sequence), Some(sequence));
        }
        for sequence in [0, 3, 65_533] {
            assert!(history.find(sequence).is_none(), "{sequence}");
        }
    }

    #[test]
    fn the_oldest_make_room() {
        let history = history(&[1, 2, 3, 4], 2);
        assert!(history.find(2).is_none());
        assert!(history.find(3).is_some());
        assert!(History::default().find(3).is_none());
    }
}
