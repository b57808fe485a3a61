//! How much passes to a receiver, by what it says of the packets it got.
//!
//! After Google Congestion Control (draft-ietf-rmcat-gcc-02; Carlucci, De Cicco,
//! Holmer, Mascolo 2017): the estimate grows while the delay on the way does
//! not, falls below what arrived when it does, and falls when packets are lost.
//! Three things differ, because a room forwards what others encode. Most of the
//! time it sends less than passes, in large pictures now and then: so what
//! passes is read from packets that had to wait ([`queueing`]), not from what
//! was sent on average. It cannot send a little more to try whether more passes,
//! only the next layer: so it sends [`probing`] packets, or where it cannot,
//! raises the estimate on trial ([`trials`]). And it cannot lower what the
//! smallest layer needs: so [`losses`] that stay the same when less is sent are
//! taken for the nature of the way, not for congestion.
//!
//! The estimate is of everything that is sent, sound included.

pub(crate) mod feedback;
mod history;
mod losses;
mod meter;
mod probing;
mod queueing;
mod reports;
mod rivals;
#[cfg(any(test, fuzzing))]
pub(crate) mod told;
mod trend;
mod trials;

use std::time::{Duration, Instant};

use crate::pace::Probe;
use feedback::Arrival;
use history::{Delivered, History};
use losses::{Losses, Verdict};
use meter::Meter;
use probing::Prober;
use queueing::{Queue, Queueing};
use reports::Reports;
use rivals::Rivals;
use trend::{Trend, Usage};
use trials::Trials;

/// What is assumed before anything is known, in bits per second. More shows
/// larger pictures at once; less spares slow ways a first jam.
const START: f64 = 800_000.0;
/// Bounds: below, nothing useful passes; above, no call needs it.
const LEAST: f64 = 30_000.0;
const MOST: f64 = 100_000_000.0;
/// What is left of what passes when a queue grows. More uses a way better, less
/// empties the queue sooner.
const BACK_OFF: f64 = 0.85;
/// The same while the queue is short, and what passes is known well.
const SLIGHT_BACK_OFF: f64 = 0.93;
const SHORT: Duration = Duration::from_millis(60);
/// No jam lowers the estimate further at once if it is known only what was sent.
const DEEPEST_BACK_OFF: f64 = 0.5;
/// How long a lower estimate takes to shorten a queue, before it is lowered for
/// the same queue again. Longer lets a queue stand; shorter gives too much away.
const ACTS_WITHIN: Duration = Duration::from_millis(400);
/// The longest round trip that is believed.
const MOST_ROUND_TRIP: Duration = Duration::from_secs(2);
/// A delay that rises without any packets that wait is a queue from here on.
const QUEUE: Duration = Duration::from_millis(25);
/// How much faster than the estimate packets leave. More shortens the delay of
/// large pictures; less fills shorter queues.
const PACE: f64 = 2.5;
/// The same for so long after a jam. From about 1 on what waits on the way stays
/// there, for repairs of what was lost keep it full, and sound is lost in it for
/// seconds; less than this holds pictures back that would pass.
const PACE_IN_JAM: f64 = 0.9;
const DRAINS_FOR: Duration = Duration::from_millis(1000);
/// How often the estimate is lowered because a queue stands that does not grow.
/// More empties long queues; where they are others', it gives more away.
const MOST_DRAINS: u32 = 2;
/// Growth each second while nothing speaks against it, and near what jammed last.
const GROWTH: f64 = 1.08;
const CAREFUL_GROWTH: f64 = 1.02;
/// The estimate grows no further than this above what arrives.
const BEYOND_ARRIVED: f64 = 1.5;
/// What arrives beyond a former jam by this shows that the way changed.
const BEYOND_CEILING: f64 = 1.1;
/// No growth and no probes while packets wait this long for others.
const STANDING: Duration = Duration::from_millis(100);
/// Feedback that stays out for this long, though packets are sent, shows a jam.
const SILENCE: Duration = Duration::from_millis(1500);
/// After so long without any nothing is known of queues on the way.
const OLD: Duration = Duration::from_secs(2);
/// Receivers that send none at all for this long do not send any.
const DEAF: Duration = Duration::from_secs(3);
/// What is left of the estimate in a jam of that kind.
const SILENCE_BACK_OFF: f64 = 0.7;

