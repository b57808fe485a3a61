//! When media were captured, on the node's clock.

use std::time::{Duration, Instant, SystemTime};

use str0m::rtp::rtcp::SenderInfo;

/// Maps one sender's capture clock to the node's. All tracks of a sender share
/// it, so that what belongs together stays together: our own sender reports
/// carry it on to the receivers (lip sync).
#[derive(Debug, Default)]
pub(crate) struct CaptureClock {
    anchor: Option<Anchor>,
}

/// The report with the shortest way here: at `local` the sender's clock showed
/// `remote`, give or take that way.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    remote: SystemTime,
    local: Instant,
}

/// A report that seems late by more than this against the anchor shows a clock
/// that was set, not a slow way.
const CLOCK_STEP: Duration = Duration::from_secs(2);

impl CaptureClock {
    /// When a packet with this timestamp was captured. Without a sender report
    /// of its track: now.
    pub(crate) fn captured_at(
        &mut self,
        now: Instant,
        timestamp: u32,
        clock_rate: u32,
        report: Option<&SenderInfo>,
    ) -> Instant {
        let Some(report) = report else {
            return now;
        };
        let at_report = self.observe(now, report.ntp_time);
        // Both are 32-bit clocks that wrap; the difference is signed.
        let reported = report.rtp_time.numer() as u32;
        let ticks = timestamp.wrapping_sub(reported).cast_signed();
        let since =
            Duration::from_secs_f64(f64::from(ticks.unsigned_abs()) / f64::from(clock_rate));
        let captured_at =
            if ticks < 0 { at_report.checked_sub(since) } else { at_report.checked_add(since) };
        // A capture in the future or long ago is a sender's fault, not a fact.
        captured_at.filter(|at| *at <= now && now.duration_since(*at) < CLOCK_STEP).unwrap_or(now)
    }

    /// The node's time at which the sender's clock showed `remote`.
    fn observe(&mut self, now: Instant, remote: SystemTime) -> Instant {
        if let Some(mapped) = self.map(remote)
            && mapped <= now
            && now.duration_since(mapped) < CLOCK_STEP
        {
            return mapped;
        }
        self.anchor = Some(Anchor { remote, local: now });
        now
    }

    fn map(&self, remote: SystemTime) -> Option<Instant> {
        let anchor = self.anchor?;
        match remote.duration_since(anchor.remote) {
            Ok(later) => anchor.local.checked_add(later),
            Err(earlier) => anchor.local.checked_sub(earlier.duration()),
        }
    }
}

#[cfg(test)]
mod tests {
    use str0m::media::{Frequency, MediaTime};

    use super::*;

    const AUDIO: u32 = 48_000;
    const VIDEO: u32 = 90_000;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A report that the sender's clock showed `millis` at this timestamp.
    fn report(millis: u64, timestamp: u32) -> SenderInfo {
        SenderInfo {
            ssrc: 1.into(),
            ntp_time: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000) + ms(millis),
            rtp_time: MediaTime::new(u64::from(timestamp), Frequency::NINETY_KHZ),
            sender_packet_count: 0,
            sender_octet_count: 0,
        }
    }

    #[test]
    fn tracks_of_one_sender_captured_together_stay_together() {
        let now = crate::test_start() + ms(60_000);
        let mut clock = CaptureClock::default();
        // The picture's report took 10 ms to come; the sound's, made 90 ms
        // later, took 80. Both packets were captured 100 ms after the first.
        let picture = clock.captured_at(now + ms(10), 0, VIDEO, Some(&report(0, 0)));
        assert_eq!(picture, now + ms(10));
        let sound_report = report(90, 500_000);
        let sound =
            clock.captured_at(now + ms(170), 500_000 + AUDIO / 100, AUDIO, Some(&sound_report));
        let picture = clock.captured_at(now + ms(170), VIDEO / 10, VIDEO, Some(&report(0, 0)));
        assert_eq!(sound, picture);
        assert_eq!(picture, now + ms(110));
    }

    #[test]
    fn a_shorter_way_corrects_the_mapping() {
        let now = crate::test_start() + ms(60_000);
        let mut clock = CaptureClock::default();
        clock.captured_at(now + ms(100), 0, VIDEO, Some(&report(0, 0)));
        // This report arrived 20 ms after it was made, not 100.
        clock.captured_at(now + ms(1020), VIDEO, VIDEO, Some(&report(1000, VIDEO)));
        let at = clock.captured_at(now + ms(1050), VIDEO, VIDEO, Some(&report(1000, VIDEO)));
        assert_eq!(at, now + ms(1020));
    }

    #[test]
    fn senseless_reports_count_as_captured_now() {
        let now = crate::test_start() + ms(60_000);
        let mut clock = CaptureClock::default();
        assert_eq!(clock.captured_at(now, 7, VIDEO, None), now);
        // An hour between the report and the packet, in either direction.
        for timestamp in [VIDEO * 3600, 0_u32.wrapping_sub(VIDEO * 3600)] {
            assert_eq!(clock.captured_at(now, timestamp, VIDEO, Some(&report(0, 0))), now);
        }
    }

    #[test]
    fn timestamps_wrap() {
        let now = crate::test_start() + ms(60_000);
        let mut clock = CaptureClock::default();
        let before = u32::MAX - VIDEO / 100 + 1;
        clock.captured_at(now, before, VIDEO, Some(&report(0, before)));
        let at = clock.captured_at(now + ms(25), VIDEO / 100, VIDEO, Some(&report(0, before)));
        assert_eq!(at, now + ms(20));
    }
}
