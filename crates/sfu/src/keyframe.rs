//! When to ask a sender for a keyframe. Encoders pay dearly for one, so
//! requests of many receivers become one; but a receiver without a keyframe
//! shows nothing, and both the request and the keyframe can be lost, so the
//! room asks again until one has come.

use std::time::{Duration, Instant};

/// Least time between two keyframes asked for. More spares the sender's
/// bandwidth; less helps receivers that join one after another.
const MIN_INTERVAL: Duration = Duration::from_millis(500);
/// When to ask again while nothing came: twice a usual round trip to the
/// sender, and the time an encoder takes.
const RETRY_INTERVAL: Duration = Duration::from_millis(200);

/// The keyframe requests of one track.
#[derive(Debug, Default)]
pub(crate) struct KeyframeRequests {
    is_wanted: bool,
    asked_at: Option<Instant>,
    arrived_at: Option<Instant>,
}

impl KeyframeRequests {
    /// Somebody needs one. The answer to [`Self::deadline`] changes.
    pub(crate) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// One has come: everybody who waited is served.
    pub(crate) fn handle_arrival(&mut self, now: Instant) {
        self.is_wanted = false;
        self.arrived_at = Some(now);
    }

    /// Nobody waits any more.
    pub(crate) fn forget(&mut self) {
        self.is_wanted = false;
    }

    /// When to ask next; in the past means at once.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        if !self.is_wanted {
            return None;
        }
        let Some(asked_at) = self.asked_at else {
            return Some(now);
        };
        let is_answered = self.arrived_at.is_some_and(|arrived| arrived >= asked_at);
        Some(asked_at + if is_answered { MIN_INTERVAL } else { RETRY_INTERVAL })
    }

    /// Whether to ask now; notes that it is done.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.deadline(now).is_some_and(|deadline| deadline <= now);
        if is_due {
            self.asked_at = Some(now);
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
        let mut requests = KeyframeRequests::default();
        assert!(!requests.is_due(start));
        requests.want();
        assert!(requests.is_due(start));
        assert!(!requests.is_due(start + ms(199)));
        assert!(requests.is_due(start + ms(200)));
        requests.handle_arrival(start + ms(250));
        assert_eq!(requests.deadline(start + ms(250)), None);
    }

    #[test]
    fn many_wishes_become_one_request_each_half_second() {
        let start = crate::test_start();
        let mut requests = KeyframeRequests::default();
        let mut asked = 0;
        for tick in 0..100 {
            let now = start + ms(tick * 20);
            requests.want();
            if requests.is_due(now) {
                asked += 1;
                requests.handle_arrival(now);
            }
        }
        assert_eq!(asked, 4);
    }
}
