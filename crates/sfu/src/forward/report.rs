//! What the node says of its own streams: which of their moments was when
//! (RFC 3550, 6.4.1), so that receivers bring sound and picture together.

use std::time::{Duration, Instant};

use parlor_model::time::UnixMillis;

use crate::rtcp::{SenderReport, write};

/// From 1900, where NTP begins, to 1970.
const NTP_OFFSET_SECONDS: u64 = 2_208_988_800;

/// The node's clock, as reports show it. Reckoned once, so that it never jumps
/// while a call runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    at: Instant,
    since_1970: Duration,
}

impl Clock {
    /// It shows `wall` at `at`.
    pub(super) fn new(at: Instant, wall: UnixMillis) -> Self {
        let millis = u64::try_from(wall.millis_since(UnixMillis::new(0))).unwrap_or(0);
        Self { at, since_1970: Duration::from_millis(millis) }
    }

    /// What it shows, in seconds since 1900 with 32 binary places.
    pub(super) fn ntp(&self, now: Instant) -> u64 {
        let shown = self.since_1970 + now.saturating_duration_since(self.at);
        let fraction = (u64::from(shown.subsec_nanos()) << 32) / 1_000_000_000;
        ((shown.as_secs() + NTP_OFFSET_SECONDS) << 32) | fraction
    }

    /// The round trip that a report block shows: `last` is the middle of the
    /// time in our report, `delay` how long the receiver kept it, both in
    /// seconds with 16 binary places. `None`: no report of ours has come there,
    /// or what it says cannot be.
    pub(super) fn round_trip(&self, now: Instant, last: u32, delay: u32) -> Option<Duration> {
        const LONGEST: u32 = 60 << 16;
        let shown = (self.ntp(now) >> 16) as u32;
        let units = shown.wrapping_sub(last).wrapping_sub(delay);
        let is_told = last != 0 && units < LONGEST;
        is_told.then(|| Duration::from_secs_f64(f64::from(units) / 65_536.0))
    }
}

/// What is reported of one stream.
#[derive(Debug, Default)]
pub(super) struct Account {
    packets: u32,
    octets: u32,
    latest: Option<Moment>,
    /// Whether something was sent since the last report.
    has_news: bool,
}

/// A moment of the stream.
#[derive(Clone, Copy, Debug)]
struct Moment {
    timestamp: u32,
    captured_at: Instant,
    clock_rate: u32,
}

impl Account {
    /// A packet with this timestamp will be sent. `true`: it is the first one.
    pub(super) fn note_moment(
        &mut self,
        timestamp: u32,
        captured_at: Instant,
        clock_rate: u32,
    ) -> bool {
        self.latest.replace(Moment { timestamp, captured_at, clock_rate }).is_none()
    }

    /// A packet with so much payload was sent.
    pub(super) fn note_sent(&mut self, bytes: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(bytes as u32);
        self.has_news = true;
    }

    /// Whether there is something to report.
    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    /// Appends a report, and how the sender is named.
    pub(super) fn write(
        &mut self,
        now: Instant,
        clock: &Clock,
        (ssrc, cname): (u32, &str),
        out: &mut Vec<u8>,
    ) {
        let Some(latest) = self.latest else {
            return;
        };
        self.has_news = false;
        let report = SenderReport {
            ssrc,
            ntp: clock.ntp(now),
            rtp: latest.timestamp_at(now),
            packets: self.packets,
            octets: self.octets,
        };
        write::sender_report(out, &report);
        write::source_description(out, ssrc, cname);
    }
}

impl Moment {
    fn timestamp_at(&self, now: Instant) -> u32 {
        let since = now.saturating_duration_since(self.captured_at);
        let ticks = since.as_micros() * u128::from(self.clock_rate) / 1_000_000;
        // Timestamps wrap; so may the difference.
        self.timestamp.wrapping_add((ticks & u128::from(u32::MAX)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_shows_seconds_since_1900() {
        let at = crate::test_start();
        let clock = Clock::new(at, UnixMillis::new(1_800_000_000_500));
        let ntp = clock.ntp(at + Duration::from_millis(250));
        assert_eq!(ntp >> 32, 1_800_000_000 + NTP_OFFSET_SECONDS);
        assert_eq!(ntp as u32, 0xc000_0000);
    }

    #[test]
    fn round_trips_are_read_from_report_blocks() {
        let at = crate::test_start();
        let clock = Clock::new(at, UnixMillis::new(1_800_000_000_000));
        let last = (clock.ntp(at) >> 16) as u32;
        let delay = 65_536 / 2;
        let trip = |millis| clock.round_trip(at + Duration::from_millis(millis), last, delay);
        let known = trip(540).unwrap().as_secs_f64();
        assert!((known - 0.04).abs() < 0.0001, "{known}");
        // Sooner than it can have been kept, and after the wrap of the clock.
        assert_eq!(trip(400), None);
        assert_eq!(clock.round_trip(at, 0, 0), None);
    }

    #[test]
    fn a_stream_goes_on_between_its_packets() {
        let at = crate::test_start();
        let mut account = Account::default();
        assert!(account.note_moment(u32::MAX - 44, at, 90_000));
        assert!(!account.note_moment(u32::MAX - 44, at, 90_000));
        let latest = account.latest.unwrap();
        assert_eq!(latest.timestamp_at(at + Duration::from_millis(1)), 45);
    }
}
