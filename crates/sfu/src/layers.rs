//! The encodings of one video track: the same picture in several sizes, each a
//! stream of its own (simulcast). A track without simulcast has one.

use std::time::{Duration, Instant};

use str0m::media::Rid;

use crate::allocation::Step;
use crate::keyframe::KeyframeRequests;
use crate::rate::Rate;
use crate::select::{ALL_TEMPORAL, Choice};

/// Most encodings of a track that are told apart.
pub(crate) const MAX_ENCODINGS: usize = 3;
/// How many frames of the other encodings pass until one that sends nothing
/// counts as gone: half a second of a camera with three. Fewer takes over
/// sooner; more bears with a burst of losses.
const MISSED_FRAMES: u16 = 30;
/// The same for slow tracks, such as screens: for so long, and so many frames.
const MISSED_TIME: Duration = Duration::from_secs(1);
const MISSED_SLOW_FRAMES: u16 = 3;

/// What cameras take in each size, as clients are set up, in bits per second.
const USUAL_RATES: [f64; MAX_ENCODINGS] = [150_000.0, 500_000.0, 1_500_000.0];
/// The part of a stream that its lowest temporal layer takes of three, and the
/// lower two.
const SLOWEST_PART: f64 = 0.5;
const SLOW_PART: f64 = 0.7;
/// The part that the spatial layers below the highest take.
const SPATIAL_PART: f64 = 0.35;

/// The encodings of a track, smallest first.
#[derive(Debug, Default)]
pub(crate) struct Encodings {
    list: Vec<Encoding>,
    /// How many spatial layers the first one says to have (SVC).
    spatial_layers: u8,
    /// The highest temporal layer that was seen.
    highest_temporal: u8,
    /// Whether a keyframe was recognised.
    has_keyframes: bool,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Encoding {
    rid: Option<Rid>,
    pub(crate) keyframes: KeyframeRequests,
    pub(crate) rate: Rate,
    /// What came without it; nothing while it was not seen at all.
    missed: Option<Missed>,
}

/// What an encoding may have missed.
#[derive(Clone, Copy, Debug)]
struct Missed {
    /// Frames of the others since this one sent something.
    frames: u16,
    /// When that was.
    seen_at: Instant,
    is_gone: bool,
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

    /// Takes one away.
    pub(crate) fn remove(&mut self, encoding: u8) {
        self.0 &= !(1 << encoding);
    }

    /// Whether all of these are among them.
    pub(crate) fn contains_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
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
        self.highest_temporal = 0;
        self.has_keyframes = false;
    }

    /// Which one a packet belongs to. `None`: none that was declared.
    pub(crate) fn index_of(&self, rid: Option<Rid>) -> Option<u8> {
        let index = self.list.iter().position(|encoding| encoding.rid == rid)?;
        u8::try_from(index).ok()
    }

    /// Notes that a packet of this encoding came.
    pub(crate) fn note(&mut self, now: Instant, index: u8, bytes: usize, ends_frame: bool) {
        for (other, encoding) in (0..).zip(&mut self.list) {
            if other == index {
                encoding.missed = Some(Missed { frames: 0, seen_at: now, is_gone: false });
                encoding.rate.add(now, bytes);
            } else if ends_frame && let Some(missed) = &mut encoding.missed {
                missed.note(now);
            }
        }
    }

    /// Notes that a keyframe of this encoding was recognised.
    pub(crate) fn note_keyframe(&mut self, index: u8) {
        self.has_keyframes = true;
        if let Some(encoding) = self.get_mut(index) {
            encoding.keyframes.handle_arrival();
        }
    }

    /// Whether keyframes are recognised: one was.
    pub(crate) fn has_keyframes(&self) -> bool {
        self.has_keyframes
    }

    /// Notes what a packet says of the layers within its stream.
    pub(crate) fn note_layers(&mut self, temporal: u8, spatial_layers: Option<u8>) {
        self.highest_temporal = self.highest_temporal.max(temporal);
        if let Some(layers) = spatial_layers.filter(|_| self.list.len() == 1) {
            self.spatial_layers = layers;
        }
    }

