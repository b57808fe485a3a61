//! Whether the queue on the way is somebody else's.
//!
//! A download beside a call fills the queue whatever the call does. Whoever
//! gives way to every delay is then left with nothing. So where less was sent
//! than passed, for long enough to empty a queue of one's own, and it stands
//! nevertheless, delay says nothing any more, and only losses count, until the
//! queue is gone.

use std::time::{Duration, Instant};

/// A queue shorter than this is none; longer than that, it stands.
const GONE: Duration = Duration::from_millis(20);
const STANDS: Duration = Duration::from_millis(40);
/// How much less than passed must be sent, and for how long. Longer gives more
/// away before it is noticed; shorter takes a long queue of one's own for theirs.
const LESS: f64 = 0.75;
const LASTS: Duration = Duration::from_millis(1500);
/// A queue that fell to less than this meanwhile is emptying.
const STAYS: f64 = 0.7;

/// What is known of others in the queue.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    /// What passed when the queue began to stand.
    passed: Option<f64>,
    /// Since when less was sent than that, and how long the queue was then.
    since: Option<(Instant, Duration)>,
    are_there: bool,
}

impl Rivals {
    /// It jammed where this much passed, in bits per second.
    pub(super) fn handle_jam(&mut self, passed: f64) {
        self.passed.get_or_insert(passed);
    }

    /// Looks at how long the queue is, where this much is sent.
    pub(super) fn judge(&mut self, now: Instant, standing: Duration, sent: f64) {
        if standing < GONE {
            *self = Self::default();
            return;
        }
        let sends_less = self.passed.is_some_and(|passed| sent < passed * LESS);
        if standing < STANDS || !sends_less {
            self.since = None;
            return;
        }
        let (since, then) = *self.since.get_or_insert((now, standing));
        if now.saturating_duration_since(since) >= LASTS {
            self.are_there |= standing > then.mul_f64(STAYS);
            self.since = None;
        }
    }

    /// Whether delay says nothing.
    pub(super) fn are_there(&self) -> bool {
        self.are_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(rivals: &mut Rivals, from: u64, to: u64, standing: u64, sent: f64) {
        for millis in (from..to).step_by(50) {
            let now = crate::test_start() + Duration::from_millis(millis);
            rivals.judge(now, Duration::from_millis(standing), sent);
        }
    }

    #[test]
    fn a_queue_that_stays_though_less_is_sent_is_of_others() {
        let mut rivals = Rivals::default();
        judge(&mut rivals, 0, 1000, 200, 9e5);
        rivals.handle_jam(1e6);
        judge(&mut rivals, 1000, 5000, 200, 8e5);
        assert!(!rivals.are_there());
        judge(&mut rivals, 5000, 6000, 200, 5e5);
        assert!(!rivals.are_there());
        judge(&mut rivals, 6000, 6600, 100, 5e5);
        assert!(!rivals.are_there(), "it empties");
        judge(&mut rivals, 6600, 9000, 100, 5e5);
        assert!(rivals.are_there());
        judge(&mut rivals, 9000, 9050, 10, 5e5);
        assert!(!rivals.are_there());
    }
}
