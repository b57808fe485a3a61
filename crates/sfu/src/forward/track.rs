//! A track as far as its packets are sent on: its payloads, and who receives
//! them.

use std::time::{Duration, Instant};

use parlor_model::call::SlotTrack;

use super::store::{Store, Stored};
use super::stream::Lying;
use super::table::Index;
use crate::layers::{EncodingSet, MAX_ENCODINGS};
use crate::publication::Passing;

/// How long after it was told that receivers wait for a keyframe it is told
/// again. Shorter makes more messages; longer lets a wish rest that was
/// forgotten meanwhile.
const TOLD_AGAIN: Duration = Duration::from_millis(100);

/// A receiver of a track, by number, and the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subscriber {
    pub(super) receiver: Index,
    pub(super) slot: usize,
}

/// A track.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) name: SlotTrack,
    pub(super) subscribers: Vec<Subscriber>,
    stores: [Option<Store>; MAX_ENCODINGS],
    /// The encodings whose keyframes are awaited, as it was told and when.
    told: (EncodingSet, Option<Instant>),
}

impl Track {
    pub(super) fn new(name: SlotTrack) -> Self {
        Self {
            name,
            subscribers: Vec::new(),
            stores: Default::default(),
            told: (EncodingSet::default(), None),
        }
    }

    /// Keeps a packet's payload. `None`: it is of no encoding there can be.
    pub(super) fn keep(&mut self, now: Instant, passing: &Passing) -> Option<Lying> {
        if passing.candidate.video.is_keyframe {
            self.told.0.remove(passing.candidate.encoding);
        }
        let store = self.stores.get_mut(usize::from(passing.candidate.encoding))?;
        let store = store.get_or_insert_with(|| Store::new(passing.is_video));
        let position = store.push(now, passing.payload.clone(), passing.carried);
        Some(Lying { position, among: store.len() })
    }

    /// A payload that was kept.
    pub(super) fn stored(&self, encoding: u8, position: u32) -> Option<&Stored> {
        self.stores.get(usize::from(encoding))?.as_ref()?.get(position)
    }

    /// Receivers wait for keyframes of these encodings. `true`: that is to be
    /// told.
    pub(super) fn note_awaited(&mut self, now: Instant, awaited: EncodingSet) -> bool {
        let (told, at) = &mut self.told;
        let is_due = at.is_none_or(|at| now.saturating_duration_since(at) >= TOLD_AGAIN);
        if awaited.is_empty() || !is_due && told.contains_all(awaited) {
            return false;
        }
        self.told = (awaited, Some(now));
        true
    }

    /// Forgets payloads that nobody may ask for any more.
    pub(super) fn forget_old(&mut self, now: Instant) {
        self.stores.iter_mut().flatten().for_each(|store| store.forget_old(now));
    }
}
