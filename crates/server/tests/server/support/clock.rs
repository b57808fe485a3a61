//! The time of a test.

use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::BoxFuture;
use parlor_model::time::UnixMillis;
use parlor_server::Clock;
use tokio::sync::Notify;

/// A clock that stands still until told.
pub(crate) struct TestClock {
    now: AtomicI64,
    jumps: Notify,
}

impl TestClock {
    pub(super) fn at(now: UnixMillis) -> Self {
        Self { now: AtomicI64::new(now.as_millis()), jumps: Notify::new() }
    }

    pub(crate) fn advance_millis(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::AcqRel);
        self.jumps.notify_waiters();
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.advance_millis(seconds * 1000);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.now.load(Ordering::Acquire))
    }

    fn jumped(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.jumps.notified())
    }
}
