//! A way with a bottleneck and a queue, and what is thought of it.

use super::*;

const STEP: Duration = Duration::from_millis(10);
const BYTES: usize = 1000;

/// A bottleneck: packets queue, are late, and are dropped when it is full.
struct Way {
    now: Instant,
    bits_per_second: f64,
    /// Every so many packets one is lost for no reason.
    lost_each: Option<u64>,
    number: u16,
    sent: u64,
    debt: f64,
    free_at: f64,
    untold: Vec<Arrival>,
    elapsed: f64,
}

impl Way {
    fn new(bits_per_second: f64) -> Self {
        Self {
            now: crate::test_start(),
            bits_per_second,
            lost_each: None,
            number: 65_000,
            sent: 0,
            debt: 0.0,
            free_at: 0.0,
            untold: Vec::new(),
            elapsed: 0.0,
        }
    }

    /// Sends as much as is estimated, but no more than `most`; returns the
    /// estimate after each second.
    fn run(&mut self, estimator: &mut Estimator, seconds: u32, most: f64) -> Vec<f64> {
        let mut estimates = Vec::new();
        for step in 1..=seconds * 100 {
            self.now += STEP;
            self.elapsed += STEP.as_secs_f64();
            let rate = estimator.bits_per_second().unwrap_or(START).min(most);
            self.debt += rate * STEP.as_secs_f64();
            while self.debt > 0.0 {
                self.send(estimator);
            }
            if step % 5 == 0 && !self.untold.is_empty() {
                estimator.handle_feedback(self.now, &std::mem::take(&mut self.untold));
            }
            if step % 100 == 0 {
                estimator.update(self.now, most);
                estimates.push(estimator.bits_per_second().unwrap_or(START));
            }
        }
        estimates
    }

    fn send(&mut self, estimator: &mut Estimator) {
        let bits = BYTES as f64 * 8.0;
        self.debt -= bits;
        self.sent += 1;
        estimator.handle_sent(self.now, self.number, BYTES);
        let begins = self.free_at.max(self.elapsed);
        let is_full = begins - self.elapsed > 0.3;
        let is_lost = is_full || self.lost_each.is_some_and(|each| self.sent.is_multiple_of(each));
        if !is_full {
            self.free_at = begins + bits / self.bits_per_second;
        }
        let arrived = (!is_lost).then_some((self.free_at * 1e6) as i64 + 20_000);
        self.untold.push((self.number, arrived));
        self.number = self.number.wrapping_add(1);
    }
}

#[test]
fn a_wide_way_is_found_within_seconds() {
    let (mut way, mut estimator) = (Way::new(50e6), Estimator::new());
    let estimates = way.run(&mut estimator, 8, 5e6);
    assert!(estimates.iter().any(|rate| *rate >= 5e6), "{estimates:?}");
    assert!(!estimator.is_limited());
}

#[test]
fn a_narrow_way_is_not_jammed_for_long_and_not_left_unused() {
    for capacity in [300e3, 600e3, 2e6] {
        let (mut way, mut estimator) = (Way::new(capacity), Estimator::new());
        way.run(&mut estimator, 10, 5e6);
        let estimates = way.run(&mut estimator, 60, 5e6);
        let mean = estimates.iter().sum::<f64>() / estimates.len() as f64;
        assert!((0.5..1.15).contains(&(mean / capacity)), "{capacity} {estimates:?}");
        assert!(estimator.is_limited());
    }
}

#[test]
fn a_way_that_narrows_and_widens_is_followed() {
    let (mut way, mut estimator) = (Way::new(5e6), Estimator::new());
    way.run(&mut estimator, 10, 3e6);
    way.bits_per_second = 400e3;
    let estimates = way.run(&mut estimator, 4, 3e6);
    assert!(estimates.last().is_some_and(|rate| *rate < 500e3), "{estimates:?}");
    way.bits_per_second = 5e6;
    let estimates = way.run(&mut estimator, 60, 3e6);
    assert!(estimates.last().is_some_and(|rate| *rate > 2.5e6), "{estimates:?}");
}

