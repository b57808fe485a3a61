//! Whether a queue grows on the way, from when packets were sent and arrived.
//!
//! After Google Congestion Control (Carlucci, De Cicco, Holmer, Mascolo 2017,
//! and draft-ietf-rmcat-gcc-02, 5): packets sent together form a group; what
//! the gap between two groups grew by on the way is a sample of the change of
//! delay; a line through the smoothed samples shows whether delay rises, and a
//! threshold that adapts keeps other flows from starving this one.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Packets sent within this time are one group.
const BURST: Duration = Duration::from_millis(5);
/// How many samples the line goes through. More is steadier, fewer is faster.
const SAMPLES: usize = 20;
/// How much of the smoothed delay a new sample leaves as it was.
const SMOOTHING: f64 = 0.9;
/// By how much the slope is amplified, for each sample up to so many.
const GAIN: f64 = 4.0;
const GAIN_SAMPLES: f64 = 60.0;
/// The threshold at first, its bounds, and how fast it follows up and down.
const THRESHOLD_MS: f64 = 12.5;
const LEAST_THRESHOLD_MS: f64 = 6.0;
const MOST_THRESHOLD_MS: f64 = 600.0;
const FOLLOW_UP: f64 = 0.0087;
const FOLLOW_DOWN: f64 = 0.039;
/// Beyond the threshold by more than this, it does not follow: a burst.
const OUTLIER_MS: f64 = 15.0;
/// How long delay must rise beyond the threshold.
const LEAST_OVERUSE_MS: f64 = 10.0;
/// A gap after which what came before says nothing any more.
const STALE: Duration = Duration::from_secs(3);

/// No queue grows by this between two groups: the receiver's clock jumped.
const IMPOSSIBLE_MS: f64 = 10_000.0;

/// What the way is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Usage {
    /// The delay stays.
    #[default]
    Normal,
    /// It falls: a queue empties.
    Under,
    /// It rises: more is sent than passes.
    Over,
}

/// Packets that were sent together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: Instant,
    last_sent: Instant,
    last_arrived_us: i64,
}

/// The trend of delay on one way.
#[derive(Debug)]
pub(crate) struct Trend {
    previous: Option<Group>,
    current: Option<Group>,
    began_us: i64,
    delay_ms: f64,
    smoothed_ms: f64,
    /// When a group arrived, and the smoothed delay then; in milliseconds.
    samples: VecDeque<(f64, f64)>,
    groups: f64,
    slope: f64,
    threshold_ms: f64,
    over_ms: f64,
    usage: Usage,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            previous: None,
            current: None,
            began_us: 0,
            delay_ms: 0.0,
            smoothed_ms: 0.0,
            samples: VecDeque::new(),
            groups: 0.0,
            slope: 0.0,
            threshold_ms: THRESHOLD_MS,
            over_ms: 0.0,
            usage: Usage::Normal,
        }
    }
}

impl Trend {
    /// A packet that arrived, in order of sending. One that is told of late says
    /// nothing any more.
    pub(crate) fn note(&mut self, sent: Instant, arrived_us: i64) {
        let Some(group) = &mut self.current else {
            self.begin(sent, arrived_us);
            return;
        };
        if sent < group.first_sent {
            return;
        }
        let since_last = sent.saturating_duration_since(group.last_sent);
        if since_last > STALE {
            let threshold_ms = self.threshold_ms;
            *self = Self { threshold_ms, ..Self::default() };
            self.begin(sent, arrived_us);
            return;
        }
        if sent.saturating_duration_since(group.first_sent) <= BURST {
            group.last_sent = group.last_sent.max(sent);
            group.last_arrived_us = group.last_arrived_us.max(arrived_us);
            return;
        }
        let done = *group;
        if let Some(previous) = self.previous.replace(done) {
            self.sample(previous, done);
        }
        self.begin(sent, arrived_us);
    }

    /// What it looks like.
    pub(crate) fn usage(&self) -> Usage {
        self.usage
    }

    fn begin(&mut self, sent: Instant, arrived_us: i64) {
        if self.previous.is_none() && self.current.is_none() {
            self.began_us = arrived_us;
        }
        let group = Group { first_sent: sent, last_sent: sent, last_arrived_us: arrived_us };
        self.current = Some(group);
    }

