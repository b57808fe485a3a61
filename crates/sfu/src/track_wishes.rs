//! Which tracks somebody wants. Whoever says nothing wants all.

use std::collections::{BTreeMap, BTreeSet};

use parlor_model::call::{
    MAX_CUSTOM_TRACKS, MAX_MAP_ENTRIES, SlotTrack, SubscriptionWish, TrackSource, TrackWish,
};
use parlor_model::id::ParticipantId;

/// Most tracks that one wish names: all that somebody can send, twice, for
/// tracks that take each other's place.
const MAX_NAMED: usize = 2 * (TrackSource::NAMED.len() + MAX_CUSTOM_TRACKS);

/// The wishes of one receiver.
#[derive(Debug, Default)]
pub(crate) struct TrackWishes {
    base: SubscriptionWish,
    by_sender: BTreeMap<ParticipantId, SubscriptionWish>,
}

impl TrackWishes {
    /// What is wanted of a track.
    pub(crate) fn of(&self, track: &SlotTrack) -> TrackWish {
        self.by_sender.get(&track.participant).unwrap_or(&self.base).of(track.source)
    }

    /// Takes what has changed, or nothing of it if it is too much.
    pub(crate) fn change(
        &mut self,
        base: Option<SubscriptionWish>,
        by_sender: BTreeMap<ParticipantId, Option<SubscriptionWish>>,
    ) -> Result<(), String> {
        let wishes = by_sender.values().flatten().chain(&base);
        if wishes.map(|wish| wish.tracks.len()).max().unwrap_or(0) > MAX_NAMED {
            return Err(format!("at most {MAX_NAMED} tracks of somebody are named"));
        }
        if !self.has_space_for(&by_sender) {
            return Err(format!("at most {MAX_MAP_ENTRIES} participants are named"));
        }
        if let Some(base) = base {
            self.base = base;
        }
        for (id, wish) in by_sender {
            match wish {
                Some(wish) => self.by_sender.insert(id, wish),
                None => self.by_sender.remove(&id),
            };
        }
        Ok(())
    }

    /// Whether so many can be named.
    pub(crate) fn has_space_for(
        &self,
        by_sender: &BTreeMap<ParticipantId, Option<SubscriptionWish>>,
    ) -> bool {
        let is_new = |(id, wish): &(&ParticipantId, &Option<SubscriptionWish>)| {
            wish.is_some() && !self.by_sender.contains_key(id)
        };
        let new = by_sender.iter().filter(is_new).count();
        by_sender.len() <= MAX_MAP_ENTRIES && self.by_sender.len() + new <= MAX_MAP_ENTRIES
    }

    /// Whoever is not among these is forgotten.
    pub(crate) fn keep(&mut self, present: &BTreeSet<ParticipantId>) {
        self.by_sender.retain(|id, _| present.contains(id));
    }

    /// Somebody is gone for good.
    pub(crate) fn forget(&mut self, sender: ParticipantId) {
        self.by_sender.remove(&sender);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u16) -> ParticipantId {
        let [a, b] = n.to_be_bytes();
        ParticipantId::from_random([a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    fn wish(others: TrackWish) -> SubscriptionWish {
        SubscriptionWish { tracks: BTreeMap::new(), others }
    }

    #[test]
    fn the_sender_s_wish_stands_before_that_for_everybody() {
        let mut wishes = TrackWishes::default();
        let track = |n, source| SlotTrack { participant: id(n), source };
        assert_eq!(wishes.of(&track(1, TrackSource::CamVideo)), TrackWish::Full);
        let named = BTreeMap::from([(TrackSource::CamAudio, TrackWish::Full)]);
        let ana = SubscriptionWish { tracks: named, others: TrackWish::Staged };
        wishes.change(Some(wish(TrackWish::None)), [(id(1), Some(ana))].into()).unwrap();
        for (n, source, expected) in [
            (1, TrackSource::CamAudio, TrackWish::Full),
            (1, TrackSource::CamVideo, TrackWish::Staged),
            (2, TrackSource::CamAudio, TrackWish::None),
        ] {
            assert_eq!(wishes.of(&track(n, source)), expected);
        }
        wishes.change(None, [(id(1), None)].into()).unwrap();
        assert_eq!(wishes.of(&track(1, TrackSource::CamAudio)), TrackWish::None);
    }

    #[test]
    fn wishes_are_bounded_and_refused_as_a_whole() {
        let mut wishes = TrackWishes::default();
        let many = |range: std::ops::Range<u16>| {
            range.map(|n| (id(n), Some(wish(TrackWish::None)))).collect::<BTreeMap<_, _>>()
        };
        wishes.change(None, many(0..1000)).unwrap();
        wishes.change(None, many(0..1000)).unwrap();
        assert!(wishes.change(Some(wish(TrackWish::None)), many(1000..1001)).is_err());
        assert_eq!(wishes.base.others, TrackWish::Full);
        wishes.forget(id(7));
        wishes.change(None, many(1000..1001)).unwrap();
        let tags = (0..=MAX_NAMED)
            .map(|n| (TrackSource::CustomAudio(n.to_string().parse().unwrap()), TrackWish::None));
        let tracks = tags.collect();
        let base = SubscriptionWish { tracks, others: TrackWish::Full };
        assert!(wishes.change(Some(base), BTreeMap::new()).is_err());
    }
}
