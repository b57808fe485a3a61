//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use parlor_model::time::UnixMillis;

/// What it shows now.
pub(crate) fn wall_clock() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