/// The estimate for one receiver.
#[derive(Debug)]
pub(crate) struct Estimator {
    history: History,
    trend: Trend,
    queueing: Queueing,
    /// What it said when the receiver told something last.
    queue: Queue,
    rate: f64,
    sent: Meter,
    audio: Meter,
    /// When the receiver sent feedback last; before it did, when something was
    /// sent first.
    heard_at: Option<Instant>,
    /// Whether it never did, and must have if it could.
    is_deaf: bool,
    is_heard: bool,
    grown_at: Option<Instant>,
    /// What passed when it jammed last.
    ceiling: Option<f64>,
    losses: Losses,
    trials: Trials,
    prober: Prober,
    reports: Reports,
    rivals: Rivals,
    backed_off_at: Option<Instant>,
    jammed_at: Option<Instant>,
    round_trip: Duration,
    /// How often the estimate was lowered for a queue that only stands.
    drains: u32,
}

impl Estimator {
    pub(crate) fn new() -> Self {
        Self {
            history: History::default(),
            trend: Trend::default(),
            queueing: Queueing::default(),
            queue: Queue::default(),
            rate: START,
            sent: Meter::default(),
            audio: Meter::default(),
            heard_at: None,
            is_deaf: false,
            is_heard: false,
            grown_at: None,
            ceiling: None,
            losses: Losses::default(),
            trials: Trials::default(),
            prober: Prober::default(),
            reports: Reports::default(),
            rivals: Rivals::default(),
            backed_off_at: None,
            jammed_at: None,
            round_trip: Duration::ZERO,
            drains: 0,
        }
    }

    /// A packet with this number was sent: of a picture, a repair, or padding.
    /// While a probe of [`Self::next_probe`] runs, it counts to that.
    pub(crate) fn handle_sent(&mut self, now: Instant, number: u16, bytes: usize) {
        self.heard_at.get_or_insert(now);
        self.sent.add(now, bytes);
        self.history.handle_sent(now, number, bytes);
        self.prober.handle_sent(now, number, bytes);
    }

    /// Sound was sent, which has no number.
    pub(crate) fn handle_audio(&mut self, now: Instant, bytes: usize) {
        self.audio.add(now, bytes);
    }

    /// The receiver told of some.
    pub(crate) fn handle_feedback(&mut self, now: Instant, arrivals: &[Arrival]) {
        self.is_heard = true;
        self.is_deaf = false;
        self.heard_at = Some(now);
        let usage = self.note_arrivals(now, arrivals);
        let mut delivered = self.history.delivered(now);
        delivered.bits_per_second += self.audio.rate(now);
        self.queue = self.queueing.queue(usage == Usage::Normal);
        let sent = self.sent.rate(now);
        self.rivals.judge(now, self.queue.standing, sent);
        match usage {
            Usage::Over | Usage::Under if self.rivals.are_there() => self.grow(now, delivered),
            Usage::Over => self.back_off(now, delivered),
            Usage::Normal if self.is_to_drain(now) => self.back_off(now, delivered),
            Usage::Under => self.grown_at = Some(now),
            Usage::Normal => self.grow(now, delivered),
        }
        self.judge_losses(now, delivered);
        self.take_probe(now);
        self.rate = self.rate.clamp(LEAST, MOST);
    }

    /// The receiver reported which part of a stream was lost, in 256ths, and
    /// how long a round trip takes. Losses count for receivers without feedback.
    pub(crate) fn handle_report(
        &mut self,
        now: Instant,
        fraction_lost: u8,
        round_trip: Option<Duration>,
    ) {
        self.round_trip = round_trip.unwrap_or(self.round_trip).min(MOST_ROUND_TRIP);
        if !self.is_heard {
            let sent = self.sent.rate(now) + self.audio.rate(now);
            self.reports.handle(now, f64::from(fraction_lost) / 256.0, sent, LEAST);
        }
    }

