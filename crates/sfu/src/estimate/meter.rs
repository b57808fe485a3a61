//! How much is sent of late, forgetting quickly.

use std::time::{Duration, Instant};

/// How finely time is looked at, and how much of what was before each such
/// while leaves in place: about half a second counts.
const BIN: Duration = Duration::from_millis(100);
const KEPT: f64 = 0.8;
/// After so many empty ones nothing is left.
const MOST_BINS: i32 = 64;

/// A rate that follows within a second.
#[derive(Debug, Default)]
pub(super) struct Meter {
    began_at: Option<Instant>,
    /// When it was looked at last.
    passed_at: Option<Instant>,
    bits: f64,
    bits_per_second: f64,
    is_first: bool,
}

impl Meter {
    /// So much more.
    pub(super) fn add(&mut self, now: Instant, bytes: usize) {
        self.pass(now);
        self.bits += bytes as f64 * 8.0;
    }

    /// In bits per second.
    pub(super) fn rate(&mut self, now: Instant) -> f64 {
        self.pass(now);
        self.bits_per_second
    }

    fn pass(&mut self, now: Instant) {
        if self.passed_at.replace(now) == Some(now) {
            return;
        }
        let Some(began_at) = self.began_at else {
            self.began_at = Some(now);
            self.is_first = true;
            return;
        };
        let elapsed = now.saturating_duration_since(began_at);
        if elapsed < BIN {
            return;
        }
        let bins = (elapsed.as_secs_f64() / BIN.as_secs_f64()) as i32;
        let in_first = self.bits / BIN.as_secs_f64();
        self.bits = 0.0;
        // The first says all there is to say until then.
        let kept = if std::mem::take(&mut self.is_first) { 0.0 } else { KEPT };
        let first = kept * self.bits_per_second + (1.0 - kept) * in_first;
        self.bits_per_second = first * KEPT.powi((bins - 1).clamp(0, MOST_BINS));
        self.began_at = Some(began_at + BIN * u32::try_from(bins).unwrap_or(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_followed_and_forgotten() {
        let start = crate::test_start();
        let mut meter = Meter::default();
        for step in 0..200 {
            meter.add(start + Duration::from_millis(step * 10), 125);
        }
        let rate = meter.rate(start + Duration::from_secs(2));
        assert!((90e3..110e3).contains(&rate), "{rate}");
        assert!(meter.rate(start + Duration::from_secs(4)) < 3e3);
        assert!(meter.rate(start + Duration::from_secs(400_000)) < 1.0);
    }
}
