//! The packets that were sent and not yet told of, and what arrived of late.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::feedback::Arrival;

/// How many packets are remembered: a second of ten Mbit/s. Those that are told
/// of later say nothing any more.
const SENT: usize = 1000;
/// Over how long it is counted what arrived. Shorter follows faster; longer
/// bears with frames that are larger than others.
const WINDOW: Duration = Duration::from_millis(1000);
/// Fewer packets say nothing about losses.
const LEAST_PACKETS: usize = 20;

/// What arrived within the last window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Delivered {
    pub(crate) bits_per_second: f64,
    /// The part that was lost; `None`: too few to say.
    pub(crate) loss: Option<f64>,
    /// Whether packets were told of for long enough to speak of a rate.
    pub(crate) is_settled: bool,
}

/// A packet that was sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    number: u16,
    at: Instant,
    bytes: usize,
    is_told: bool,
}

/// What became of one.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: Instant,
    bytes: usize,
    is_lost: bool,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    /// By number, which goes up by one.
    sent: VecDeque<Sent>,
    told: VecDeque<Told>,
    /// Sums over `told`.
    bytes: usize,
    lost: usize,
}

impl History {
    pub(crate) fn handle_sent(&mut self, now: Instant, number: u16, bytes: usize) {
        let is_next = self.sent.back().is_none_or(|last| last.number.wrapping_add(1) == number);
        if !is_next {
            // Numbers are given out one by one: the sender began anew.
            self.sent.clear();
        }
        if self.sent.len() == SENT {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent { number, at: now, bytes, is_told: false });
    }

    /// Takes what was told; gives each packet that arrived to `arrived`.
    pub(crate) fn handle_feedback(
        &mut self,
        now: Instant,
        arrivals: &[Arrival],
        mut arrived: impl FnMut(Instant, i64),
    ) {
        for (number, at_us) in arrivals {
            let Some(sent) = self.find(*number) else {
                continue;
            };
            // A packet that was told to be lost may still come.
            if std::mem::replace(&mut sent.is_told, at_us.is_some()) {
                sent.is_told = true;
                continue;
            }
            let sent = *sent;
            let is_lost = at_us.is_none();
            self.tell(Told { at: now, bytes: sent.bytes, is_lost });
            if let Some(at_us) = at_us {
                arrived(sent.at, *at_us);
            }
        }
        self.forget(now);
    }

    /// What arrived of late.
    pub(crate) fn delivered(&mut self, now: Instant) -> Delivered {
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

    /// Whether something was sent since then that nothing was told of.
    pub(crate) fn is_awaiting(&self, since: Instant) -> bool {
        self.sent.back().is_some_and(|last| !last.is_told && last.at > since)
    }

    fn find(&mut self, number: u16) -> Option<&mut Sent> {
        let first = self.sent.front()?.number;
        self.sent.get_mut(usize::from(number.wrapping_sub(first)))
    }

    fn tell(&mut self, told: Told) {
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
