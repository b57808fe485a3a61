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
    /// Packets that are not given out yet.
    pub(super) fresh: Vec<Arrived>,
    /// The encodings of whose keyframes receivers were found to wait.
    pub(super) awaited: EncodingSet,
    /// The encodings whose keyframes are awaited, as it was told and when.
    told: (EncodingSet, Option<Instant>),
}

/// A packet that came, and where its payload lies.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) at: Instant,
    pub(super) passing: Passing,
    pub(super) lying: Lying,
}

impl Track {
    pub(super) fn new(name: SlotTrack) -> Self {
        Self {
            name,
            subscribers: Vec::new(),
            stores: Default::default(),
            fresh: Vec::new(),
            awaited: EncodingSet::default(),
            told: (EncodingSet::default(), None),
        }
    }

    /// Keeps a packet until it is given out, and its payload for longer. `true`:
    /// there was none to give out before.
    pub(super) fn keep(&mut self, now: Instant, passing: &Passing) -> bool {
        let encoding = passing.candidate.encoding;
        if passing.candidate.video.is_keyframe {
            self.told.0.remove(encoding);
        }
        // There are no others.
        let Some(store) = self.stores.get_mut(usize::from(encoding)) else {
            return false;
        };
        let store = store.get_or_insert_with(|| Store::new(passing.is_video));
        let position = store.push(now, passing.payload.clone(), passing.carried);
        let is_first = self.fresh.is_empty();
        let lying = Lying { position, among: store.len() };
        self.fresh.push(Arrived { at: now, passing: passing.clone(), lying });
        is_first
    }

    /// A payload that was kept.
    pub(super) fn stored(&self, encoding: u8, position: u32) -> Option<&Stored> {
        self.stores.get(usize::from(encoding))?.as_ref()?.get(position)
    }

    /// What was new is given out. Returns the encodings of whose keyframes
    /// receivers wait, if that is to be told.
    pub(super) fn end_fresh(&mut self, now: Instant) -> Option<EncodingSet> {
        self.fresh.clear();
        let awaited = std::mem::take(&mut self.awaited);
        let (told, at) = &mut self.told;
        let is_due = at.is_none_or(|at| now.saturating_duration_since(at) >= TOLD_AGAIN);
        if awaited.is_empty() || !is_due && told.contains_all(awaited) {
            return None;
        }
        self.told = (awaited, Some(now));
        Some(awaited)
    }

    /// Forgets payloads that nobody may ask for any more.
    pub(super) fn forget_old(&mut self, now: Instant) {
        self.stores.iter_mut().flatten().for_each(|store| store.forget_old(now));
    }
}
