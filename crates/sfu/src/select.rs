//! Which packets of a video one receiver gets: of which encoding, up to which
//! layer. Changes of encoding wait for a keyframe of the new one, where a decoder
//! can begin, and until it comes the old one goes on.

use std::time::{Duration, Instant};

use crate::codec::VideoPayload;
use crate::layers::EncodingSet;

/// How long a picture is held back for a keyframe, where there is no other that
/// would go on, or none is recognised at all (encrypted payloads). Longer shows
/// a black tile for longer; shorter shows receivers what they cannot decode.
const GATE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a receiver without any picture waits for the size it is meant to
/// get, before it takes a smaller one.
const PATIENCE: Duration = Duration::from_millis(500);
/// Above the highest temporal layer there is.
pub(crate) const ALL_TEMPORAL: u8 = 7;

/// What a receiver is meant to get of a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Choice {
    /// The encoding, or the spatial layer of the only one; 0 is the smallest.
    pub(crate) size: u8,
    /// Up to which temporal layer.
    pub(crate) temporal: u8,
}

impl Choice {
    /// As much as there is.
    pub(crate) const ALL: Self = Self { size: u8::MAX, temporal: ALL_TEMPORAL };
}

/// A packet, as far as it concerns the choice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Candidate {
    pub(crate) encoding: u8,
    /// Which encodings arrive.
    pub(crate) live: EncodingSet,
    /// Whether the track has several encodings.
    pub(crate) is_simulcast: bool,
    /// Whether keyframes of the track are recognised: one was.
    pub(crate) has_keyframes: bool,
    pub(crate) video: VideoPayload,
}

/// What is to be done with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Send it. `ends_picture`: nothing of this picture follows, whatever the
    /// packet itself says.
    Pass { ends_picture: bool },
    /// Leave it out without leaving a hole.
    LeaveOut,
    /// It is of a stream that is not sent.
    Ignore,
}

/// The state of the choice for one receiver and track.
#[derive(Debug)]
pub(crate) struct Selector {
    target: Option<Choice>,
    /// The encoding being sent.
    current: Option<u8>,
    waiting: Option<Waiting>,
    temporal: u8,
    spatial: u8,
}

/// A keyframe is awaited.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    /// Of this encoding, while another is sent; without any picture, of
    /// whichever comes first.
    instead: Option<u8>,
    since: Instant,
}

impl Selector {
    pub(crate) fn new() -> Self {
        Self {
            target: Some(Choice::ALL),
            current: None,
            waiting: None,
            temporal: ALL_TEMPORAL,
            spatial: u8::MAX,
        }
    }

    /// Nothing was sent until now: begins with a keyframe.
    pub(crate) fn restart(&mut self) {
        self.current = None;
        self.waiting = None;
    }

    /// What is meant to be sent from now on; `None`: nothing.
    pub(crate) fn aim(&mut self, target: Option<Choice>) {
        self.target = target;
        if target.is_none() {
            self.restart();
        }
    }

    /// The encoding that is sent now.
    pub(crate) fn current(&self) -> Option<u8> {
        self.current
    }

    /// The encoding whose keyframe would help, given those that arrive.
    pub(crate) fn wanted(&self, live: EncodingSet, is_simulcast: bool) -> Option<u8> {
        let target = self.target?;
        if is_simulcast { live.best(target.size) } else { Some(0) }
    }

    /// Whether a keyframe is awaited, given those that arrive.
    pub(crate) fn awaited(&self, candidate: &Candidate) -> Option<u8> {
        let wanted = self.wanted(candidate.live, candidate.is_simulcast)?;
        let is_other = self.current != Some(wanted);
        let is_larger_wanted = !candidate.is_simulcast
            && self.target.is_some_and(|target| self.spatial < target.size)
            && candidate.video.spatial > self.spatial;
        (is_other || is_larger_wanted).then_some(wanted)
    }

    /// Judges the next packet.
    pub(crate) fn judge(&mut self, now: Instant, candidate: &Candidate) -> Verdict {
        let Some(target) = self.target else {
            return Verdict::Ignore;
        };
        let Some(wanted) = self.wanted(candidate.live, candidate.is_simulcast) else {
            return Verdict::Ignore;
        };
        if self.current == Some(wanted) {
            self.waiting = None;
        } else if self.may_begin(now, candidate, wanted) {
            self.begin(candidate, target);
        }
        if self.current != Some(candidate.encoding) {
            return Verdict::Ignore;
        }
        self.move_layers(candidate, target);
        self.judge_layers(candidate)
    }

