//! How much passes to a receiver, by what it says of the packets it got.
//!
//! After Google Congestion Control: the estimate grows while the delay on the
//! way does not, falls below what arrived when it does, and falls when packets
//! are lost. Two things differ, because a room forwards what others encode. It
//! cannot send a little more to try whether more passes, only the next layer:
//! so where an estimate does not suffice for what is wished, it is raised on
//! trial, ever more rarely while trials fail. And it cannot lower what the
//! smallest layer needs: so losses that stay the same when less is sent are
//! taken for the nature of the way, not for congestion.

pub(crate) mod feedback;
mod history;
mod trend;

use std::time::{Duration, Instant};

use feedback::Arrival;
use history::{Delivered, History};
use trend::{Trend, Usage};

/// What is assumed before anything is known, in bits per second. More shows
/// larger pictures at once; less spares slow ways a first jam.
const START: f64 = 800_000.0;
/// Bounds: below, nothing useful passes; above, no call needs it.
const LEAST: f64 = 30_000.0;
const MOST: f64 = 100_000_000.0;
/// What is left of what arrived when a queue grows.
const BACK_OFF: f64 = 0.85;
/// No jam lowers the estimate further at once.
const DEEPEST_BACK_OFF: f64 = 0.5;
/// Growth each second while nothing speaks against it, and near what jammed last.
const GROWTH: f64 = 1.08;
const CAREFUL_GROWTH: f64 = 1.02;
/// The estimate grows no further than this above what arrives.
const BEYOND_ARRIVED: f64 = 1.5;
/// Losses beyond the way's own that count as congestion.
const LOSS: f64 = 0.1;
/// How long a lower estimate must have acted before losses are judged again.
const LOSS_PAUSE: Duration = Duration::from_secs(2);
/// How long they must last.
const LOSS_LASTS: Duration = Duration::from_secs(1);
/// Losses that fell less than to this part have nothing to do with the rate.
const LOSS_STAYS: f64 = 0.6;
/// How fast a way that loses less is believed to.
const LOSS_FADES: f64 = 0.1;
/// The least and most time between two trials, and how much more is tried.
const FIRST_TRIAL: Duration = Duration::from_secs(1);
const TRIAL_AFTER_JAM: Duration = Duration::from_secs(4);
const MOST_TRIAL_PAUSE: Duration = Duration::from_secs(60);
const TRIAL: f64 = 2.0;
/// A jam this soon after a trial is the trial's doing.
const TRIAL_ENDS: Duration = Duration::from_secs(5);
/// Feedback that stays out for this long, though packets are sent, shows a jam.
const SILENCE: Duration = Duration::from_millis(1500);
/// Receivers that send none at all for this long do not send any.
const DEAF: Duration = Duration::from_secs(3);
/// What is left of the estimate in a jam of that kind.
const SILENCE_BACK_OFF: f64 = 0.7;

/// The estimate for one receiver.
#[derive(Debug)]
pub(crate) struct Estimator {
    history: History,
    trend: Trend,
    rate: f64,
    /// When the receiver sent feedback last; before it did, when something was
    /// sent first.
    heard_at: Option<Instant>,
    /// Whether it never did, and must have if it could.
    is_deaf: bool,
    is_heard: bool,
    grown_at: Option<Instant>,
    /// What arrived when it jammed last.
    ceiling: Option<f64>,
    losses: Losses,
    trials: Trials,
}

/// What is known of losses.
#[derive(Debug, Default)]
struct Losses {
    /// The way's own.
    natural: f64,
    /// Since when there are more than that.
    since: Option<Instant>,
    /// When the estimate was lowered for their sake, from what, at which loss.
    lowered: Option<(Instant, f64, f64)>,
}

/// Raising the estimate to see what happens.
#[derive(Debug)]
struct Trials {
    pause: Duration,
    not_before: Option<Instant>,
    began_at: Option<Instant>,
}

impl Estimator {
    pub(crate) fn new() -> Self {
        Self {
            history: History::default(),
            trend: Trend::default(),
            rate: START,
            heard_at: None,
            is_deaf: false,
            is_heard: false,
            grown_at: None,
            ceiling: None,
            losses: Losses::default(),
            trials: Trials { pause: FIRST_TRIAL, not_before: None, began_at: None },
        }
    }

    /// A packet with this number was sent.
    pub(crate) fn handle_sent(&mut self, now: Instant, number: u16, bytes: usize) {
        self.heard_at.get_or_insert(now);
        self.history.handle_sent(now, number, bytes);
    }

    /// The receiver told of some.
    pub(crate) fn handle_feedback(&mut self, now: Instant, arrivals: &[Arrival]) {
        self.is_heard = true;
        self.is_deaf = false;
        self.heard_at = Some(now);
        let trend = &mut self.trend;
        let mut usage = Usage::Normal;
        self.history.handle_feedback(now, arrivals, |sent, arrived_us| {
            trend.note(sent, arrived_us);
            if trend.usage() != Usage::Normal {
                usage = trend.usage();
            }
        });
        let delivered = self.history.delivered(now);
        match usage {
            Usage::Over => self.back_off(now, delivered),
            Usage::Under => self.grown_at = Some(now),
            Usage::Normal => self.grow(now, delivered),
        }
        self.judge_losses(now, delivered);
        self.rate = self.rate.clamp(LEAST, MOST);
    }

