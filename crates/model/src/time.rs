//! Points in time. The wire speaks in unix seconds and ISO 8601; inside, a
//! point is [`UnixMillis`]. Nobody here reads a clock: `now` is an argument.

use serde::{Deserialize, Serialize};

/// Milliseconds since the unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "number"))]
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
}
