//! How much arrives, or is sent, per second.

use std::time::{Duration, Instant};

/// Over how long a rate is averaged. Shorter follows faster; longer bears with
/// keyframes, which are many times as large as other frames.
const WINDOW: Duration = Duration::from_secs(1);

/// A rate, averaged over the last whole window and the one that runs.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    began_at: Option<Instant>,
    bytes: usize,
    last_bits_per_second: Option<f64>,
}

impl Rate {
    /// So much more.
    pub(crate) fn add(&mut self, now: Instant, bytes: usize) {
        let began_at = *self.began_at.get_or_insert(now);
        let elapsed = now.saturating_duration_since(began_at);
        if elapsed > 2 * WINDOW {
            // After a pause it goes on as before, for all that is known.
            self.began_at = Some(now);
            self.bytes = 0;
        } else if elapsed >= WINDOW {
            self.last_bits_per_second = Some(bits(self.bytes) / elapsed.as_secs_f64());
            self.began_at = Some(now);
            self.bytes = 0;
        }
        self.bytes += bytes;
    }

    /// The rate, if it is known: nothing comes before a window has passed.
    pub(crate) fn bits_per_second(&self) -> Option<f64> {
        self.last_bits_per_second
    }
}

fn bits(bytes: usize) -> f64 {
    // Exact up to 2^53 bits.
    bytes as f64 * 8.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_known_after_a_second() {
        let start = crate::test_start();
        let mut rate = Rate::default();
        for millis in 0..=100 {
            rate.add(start + Duration::from_millis(millis * 10), 125);
            assert_eq!(rate.bits_per_second().is_some(), millis == 100);
        }
        let known = rate.bits_per_second().unwrap();
        assert!((known - 100_000.0).abs() < 1.0, "{known}");
        rate.add(start + Duration::from_secs(9), 125);
        assert_eq!(rate.bits_per_second(), Some(known));
    }
}
