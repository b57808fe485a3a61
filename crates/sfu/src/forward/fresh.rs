//! What came in since the last flush and is not given out yet. At the flush each
//! receiver is looked at once for all of it: in a large room their states do not
//! stay in the processor's cache from one packet to the next.

use super::table::{Index, Table};
use super::track::{Subscriber, Track};

/// Tracks with packets that are not given out.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    tracks: Vec<Index>,
    /// Kept for its memory.
    visits: Vec<Visit>,
}

/// A receiver who is to be given what is new of a track in a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    pub(super) receiver: Index,
    pub(super) slot: usize,
    pub(super) track: Index,
}

impl Fresh {
    /// A track has packets, and had none before.
    pub(super) fn note(&mut self, track: Index) {
        self.tracks.push(track);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Who is to be given what, receiver after receiver. Give it back with
    /// [`Self::end`].
    pub(super) fn visits(&mut self, tracks: &Table<impl Ord, Track>) -> Vec<Visit> {
        let mut visits = std::mem::take(&mut self.visits);
        for &index in &self.tracks {
            let subscribers = tracks.get(index).into_iter().flat_map(|track| &track.subscribers);
            visits.extend(subscribers.map(|&Subscriber { receiver, slot }| Visit {
                receiver,
                slot,
                track: index,
            }));
        }
        if self.tracks.len() > 1 {
            // In which order streams of one receiver come is of no matter.
            visits.sort_unstable_by_key(|visit| visit.receiver);
        }
        visits
    }

    /// Everything was given out; by which tracks.
    pub(super) fn end(&mut self, mut visits: Vec<Visit>) -> impl Iterator<Item = Index> {
        visits.clear();
        self.visits = visits;
        self.tracks.drain(..)
    }
}