    /// Whether probes can be sent: there is a stream to send padding on. Where
    /// they can, the estimate is not raised on trial.
    pub(crate) fn allow_probes(&mut self, is_allowed: bool) {
        self.prober.is_allowed = is_allowed;
    }

    /// The next probe, if it is time for one. What is sent from now on counts
    /// to it, until it is whole.
    pub(crate) fn next_probe(&mut self, now: Instant) -> Option<Probe> {
        // What was seen of a way to which nothing was sent since is no more so.
        let is_old = self.heard_at.is_some_and(|at| now.saturating_duration_since(at) >= OLD);
        let is_free = self.trend.usage() != Usage::Over
            && !self.losses.is_jammed()
            && self.queue.standing < STANDING;
        let is_calm = self.is_heard && (is_free || is_old);
        if is_calm { self.prober.next(now, self.rate) } else { None }
    }

    /// Whether packets of a probe are still to be sent.
    pub(crate) fn is_probing(&self) -> bool {
        self.prober.is_sending()
    }

    /// How much passes. `None`: the receiver does not say.
    pub(crate) fn bits_per_second(&self) -> Option<f64> {
        if self.is_deaf { self.reports.bits_per_second() } else { Some(self.rate) }
    }

    /// How fast packets are to leave, in bits per second: faster than the
    /// estimate, so that large pictures are not late, or slower while a queue on
    /// the way is to become shorter. `None`: nobody knows of a limit.
    pub(crate) fn pace(&self, now: Instant) -> Option<f64> {
        let is_soon = |at: Instant| now.saturating_duration_since(at) < DRAINS_FOR;
        let is_draining = self.jammed_at.is_some_and(is_soon) || self.queue.standing > SHORT;
        let factor = if is_draining { PACE_IN_JAM } else { PACE };
        Some(self.bits_per_second()? * factor)
    }

    /// What of it goes to sound, in bits per second.
    pub(crate) fn audio_bits_per_second(&mut self, now: Instant) -> f64 {
        self.audio.rate(now)
    }

    /// Whether it ever jammed: until then nothing is known of a limit.
    pub(crate) fn is_limited(&self) -> bool {
        self.ceiling.is_some() || self.is_deaf && self.reports.bits_per_second().is_some()
    }

    /// Time has passed, and this much is wished for in all. `true`: the
    /// estimate was raised, to try it.
    pub(crate) fn update(&mut self, now: Instant, wished: f64) -> bool {
        let waited = self.heard_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.prober.want(now, wished, self.rate);
        if !self.is_heard {
            self.is_deaf = waited >= DEAF;
            self.reports.want(wished);
            return false;
        }
        self.judge_silence(now);
        if self.prober.is_allowed || self.trend.usage() == Usage::Over {
            return false;
        }
        let Some(tried) = self.trials.next(now, self.rate, wished) else {
            return false;
        };
        self.rate = tried.clamp(LEAST, MOST);
        true
    }

    /// Takes what was told; what the way was used for.
    fn note_arrivals(&mut self, now: Instant, arrivals: &[Arrival]) -> Usage {
        let Self { history, trend, queueing, prober, .. } = self;
        for (number, at_us) in arrivals {
            prober.handle_told(*number, *at_us);
        }
        let mut usage = Usage::Normal;
        history.handle_feedback(now, arrivals, |arrived| {
            queueing.note(arrived.sent_at, arrived.at_us, arrived.bytes);
            trend.note(arrived.sent_at, arrived.at_us);
            if trend.usage() != Usage::Normal {
                usage = trend.usage();
            }
        });
        usage
    }

