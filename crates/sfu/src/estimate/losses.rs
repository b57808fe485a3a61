//! Whether packets are lost because too much is sent, or because the way loses.
//!
//! The two look alike, but the first ends when less is sent. So where more is
//! lost than is known of a way, the estimate is lowered for a while, and losses
//! that stay the same though less was sent are taken for the way's own.

use std::time::{Duration, Instant};

use super::history::{Delivered, Totals};

/// Losses beyond the way's own that are acted upon, and for how long they must
/// last. Less reacts faster, and to what is no congestion.
const HEAVY: f64 = 0.1;
const HEAVY_LASTS: Duration = Duration::from_millis(700);
/// Small losses, which a short queue shows when a little too much is sent.
const LIGHT: f64 = 0.03;
const LIGHT_LASTS: Duration = Duration::from_secs(4);
/// When a lower estimate begins to show in what is told, how long it is then
/// looked at, and how many packets at least.
const SHOWS: Duration = Duration::from_millis(400);
const LOOKED_AT: Duration = Duration::from_millis(1600);
const LEAST_PACKETS: u64 = 20;
/// What is left of the estimate while it is found out.
const LOWERED: f64 = 0.85;
/// Losses that fell less than to this part have nothing to do with the rate.
const STAYED: f64 = 0.5;
/// Only if less than this part is sent than before something can be said.
const SENT_LESS: f64 = 0.92;
/// How often the estimate is lowered further because no less was sent.
const MOST_ATTEMPTS: u32 = 3;
const FURTHER: f64 = 0.7;
/// How fast a way that loses less is believed to, with each feedback. Faster
/// takes every lucky second for a better way.
const FADES: f64 = 0.01;

/// The estimate was lowered to see what becomes of the losses.
#[derive(Debug)]
struct Lowered {
    at: Instant,
    from: f64,
    loss: f64,
    sent: f64,
    attempts: u32,
    /// What had been told when it began to show.
    before: Option<Totals>,
}

/// What is known of losses.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// The way's own.
    natural: f64,
    heavy_since: Option<Instant>,
    light_since: Option<Instant>,
    lowered: Option<Lowered>,
}

/// What losses make of the estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Nothing.
    Fine,
    /// It is at most this, for a while or for good.
    AtMost(f64),
    /// They have nothing to do with it, which was this.
    Natural(f64),
    /// They came of too much, and are gone.
    Congestion,
}

impl Losses {
    /// Judges the losses of late, where this is sent in bits per second.
    pub(super) fn judge(
        &mut self,
        now: Instant,
        delivered: Delivered,
        totals: Totals,
        sent: f64,
        rate: f64,
    ) -> Verdict {
        let Some(loss) = delivered.loss else {
            return Verdict::Fine;
        };
        self.natural += (loss - self.natural).min(0.0) * FADES;
        if let Some(lowered) = self.lowered.take() {
            return self.conclude(now, lowered, totals, sent, rate);
        }
        let beyond = loss - self.natural;
        let lasts = |since: &mut Option<Instant>, most: f64, lasts: Duration| {
            if beyond <= most {
                *since = None;
            }
            beyond > most && now.saturating_duration_since(*since.get_or_insert(now)) >= lasts
        };
        let is_heavy = lasts(&mut self.heavy_since, HEAVY, HEAVY_LASTS);
        let light = LIGHT.max(self.natural / 2.0);
        let is_light = lasts(&mut self.light_since, light, LIGHT_LASTS);
        if !is_heavy && !is_light {
            return Verdict::Fine;
        }
        self.heavy_since = None;
        self.light_since = None;
        self.lowered = Some(Lowered { at: now, from: rate, loss, sent, attempts: 0, before: None });
        let passed = delivered.bits_per_second / (1.0 - self.natural).max(0.1);
        Verdict::AtMost(LOWERED * passed.min(rate))
    }

    /// The way's own, as a part.
    pub(super) fn natural(&self) -> f64 {
        self.natural
    }

    /// Whether more is lost than the way does by itself.
    pub(super) fn is_jammed(&self) -> bool {
        self.heavy_since.is_some() || self.lowered.is_some()
    }

    fn conclude(
        &mut self,
        now: Instant,
        mut lowered: Lowered,
        totals: Totals,
        sent: f64,
        rate: f64,
    ) -> Verdict {
        let since = now.saturating_duration_since(lowered.at);
        if since < SHOWS {
            self.lowered = Some(lowered);
            return Verdict::Fine;
        }
        let before = *lowered.before.get_or_insert(totals);
        let told = totals.told.saturating_sub(before.told);
        if since < SHOWS + LOOKED_AT || told < LEAST_PACKETS {
            self.lowered = Some(lowered);
            return Verdict::Fine;
        }
        let loss = totals.lost.saturating_sub(before.lost) as f64 / told as f64;
        if loss <= lowered.loss * STAYED {
            return Verdict::Congestion;
        }
        if sent >= lowered.sent * SENT_LESS && lowered.attempts < MOST_ATTEMPTS {
            // The layers that are sent are as before: nothing can be said.
            let attempts = lowered.attempts + 1;
            self.lowered = Some(Lowered { at: now, attempts, before: None, ..lowered });
            return Verdict::AtMost(rate * FURTHER);
        }
        self.natural = loss;
        Verdict::Natural(lowered.from)
    }
}
