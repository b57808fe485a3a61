//! Points in time. The wire speaks in unix seconds and ISO 8601; inside, a
//! point is [`UnixMillis`]. Nobody here reads a clock: `now` is an argument.

mod rfc3339;
mod span;

use serde::{Deserialize, Serialize};

pub use span::{SPAN_FORM, parse_span};

/// Milliseconds since the unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "number"))]
#[serde(transparent)]
pub struct UnixMillis(i64);

impl UnixMillis {
    /// A point from milliseconds since the epoch.
    #[must_use]
    pub const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// A point from (possibly fractional) seconds since the epoch, as the wire
    /// carries them. Values out of range saturate.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float-to-int cast saturates, which is what is wanted"
    )]
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1000.0).round() as i64)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The point `millis` later (earlier when negative), saturating.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The point `seconds` later (earlier when negative), saturating.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds from `earlier` to this point; negative when it is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As ISO 8601 in UTC with milliseconds: `2031-05-04T10:20:30.000Z`.
    #[must_use]
    pub fn to_iso8601(self) -> String {
        let seconds = self.as_seconds();
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let in_day = seconds.rem_euclid(86_400);
        let (hour, minute, second) = (in_day / 3600, in_day / 60 % 60, in_day % 60);
        let millis = self.0.rem_euclid(1000);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

/// Year, month and day of a day counted from the epoch, in the proleptic
/// Gregorian calendar. The year begins in March here, so that the leap day is
/// its last (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_ERA: i64 = 146_097;
    let days = days + 719_468;
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_8601_shows_the_moment() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (1935656430000, "2031-05-04T10:20:30.000Z"),
            (951_782_400_123, "2000-02-29T00:00:00.123Z"),
            (1772323199999, "2026-02-28T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (4107542400000, "2100-03-01T00:00:00.000Z"),
        ];
        for (millis, text) in cases {
            assert_eq!(UnixMillis::new(millis).to_iso8601(), text);
        }
    }

    #[test]
    fn extreme_moments_do_not_panic() {
        for millis in [i64::MIN, i64::MAX] {
            assert!(UnixMillis::new(millis).to_iso8601().ends_with('Z'));
        }
    }
}