    fn sample(&mut self, before: Group, after: Group) {
        let sent_ms =
            after.last_sent.saturating_duration_since(before.last_sent).as_secs_f64() * 1e3;
        let arrived_ms = after.last_arrived_us.saturating_sub(before.last_arrived_us) as f64 / 1e3;
        if (arrived_ms - sent_ms).abs() > IMPOSSIBLE_MS {
            *self = Self { current: self.current, ..Self::default() };
            return;
        }
        self.groups += 1.0;
        self.delay_ms += arrived_ms - sent_ms;
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * self.delay_ms;
        let at_ms = after.last_arrived_us.saturating_sub(self.began_us) as f64 / 1e3;
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back((at_ms, self.smoothed_ms));
        let slope = if self.samples.len() == SAMPLES { slope(&self.samples) } else { None };
        self.judge(slope.unwrap_or(self.slope), sent_ms);
    }

    fn judge(&mut self, slope: f64, sent_ms: f64) {
        let strength_ms = self.groups.min(GAIN_SAMPLES) * slope * GAIN;
        if strength_ms > self.threshold_ms {
            self.over_ms += sent_ms;
            // A delay that falls again is no growing queue.
            if self.over_ms > LEAST_OVERUSE_MS && slope >= self.slope {
                self.usage = Usage::Over;
            }
        } else {
            self.over_ms = 0.0;
            let is_falling = strength_ms < -self.threshold_ms;
            self.usage = if is_falling { Usage::Under } else { Usage::Normal };
        }
        self.slope = slope;
        self.adapt(strength_ms.abs(), sent_ms);
    }

    fn adapt(&mut self, strength_ms: f64, elapsed_ms: f64) {
        if strength_ms > self.threshold_ms + OUTLIER_MS {
            return;
        }
        let pace = if strength_ms < self.threshold_ms { FOLLOW_DOWN } else { FOLLOW_UP };
        let change = pace * (strength_ms - self.threshold_ms) * elapsed_ms.min(100.0);
        let adapted = self.threshold_ms + change;
        self.threshold_ms = adapted.clamp(LEAST_THRESHOLD_MS, MOST_THRESHOLD_MS);
    }
}

/// The slope of the line through the samples by least squares. `None`: they
/// are all of one moment.
fn slope(samples: &VecDeque<(f64, f64)>) -> Option<f64> {
    let count = samples.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (mean_at, mean_delay) = (mean(|it| it.0), mean(|it| it.1));
    let (over, under) = samples.iter().fold((0.0, 0.0), |(over, under), (at, delay)| {
        (over + (at - mean_at) * (delay - mean_delay), under + (at - mean_at).powi(2))
    });
    (under > 0.0).then(|| over / under)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame each 33 ms; each comes so much later than the one before.
    fn play(trend: &mut Trend, frames: u64, first: u64, later_us: i64) -> Vec<Usage> {
        let start = crate::test_start();
        let mut delay = 20_000;
        (first..first + frames)
            .map(|frame| {
                let sent = Duration::from_millis(frame * 33);
                delay += later_us;
                for packet in 0..4 {
                    let arrived = i64::try_from(sent.as_micros()).unwrap() + delay + packet * 100;
                    trend.note(start + sent, arrived);
                }
                trend.usage()
            })
            .collect()
    }

    #[test]
    fn a_delay_that_stays_is_normal_and_one_that_rises_is_overuse() {
        let mut trend = Trend::default();
        assert!(play(&mut trend, 60, 0, 0).iter().all(|usage| *usage == Usage::Normal));
        let usages = play(&mut trend, 30, 60, 10_000);
        let at = usages.iter().position(|usage| *usage == Usage::Over);
        assert!(at.is_some_and(|frames| frames < 15), "{usages:?}");
        let usages = play(&mut trend, 40, 90, -10_000);
        assert!(usages.contains(&Usage::Under), "{usages:?}");
    }

    #[test]
    fn jitter_is_no_overuse() {
        let mut trend = Trend::default();
        for frame in 0..300_u64 {
            let sent = Duration::from_millis(frame * 33);
            // 0 to 12 ms, in an order of its own.
            let jitter = i64::try_from(frame * 7919 % 13).unwrap() * 1000;
            let arrived = i64::try_from(sent.as_micros()).unwrap() + jitter;
            trend.note(crate::test_start() + sent, arrived);
            assert_ne!(trend.usage(), Usage::Over, "frame {frame}");
        }
    }
}
