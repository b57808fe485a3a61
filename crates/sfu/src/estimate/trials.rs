//! Raising the estimate to see what happens, where no probe can be sent.

use std::time::{Duration, Instant};

/// The least and most time between two trials, and how much more is tried.
const FIRST: Duration = Duration::from_secs(1);
const AFTER_JAM: Duration = Duration::from_secs(4);
const MOST_PAUSE: Duration = Duration::from_secs(60);
const FACTOR: f64 = 2.0;
/// A jam this soon after a trial is the trial's doing.
const ENDS: Duration = Duration::from_secs(5);

/// When the next is, ever more rarely while they fail.
#[derive(Debug)]
pub(super) struct Trials {
    pause: Duration,
    not_before: Option<Instant>,
    began_at: Option<Instant>,
}

impl Default for Trials {
    fn default() -> Self {
        Self { pause: FIRST, not_before: None, began_at: None }
    }
}

impl Trials {
    /// What to try, if it is time for it and less than wished for passes.
    pub(super) fn next(&mut self, now: Instant, rate: f64, wished: f64) -> Option<f64> {
        let is_over = |at: Instant| now.saturating_duration_since(at) >= ENDS;
        if self.began_at.is_some_and(is_over) {
            self.began_at = None;
            self.pause = FIRST;
        }
        let not_before = *self.not_before.get_or_insert(now + self.pause);
        if rate >= wished || now < not_before {
            return None;
        }
        self.began_at = Some(now);
        self.not_before = Some(now + self.pause);
        Some((rate * FACTOR).min(wished))
    }

    /// It jammed: the next trial is not soon.
    pub(super) fn fail(&mut self, now: Instant) {
        if self.began_at.take().is_some() {
            self.pause = (self.pause * 2).clamp(AFTER_JAM, MOST_PAUSE);
        } else {
            self.pause = self.pause.max(AFTER_JAM);
        }
        self.not_before = Some(now + self.pause);
    }
}
