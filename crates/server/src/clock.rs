//! Where time comes from. The one place of this crate that reads a clock;
//! everything else is handed a [`Clock`] or a point in time.

use std::time::{SystemTime, UNIX_EPOCH};

use parlor_model::time::UnixMillis;

/// A source of the current time. Tests bring one that stands still until told.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixMillis;
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
