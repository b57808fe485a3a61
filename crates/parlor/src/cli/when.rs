//! Times as people write and read them.

use anyhow::bail;
use parlor_model::time::{SPAN_FORM, UnixMillis, parse_span};
use parlor_server::{Clock as _, SystemClock};
use serde_json::Value;

use super::server::Server;

/// Numbers from here on are points in time (2001-09-09), not lengths.
const FIRST_POINT: u64 = 1_000_000_000;

/// A point in time as it was typed: a length of time from now, or unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// So many milliseconds from now; back, where it is about the past.
    Span(i64),
    /// Unix seconds.
    Point(i64),
}

impl When {
    /// Reads `1h`, `15m`, `7d` or unix seconds.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let point = text.trim().parse::<u64>().ok().filter(|number| *number >= FIRST_POINT);
        if let Some(seconds) = point.and_then(|seconds| i64::try_from(seconds).ok()) {
            return Ok(Self::Point(seconds));
        }
        match parse_span(text).and_then(|span| i64::try_from(span.as_millis()).ok()) {
            Some(millis) => Ok(Self::Span(millis)),
            None => bail!("'{text}' is no time: write {SPAN_FORM}, or unix seconds"),
        }
    }

    /// The point that lies ahead of `now`, in unix seconds.
    pub(crate) fn ahead_of(self, now: UnixMillis) -> i64 {
        match self {
            Self::Span(millis) => now.plus_millis(millis).as_seconds(),
            Self::Point(seconds) => seconds,
        }
    }

    /// The point that lies behind `now`, in unix seconds.
    pub(crate) fn behind(self, now: UnixMillis) -> i64 {
        match self {
            Self::Span(millis) => now.plus_millis(-millis).as_seconds(),
            Self::Point(seconds) => seconds,
        }
    }
}

/// The time that `server` goes by. An emulator's clock may have been moved and
/// is asked; any other server is taken to have the time that this machine has.
pub(crate) async fn now_of(server: &Server) -> UnixMillis {
    let machine = SystemClock.now();
    let Ok(clock) = server.dev_clock().await else { return machine };
    let now = clock.get("now").and_then(Value::as_f64);
    now.map_or(machine, UnixMillis::from_seconds)
}

/// This machine's time.
pub(crate) fn machine_now() -> UnixMillis {
    SystemClock.now()
}

/// A point in unix seconds, and how far it is from `now`.
pub(crate) fn point(seconds: f64, now: UnixMillis) -> String {
    let at = UnixMillis::from_seconds(seconds);
    let millis = at.millis_since(now);
    let distance = distance(millis.unsigned_abs() / 1000);
    let relation = if millis >= 0 { format!("in {distance}") } else { format!("{distance} ago") };
    format!("{} ({relation})", minute(at))
}

/// `2031-05-04 10:20:30Z`.
fn minute(at: UnixMillis) -> String {
    let text = at.to_iso8601();
    let end = text.len().saturating_sub(".000Z".len());
    format!("{}Z", text.get(..end).unwrap_or(&text).replace('T', " "))
}

/// A length of time in its two largest units.
pub(crate) fn distance(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (length, unit) in UNITS {
        let count = left / length;
        left %= length;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::{UnixMillis, When, distance, point};

    #[test]
    fn times_are_lengths_or_points() {
        let now = UnixMillis::new(1_893_456_000_000);
        assert_eq!(When::parse("1h").unwrap().ahead_of(now), 1_893_459_600);
        assert_eq!(When::parse("90").unwrap().behind(now), 1_893_455_910);
        assert_eq!(When::parse("1893456001").unwrap().ahead_of(now), 1_893_456_001);
        assert!(When::parse("tomorrow").unwrap_err().to_string().contains("1h30m"));
        assert!(When::parse("-1h").is_err());
    }

    #[test]
    fn distances_have_two_units_at_most() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_661, "1 h 1 min"),
            (90_061, "1 d 1 h"),
            (86_460, "1 d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(distance(seconds), text);
        }
        let now = UnixMillis::new(1_893_456_000_000);
        assert_eq!(point(1_893_459_600.0, now), "2030-01-01 01:00:00Z (in 1 h)");
        assert_eq!(point(1_893_455_970.0, now), "2029-12-31 23:59:30Z (30 s ago)");
    }
}
