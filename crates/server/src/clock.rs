//! Where time comes from. The one place of this crate that reads a clock;
//! everything else is handed a [`Clock`] or a point in time.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::Offset;
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
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        UnixMillis::new(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// `2031-05-04T10:20:30.000Z`: ISO 8601, UTC, with milliseconds. A time outside
/// the calendar is shown as the epoch.
pub(crate) fn iso8601(at: UnixMillis) -> String {
    let timestamp = Timestamp::from_millisecond(at.as_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
    let time = Offset::UTC.to_datetime(timestamp);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}

#[cfg(test)]
mod tests {
    use super::{UnixMillis, iso8601};

    #[test]
    fn times_are_iso_8601_with_milliseconds() {
        assert_eq!(
            iso8601(UnixMillis::new(1_935_656_430_007)),
            "2031-05-04T10:20:30.007Z"
        );
        assert_eq!(iso8601(UnixMillis::new(0)), "1970-01-01T00:00:00.000Z");
    }
}
