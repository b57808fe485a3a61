//! Who speaks: the dominant speaker of several, from the audio levels that
//! senders attach to their packets (RFC 6464).
//!
//! After Volfin and Cohen, "Dominant Speaker Identification for Multipoint
//! Videoconferencing" (2012): activity is judged over a short, a medium and a
//! long window, and somebody new takes over only when more active in all
//! three, so that a cough or a door does not.

use std::time::{Duration, Instant};

use indexmap::IndexMap;
use parlor_model::id::ParticipantId;

/// How often the speaker is judged. More often follows sooner and flickers more.
pub(crate) const EVALUATE_EVERY: Duration = Duration::from_millis(300);
/// Levels quieter than this (in -dBov) are silence: a quiet room with a
/// sensitive microphone lies near 60, speech between 15 and 45.
const SPEECH_LEVEL: u8 = 50;
/// Length of the windows, as the time in which older activity has faded to a third.
const SHORT: f32 = 0.3;
const MEDIUM: f32 = 1.0;
const LONG: f32 = 3.0;
/// How much more active a challenger must be in each window. Higher holds the
/// speaker longer; 1.0 would switch on any difference.
const SHORT_LEAD: f32 = 1.3;
const MEDIUM_LEAD: f32 = 1.2;
const LONG_LEAD: f32 = 1.0;
/// Least activity in the short window to become the speaker: about a syllable.
const LEAST: f32 = 0.15;

/// Judges everybody's levels.
#[derive(Debug, Default)]
pub(crate) struct Speakers {
    activity: IndexMap<ParticipantId, Activity>,
    dominant: Option<ParticipantId>,
    evaluate_at: Option<Instant>,
}

/// Fading averages of loudness, 0 to 1, per window.
#[derive(Debug, Default, Clone, Copy)]
struct Activity {
    short: f32,
    medium: f32,
    long: f32,
    /// The loudest level since the last evaluation, 0 to 1.
    pending: f32,
}

impl Speakers {
    /// A packet's level: 0 is loudest, -127 silence.
    pub(crate) fn handle_level(&mut self, now: Instant, speaker: ParticipantId, level: i8) {
        let quietness = level.unsigned_abs();
        if quietness >= SPEECH_LEVEL {
            return;
        }
        let loudness = 1.0 - f32::from(quietness) / f32::from(SPEECH_LEVEL);
        let activity = self.activity.entry(speaker).or_default();
        // Loudness counts less than speaking at all: somebody near the
        // microphone does not talk everybody else down.
        activity.pending = activity.pending.max(0.5 + loudness / 2.0);
        self.evaluate_at.get_or_insert(now + EVALUATE_EVERY);
    }

    /// When to call [`Self::evaluate`]; `None` while all are silent.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.evaluate_at
    }

    /// Judges; `Some` when the speaker has changed.
    pub(crate) fn evaluate(&mut self, now: Instant) -> Option<ParticipantId> {
        if self.evaluate_at.is_none_or(|at| now < at) {
            return None;
        }
        for activity in self.activity.values_mut() {
            activity.fade();
        }
        self.activity.retain(|_, activity| activity.long > 0.01);
        self.evaluate_at = (!self.activity.is_empty()).then(|| now + EVALUATE_EVERY);
        let challenger = self.challenger()?;
        self.dominant = Some(challenger);
        self.dominant
    }

    /// Who spoke last, if still here.
    pub(crate) fn dominant(&self) -> Option<ParticipantId> {
        self.dominant
    }

    /// Forgets somebody who left or was muted.
    pub(crate) fn remove(&mut self, participant: ParticipantId) {
        self.activity.shift_remove(&participant);
        if self.dominant == Some(participant) {
            self.dominant = None;
        }
    }

    /// The most active one that beats the present speaker.
    fn challenger(&self) -> Option<ParticipantId> {
        let present = self.dominant.and_then(|id| self.activity.get(&id)).copied();
        let present = present.unwrap_or_default();
        self.activity
            .iter()
            .filter(|(id, activity)| Some(**id) != self.dominant && activity.beats(&present))
            .max_by(|(_, a), (_, b)| a.medium.total_cmp(&b.medium))
            .map(|(id, _)| *id)
    }
}

impl Activity {
    fn fade(&mut self) {
        let elapsed = EVALUATE_EVERY.as_secs_f32();
        for (average, window) in
            [(&mut self.short, SHORT), (&mut self.medium, MEDIUM), (&mut self.long, LONG)]
        {
            let keep = (-elapsed / window).exp();
            *average = *average * keep + self.pending * (1.0 - keep);
        }
        self.pending = 0.0;
    }

    fn beats(&self, other: &Self) -> bool {
        self.short >= LEAST
            && self.short > other.short * SHORT_LEAD
            && self.medium > other.medium * MEDIUM_LEAD
            && self.long > other.long * LONG_LEAD
            || self.short >= LEAST && other.short < 0.01
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u8) -> ParticipantId {
        ParticipantId::from_random([n; 16])
    }

    /// Plays levels of both for a while; returns who became the speaker.
    fn play(
        speakers: &mut Speakers,
        now: &mut Instant,
        millis: u64,
        levels: [i8; 2],
    ) -> Vec<ParticipantId> {
        let mut changes = Vec::new();
        for _ in 0..millis / 20 {
            *now += Duration::from_millis(20);
            for (n, level) in (1..).zip(levels) {
                speakers.handle_level(*now, person(n), level);
            }
            changes.extend(speakers.evaluate(*now));
        }
        changes
    }

    #[test]
    fn whoever_speaks_becomes_the_speaker_within_a_second() {
        let (mut speakers, mut now) = (Speakers::default(), crate::test_start());
        assert_eq!(play(&mut speakers, &mut now, 1000, [-30, -127]), [person(1)]);
        assert_eq!(play(&mut speakers, &mut now, 2000, [-127, -30]), [person(2)]);
    }

    #[test]
    fn a_short_noise_does_not_take_over() {
        let (mut speakers, mut now) = (Speakers::default(), crate::test_start());
        play(&mut speakers, &mut now, 3000, [-30, -127]);
        assert_eq!(play(&mut speakers, &mut now, 100, [-30, -5]), []);
        assert_eq!(play(&mut speakers, &mut now, 1000, [-30, -127]), []);
    }

    #[test]
    fn silence_keeps_the_last_speaker_and_stops_the_clock() {
        let (mut speakers, mut now) = (Speakers::default(), crate::test_start());
        play(&mut speakers, &mut now, 1000, [-30, -127]);
        play(&mut speakers, &mut now, 20_000, [-127, -90]);
        assert_eq!(speakers.dominant(), Some(person(1)));
        assert_eq!(speakers.deadline(), None);
    }
}
