//! Whose voices are sent where many have their microphones on: those few that
//! speak. What the others send is room noise, and costs each receiver bandwidth.

use std::time::{Duration, Instant};

use parlor_model::id::ParticipantId;

/// Up to how many open microphones all are sent.
const ALL_UP_TO: usize = 8;
/// How many are sent where there are more.
const VOICES: usize = 4;
/// How long a voice keeps its place after its last word. Longer cuts fewer
/// pauses; shorter lets others in sooner.
const HOLD: Duration = Duration::from_secs(2);
/// Levels quieter than this (in -dBov) are no speech.
const SPEECH_LEVEL: u8 = 50;
/// How often microphones are counted.
const COUNT_EVERY: Duration = Duration::from_millis(500);

/// The voices that are sent.
#[derive(Debug, Default)]
pub(crate) struct Audible {
    /// With when each was heard last.
    voices: Vec<(ParticipantId, Instant)>,
    counted_at: Option<Instant>,
    microphones: usize,
}

impl Audible {
    /// Whether open microphones are to be counted again.
    pub(crate) fn is_count_due(&self, now: Instant) -> bool {
        self.counted_at.is_none_or(|at| now.saturating_duration_since(at) >= COUNT_EVERY)
    }

    /// So many are open.
    pub(crate) fn count(&mut self, now: Instant, microphones: usize) {
        self.counted_at = Some(now);
        self.microphones = microphones;
    }

    /// Whether a packet of a voice is sent. `level`: 0 is loudest, -127
    /// silence; without one it may be speech.
    pub(crate) fn passes(
        &mut self,
        now: Instant,
        speaker: ParticipantId,
        level: Option<i8>,
    ) -> bool {
        if self.microphones <= ALL_UP_TO {
            return true;
        }
        let is_speech = level.is_none_or(|level| level.unsigned_abs() < SPEECH_LEVEL);
        if let Some((_, heard_at)) = self.voices.iter_mut().find(|(id, _)| *id == speaker) {
            if is_speech {
                *heard_at = now;
            }
            return true;
        }
        if !is_speech {
            return false;
        }
        if self.voices.len() < VOICES {
            self.voices.push((speaker, now));
            return true;
        }
        let quietest = self.voices.iter_mut().min_by_key(|(_, heard_at)| *heard_at);
        let Some(quietest) = quietest else {
            return false;
        };
        let has_stopped = now.saturating_duration_since(quietest.1) >= HOLD;
        if has_stopped {
            *quietest = (speaker, now);
        }
        has_stopped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: Option<i8> = Some(-20);
    const QUIET: Option<i8> = Some(-80);

    fn person(n: u8) -> ParticipantId {
        ParticipantId::from_random([n; 16])
    }

    #[test]
    fn in_a_small_room_all_are_heard() {
        let now = crate::test_start();
        let mut audible = Audible::default();
        audible.count(now, ALL_UP_TO);
        assert!((0..8).all(|n| audible.passes(now, person(n), QUIET)));
    }

    #[test]
    fn in_a_large_room_those_who_speak_are_heard_at_once_and_keep_their_place() {
        let start = crate::test_start();
        let mut audible = Audible::default();
        audible.count(start, ALL_UP_TO + 1);
        let heard = |audible: &mut Audible, millis, level| -> Vec<u8> {
            let now = start + Duration::from_millis(millis);
            (0..9).filter(|n| audible.passes(now, person(*n), level)).collect()
        };
        assert!(heard(&mut audible, 0, QUIET).is_empty());
        assert_eq!(heard(&mut audible, 20, LOUD), [0, 1, 2, 3]);
        assert_eq!(heard(&mut audible, 1500, QUIET), [0, 1, 2, 3]);
        assert!(!audible.passes(start + Duration::from_millis(1900), person(7), LOUD));
        let later = start + Duration::from_millis(2100);
        assert!(audible.passes(later, person(0), LOUD));
        assert!(audible.passes(later, person(7), LOUD));
        assert_eq!(heard(&mut audible, 2200, QUIET).len(), VOICES);
        assert!(heard(&mut audible, 2200, QUIET).contains(&7));
        assert!(audible.passes(later, person(8), None));
    }
}
