//! Finding out whether more passes, by sending more for a moment.
//!
//! A probe is a run of packets sent faster than the estimate, filled up with
//! padding: what came of its pace at the other end tells how much passes, and a
//! few milliseconds of it fill no queue. After the probing of Google Congestion
//! Control as `WebRTC` does it: threefold at first, then twofold while probes
//! arrive as fast as they were sent, then ever more rarely while nothing new is
//! found, and never for more than somebody wishes for.

use std::time::{Duration, Instant};

use crate::pace::Probe;

/// How much more than the estimate is tried at first, and later.
const FIRST_FACTOR: f64 = 3.0;
const FACTOR: f64 = 2.0;
/// How long a probe lasts. Longer measures better and fills more of a queue.
const LASTS: f64 = 0.015;
/// Fewer packets measure nothing. Each at least of this size.
const LEAST_PACKETS: usize = 5;
const LEAST_BYTES: usize = LEAST_PACKETS * 200;
/// No probe has more packets: those of 15 ms at 100 Mbit/s.
const MOST_PACKETS: usize = 256;
/// A probe whose packets are not sent within this is given up.
const SENT_WITHIN: Duration = Duration::from_millis(500);
/// A probe that is not told of within this was lost.
const TOLD_WITHIN: Duration = Duration::from_secs(1);
/// The part of the packets that must arrive.
const LEAST_ARRIVED: f64 = 0.6;
/// Losses within a probe up to so much beyond the way's own are no jam.
const SPARED_LOSS: f64 = 0.1;
/// Slower by more than this than it was sent, it met the end of what passes;
/// this part of what passed is then counted on.
const SATURATED: f64 = 0.9;
const COUNTED_ON: f64 = 0.95;
/// What must be found beyond the estimate to count as news.
const NEWS: f64 = 1.05;
/// Pauses: after news, after a jam, and while there is none. Longer ones find
/// later that more passes; shorter ones cost more padding.
const SOON: Duration = Duration::from_millis(50);
const PAUSE: Duration = Duration::from_secs(2);
const MOST_PAUSE: Duration = Duration::from_secs(5);
/// The most of it after raises that jammed: some ways let a little pass at once
/// that they do not let pass for long.
const MOST_PAUSE_AFTER_JAM: Duration = Duration::from_secs(30);
/// A jam this soon after a raise is the raise's doing, if less than this part
/// of what was found passed then.
const RAISE_ENDS: Duration = Duration::from_secs(4);
const FOUND_TOO_MUCH: f64 = 0.75;

/// A packet that went as part of a probe.
#[derive(Clone, Copy, Debug)]
struct Part {
    at: Instant,
    bytes: usize,
    arrived_us: Option<i64>,
    is_told: bool,
}

/// A probe that was begun.
#[derive(Debug)]
struct Running {
    probe: Probe,
    began_at: Instant,
    /// The number of the first part; the others follow.
    first: u16,
    parts: Vec<Part>,
    bytes: usize,
    sent_at: Option<Instant>,
}

/// When there is a probe, and what the last one found.
#[derive(Debug)]
pub(super) struct Prober {
    pub(super) is_allowed: bool,
    running: Option<Running>,
    not_before: Option<Instant>,
    pause: Duration,
    factor: f64,
    raised: Option<(Instant, f64)>,
    wanted: f64,
}

impl Default for Prober {
    fn default() -> Self {
        Self {
            is_allowed: false,
            running: None,
            not_before: None,
            pause: PAUSE,
            factor: FIRST_FACTOR,
            raised: None,
            wanted: 0.0,
        }
    }
}

impl Prober {
    /// This much is wanted in all, in bits per second. More than before, and
    /// more than the estimate: that is tried soon.
    pub(super) fn want(&mut self, now: Instant, wanted: f64, rate: f64) {
        if wanted > self.wanted * NEWS && wanted > rate && self.raised.is_none() {
            self.pause = PAUSE;
            self.not_before = self.not_before.map(|at| at.min(now + PAUSE));
        }
        self.wanted = wanted;
    }

    /// The next probe, if it is time for one.
    pub(super) fn next(&mut self, now: Instant, rate: f64) -> Option<Probe> {
        self.give_up(now);
        let is_due = self.not_before.is_none_or(|at| at <= now);
        if !self.is_allowed || self.running.is_some() || !is_due || self.wanted <= rate * NEWS {
            return None;
        }
        let bits_per_second = (rate * self.factor).min(self.wanted.max(rate * NEWS * NEWS));
        let bytes = (bits_per_second * LASTS / 8.0) as usize;
        let probe =
            Probe { bits_per_second, packets: LEAST_PACKETS, bytes: bytes.max(LEAST_BYTES) };
        self.running = Some(Running {
            probe,
            began_at: now,
            first: 0,
            parts: Vec::new(),
            bytes: 0,
            sent_at: None,
        });
        Some(probe)
    }