    /// Whether the stream may go over to this packet's encoding.
    fn may_begin(&mut self, now: Instant, candidate: &Candidate, wanted: u8) -> bool {
        if self.current == Some(candidate.encoding) {
            return false;
        }
        let waited = self.wait(now, wanted);
        let is_wanted = candidate.encoding == wanted;
        let is_better_than_nothing =
            self.current.is_none() && candidate.encoding < wanted && waited >= PATIENCE;
        let goes_on = self.current.is_some_and(|current| candidate.live.contains(current));
        let may_guess = !(goes_on && candidate.has_keyframes);
        let is_beginning = candidate.video.is_keyframe || may_guess && waited >= GATE_TIMEOUT;
        is_beginning && (is_wanted || is_better_than_nothing)
    }

    /// For how long this encoding has been waited for.
    fn wait(&mut self, now: Instant, wanted: u8) -> Duration {
        let instead = self.current.map(|_| wanted);
        let known = self.waiting.filter(|waiting| waiting.instead == instead);
        let since = known.map_or(now, |waiting| waiting.since);
        self.waiting = Some(Waiting { instead, since });
        now.saturating_duration_since(since)
    }

    fn begin(&mut self, candidate: &Candidate, target: Choice) {
        self.current = Some(candidate.encoding);
        self.temporal = temporal_of(candidate, target);
        self.spatial = if candidate.is_simulcast { u8::MAX } else { target.size };
        if self.wanted(candidate.live, candidate.is_simulcast) == self.current {
            self.waiting = None;
        }
    }

    /// Goes down where a frame begins, up where a decoder can follow.
    fn move_layers(&mut self, candidate: &Candidate, target: Choice) {
        let video = &candidate.video;
        let temporal = temporal_of(candidate, target);
        if video.is_start && temporal < self.temporal
            || video.is_temporal_entry && video.temporal <= temporal
        {
            self.temporal = temporal;
        }
        if candidate.is_simulcast {
            // The name of the encoding counts, not what its packets say.
            self.spatial = u8::MAX;
        } else if video.is_start && (target.size < self.spatial || video.is_keyframe) {
            self.spatial = target.size;
        } else if video.is_spatial_entry && video.spatial > self.spatial {
            self.spatial = video.spatial.min(target.size);
        }
    }

    fn judge_layers(&self, candidate: &Candidate) -> Verdict {
        let video = &candidate.video;
        if video.temporal > self.temporal || video.spatial > self.spatial {
            return Verdict::LeaveOut;
        }
        Verdict::Pass { ends_picture: video.is_end && video.spatial == self.spatial }
    }
}