    fn grow(&mut self, now: Instant, delivered: Delivered) {
        let elapsed = self
            .grown_at
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64().min(1.0));
        self.grown_at = Some(now);
        if self.queue.standing > STANDING && !self.rivals.are_there() {
            return;
        }
        let arrived = delivered.bits_per_second;
        let is_near = self.ceiling.is_some_and(|at| (0.8..1.1).contains(&(self.rate / at)));
        let growth: f64 = if is_near { CAREFUL_GROWTH } else { GROWTH };
        let most = arrived * BEYOND_ARRIVED + 10_000.0;
        let grown = self.rate * growth.powf(elapsed);
        // What was learned by trial is not taken back for want of traffic.
        self.rate = self.rate.max(grown.min(most));
        if self.ceiling.is_none_or(|ceiling| arrived > ceiling * BEYOND_CEILING) {
            // Until something jams, what arrives passes.
            self.rate = self.rate.max(arrived);
        }
    }

    /// Whether a queue stands, though the estimate was lowered for it.
    fn is_to_drain(&mut self, now: Instant) -> bool {
        let standing = self.queue.standing;
        if standing < SHORT {
            self.drains = 0;
        }
        let is_long_ago = |at: Instant| now.saturating_duration_since(at) >= DRAINS_FOR;
        let is_to_drain = standing > STANDING
            && self.drains < MOST_DRAINS
            && self.backed_off_at.is_none_or(is_long_ago);
        self.drains += u32::from(is_to_drain);
        is_to_drain
    }

    fn back_off(&mut self, now: Instant, delivered: Delivered) {
        self.grown_at = Some(now);
        let acts_within = ACTS_WITHIN.max(self.round_trip * 2);
        let is_soon = |at: Instant| now.saturating_duration_since(at) < acts_within;
        if self.backed_off_at.is_some_and(is_soon) || !self.queue.is_waiting {
            return;
        }
        let served = self.queueing.served().map(|served| served + self.audio.rate(now));
        let standing = self.queue.standing;
        let (passes, left, deepest) = match served {
            Some(served) if standing < SHORT => (served, SLIGHT_BACK_OFF, LEAST),
            Some(served) => (served, BACK_OFF, LEAST),
            None if delivered.is_settled && standing > QUEUE => {
                (delivered.bits_per_second, BACK_OFF, self.rate * DEEPEST_BACK_OFF)
            }
            None => return,
        };
        let left = (passes * left).max(deepest);
        if left >= self.rate {
            // A large picture waited for itself.
            return;
        }
        self.ceiling = Some(passes);
        self.rate = left;
        self.rivals.handle_jam(passes);
        self.backed_off_at = Some(now);
        self.fail(now, passes);
    }

    /// It jammed where this much passes: more is not tried soon.
    fn fail(&mut self, now: Instant, passes: f64) {
        self.jammed_at = Some(now);
        self.trials.fail(now);
        self.prober.handle_jam(now, passes);
    }

    fn take_probe(&mut self, now: Instant) {
        let audio = self.audio.rate(now);
        let natural = self.losses.natural();
        if let Some(found) = self.prober.take_result(now, self.rate - audio, natural) {
            self.rate = self.rate.max(found + audio);
        }
    }

    fn judge_losses(&mut self, now: Instant, delivered: Delivered) {
        let sent = self.sent.rate(now);
        match self.losses.judge(now, delivered, self.history.totals(), sent, self.rate) {
            Verdict::Fine => {}
            Verdict::AtMost(most) => {
                self.rate = self.rate.min(most);
                self.fail(now, delivered.bits_per_second);
            }
            Verdict::Natural(before) => self.rate = self.rate.max(before),
            // Less was lost because less was sent.
            Verdict::Congestion => self.ceiling = Some(delivered.bits_per_second),
        }
    }

    fn judge_silence(&mut self, now: Instant) {
        let heard_at = *self.heard_at.get_or_insert(now);
        let is_silent = now.saturating_duration_since(heard_at) >= SILENCE;
        if is_silent && self.history.is_awaiting(heard_at) {
            self.heard_at = Some(now);
            self.rate = (self.rate * SILENCE_BACK_OFF).max(LEAST);
            self.ceiling.get_or_insert(self.rate);
            self.fail(now, self.rate);
        }
    }
}

#[cfg(test)]
mod bench;
#[cfg(test)]
mod tests;
