//! How long packets waited on the way, and how fast the way served them while
//! they did.
//!
//! What arrives tells how much passes only while a queue stands before the
//! narrowest link: else it tells what was sent. So the packets that waited are
//! looked at alone: they left the queue one behind the other, as fast as the
//! link carries them. A large picture sent at once then measures the way
//! instead of being taken for a jam of what is sent on average.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Over how long arrivals are looked at. Shorter follows a way that changes
/// faster; longer errs less where packets come in bunches.
const WINDOW_US: i64 = 500_000;
/// As many arrivals are looked at: 80 Mbit/s.
const MOST_ARRIVALS: usize = 4096;
/// For how long the least delay counts as that of an empty queue: between this
/// and twice as much. Shorter forgets the empty queue where one always stands;
/// longer mistakes another route for a queue.
const BASE_US: i64 = 10_000_000;
/// A packet that waited longer than this found a queue. Less takes jitter for
/// waiting, more overlooks short queues.
const WAITED_US: i64 = 5_000;
/// Fewer packets, or a shorter time, tell no rate.
const LEAST_PACKETS: usize = 6;
const LEAST_SPAN_US: i64 = 40_000;
/// Over how long the least waiting is taken, which jitter hardly raises.
const STANDING_US: i64 = 200_000;
/// The same, for what happens now, and what of it is no jitter.
const NOW_US: i64 = 100_000;
const WAITING: Duration = Duration::from_millis(8);
/// Jitter that was there all the while is none, either: how much more than it
/// packets must wait, how fast it is learned with each feedback, and how much of
/// it at most, because a queue may have been there all the while.
const JITTER: u32 = 2;
const LEARNED: f64 = 0.05;
const MOST_JITTER: Duration = Duration::from_millis(12);
/// No packet is this much later than the one before: the clock jumped.
const JUMP_US: i64 = 10_000_000;

#[derive(Clone, Copy, Debug)]
struct Arrived {
    at_us: i64,
    delay_us: i64,
    bytes: usize,
}

/// How it looks before the narrowest link.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Queue {
    /// How long packets wait for others before them, at least.
    pub(super) standing: Duration,
    /// Whether they have to wait now, and not only some for jitter.
    pub(super) is_waiting: bool,
}

/// Delays and arrivals of late.
#[derive(Debug, Default)]
pub(super) struct Queueing {
    /// A moment of sending; the delays are relative to it.
    epoch: Option<(Instant, i64)>,
    arrived: VecDeque<Arrived>,
    /// Least delays of the present and the last span, and when it began.
    least_us: Option<i64>,
    last_least_us: Option<i64>,
    span_began_us: i64,
    /// How long packets wait at least while nothing is wrong.
    jitter: Duration,
}

impl Queueing {
    /// A packet that arrived, at a moment of the receiver's clock.
    pub(super) fn note(&mut self, sent: Instant, at_us: i64, bytes: usize) {
        let newest = self.arrived.back().map_or(at_us, |it| it.at_us);
        if at_us.saturating_sub(newest).saturating_abs() > JUMP_US {
            *self = Self::default();
        }
        let (sent_epoch, arrived_epoch) = *self.epoch.get_or_insert((sent, at_us));
        let sent_us = micros(sent.saturating_duration_since(sent_epoch));
        let delay_us = at_us.saturating_sub(arrived_epoch).saturating_sub(sent_us);
        self.note_least(at_us, delay_us);
        if self.arrived.len() == MOST_ARRIVALS {
            self.arrived.pop_front();
        }
        self.arrived.push_back(Arrived { at_us, delay_us, bytes });
        let oldest = at_us.saturating_sub(WINDOW_US);
        while self.arrived.pop_front_if(|it| it.at_us < oldest).is_some() {}
    }