#[test]
fn losses_that_have_nothing_to_do_with_the_rate_are_borne() {
    for each in [50, 10, 3] {
        let (mut way, mut estimator) = (Way::new(50e6), Estimator::new());
        way.lost_each = Some(each);
        let estimates = way.run(&mut estimator, 20, 2e6);
        assert!(estimates.last().is_some_and(|rate| *rate > 600e3), "{each} {estimates:?}");
    }
}

#[test]
fn silence_lowers_the_estimate_and_receivers_that_say_nothing_have_none() {
    let (mut way, mut estimator) = (Way::new(5e6), Estimator::new());
    way.run(&mut estimator, 3, 2e6);
    let before = estimator.bits_per_second().unwrap();
    for second in 0..4 {
        let now = way.now + Duration::from_secs(second);
        estimator.handle_sent(now, way.number.wrapping_add(second as u16), BYTES);
        estimator.update(now, 2e6);
    }
    assert!(estimator.bits_per_second().unwrap() < before * 0.75);

    let mut estimator = Estimator::new();
    estimator.handle_sent(way.now, 1, BYTES);
    estimator.update(way.now + Duration::from_secs(2), 2e6);
    assert_eq!(estimator.bits_per_second(), Some(START));
    estimator.update(way.now + Duration::from_secs(3), 2e6);
    assert_eq!(estimator.bits_per_second(), None);
}

#[test]
fn what_nobody_sent_and_what_is_told_twice_counts_nothing() {
    let now = crate::test_start();
    let mut estimator = Estimator::new();
    estimator.handle_sent(now, 7, BYTES);
    let told = [(7, Some(1)), (8, Some(2)), (6, None)];
    for _ in 0..100 {
        estimator.handle_feedback(now, &told);
    }
    let delivered = estimator.history.delivered(now);
    assert_eq!((delivered.bits_per_second, delivered.loss), (16_000.0, None));
}

proptest::proptest! {
    #[test]
    fn whatever_a_receiver_tells_the_estimate_stays_within_bounds(
        steps in proptest::collection::vec(proptest::array::uniform8(proptest::num::u8::ANY), 0..400),
    ) {
        let mut told = told::Told::new(crate::test_start());
        for step in steps {
            told.step(&step);
        }
    }

    #[test]
    fn whatever_feedback_says_is_borne(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600),
    ) {
        let mut compound = vec![0x8f, 205, 0, 149];
        compound.extend(bytes);
        told::Told::new(crate::test_start()).hear(&compound);
    }
}

/// A receiver that reports losses, but tells nothing of single packets.
fn report(estimator: &mut Estimator, seconds: std::ops::Range<u32>, bytes: usize, lost: u8) {
    for tenth in seconds.start * 10..seconds.end * 10 {
        let now = crate::test_start() + Duration::from_millis(100) * tenth;
        estimator.handle_sent(now, tenth as u16, bytes);
        if tenth % 10 == 9 {
            estimator.handle_report(now, lost, Some(Duration::from_millis(80)));
            estimator.update(now, 2e6);
        }
    }
}

#[test]
fn where_only_losses_are_reported_heavy_ones_count_and_others_do_not() {
    let mut estimator = Estimator::new();
    // A Mbit/s.
    report(&mut estimator, 0..6, 12_500, 10);
    assert_eq!((estimator.bits_per_second(), estimator.is_limited()), (None, false));
    report(&mut estimator, 6..10, 12_500, 64);
    let limited = estimator.bits_per_second().unwrap();
    assert!((500e3..900e3).contains(&limited), "{limited}");
    assert!(estimator.is_limited());
    report(&mut estimator, 10..40, 8_000, 0);
    assert_eq!(estimator.bits_per_second(), None);
}

#[test]
fn packets_lose_their_pace_while_a_queue_drains() {
    let (mut way, mut estimator) = (Way::new(5e6), Estimator::new());
    way.run(&mut estimator, 5, 3e6);
    let pace = |estimator: &Estimator, now| {
        estimator.pace(now).unwrap() / estimator.bits_per_second().unwrap()
    };
    assert!((pace(&estimator, way.now) - PACE).abs() < 0.01);
    way.bits_per_second = 400e3;
    way.run(&mut estimator, 1, 3e6);
    assert!((pace(&estimator, way.now) - PACE_IN_JAM).abs() < 0.01);
}