    /// What may be sent of them, up to this size, each more than the one
    /// before: whole sizes, and, where there are temporal layers, less fluent ones.
    pub(crate) fn steps(&self, largest: u8) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for size in 0..=largest.min(self.sizes() - 1) {
            let whole = self.bits_per_second(size);
            let parts = [(0, SLOWEST_PART), (1, SLOW_PART), (ALL_TEMPORAL, 1.0)];
            for (temporal, part) in parts {
                // Of a larger picture, one as slow as that is no improvement.
                let is_offered = temporal == ALL_TEMPORAL
                    || temporal < self.highest_temporal && (temporal > 0 || size == 0);
                let bits_per_second = whole * part;
                let is_more =
                    steps.last().is_none_or(|last| last.bits_per_second < bits_per_second);
                if is_offered && is_more {
                    steps.push(Step { choice: Choice { size, temporal }, bits_per_second });
                }
            }
        }
        steps
    }

    /// What a size takes: as measured, else as is usual.
    fn bits_per_second(&self, size: u8) -> f64 {
        let Some(encoding) = self.list.get(usize::from(size)).filter(|_| self.is_simulcast())
        else {
            let whole = self.list.first().and_then(|only| only.rate.bits_per_second());
            let whole = whole.unwrap_or(USUAL_RATES[2]);
            // Each spatial layer has four times the pixels of the one below.
            let smaller = i32::from(self.sizes() - 1) - i32::from(size);
            return whole * SPATIAL_PART.powi(smaller);
        };
        let usual = encoding.rid.as_ref().map_or(size.min(2), usual_size);
        encoding.rate.bits_per_second().unwrap_or(USUAL_RATES[usize::from(usual)])
    }

    /// Which of them arrive.
    pub(crate) fn live(&self) -> EncodingSet {
        let is_live = |it: &Encoding| it.missed.is_some_and(|missed| !missed.is_gone);
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

impl Missed {
    /// A frame of another came.
    fn note(&mut self, now: Instant) {
        self.frames = self.frames.saturating_add(1);
        let is_silent = now.saturating_duration_since(self.seen_at) >= MISSED_TIME;
        let enough = if is_silent { MISSED_SLOW_FRAMES } else { MISSED_FRAMES };
        self.is_gone |= self.frames >= enough;
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
    fn an_encoding_of_a_slow_track_is_gone_after_a_second() {
        let start = crate::test_start();
        let mut encodings = encodings(&["h", "f"]);
        encodings.note(start, 1, 1000, true);
        // Of frames of several packets, the last one counts.
        for (frame, live) in [(1, true), (2, true), (3, true), (4, true), (5, false), (6, false)] {
            for ends_frame in [false, false, true] {
                encodings.note(start + frame * Duration::from_millis(200), 0, 1000, ends_frame);
            }
            assert_eq!(encodings.live().contains(1), live, "{frame}");
        }
        encodings.note(start + Duration::from_secs(2), 1, 1000, false);
        for (seconds, live) in [(4, true), (5, true), (6, false)] {
            encodings.note(start + Duration::from_secs(seconds), 0, 1000, true);
            assert_eq!(encodings.live().contains(1), live, "{seconds}");
        }
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
    fn each_step_takes_more_than_the_one_before() {
        let mut encodings = encodings(&["q", "h", "f"]);
        let rates = |encodings: &Encodings, largest| {
            let steps = encodings.steps(largest).into_iter();
            steps.map(|it| (it.bits_per_second / 1000.0).round() as u32).collect::<Vec<_>>()
        };
        assert_eq!(rates(&encodings, 9), [150, 500, 1500]);
        assert_eq!(rates(&encodings, 1), [150, 500]);
        encodings.note_layers(2, None);
        assert_eq!(rates(&encodings, 9), [75, 105, 150, 350, 500, 1050, 1500]);
        encodings.declare(&[]);
        assert_eq!(rates(&encodings, 9), [1500]);
        encodings.note_layers(0, Some(3));
        assert_eq!(rates(&encodings, 1), [184, 525]);
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
