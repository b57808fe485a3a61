//! How often a worker has failed lately, and how long it pauses before it
//! begins anew: not at all after the first time, so that its people are back at
//! once; longer the more often, so that a fault that comes with each restart
//! does not take a core.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// What counts as lately.
const LATELY: Duration = Duration::from_secs(60);
/// Pause for each further failure.
const STEP: Duration = Duration::from_millis(200);
/// The longest pause; an order to stop waits for as long.
const LONGEST: Duration = Duration::from_secs(2);

/// How often it is tried to throw away what a failure left behind. Each try
/// takes up where the one before failed.
const TRIES: usize = 8;

/// Does something that may fail itself. `false`: it fails again and again.
pub(super) fn until_it_holds(mut attempt: impl FnMut()) -> bool {
    (0..TRIES).any(|_| catch_unwind(AssertUnwindSafe(&mut attempt)).is_ok())
}

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
    fn a_new_beginning_that_fails_is_tried_again_but_not_for_ever() {
        let mut left = vec![1, 2, 3];
        assert!(until_it_holds(|| {
            let next = left.pop();
            assert_eq!(next, None, "a fault in what is thrown away");
        }));
        let mut tries = 0;
        assert!(!until_it_holds(|| {
            tries += 1;
            panic!("a fault that stays");
        }));
        assert_eq!(tries, TRIES);
    }

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