    /// How much passes. `None`: the receiver does not say.
    pub(crate) fn bits_per_second(&self) -> Option<f64> {
        (!self.is_deaf).then_some(self.rate)
    }

    /// Whether it ever jammed: until then nothing is known of a limit.
    pub(crate) fn is_limited(&self) -> bool {
        self.ceiling.is_some()
    }

    /// Time has passed, and this much is wished for in all. `true`: the
    /// estimate was raised, to try it.
    pub(crate) fn update(&mut self, now: Instant, wished: f64) -> bool {
        let waited = self.heard_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        if !self.is_heard {
            self.is_deaf = waited >= DEAF;
            return false;
        }
        self.judge_silence(now);
        let is_over = |at: Instant| now.saturating_duration_since(at) >= TRIAL_ENDS;
        if self.trials.began_at.is_some_and(is_over) {
            self.trials.began_at = None;
            self.trials.pause = FIRST_TRIAL;
        }
        let not_before = *self.trials.not_before.get_or_insert(now + self.trials.pause);
        if self.rate >= wished || now < not_before || self.trend.usage() == Usage::Over {
            return false;
        }
        self.rate = (self.rate * TRIAL).min(wished).min(MOST);
        self.trials.began_at = Some(now);
        self.trials.not_before = Some(now + self.trials.pause);
        true
    }

    fn grow(&mut self, now: Instant, delivered: Delivered) {
        let elapsed = self
            .grown_at
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64().min(1.0));
        self.grown_at = Some(now);
        let is_near = self.ceiling.is_some_and(|at| (0.8..1.1).contains(&(self.rate / at)));
        let growth: f64 = if is_near { CAREFUL_GROWTH } else { GROWTH };
        let most = delivered.bits_per_second * BEYOND_ARRIVED + 10_000.0;
        let grown = self.rate * growth.powf(elapsed);
        // What was learned by trial is not taken back for want of traffic.
        self.rate = self.rate.max(grown.min(most));
        if self.ceiling.is_none() {
            // Until something jams, what arrives passes.
            self.rate = self.rate.max(delivered.bits_per_second);
        }
    }

    fn back_off(&mut self, now: Instant, delivered: Delivered) {
        self.grown_at = Some(now);
        let arrived = delivered.bits_per_second;
        if !delivered.is_settled {
            return;
        }
        self.ceiling = Some(arrived);
        if arrived * BACK_OFF < self.rate {
            self.rate = (arrived * BACK_OFF).max(self.rate * DEEPEST_BACK_OFF);
        }
        self.fail_trial(now);
    }

    /// It jammed: the next trial is not soon.
    fn fail_trial(&mut self, now: Instant) {
        let pause = self.trials.pause;
        if self.trials.began_at.take().is_some() {
            self.trials.pause = (pause * 2).clamp(TRIAL_AFTER_JAM, MOST_TRIAL_PAUSE);
        } else {
            self.trials.pause = pause.max(TRIAL_AFTER_JAM);
        }
        self.trials.not_before = Some(now + self.trials.pause);
    }

    fn judge_losses(&mut self, now: Instant, delivered: Delivered) {
        let Some(loss) = delivered.loss else {
            return;
        };
        let losses = &mut self.losses;
        losses.natural += (loss - losses.natural).min(0.0) * LOSS_FADES;
        if let Some((at, rate, before)) = losses.lowered {
            if now.saturating_duration_since(at) < LOSS_PAUSE {
                return;
            }
            losses.lowered = None;
            if loss > before * LOSS_STAYS {
                losses.natural = loss;
                self.rate = self.rate.max(rate);
                return;
            }
            // Less was lost because less was sent: that was congestion.
            self.ceiling = Some(delivered.bits_per_second);
        }
        if loss - losses.natural <= LOSS {
            losses.since = None;
            return;
        }
        let since = *losses.since.get_or_insert(now);
        if now.saturating_duration_since(since) >= LOSS_LASTS {
            losses.lowered = Some((now, self.rate, loss));
            self.rate = self.rate.min(delivered.bits_per_second * BACK_OFF);
            self.fail_trial(now);
        }
    }

    fn judge_silence(&mut self, now: Instant) {
        let heard_at = *self.heard_at.get_or_insert(now);
        let is_silent = now.saturating_duration_since(heard_at) >= SILENCE;
        if is_silent && self.history.is_awaiting(heard_at) {
            self.heard_at = Some(now);
            self.rate = (self.rate * SILENCE_BACK_OFF).max(LEAST);
            self.ceiling.get_or_insert(self.rate);
            self.fail_trial(now);
        }
    }
}

#[cfg(test)]
mod tests;
