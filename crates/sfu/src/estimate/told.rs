//! A receiver that says what it likes: what property tests and fuzzing drive
//! the estimator and the pacer with.

use std::time::{Duration, Instant};

use super::{Estimator, LEAST, MOST, feedback};
use crate::pace::Pacer;

/// An estimator, a pacer, and somebody who tells them anything.
#[derive(Debug)]
pub(crate) struct Told {
    now: Instant,
    number: u16,
    estimator: Estimator,
    pacer: Pacer,
}

impl Told {
    pub(crate) fn new(now: Instant) -> Self {
        let mut estimator = Estimator::new();
        estimator.allow_probes(true);
        Self { now, number: 0, estimator, pacer: Pacer::new() }
    }

    /// One step: what happens, then seven bytes of how.
    ///
    /// # Panics
    /// When the estimate leaves its bounds, or what is remembered grows.
    pub(crate) fn step(&mut self, step: &[u8]) {
        let [what, a, b, c, d, e, f, g] = *step else {
            return;
        };
        let word = i64::from(i32::from_be_bytes([d, e, f, g]));
        self.now += Duration::from_micros(u64::from(a) * 1000);
        let now = self.now;
        match what % 8 {
            0..=2 => self.send(usize::from(b) % 32, usize::from(c) * 8),
            3 => {
                let first = self.number.wrapping_sub(u16::from(b));
                let arrivals: Vec<_> = (0..u16::from(c))
                    .map(|it| {
                        let is_lost = u32::from(it) % 7 < u32::from(what >> 5);
                        let at = word.saturating_mul(1 << (what >> 3 & 31)) + i64::from(it) * 300;
                        (first.wrapping_add(it), (!is_lost).then_some(at))
                    })
                    .collect();
                self.estimator.handle_feedback(now, &arrivals);
            }
            4 => {
                let round_trip = (c > 9).then(|| Duration::from_millis(u64::from(d) << (e % 16)));
                self.estimator.handle_report(now, b, round_trip);
            }
            5 => drop(self.estimator.update(now, f64::from(u32::from_be_bytes([d, e, f, g])))),
            6 => self.estimator.allow_probes(b < 200),
            _ => self.now += Duration::from_secs(u64::from(b) << (c % 24)),
        }
        self.check();
    }

    /// A compound RTCP packet came.
    ///
    /// # Panics
    /// As [`Self::step`].
    pub(crate) fn hear(&mut self, compound: &[u8]) {
        self.send(300, 1000);
        let mut arrivals = Vec::new();
        feedback::read(compound, &mut arrivals);
        self.estimator.handle_feedback(self.now, &arrivals);
        self.check();
    }

    fn send(&mut self, packets: usize, bytes: usize) {
        let now = self.now;
        if let Some(probe) = self.estimator.next_probe(now) {
            self.pacer.begin_probe(now, probe);
        }
        self.estimator.handle_audio(now, bytes / 8);
        for _ in 0..packets {
            if self.pacer.allowance(now) > 0 {
                self.pacer.spend(now, bytes);
                self.estimator.handle_sent(now, self.number, bytes);
                self.number = self.number.wrapping_add(1);
            }
        }
    }

    fn check(&mut self) {
        let now = self.now;
        if let Some(rate) = self.estimator.bits_per_second() {
            let most = if self.estimator.is_heard { MOST } else { f64::MAX };
            assert!((LEAST..=most).contains(&rate), "{rate}");
        }
        self.pacer.set_rate(now, self.estimator.pace(now).unwrap_or(f64::INFINITY));
        assert!(self.estimator.audio_bits_per_second(now).is_finite());
        assert!(self.pacer.deadline(now) <= now + Duration::from_secs(2));
        self.estimator.history.check_size();
    }
}
