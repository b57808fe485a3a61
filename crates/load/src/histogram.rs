//! Times, counted in buckets that are an eighth of their power of two wide: a
//! percentile is right within 6 %, from a microsecond to half an hour.

use std::time::Duration;

/// Buckets for each power of two.
const STEPS: u64 = 8;
/// Powers of two of microseconds that are told apart.
const POWERS: usize = 32;

/// Counted times.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; POWERS * STEPS as usize], total: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub fn note(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let index = bucket(micros).min(self.counts.len() - 1);
        self.counts[index] += 1;
        self.total += 1;
    }

    /// Counts all of another one.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.counts.iter_mut().zip(&other.counts) {
            *own += more;
        }
        self.total += other.total;
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.total
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The time that this part of all (0 to 1) does not exceed; zero without any.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Duration {
        let wanted = (part * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(middle(index));
            }
        }
        Duration::ZERO
    }
}

/// Below [`STEPS`] each microsecond has its own bucket.
fn bucket(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    let power = u64::from(micros.ilog2());
    let step = (micros >> (power - 3)) & (STEPS - 1);
    ((power - 2) * STEPS + step) as usize
}

/// The middle of a bucket in microseconds.
fn middle(index: usize) -> u64 {
    let index = index as u64;
    if index < STEPS {
        return index;
    }
    let (power, step) = (index / STEPS + 2, index % STEPS);
    let width = 1 << (power - 3);
    (1 << power) + step * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_near_the_time_that_was_counted() {
        for micros in [0, 1, 7, 8, 9, 100, 1_500, 3_000, 250_000, 60_000_000] {
            let mut histogram = Histogram::default();
            histogram.note(Duration::from_micros(micros));
            let found = histogram.quantile(0.5).as_micros() as f64;
            assert!((found - micros as f64).abs() <= 0.07 * micros as f64, "{micros}: {found}");
        }
    }

    #[test]
    fn the_slow_ones_are_in_the_upper_percentiles() {
        let mut histogram = Histogram::default();
        (0..990).for_each(|_| histogram.note(Duration::from_millis(1)));
        (0..10).for_each(|_| histogram.note(Duration::from_millis(100)));
        assert!(histogram.quantile(0.5) < Duration::from_millis(2));
        assert!(histogram.quantile(0.999) > Duration::from_millis(90));
        assert_eq!(histogram.len(), 1000);
    }
}
