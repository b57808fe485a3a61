//! How busy each worker is, so that nobody new is let in before those inside
//! notice. A worker says how long it has worked in all; a task of the node looks
//! once a second, since a worker with nothing to do says nothing.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How often is looked. What is known is the mean of the last two looks: more
/// often reacts to bursts, less often lets a crowd in before it is noticed.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is known, read by whoever lets people in.
pub(crate) struct Loads {
    /// Percent of each worker's time.
    percent: Vec<AtomicU8>,
    /// From which share on nobody new is let in; 100: never.
    limit: u8,
}

impl Loads {
    /// Nobody works yet.
    pub(crate) fn new(workers: usize, limit: u8) -> Self {
        Self { percent: (0..workers).map(|_| AtomicU8::new(0)).collect(), limit }
    }

    /// The share of its time that a worker works, in percent.
    pub(crate) fn percent(&self, worker: usize) -> u8 {
        self.percent.get(worker).map_or(0, |percent| percent.load(Relaxed))
    }

    /// From which share on nobody new is let in.
    pub(crate) fn limit(&self) -> u8 {
        self.limit
    }

    /// Whether a worker should get no more to do.
    pub(crate) fn is_over(&self, worker: usize) -> bool {
        self.limit < 100 && self.percent(worker) >= self.limit
    }

    /// Of every worker.
    pub(crate) fn all(&self) -> Vec<u8> {
        self.percent.iter().map(|percent| percent.load(Relaxed)).collect()
    }
}

/// The side that looks.
pub(crate) struct Looks {
    at: Instant,
    workers: Vec<Look>,
}

#[derive(Clone, Copy, Default)]
struct Look {
    busy_micros: u64,
    share: f64,
}

impl Looks {
    /// The first look, at workers that have done nothing.
    pub(crate) fn new(now: Instant, workers: usize) -> Self {
        Self { at: now, workers: vec![Look::default(); workers] }
    }

    /// Looks again: `busy_micros` is how long each worker has worked in all.
    pub(crate) fn look(
        &mut self,
        now: Instant,
        busy_micros: impl Iterator<Item = u64>,
        loads: &Loads,
    ) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        if passed <= 0.0 {
            return;
        }
        self.at = now;
        for ((look, busy), known) in self.workers.iter_mut().zip(busy_micros).zip(&loads.percent) {
            let worked = Duration::from_micros(busy.saturating_sub(look.busy_micros));
            let share = (worked.as_secs_f64() / passed).min(1.0);
            let mean = f64::midpoint(share, look.share);
            *look = Look { busy_micros: busy, share };
            // Between 0 and 100 by construction.
            known.store((mean * 100.0).round() as u8, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_follows_in_two_looks_and_falls_when_nothing_is_said() {
        let start = Instant::now();
        let (loads, mut looks) = (Loads::new(2, 85), Looks::new(start, 2));
        let mut look = |second, busy: [u64; 2]| {
            looks.look(start + Duration::from_secs(second), busy.into_iter(), &loads);
            (loads.all(), loads.is_over(0))
        };
        assert_eq!(look(1, [900_000, 100_000]), (vec![45, 5], false));
        assert_eq!(look(2, [1_800_000, 200_000]), (vec![90, 10], true));
        assert_eq!(look(2, [9_000_000, 9_000_000]), (vec![90, 10], true));
        assert_eq!(look(3, [1_800_000, 300_000]), (vec![45, 10], false));
        assert_eq!(look(4, [1_800_000, 400_000]), (vec![0, 10], false));
        // A turn that took longer than a second is told at its end.
        assert_eq!(look(5, [9_000_000, 400_000]), (vec![50, 5], false));
    }

    #[test]
    fn a_limit_of_100_refuses_nobody() {
        let start = Instant::now();
        let (loads, mut looks) = (Loads::new(1, 100), Looks::new(start, 1));
        for second in 1..5 {
            looks.look(
                start + Duration::from_secs(second),
                [second * 1_000_000].into_iter(),
                &loads,
            );
        }
        assert_eq!((loads.percent(0), loads.is_over(0)), (100, false));
    }
}
