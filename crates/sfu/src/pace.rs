//! When packets may leave for a receiver: pictures spread over time, so that
//! they do not fill queues on the way, and probes at the pace they measure.
//!
//! Sound does not ask; repairs and then pictures do. A large picture leaves
//! faster than the estimate, so that it is not late, but not at once. What could
//! not leave within [`MOST_WAIT`] is old: whoever keeps the queue then drops all
//! of that video and begins again with a keyframe of less, never single packets.

use std::time::{Duration, Instant};

/// What may leave at once after a while in which less was sent than allowed, as
/// time at the pace. More makes larger bursts, which fill queues on the way; less
/// tears pictures apart that came in one go, and each part costs a system call.
const BURST: f64 = 0.04;
/// One packet may always leave, however slow.
const LEAST_BURST: f64 = 1500.0;
/// Never less, in bits per second: it would take forever. And before anything
/// is known.
const LEAST_RATE: f64 = 100_000.0;
const FIRST_RATE: f64 = 2_000_000.0;
/// As good as no limit.
const MOST_RATE: f64 = 10e9;
/// How much may be owed, as time, for what left without asking. Longer stays
/// silent longer after much sound; shorter forgets it.
const MOST_DEBT: f64 = 0.2;
/// How old the oldest waiting packet of a video may become. Longer is a worse
/// delay on ways that fell; shorter breaks off pictures that would have come.
pub(crate) const MOST_WAIT: Duration = Duration::from_millis(600);

/// A run of packets to be sent at a pace, filled with padding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Probe {
    pub(crate) bits_per_second: f64,
    /// At least so many packets, and so many bytes.
    pub(crate) packets: usize,
    pub(crate) bytes: usize,
}

/// A probe that is being sent.
#[derive(Clone, Copy, Debug)]
struct Running {
    probe: Probe,
    began_at: Instant,
    packets: usize,
    bytes: usize,
}

/// A bucket of bytes for one receiver.
#[derive(Debug)]
pub(crate) struct Pacer {
    bytes_per_second: f64,
    /// Negative: owed.
    tokens: f64,
    filled_at: Option<Instant>,
    running: Option<Running>,
}

impl Pacer {
    pub(crate) fn new() -> Self {
        let bytes_per_second = FIRST_RATE / 8.0;
        Self { bytes_per_second, tokens: LEAST_BURST, filled_at: None, running: None }
    }

    /// How fast packets leave, in bits per second ([`Estimator::pace`]); infinite
    /// if nobody knows of a limit.
    ///
    /// [`Estimator::pace`]: crate::estimate::Estimator::pace
    pub(crate) fn set_rate(&mut self, now: Instant, bits_per_second: f64) {
        self.fill(now);
        self.bytes_per_second = bits_per_second.clamp(LEAST_RATE, MOST_RATE) / 8.0;
        self.tokens = self.tokens.min(self.most());
    }

    /// From now on packets and padding leave at the pace of this probe, until
    /// it is whole.
    pub(crate) fn begin_probe(&mut self, now: Instant, probe: Probe) {
        self.running = Some(Running { probe, began_at: now, packets: 0, bytes: 0 });
    }

    /// Nobody measures a probe any more.
    pub(crate) fn end_probe(&mut self) {
        self.running = None;
    }

    /// How many bytes may leave now. A packet that is larger may leave, too, if
    /// this is not zero.
    pub(crate) fn allowance(&mut self, now: Instant) -> usize {
        self.fill(now);
        match &self.running {
            Some(running) => running.due(now),
            None => as_bytes(self.tokens),
        }
    }

    /// How many bytes of padding are to leave now if nothing else does: what a
    /// probe lacks.
    pub(crate) fn padding(&mut self, now: Instant) -> usize {
        self.fill(now);
        self.running.as_ref().map_or(0, |running| running.due(now))
    }

    /// How large packets of padding are best.
    #[cfg(test)]
    pub(crate) fn padding_packet(&self) -> usize {
        self.running.as_ref().map_or(0, |it| it.probe.bytes / it.probe.packets.max(1))
    }

    /// A packet left, sound included.
    pub(crate) fn spend(&mut self, now: Instant, bytes: usize) {
        self.fill(now);
        let most_debt = -(self.bytes_per_second * MOST_DEBT).max(LEAST_BURST);
        self.tokens = (self.tokens - bytes as f64).max(most_debt);
        if let Some(running) = &mut self.running {
            running.packets += 1;
            running.bytes += bytes;
            let Probe { packets, bytes, .. } = running.probe;
            if running.packets >= packets && running.bytes >= bytes {
                self.running = None;
            }
        }
    }

