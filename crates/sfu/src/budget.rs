//! A token bucket: so much at once, so much per second.

use std::time::Instant;

/// Limits how often something may happen.
#[derive(Debug)]
pub(crate) struct Budget {
    burst: f64,
    per_second: f64,
    tokens: f64,
    filled_at: Instant,
}

impl Budget {
    /// A full bucket: `burst` at once, then `per_second`.
    pub(crate) fn new(burst: u32, per_second: u32, now: Instant) -> Self {
        let burst = f64::from(burst);
        Self { burst, per_second: f64::from(per_second), tokens: burst, filled_at: now }
    }

    /// Takes one, if there is one.
    pub(crate) fn spend(&mut self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.per_second).min(self.burst);
        self.filled_at = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_the_rest_waits() {
        let start = crate::test_start();
        let mut budget = Budget::new(3, 2, start);
        let passed = (0..10).filter(|_| budget.spend(start)).count();
        assert_eq!(passed, 3);
        assert!(budget.spend(start + Duration::from_millis(500)));
        assert!(!budget.spend(start + Duration::from_millis(500)));
    }
}
