//! The encodings of one video track: the same picture in several sizes, each a
//! stream of its own (simulcast). A track without simulcast has one.

use std::time::Instant;

use str0m::media::Rid;

use crate::keyframe::KeyframeRequests;
use crate::rate::Rate;

/// Most encodings of a track that are told apart.
pub(crate) const MAX_ENCODINGS: usize = 3;
/// How many frames of the other encodings pass until one that sends nothing
/// counts as gone: half a second of a camera with three. Fewer takes over
/// sooner; more bears with a burst of losses.
const MISSED_FRAMES: u16 = 30;

/// The encodings of a track, smallest first.
#[derive(Debug, Default)]
pub(crate) struct Encodings {
    list: Vec<Encoding>,
    /// How many spatial layers the first one says to have (SVC).
    spatial_layers: u8,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Encoding {
    rid: Option<Rid>,
    pub(crate) keyframes: KeyframeRequests,
    pub(crate) rate: Rate,
    /// Frames of the others since this one sent something; none while it was
    /// not seen at all.
    missed: Option<u16>,
}

/// Some encodings, such as those that arrive, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EncodingSet(u8);

impl EncodingSet {
    /// Set of these.
    #[cfg(test)]
    pub(crate) fn of(encodings: &[u8]) -> Self {
        Self(encodings.iter().fold(0, |set, encoding| set | 1 << encoding))
    }

    /// Adds one.
    pub(crate) fn extend(&mut self, encoding: Option<u8>) {
        self.0 |= encoding.map_or(0, |encoding| 1 << encoding);
    }

    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it arrives.
    pub(crate) fn contains(self, encoding: u8) -> bool {
        self.0 & (1 << encoding) != 0
    }

    /// The one to show if `wanted` is too much or does not arrive: the largest
    /// that is not larger, else the smallest.
    pub(crate) fn best(self, wanted: u8) -> Option<u8> {
        let arriving = (0..8).filter(|encoding| self.contains(*encoding));
        let smaller = arriving.clone().filter(|encoding| *encoding <= wanted).max();
        smaller.or_else(|| arriving.min())
    }
}

impl Encodings {
    /// What an offer says to send, in its order; `None` alone without
    /// simulcast. What was known of those that stay is kept.
    pub(crate) fn declare(&mut self, rids: &[Rid]) {
        let mut rids: Vec<_> = rids.iter().copied().map(Some).take(MAX_ENCODINGS).collect();
        if rids.is_empty() {
            rids.push(None);
        }
        // Clients list them in any order; those with the usual names are known.
        rids.sort_by_key(|rid| rid.as_ref().map(usual_size));
        if self.list.iter().map(|it| it.rid).eq(rids.iter().copied()) {
            return;
        }
        let numbered = (0..).zip(rids);
        self.list = numbered.map(|(index, rid)| Encoding::new(rid, index)).collect();
        self.spatial_layers = 0;
    }

    /// Which one a packet belongs to. `None`: none that was declared.
    pub(crate) fn index_of(&self, rid: Option<Rid>) -> Option<u8> {
        let index = self.list.iter().position(|encoding| encoding.rid == rid)?;
        u8::try_from(index).ok()
    }

    /// Notes that a packet of this encoding came.
    pub(crate) fn note(&mut self, now: Instant, index: u8, bytes: usize, is_start: bool) {
        for (other, encoding) in (0..).zip(&mut self.list) {
            if other == index {
                encoding.missed = Some(0);
                encoding.rate.add(now, bytes);
            } else if is_start && let Some(missed) = &mut encoding.missed {
                *missed = missed.saturating_add(1);
            }
        }
    }

    /// Notes what the stream says of its spatial layers.
    pub(crate) fn note_spatial_layers(&mut self, layers: u8) {
        if self.list.len() == 1 {
            self.spatial_layers = layers;
        }
    }

