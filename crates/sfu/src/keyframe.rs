//! When to ask a sender for a keyframe. Encoders pay dearly for one, so
//! requests of many receivers become one; but a receiver without a keyframe
//! shows nothing, and both the request and the keyframe can be lost, so the
//! room asks again until one has come.

use std::time::{Duration, Instant};

/// Least time between two keyframes asked for of the smallest encoding. More
/// spares the sender's bandwidth; less helps receivers that join one after
/// another.
const MIN_INTERVAL: Duration = Duration::from_millis(500);
/// The same of larger ones, whose keyframes are larger too.
const MIN_INTERVAL_LARGER: Duration = Duration::from_millis(1000);
/// When to ask again while nothing came: twice a usual round trip to the
/// sender, and the time an encoder takes. Doubled each time, up to the least
/// time between two keyframes: one that cannot be recognised (encrypted
/// payloads) is asked for no more often than any other.
const FIRST_RETRY: Duration = Duration::from_millis(200);

/// How often one wish is repeated. Whoever still waits wishes again.
const MOST_ASKS: u8 = 6;

/// The keyframe requests of one encoding.
#[derive(Debug)]
pub(crate) struct KeyframeRequests {
    min_interval: Duration,
    /// How often to ask yet, if nothing comes.
    asks_left: u8,
    asked_at: Option<Instant>,
    /// How long after the last request the next may follow.
    pause: Duration,
}

impl KeyframeRequests {
    /// Requests of the smallest encoding, or of a larger one.
    pub(crate) fn new(is_smallest: bool) -> Self {
        let min_interval = if is_smallest { MIN_INTERVAL } else { MIN_INTERVAL_LARGER };
        Self { min_interval, asks_left: 0, asked_at: None, pause: FIRST_RETRY }
    }

    /// Somebody needs one. The answer to [`Self::deadline`] changes.
    pub(crate) fn want(&mut self) {
        self.asks_left = MOST_ASKS;
    }

    /// One has come: everybody who waited is served.
    pub(crate) fn handle_arrival(&mut self) {
        self.asks_left = 0;
        self.pause = self.min_interval;
    }

    /// Nobody waits any more.
    pub(crate) fn forget(&mut self) {
        self.asks_left = 0;
    }

    /// When to ask next; in the past means at once.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.asks_left == 0 {
            return None;
        }
        let Some(asked_at) = self.asked_at else {
            return Some(now);
        };
        Some(asked_at + self.pause)
    }

    /// Whether to ask now; notes that it is done.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.deadline(now).is_some_and(|deadline| deadline <= now);
        if is_due {
            let is_repeated = self.asked_at.is_some_and(|at| at + self.pause + FIRST_RETRY >= now);
            let pause = if is_repeated { self.pause * 2 } else { FIRST_RETRY };
            self.pause = pause.min(self.min_interval);
            self.asked_at = Some(now);
            self.asks_left -= 1;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_first_wish_is_passed_on_at_once_and_repeated_until_served() {
        let start = crate::test_start();
        let mut requests = KeyframeRequests::new(true);
        assert!(!requests.is_due(start));
        requests.want();
        assert!(requests.is_due(start));
        assert!(!requests.is_due(start + ms(199)));
        assert!(requests.is_due(start + ms(200)));
        requests.handle_arrival();
        assert_eq!(requests.deadline(start + ms(250)), None);
    }

    #[test]
    fn many_wishes_become_one_request_each_half_second() {
        let start = crate::test_start();
        let mut requests = KeyframeRequests::new(true);
        let mut asked = 0;
        for tick in 0..100 {
            let now = start + ms(tick * 20);
            requests.want();
            if requests.is_due(now) {
                asked += 1;
                requests.handle_arrival();
            }
        }
        assert_eq!(asked, 4);
    }

    #[test]
    fn a_keyframe_that_is_never_recognised_is_asked_for_ever_less() {
        let start = crate::test_start();
        for (is_smallest, most) in [(true, 12), (false, 8)] {
            let mut requests = KeyframeRequests::new(is_smallest);
            let mut count = |wishes: u64| {
                let due = (0..250).filter(|tick| {
                    if *tick < wishes {
                        requests.want();
                    }
                    requests.is_due(start + ms(tick * 20))
                });
                due.count()
            };
            assert!((6..=most).contains(&count(250)));
            let mut requests = KeyframeRequests::new(is_smallest);
            requests.want();
            let asked = (0..500).filter(|tick| requests.is_due(start + ms(tick * 20))).count();
            assert_eq!(asked, usize::from(MOST_ASKS));
        }
    }
}
