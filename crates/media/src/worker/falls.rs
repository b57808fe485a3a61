//! How often a worker has failed lately, and how long it pauses before it
//! begins anew: not at all after the first time, so that its people are back at
//! once; longer the more often, so that a fault that comes with each restart
//! does not take a core.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What counts as lately.
const LATELY: Duration = Duration::from_secs(60);
/// Pause for each further failure.
const STEP: Duration = Duration::from_millis(200);
/// The longest pause; an order to stop waits for as long.
const LONGEST: Duration = Duration::from_secs(2);

/// The failures of one worker.
#[derive(Default)]
pub(super) struct Falls(VecDeque<Instant>);

impl Falls {
    /// It has failed again: how long to pause.
    pub(super) fn pause(&mut self, now: Instant) -> Duration {
        self.0.retain(|at| now.saturating_duration_since(*at) < LATELY);
        let further = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let pause = STEP.saturating_mul(further).min(LONGEST);
        // More than these make the pause no longer.
        if pause < LONGEST {
            self.0.push_back(now);
        }
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_are_forgotten() {
        let (mut falls, now) = (Falls::default(), Instant::now());
        let pauses: Vec<_> = (0..1000).map(|_| falls.pause(now)).collect();
        assert_eq!(pauses[..3], [Duration::ZERO, STEP, 2 * STEP]);
        assert_eq!(pauses.last(), Some(&LONGEST));
        assert!(falls.0.len() < 20);
        assert_eq!(falls.pause(now + LATELY), Duration::ZERO);
    }
}
