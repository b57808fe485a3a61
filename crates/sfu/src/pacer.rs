//! News that supersedes itself: told at once when it was quiet, and otherwise
//! not before some time has passed since the last telling. Whoever makes news
//! faster than that makes no more messages; the last state is always told.

use std::time::{Duration, Instant};

/// When the next telling may be.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    has_news: bool,
    not_before: Option<Instant>,
}

impl Pacer {
    /// There is news.
    pub(crate) fn note(&mut self) {
        self.has_news = true;
    }

    /// When the news, if there is any, may be told; in the past means at once.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.has_news.then(|| self.not_before.unwrap_or(now))
    }

    /// Whether to tell now. If so, the next telling is `pause` away.
    pub(crate) fn take(&mut self, now: Instant, pause: Duration) -> bool {
        let is_due = self.deadline(now).is_some_and(|deadline| deadline <= now);
        if is_due {
            self.has_news = false;
            self.not_before = Some(now + pause);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_news_is_told_at_once_and_the_last_later() {
        let start = crate::test_start();
        let pause = Duration::from_secs(1);
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacer = Pacer::default();
        assert_eq!(pacer.deadline(start), None);
        pacer.note();
        assert!(pacer.take(start, pause));
        assert!(!pacer.take(start, pause));
        pacer.note();
        pacer.note();
        assert_eq!(pacer.deadline(at(10)), Some(at(1000)));
        assert!(!pacer.take(at(999), pause));
        assert!(pacer.take(at(1000), pause));
        assert_eq!(pacer.deadline(at(1001)), None);
    }
}
