//! The packets that were sent and not yet told of, and what arrived of late.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::feedback::Arrival;

/// How many packets are remembered, and for how long: a second of 40 Mbit/s.
/// Those that are told of later say nothing any more. Those told of are
/// forgotten at once, so it takes as much memory as is on the way.
const SENT: usize = 4096;
const SENT_LASTS: Duration = Duration::from_secs(4);
/// Over how long it is counted what arrived. Shorter follows faster; longer
/// bears with frames that are larger than others.
const WINDOW: Duration = Duration::from_millis(1000);
/// Fewer packets say nothing about losses.
const LEAST_PACKETS: usize = 20;

/// What arrived within the last window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Delivered {
    pub(super) bits_per_second: f64,
    /// The part that was lost; `None`: too few to say.
    pub(super) loss: Option<f64>,
    /// Whether packets were told of for long enough to speak of a rate.
    pub(super) is_settled: bool,
}

/// How many packets were told of, and how many of them as lost, in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) told: u64,
    pub(super) lost: u64,
}

/// A packet that was sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    number: u16,
    at: Instant,
    bytes: usize,
    told: Fate,
}

/// What was told of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Nothing,
    /// It may still come.
    Lost,
    Arrived,
}

/// A packet that arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    pub(super) sent_at: Instant,
    pub(super) at_us: i64,
    pub(super) bytes: usize,
}

/// What became of one.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: Instant,
    bytes: usize,
    is_lost: bool,
}

#[derive(Debug, Default)]
pub(super) struct History {
    /// By number, which goes up by one.
    sent: VecDeque<Sent>,
    told: VecDeque<Told>,
    /// Sums over `told`.
    bytes: usize,
    lost: usize,
    totals: Totals,
}

impl History {
    pub(super) fn handle_sent(&mut self, now: Instant, number: u16, bytes: usize) {
        let is_next = self.sent.back().is_none_or(|last| last.number.wrapping_add(1) == number);
        if !is_next {
            // Numbers are given out one by one: the sender began anew.
            self.sent.clear();
        }
        if self.sent.len() == SENT {
            self.sent.pop_front();
        }
        let is_over = |sent: &mut Sent| {
            sent.told == Fate::Arrived || now.saturating_duration_since(sent.at) > SENT_LASTS
        };
        while self.sent.pop_front_if(is_over).is_some() {}
        self.sent.push_back(Sent { number, at: now, bytes, told: Fate::Nothing });
    }

    /// Takes what was told; gives each packet that arrived to `arrived`.
    pub(super) fn handle_feedback(
        &mut self,
        now: Instant,
        arrivals: &[Arrival],
        mut arrived: impl FnMut(Arrived),
    ) {
        for (number, at_us) in arrivals {
            let Some(sent) = self.find(*number) else {
                continue;
            };
            let fate = if at_us.is_some() { Fate::Arrived } else { Fate::Lost };
            // A packet that was told to be lost may still come.
            if sent.told == Fate::Arrived || sent.told == fate {
                continue;
            }
            sent.told = fate;
            let Sent { at: sent_at, bytes, .. } = *sent;
            self.tell(Told { at: now, bytes, is_lost: at_us.is_none() });
            if let Some(at_us) = *at_us {
                arrived(Arrived { sent_at, at_us, bytes });
            }
        }
        self.forget(now);
    }

    /// What arrived of late.
    pub(super) fn delivered(&mut self, now: Instant) -> Delivered {
        self.forget(now);
        let Some(first) = self.told.front() else {
            return Delivered::default();
        };
        let span = now.saturating_duration_since(first.at);
        let is_settled = span >= WINDOW / 2;
        let span = span.clamp(WINDOW / 2, WINDOW);
        let bits_per_second = self.bytes as f64 * 8.0 / span.as_secs_f64();
        let count = self.told.len();
        let loss = (count >= LEAST_PACKETS).then(|| self.lost as f64 / count as f64);
        Delivered { bits_per_second, loss, is_settled }
    }

    /// What was told in all.
    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    /// Whether something was sent since then that nothing was told of.
    pub(super) fn is_awaiting(&self, since: Instant) -> bool {
        self.sent.back().is_some_and(|last| last.told == Fate::Nothing && last.at > since)
    }

    /// That no more is remembered than was meant to be.
    #[cfg(any(test, fuzzing))]
    pub(super) fn check_size(&self) {
        assert!(self.sent.len() <= SENT && self.told.len() <= 2 * SENT);
    }

    fn find(&mut self, number: u16) -> Option<&mut Sent> {
        let first = self.sent.front()?.number;
        self.sent.get_mut(usize::from(number.wrapping_sub(first)))
    }

    fn tell(&mut self, told: Told) {
        self.totals.told += 1;
        self.totals.lost += u64::from(told.is_lost);
        if told.is_lost {
            self.lost += 1;
        } else {
            self.bytes += told.bytes;
        }
        self.told.push_back(told);
    }

    fn forget(&mut self, now: Instant) {
        let is_old = |told: &Told| now.saturating_duration_since(told.at) > WINDOW;
        while let Some(told) = self.told.pop_front_if(|told| is_old(told)) {
            if told.is_lost {
                self.lost -= 1;
            } else {
                self.bytes -= told.bytes;
            }
        }
    }
}