    /// Which of them arrive.
    pub(crate) fn live(&self) -> EncodingSet {
        let is_live = |it: &Encoding| it.missed.is_some_and(|missed| missed < MISSED_FRAMES);
        let live = (0..8).zip(&self.list).filter(|(_, encoding)| is_live(encoding));
        EncodingSet(live.fold(0, |set, (index, _)| set | 1 << index))
    }

    /// How many sizes a receiver may be given: encodings, or spatial layers of
    /// the only one.
    pub(crate) fn sizes(&self) -> u8 {
        let encodings = u8::try_from(self.list.len()).unwrap_or(u8::MAX);
        encodings.max(self.spatial_layers).max(1)
    }

    /// Whether there are several encodings.
    pub(crate) fn is_simulcast(&self) -> bool {
        self.list.len() > 1
    }

    /// One of them.
    pub(crate) fn get_mut(&mut self, index: u8) -> Option<&mut Encoding> {
        self.list.get_mut(usize::from(index))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Encoding> {
        self.list.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Encoding> {
        self.list.iter_mut()
    }
}

impl Encoding {
    fn new(rid: Option<Rid>, index: u8) -> Self {
        Self {
            rid,
            keyframes: KeyframeRequests::new(index == 0),
            rate: Rate::default(),
            missed: None,
        }
    }

    /// Its name.
    pub(crate) fn rid(&self) -> Option<Rid> {
        self.rid
    }
}

/// Where an encoding with a usual name stands: quarter, half, full.
fn usual_size(rid: &Rid) -> u8 {
    match &**rid {
        "q" => 0,
        "h" => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encodings(names: &[&str]) -> Encodings {
        let rids: Vec<_> = names.iter().map(|name| Rid::from(*name)).collect();
        let mut encodings = Encodings::default();
        encodings.declare(&rids);
        encodings
    }

    #[test]
    fn usual_names_are_sorted_by_size_and_others_keep_their_order() {
        for (names, sorted) in
            [(["f", "q", "h"], ["q", "h", "f"]), (["low", "mid", "top"], ["low", "mid", "top"])]
        {
            let encodings = encodings(&names);
            let order = encodings.iter().map(|encoding| encoding.rid().unwrap());
            assert_eq!(order.map(|rid| rid.to_string()).collect::<Vec<_>>(), sorted);
        }
        assert_eq!(encodings(&[]).index_of(None), Some(0));
        assert_eq!(encodings(&["q"]).index_of(None), None);
    }

    #[test]
    fn an_encoding_is_gone_when_the_others_go_on_without_it() {
        let now = crate::test_start();
        let mut encodings = encodings(&["q", "h", "f"]);
        assert_eq!(encodings.live(), EncodingSet::default());
        for index in 0..3 {
            encodings.note(now, index, 1000, true);
        }
        assert_eq!(encodings.live(), EncodingSet::of(&[0, 1, 2]));
        for _ in 0..MISSED_FRAMES / 2 {
            encodings.note(now, 0, 1000, true);
            encodings.note(now, 1, 1000, true);
        }
        assert_eq!(encodings.live(), EncodingSet::of(&[0, 1]));
        encodings.note(now, 2, 1000, true);
        assert_eq!(encodings.live(), EncodingSet::of(&[0, 1, 2]));
    }

    #[test]
    fn the_best_is_not_larger_than_wanted_if_possible() {
        for (live, wanted, best) in [
            (&[0, 1, 2][..], 2, Some(2)),
            (&[0, 1, 2], 1, Some(1)),
            (&[0, 2], 1, Some(0)),
            (&[2], 0, Some(2)),
            (&[], 0, None),
        ] {
            assert_eq!(EncodingSet::of(live).best(wanted), best, "{live:?} {wanted}");
        }
    }

    #[test]
    fn a_declaration_that_stays_keeps_what_is_known() {
        let mut encodings = encodings(&["q", "h"]);
        encodings.note(crate::test_start(), 0, 1000, true);
        encodings.declare(&["h", "q"].map(Rid::from));
        assert_eq!(encodings.live(), EncodingSet::of(&[0]));
        encodings.declare(&[]);
        assert_eq!(encodings.live(), EncodingSet::default());
    }
}
