//! Receivers that tell nothing of single packets, but report losses: after the
//! loss-based part of Google Congestion Control (draft-ietf-rmcat-gcc-02, 6).

use std::time::{Duration, Instant};

/// Losses above which less is sent, and below which more.
const HEAVY: f64 = 0.1;
const LIGHT: f64 = 0.02;
/// How much more after a report, at most one in this time.
const GROWTH: f64 = 1.05;
const EACH: Duration = Duration::from_millis(500);
/// Reports of heavy losses one behind the other that are believed.
const BELIEVED: u32 = 2;

/// What reports say.
#[derive(Debug, Default)]
pub(super) struct Reports {
    rate: Option<f64>,
    heavy: u32,
    judged_at: Option<Instant>,
}

impl Reports {
    /// The receiver reported this part as lost, where this much is sent. Both
    /// in bits per second.
    pub(super) fn handle(&mut self, now: Instant, lost: f64, sent: f64, least: f64) {
        let is_soon = |at: Instant| now.saturating_duration_since(at) < EACH;
        if self.judged_at.is_some_and(is_soon) {
            return;
        }
        self.judged_at = Some(now);
        if lost <= HEAVY {
            self.heavy = 0;
            if lost < LIGHT {
                self.rate = self.rate.map(|rate| rate * GROWTH);
            }
            return;
        }
        self.heavy += 1;
        if self.heavy >= BELIEVED {
            let present = self.rate.map_or(sent, |rate| rate.min(sent));
            self.rate = Some((present * (1.0 - 0.5 * lost)).max(least));
        }
    }

    /// What passes; `None`: nothing speaks of a limit.
    pub(super) fn bits_per_second(&self) -> Option<f64> {
        self.rate
    }

    /// Once it suffices for this, there is no limit any more.
    pub(super) fn want(&mut self, wanted: f64) {
        self.rate = self.rate.filter(|rate| *rate < wanted);
    }
}