    /// How fast the packets were served that had to wait, in bits per second.
    /// `None`: too few did, or not for long enough.
    pub(super) fn served(&self) -> Option<f64> {
        let base = self.base_us()?;
        let waited = |it: &&Arrived| it.delay_us.saturating_sub(base) > WAITED_US;
        let mut packets = 0;
        let mut bytes = 0;
        let mut first = None;
        for arrived in self.arrived.iter().rev().take_while(waited) {
            packets += 1;
            bytes += arrived.bytes;
            first = Some(arrived);
        }
        let (first, last) = (first?, self.arrived.back()?);
        let span_us = last.at_us.saturating_sub(first.at_us);
        if packets < LEAST_PACKETS || span_us < LEAST_SPAN_US {
            return None;
        }
        Some((bytes - first.bytes) as f64 * 8e6 / span_us as f64)
    }

    /// How it looks, after the receiver told something. `is_calm`: the delay
    /// does not change.
    pub(super) fn queue(&mut self, is_calm: bool) -> Queue {
        let now = self.least_within(NOW_US);
        if is_calm {
            let learned = self.jitter.mul_f64(1.0 - LEARNED) + now.mul_f64(LEARNED);
            self.jitter = learned.min(MOST_JITTER);
        }
        Queue {
            standing: self.least_within(STANDING_US),
            is_waiting: now > WAITING + self.jitter * JITTER,
        }
    }

    fn least_within(&self, window_us: i64) -> Duration {
        let Some((base, last)) = self.base_us().zip(self.arrived.back()) else {
            return Duration::ZERO;
        };
        let recent = last.at_us.saturating_sub(window_us);
        let of_late = self.arrived.iter().rev().take_while(|it| it.at_us >= recent);
        let least = of_late.map(|it| it.delay_us).min().unwrap_or(base);
        Duration::from_micros(u64::try_from(least.saturating_sub(base)).unwrap_or(0))
    }

    fn base_us(&self) -> Option<i64> {
        let least = self.least_us?;
        Some(self.last_least_us.map_or(least, |last| last.min(least)))
    }

    fn note_least(&mut self, at_us: i64, delay_us: i64) {
        if at_us.saturating_sub(self.span_began_us).saturating_abs() > BASE_US {
            self.last_least_us = self.least_us.take();
            self.span_began_us = at_us;
        }
        self.least_us = Some(self.least_us.map_or(delay_us, |least| least.min(delay_us)));
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of ten packets each 33 ms, which leave the queue so far apart.
    fn play(apart_us: i64) -> Queueing {
        let start = crate::test_start();
        let mut queueing = Queueing::default();
        let mut free_us = 0;
        for frame in 0..15 {
            let sent = Duration::from_millis(frame * 33);
            for _ in 0..10 {
                free_us = apart_us + free_us.max(micros(sent));
                queueing.note(start + sent, free_us + 20_000, 1000);
            }
        }
        queueing
    }

    #[test]
    fn frames_that_pass_at_once_tell_no_rate_and_those_that_queue_do() {
        assert_eq!(play(100).served(), None);
        let served = play(4_000).served().unwrap();
        assert!((1.9e6..2.1e6).contains(&served), "{served}");
    }

    #[test]
    fn a_queue_that_stands_is_seen_and_a_burst_is_none() {
        let start = crate::test_start();
        let mut queueing = play(1_000);
        let queue = queueing.queue(true);
        assert!(queue.standing < Duration::from_millis(2) && !queue.is_waiting, "{queue:?}");
        for millis in 500..900 {
            let sent = Duration::from_millis(millis);
            queueing.note(start + sent, micros(sent) + 120_000, 1000);
        }
        let queue = queueing.queue(false);
        assert!((95..105).contains(&queue.standing.as_millis()) && queue.is_waiting, "{queue:?}");
    }

    #[test]
    fn clocks_that_jump_begin_anew() {
        let start = crate::test_start();
        let mut queueing = Queueing::default();
        for at_us in [0, i64::MAX, i64::MIN, 5, -5, i64::MAX] {
            queueing.note(start, at_us, usize::from(u16::MAX));
            assert_eq!(queueing.queue(false).standing, Duration::ZERO);
        }
        assert_eq!(queueing.served(), None);
    }
}
