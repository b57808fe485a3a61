//! How fast a client may talk. A call needs a few messages a second; one that
//! sends more is not refused but read more slowly, which TCP passes on to it.

use std::time::Duration;

use tokio::time::Instant;

/// Messages at once. Joining a large call, or a game that sends in bursts,
/// stays below.
const BURST: u32 = 300;
/// Messages a second in the long run. Higher lets one client take more of its
/// worker from the others.
const PER_SECOND: u32 = 100;
/// A longer message counts as one for each of these bytes.
const BYTES_PER_MESSAGE: usize = 4096;

/// The pace of one socket, as the moment until which its allowance is used up
/// (the generic cell rate algorithm).
pub(super) struct Pace {
    used_until: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { used_until: now }
    }

    /// Counts a frame of this length, and says until when to wait before the
    /// next one is read.
    pub(super) fn count(&mut self, now: Instant, bytes: usize) -> Instant {
        let messages = u32::try_from(1 + bytes / BYTES_PER_MESSAGE).unwrap_or(u32::MAX);
        self.used_until = self.used_until.max(now) + interval() * messages;
        self.used_until.checked_sub(interval() * BURST).map_or(now, |until| until.max(now))
    }
}

fn interval() -> Duration {
    Duration::from_secs(1) / PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for _ in 0..BURST {
            assert_eq!(pace.count(start, 100), start);
        }
        assert_eq!(pace.count(start, 100), start + interval());
        let later = start + Duration::from_secs(60);
        assert_eq!(pace.count(later, 100), later);
    }

    #[test]
    fn long_messages_count_for_more() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let waits = (0..10).map(|_| pace.count(start, 256 * 1024)).filter(|at| *at > start).count();
        assert_eq!(waits, 6);
    }
}
