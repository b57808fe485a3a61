//! Bodies of `/_dev`: what `parlor dev` offers to tests of applications, and
//! `serve` does not have.

mod faults;

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::body::refuse_unknown;
use crate::error::ApiError;
use crate::time::{SPAN_FORM, UnixMillis, parse_span};

pub use faults::{FaultRule, FaultStatus, Faults, WebhookFaults};

/// Furthest that a clock may be moved in all, in milliseconds: ten years.
/// Tokens and rooms live shorter, and every sum of times stays in range.
pub const MAX_ADVANCE_MILLIS: i64 = 10 * 366 * 86_400_000;

/// Body of `POST /_dev/clock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdvanceClock {
    /// By how much the clock moves, in milliseconds; more than 0.
    pub millis: i64,
}

impl AdvanceClock {
    /// Reads the body: `{"advance": "24h"}`, or a number of seconds.
    ///
    /// # Errors
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        refuse_unknown(body, &["advance"])?;
        let value = body.get("advance").ok_or_else(|| ApiError::missing_field("advance"))?;
        let millis = match value {
            Value::String(text) => {
                parse_span(text).and_then(|span| i64::try_from(span.as_millis()).ok())
            }
            Value::Number(seconds) => seconds.as_f64().and_then(millis_of),
            _ => None,
        };
        match millis {
            Some(millis) if (1..=MAX_ADVANCE_MILLIS).contains(&millis) => Ok(Self { millis }),
            _ => Err(ApiError::wrong_value("advance", value, &expectation())),
        }
    }
}

/// Body of `POST /_dev/crash`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// A room with a call.
    pub room: String,
}

impl Crash {
    /// Reads the body: `{"room": "standup"}`.
    ///
    /// # Errors
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        refuse_unknown(body, &["room"])?;
        match body.get("room") {
            Some(Value::String(room)) => Ok(Self { room: room.clone() }),
            Some(other) => Err(ApiError::wrong_value("room", other, "the name of a room")),
            None => Err(ApiError::missing_field("room")),
        }
    }
}

fn expectation() -> String {
    format!("{SPAN_FORM}, or a number of seconds; more than 0 and at most 10 years")
}

fn millis_of(seconds: f64) -> Option<i64> {
    let millis = UnixMillis::from_seconds(seconds).as_millis();
    seconds.is_finite().then_some(millis)
}

/// What the server's clock shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClockState {
    /// Unix seconds.
    pub now: i64,
    /// By how much the server's clock is ahead of the machine's, in seconds.
    pub advanced_seconds: Number,
}

impl ClockState {
    /// A clock that shows `now` and was moved by `offset_millis`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "ten years of milliseconds fit 53 bits")]
    pub fn new(now: UnixMillis, offset_millis: i64) -> Self {
        let whole = Number::from(offset_millis / 1000);
        let advanced_seconds = match offset_millis % 1000 {
            0 => whole,
            _ => Number::from_f64(offset_millis as f64 / 1000.0).unwrap_or(whole),
        };
        Self { now: now.as_seconds(), advanced_seconds }
    }
}

/// Reads the body of an order that takes no parameters.
///
/// # Errors
/// Unknown keys.
pub fn parse_empty(body: &Map<String, Value>) -> Result<(), ApiError> {
    refuse_unknown(body, &[])
}

#[cfg(test)]
mod tests {
    use super::{AdvanceClock, Value};
    use serde_json::json;

    fn parse(body: &Value) -> Result<i64, String> {
        let parsed = AdvanceClock::parse(body.as_object().unwrap());
        parsed.map(|advance| advance.millis).map_err(|error| error.info)
    }

    #[test]
    fn clock_moves_by_spans_and_by_seconds() {
        assert_eq!(parse(&json!({"advance": "24h"})), Ok(86_400_000));
        assert_eq!(parse(&json!({"advance": 90})), Ok(90_000));
        assert_eq!(parse(&json!({"advance": 0.5})), Ok(500));
        assert_eq!(parse(&json!({"advance": "90"})), Ok(90_000));
    }

    #[test]
    fn clock_moves_only_forwards_and_within_bounds() {
        let bad = [
            json!(0),
            json!(-1),
            json!("-1h"),
            json!(1e300),
            json!("11000d"),
            json!(null),
            json!(true),
            json!([]),
            json!("soon"),
            json!(0.0001),
        ];
        for value in bad {
            let info = parse(&json!({ "advance": value })).unwrap_err();
            assert!(info.contains("but should be a length of time like 90s"), "{info}");
        }
        assert_eq!(parse(&json!({})), Err("missing required field 'advance'".to_owned()));
        assert_eq!(
            parse(&json!({"advance": "1h", "to": 1})),
            Err("unknown parameter 'to'".to_owned())
        );
    }
}