/// Up to which temporal layer this encoding is sent. What is meant to be slow is
/// the size that is aimed at; a smaller one in its place, because that one does
/// not arrive, or not yet, takes less than it even with all its frames.
fn temporal_of(candidate: &Candidate, target: Choice) -> u8 {
    let is_instead = candidate.is_simulcast && candidate.encoding < target.size;
    if is_instead { ALL_TEMPORAL } else { target.temporal }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[u8] = &[0, 1, 2];

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn packet(encoding: u8, live: &[u8], is_keyframe: bool) -> Candidate {
        let video = VideoPayload { is_keyframe, is_start: true, ..VideoPayload::default() };
        let live = EncodingSet::of(live);
        Candidate { encoding, live, is_simulcast: true, has_keyframes: true, video }
    }

    fn aimed(size: u8) -> Selector {
        let mut selector = Selector::new();
        selector.aim(Some(Choice { size, temporal: ALL_TEMPORAL }));
        selector
    }

    fn passes(selector: &mut Selector, now: Instant, candidate: Candidate) -> bool {
        matches!(selector.judge(now, &candidate), Verdict::Pass { .. })
    }

    #[test]
    fn a_picture_begins_with_a_keyframe_of_the_wanted_size() {
        let (mut selector, now) = (aimed(2), crate::test_start());
        assert!(!passes(&mut selector, now, packet(2, ALL, false)));
        assert!(!passes(&mut selector, now, packet(0, ALL, true)));
        assert_eq!(selector.awaited(&packet(2, ALL, false)), Some(2));
        assert!(passes(&mut selector, now, packet(2, ALL, true)));
        assert!(passes(&mut selector, now, packet(2, ALL, false)));
        assert_eq!(selector.awaited(&packet(2, ALL, false)), None);
    }

    #[test]
    fn a_smaller_picture_is_better_than_none() {
        let (mut selector, now) = (aimed(2), crate::test_start());
        assert!(!passes(&mut selector, now, packet(2, ALL, false)));
        let later = now + PATIENCE;
        assert!(passes(&mut selector, later, packet(0, ALL, true)));
        assert_eq!(selector.awaited(&packet(0, ALL, false)), Some(2));
        assert!(passes(&mut selector, later, packet(2, ALL, true)));
        assert!(!passes(&mut selector, later, packet(0, ALL, true)));
    }

    #[test]
    fn the_old_size_goes_on_until_the_keyframe_of_the_new_one() {
        let (mut selector, now) = (aimed(2), crate::test_start());
        assert!(passes(&mut selector, now, packet(2, ALL, true)));
        for (size, other) in [(0, 2), (1, 0), (2, 1)] {
            selector.aim(Some(Choice { size, temporal: ALL_TEMPORAL }));
            assert!(passes(&mut selector, now, packet(other, ALL, false)));
            assert!(!passes(&mut selector, now, packet(size, ALL, false)));
            assert_eq!(selector.awaited(&packet(other, ALL, false)), Some(size));
            assert!(passes(&mut selector, now, packet(size, ALL, true)));
            assert!(!passes(&mut selector, now, packet(other, ALL, true)));
            assert_eq!(selector.current(), Some(size));
        }
    }

    #[test]
    fn a_size_that_is_gone_is_replaced_by_the_next_and_taken_up_again() {
        let (mut selector, now) = (aimed(2), crate::test_start());
        assert!(passes(&mut selector, now, packet(2, ALL, true)));
        assert!(!passes(&mut selector, now, packet(1, &[0, 1], false)));
        assert!(passes(&mut selector, now, packet(1, &[0, 1], true)));
        assert!(passes(&mut selector, now, packet(1, ALL, false)));
        assert_eq!(selector.awaited(&packet(1, ALL, false)), Some(2));
        assert!(passes(&mut selector, now, packet(2, ALL, true)));
    }

    #[test]
    fn a_keyframe_that_cannot_be_recognised_is_not_awaited_for_ever() {
        let (mut selector, now) = (aimed(0), crate::test_start());
        assert!(!passes(&mut selector, now, packet(0, ALL, false)));
        assert!(!passes(&mut selector, now + ms(2999), packet(0, ALL, false)));
        assert!(passes(&mut selector, now + ms(3000), packet(0, ALL, false)));
    }

    #[test]
    fn a_good_picture_is_given_up_for_a_keyframe_alone_unless_it_ends() {
        let blind = |candidate| Candidate { has_keyframes: false, ..candidate };
        let live = packet(0, ALL, false);
        let gone = packet(0, &[0, 1], false);
        for (candidate, expected) in [(live, false), (gone, true), (blind(live), true)] {
            let (mut selector, now) = (aimed(2), crate::test_start());
            assert!(passes(&mut selector, now, packet(2, ALL, true)));
            selector.aim(Some(Choice { size: 0, temporal: ALL_TEMPORAL }));
            assert!(!passes(&mut selector, now, candidate));
            assert!(!passes(&mut selector, now + ms(2999), candidate));
            assert_eq!(passes(&mut selector, now + ms(3000), candidate), expected);
        }
    }

    #[test]
    fn each_size_is_waited_for_anew() {
        let (mut selector, now) = (aimed(2), crate::test_start());
        assert!(passes(&mut selector, now, packet(2, ALL, true)));
        assert!(!passes(&mut selector, now, packet(1, &[0, 1], false)));
        assert!(!passes(&mut selector, now + ms(2999), packet(0, &[0], false)));
        assert!(!passes(&mut selector, now + ms(5998), packet(0, &[0], false)));
        assert!(passes(&mut selector, now + ms(5999), packet(0, &[0], false)));
    }

    #[test]
    fn what_is_paused_passes_nothing_and_asks_for_nothing() {
        let (mut selector, now) = (aimed(0), crate::test_start());
        assert!(passes(&mut selector, now, packet(0, ALL, true)));
        selector.aim(None);
        assert!(!passes(&mut selector, now, packet(0, ALL, true)));
        assert_eq!(selector.awaited(&packet(0, ALL, false)), None);
        selector.aim(Some(Choice::ALL));
        assert!(!passes(&mut selector, now, packet(2, ALL, false)));
    }

    fn temporal(temporal: u8, is_entry: bool) -> Candidate {
        let plain = packet(0, &[0], false);
        let video = VideoPayload { temporal, is_temporal_entry: is_entry, ..plain.video };
        Candidate { video, ..plain }
    }

    #[test]
    fn temporal_layers_are_left_out_at_once_and_joined_at_an_entry() {
        let (mut selector, now) = (aimed(0), crate::test_start());
        assert!(passes(&mut selector, now, packet(0, &[0], true)));
        selector.aim(Some(Choice { size: 0, temporal: 1 }));
        let steps = [(0, false, true), (2, false, false), (1, false, true), (2, true, false)];
        for (layer, is_entry, expected) in steps {
            assert_eq!(passes(&mut selector, now, temporal(layer, is_entry)), expected);
        }
        selector.aim(Some(Choice { size: 0, temporal: 2 }));
        let steps = [(2, false, false), (0, false, true), (2, true, true), (2, false, true)];
        for (layer, is_entry, expected) in steps {
            assert_eq!(passes(&mut selector, now, temporal(layer, is_entry)), expected);
        }
    }

    #[test]
    fn a_smaller_size_in_place_of_a_slow_larger_one_keeps_all_its_frames() {
        let (mut selector, now) = (Selector::new(), crate::test_start());
        selector.aim(Some(Choice { size: 2, temporal: 0 }));
        let layered = |encoding, live, is_keyframe, temporal| {
            let plain = packet(encoding, live, is_keyframe);
            Candidate { video: VideoPayload { temporal, ..plain.video }, ..plain }
        };
        for (live, encoding, is_keyframe, layer, expected) in [
            (&[0][..], 0, true, 0, true),
            (&[0], 0, false, 2, true),
            (ALL, 0, false, 2, true),
            (ALL, 2, true, 0, true),
            (ALL, 2, false, 2, false),
        ] {
            let candidate = layered(encoding, live, is_keyframe, layer);
            assert_eq!(passes(&mut selector, now, candidate), expected, "{encoding} {layer}");
        }
    }

    fn spatial(spatial: u8, is_predicted: bool) -> Candidate {
        let is_lowest = spatial == 0;
        let video = VideoPayload {
            is_keyframe: is_lowest && !is_predicted,
            is_start: is_lowest,
            is_end: true,
            spatial,
            is_spatial_entry: !is_predicted,
            ..VideoPayload::default()
        };
        Candidate { live: EncodingSet::of(&[0]), video, ..Candidate::default() }
    }

    #[test]
    fn spatial_layers_of_one_stream_are_chosen_too() {
        let (mut selector, now) = (aimed(1), crate::test_start());
        let judge = |selector: &mut Selector, layer, is_predicted| {
            selector.judge(now, &spatial(layer, is_predicted))
        };
        let pass = |ends_picture| Verdict::Pass { ends_picture };
        assert_eq!(judge(&mut selector, 0, false), pass(false));
        assert_eq!(judge(&mut selector, 1, false), pass(true));
        assert_eq!(judge(&mut selector, 2, false), Verdict::LeaveOut);

        selector.aim(Some(Choice { size: 2, temporal: ALL_TEMPORAL }));
        assert_eq!(judge(&mut selector, 0, true), pass(false));
        assert_eq!(judge(&mut selector, 2, true), Verdict::LeaveOut);
        assert_eq!(selector.awaited(&spatial(2, true)), Some(0));
        assert_eq!(judge(&mut selector, 0, false), pass(false));
        assert_eq!(judge(&mut selector, 2, false), pass(true));
        assert_eq!(selector.awaited(&spatial(2, true)), None);

        selector.aim(Some(Choice { size: 0, temporal: ALL_TEMPORAL }));
        assert_eq!(judge(&mut selector, 0, true), pass(true));
        assert_eq!(judge(&mut selector, 1, true), Verdict::LeaveOut);
    }
}
