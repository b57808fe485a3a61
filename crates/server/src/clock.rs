//! Where time comes from. The one place of this crate that reads a clock;
//! everything else is handed a [`Clock`] or a point in time.

use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use parlor_model::time::UnixMillis;
use tokio::sync::Notify;

/// A source of the current time. Tests bring one that stands still until told.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixMillis;

    /// Resolves when the time has been moved by hand, counted from this call
    /// and not from the first poll: ask before reading [`Clock::now`], and no
    /// jump is missed. A clock that only ticks never resolves.
    fn jumped(&self) -> BoxFuture<'_, ()> {
        Box::pin(pending())
    }
}

/// Longest time that [`sleep_until`] trusts its reading of the clock, which
/// the machine's owner may set. Longer notices that later; shorter wakes an
/// idle server more.
const TRUSTED: Duration = Duration::from_secs(60);

/// Waits until `clock` shows `at`, however it gets there: by ticking, by a
/// jump, or because the machine's owner set it.
pub async fn sleep_until(clock: &dyn Clock, at: UnixMillis) {
    loop {
        let jumped = clock.jumped();
        let left = at.millis_since(clock.now());
        let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else {
            return;
        };
        let left = Duration::from_millis(left).min(TRUSTED);
        tokio::select! {
            () = tokio::time::sleep(left) => {}
            () = jumped => {}
        }
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        // A clock set before 1970 is not worth an error path of its own.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis::new(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that ticks as another one does and can be moved forwards by hand.
/// `parlor dev` runs by it, so that nobody has to wait a day to see what
/// happens after a day.
pub struct DevClock {
    base: Arc<dyn Clock>,
    offset_millis: AtomicI64,
    jumps: Notify,
}

impl DevClock {
    /// Ticks as `base` does, and shows the same until moved.
    #[must_use]
    pub fn new(base: Arc<dyn Clock>) -> Self {
        Self { base, offset_millis: AtomicI64::new(0), jumps: Notify::new() }
    }

    /// Moves the time by so much, and wakes whoever waits for a time.
    pub fn advance(&self, millis: i64) {
        self.offset_millis.fetch_add(millis, Ordering::AcqRel);
        self.jumps.notify_waiters();
    }

    /// Back to what the other clock shows; says by how much the time moved,
    /// which is a step backwards unless nobody had moved it.
    pub fn reset(&self) -> i64 {
        let offset = self.offset_millis.swap(0, Ordering::AcqRel);
        self.jumps.notify_waiters();
        -offset
    }

    /// By how much the time has been moved, in milliseconds.
    #[must_use]
    pub fn offset_millis(&self) -> i64 {
        self.offset_millis.load(Ordering::Acquire)
    }
}

impl Clock for DevClock {
    fn now(&self) -> UnixMillis {
        self.base.now().plus_millis(self.offset_millis())
    }

    fn jumped(&self) -> BoxFuture<'_, ()> {
        // Both made now: a `Notified` hears of jumps from its making on.
        let (own, base) = (self.jumps.notified(), self.base.jumped());
        Box::pin(async move {
            tokio::select! {
                () = own => {}
                () = base => {}
            }
        })
    }
}

impl fmt::Debug for DevClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevClock").field("offset_millis", &self.offset_millis()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Clock, DevClock, UnixMillis, sleep_until};
    use futures_util::FutureExt as _;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> UnixMillis {
            UnixMillis::new(1_000)
        }
    }

    #[tokio::test]
    async fn sleeper_wakes_when_the_clock_jumps_past_its_time() {
        let clock = DevClock::new(Arc::new(Still));
        let mut sleeping = Box::pin(sleep_until(&clock, UnixMillis::new(86_401_000)));
        assert!((&mut sleeping).now_or_never().is_none());
        clock.advance(86_399_999);
        assert!((&mut sleeping).now_or_never().is_none());
        clock.advance(1);
        assert!(sleeping.now_or_never().is_some());
    }

    #[tokio::test]
    async fn time_that_has_come_is_not_waited_for() {
        let clock = DevClock::new(Arc::new(Still));
        assert!(sleep_until(&clock, UnixMillis::new(1_000)).now_or_never().is_some());
    }

    #[tokio::test]
    async fn jump_between_asking_and_polling_is_not_missed() {
        let clock = DevClock::new(Arc::new(Still));
        let jumped = clock.jumped();
        clock.advance(5);
        assert!(jumped.now_or_never().is_some());
        assert_eq!(clock.now(), UnixMillis::new(1_005));
        assert_eq!((clock.reset(), clock.now()), (-5, UnixMillis::new(1_000)));
    }
}