    /// Whether a probe is not whole yet.
    pub(super) fn is_sending(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.sent_at.is_none())
    }

    /// A packet was sent, maybe as part of a probe. `true`: it was.
    pub(super) fn handle_sent(&mut self, now: Instant, number: u16, bytes: usize) -> bool {
        let Some(running) = self.running.as_mut().filter(|it| it.sent_at.is_none()) else {
            return false;
        };
        if running.parts.is_empty() {
            running.first = number;
        }
        if usize::from(number.wrapping_sub(running.first)) != running.parts.len() {
            self.running = None;
            return false;
        }
        running.parts.push(Part { at: now, bytes, arrived_us: None, is_told: false });
        running.bytes += bytes;
        let is_whole =
            running.bytes >= running.probe.bytes && running.parts.len() >= running.probe.packets;
        if is_whole || running.parts.len() == MOST_PACKETS {
            running.sent_at = Some(now);
        }
        true
    }

    /// A packet was told of. `true`: it was part of a probe.
    pub(super) fn handle_told(&mut self, number: u16, arrived_us: Option<i64>) -> bool {
        let Some(running) = &mut self.running else {
            return false;
        };
        let index = usize::from(number.wrapping_sub(running.first));
        let Some(part) = running.parts.get_mut(index) else {
            return false;
        };
        part.is_told = true;
        part.arrived_us = part.arrived_us.or(arrived_us);
        true
    }

    /// What passes, if a probe that was told of says that it is more than the
    /// estimate; in bits per second. `natural`: the way's own losses.
    pub(super) fn take_result(&mut self, now: Instant, rate: f64, natural: f64) -> Option<f64> {
        let running = self.running.as_ref()?;
        let is_told = running.parts.last().is_some_and(|part| part.is_told);
        if running.sent_at.is_none() || !is_told {
            return None;
        }
        let running = self.running.take()?;
        self.factor = FACTOR;
        let found = running.measure(natural).filter(|found| found.bits_per_second > rate * NEWS);
        let Some(found) = found else {
            self.wait_longer(now);
            return None;
        };
        self.raised = Some((now, found.bits_per_second));
        let pause = if found.is_end { self.pause } else { SOON };
        self.not_before = Some(now + pause);
        Some(found.bits_per_second)
    }

    /// It jammed where this much passed: no probe soon, and ever later if what
    /// probes find does not pass.
    pub(super) fn handle_jam(&mut self, now: Instant, passed: f64) {
        let is_wrong = |(at, found): (Instant, f64)| {
            now.saturating_duration_since(at) < RAISE_ENDS && passed < found * FOUND_TOO_MUCH
        };
        self.pause = if self.raised.take().is_some_and(is_wrong) {
            (self.pause * 2).min(MOST_PAUSE_AFTER_JAM)
        } else {
            self.pause.min(PAUSE)
        };
        self.running = None;
        self.not_before = Some(now + self.pause);
    }

    /// Time has passed: what is not told of any more, and what held.
    fn give_up(&mut self, now: Instant) {
        let since = |at: Instant| now.saturating_duration_since(at);
        let is_over = |running: &mut Running| match running.sent_at {
            None => since(running.began_at) > SENT_WITHIN,
            Some(at) => since(at) > TOLD_WITHIN,
        };
        if self.running.take_if(is_over).is_some() {
            self.wait_longer(now);
        }
        if self.raised.is_some_and(|(at, _)| since(at) >= RAISE_ENDS) {
            self.raised = None;
            self.pause = PAUSE;
        }
    }

    fn wait_longer(&mut self, now: Instant) {
        self.not_before = Some(now + self.pause);
        self.pause = (self.pause * 3 / 2).min(self.pause.max(MOST_PAUSE));
    }
}

/// What a probe found.
struct Found {
    bits_per_second: f64,
    /// It is all that passes, or nearly so.
    is_end: bool,
}

impl Running {
    fn measure(&self, natural: f64) -> Option<Found> {
        let arrived = self.parts.iter().filter(|part| part.arrived_us.is_some()).count();
        let share = arrived as f64 / self.parts.len() as f64;
        if share < LEAST_ARRIVED || arrived + 1 < LEAST_PACKETS {
            return None;
        }
        let sent = self.sent_rate();
        let received = self.received_rate(1.0 - share <= natural + SPARED_LOSS)?;
        if received < SATURATED * sent {
            return Some(Found { bits_per_second: received * COUNTED_ON, is_end: true });
        }
        Some(Found { bits_per_second: received.min(sent), is_end: false })
    }

    /// From the first to the last moment of sending, without what went then.
    fn sent_rate(&self) -> f64 {
        let (Some(first), Some(last)) = (self.parts.first(), self.parts.last()) else {
            return 0.0;
        };
        let before = self.parts.iter().filter(|part| part.at < last.at);
        let bytes: usize = before.map(|part| part.bytes).sum();
        let span = last.at.saturating_duration_since(first.at).as_secs_f64();
        if span <= 0.0 {
            // All at once: it is the way that spreads them.
            return self.probe.bits_per_second;
        }
        // Not faster than was asked for: what is beyond was not tried for long.
        (bytes as f64 * 8.0 / span).min(self.probe.bits_per_second)
    }

    /// From the first to the last arrival, without the first. Lost packets
    /// count where the way loses for reasons of its own.
    fn received_rate(&self, counts_lost: bool) -> Option<f64> {
        let first = self.parts.iter().position(|part| part.arrived_us.is_some())?;
        let last = self.parts.iter().rposition(|part| part.arrived_us.is_some())?;
        let counted = self.parts.get(first + 1..=last)?.iter();
        let bytes: usize = counted
            .filter(|part| counts_lost || part.arrived_us.is_some())
            .map(|part| part.bytes)
            .sum();
        let (begin, end) = (self.parts[first].arrived_us?, self.parts[last].arrived_us?);
        let span_us = end.saturating_sub(begin).max(1);
        Some(bytes as f64 * 8e6 / span_us as f64)
    }
}