    /// When something may leave again: in the past means now. While a probe
    /// runs, padding is due then even if nothing waits.
    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        if let Some(running) = &self.running {
            return running.next_at();
        }
        if self.tokens >= 1.0 {
            return now;
        }
        let filled_at = self.filled_at.unwrap_or(now);
        filled_at + Duration::from_secs_f64((1.0 - self.tokens) / self.bytes_per_second)
    }

    /// Whether a probe is being sent.
    pub(crate) fn is_probing(&self) -> bool {
        self.running.is_some()
    }

    fn fill(&mut self, now: Instant) {
        // Packets come in bunches, and time is dear to reckon with.
        if self.filled_at == Some(now) {
            return;
        }
        let filled_at = self.filled_at.replace(now).unwrap_or(now);
        let elapsed = now.saturating_duration_since(filled_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.bytes_per_second).min(self.most());
        // A probe nobody sends to the end does not stay.
        let is_over = |it: &mut Running| now.saturating_duration_since(it.began_at) > MOST_WAIT;
        self.running.take_if(is_over);
    }

    /// How much may leave at once.
    fn most(&self) -> f64 {
        (self.bytes_per_second * BURST).max(LEAST_BURST)
    }
}

impl Running {
    /// What is to be sent by now: always the next packet ahead.
    fn due(&self, now: Instant) -> usize {
        if now < self.next_at() {
            return 0;
        }
        let elapsed = now.saturating_duration_since(self.began_at).as_secs_f64();
        let due = elapsed * self.probe.bits_per_second / 8.0 - self.bytes as f64;
        as_bytes(due).max(1)
    }

    fn next_at(&self) -> Instant {
        let took = self.bytes as f64 * 8.0 / self.probe.bits_per_second.max(1.0);
        self.began_at + Duration::from_secs_f64(took.min(MOST_WAIT.as_secs_f64() * 2.0))
    }
}

/// Whole bytes; none if there are less.
fn as_bytes(tokens: f64) -> usize {
    tokens.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends packets of 1000 bytes for a while, as fast as allowed, in turns of
    /// 2 ms; how many bytes went, and how many at most in one turn.
    fn run(pacer: &mut Pacer, start: Instant, millis: u64) -> (usize, usize) {
        let (mut sent, mut most) = (0, 0);
        for turn in 0..millis / 2 {
            let now = start + Duration::from_millis(turn * 2);
            let before = sent;
            while pacer.allowance(now) > 0 {
                pacer.spend(now, 1000);
                sent += 1000;
            }
            most = most.max(sent - before);
        }
        (sent, most)
    }

    #[test]
    fn pictures_leave_at_their_pace_in_small_bursts() {
        let start = crate::test_start();
        let mut pacer = Pacer::new();
        pacer.set_rate(start, 2.5e6);
        let (sent, most) = run(&mut pacer, start, 1000);
        assert!((312_000..330_000).contains(&sent), "{sent}");
        // 40 ms at that pace, and the packet that began within.
        assert!(most <= 12_500 + 1000, "{most}");
    }

    #[test]
    fn what_left_without_asking_is_made_up_for_but_not_for_long() {
        let start = crate::test_start();
        let mut pacer = Pacer::new();
        pacer.set_rate(start, 2e6);
        pacer.spend(start, 1_000_000);
        assert_eq!(pacer.allowance(start + Duration::from_millis(190)), 0);
        assert!(pacer.allowance(start + Duration::from_millis(210)) > 0);
    }

    #[test]
    fn a_rate_nobody_knows_is_no_limit() {
        let start = crate::test_start();
        let mut pacer = Pacer::new();
        pacer.set_rate(start, f64::INFINITY);
        let now = start + Duration::from_millis(1);
        pacer.spend(now, 100_000);
        assert!(pacer.allowance(now) > 1_000_000);
        assert_eq!(pacer.deadline(now), now);
    }

    #[test]
    fn a_probe_that_nobody_ends_is_filled_up_no_more() {
        let start = crate::test_start();
        let mut pacer = Pacer::new();
        let probe = Probe { bits_per_second: 2e6, packets: 5, bytes: 4000 };
        pacer.begin_probe(start, probe);
        assert!(pacer.padding(start) > 0);
        // By its age, even if padding alone is asked for, or told so.
        let late = start + MOST_WAIT + Duration::from_millis(1);
        assert_eq!(pacer.padding(late), 0);
        pacer.begin_probe(late, probe);
        pacer.end_probe();
        assert_eq!(pacer.padding(late), 0);
        assert!(!pacer.is_probing());
    }

    #[test]
    fn a_probe_is_filled_up_at_its_pace_and_ends() {
        let start = crate::test_start();
        let mut pacer = Pacer::new();
        pacer.set_rate(start, 500_000.0);
        let probe = Probe { bits_per_second: 2e6, packets: 5, bytes: 4000 };
        assert_eq!(pacer.padding(start), 0);
        pacer.begin_probe(start, probe);
        assert_eq!(pacer.padding_packet(), 800);
        let mut moments = Vec::new();
        let mut now = start;
        while pacer.is_probing() {
            now = now.max(pacer.deadline(now));
            assert!(pacer.padding(now) > 0);
            pacer.spend(now, pacer.padding_packet());
            moments.push(now.duration_since(start).as_micros());
        }
        assert_eq!(moments, [0, 3200, 6400, 9600, 12800]);
        assert_eq!(pacer.padding(now), 0);
        // Nobody sends it: it does not stay.
        pacer.begin_probe(now, probe);
        pacer.allowance(now + Duration::from_secs(1));
        assert!(!pacer.is_probing());
    }
}
