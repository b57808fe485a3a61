//! Body of `POST /_dev/faults`: which requests fail, how, and how often.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::rest::body::refuse_unknown;

/// Most rules at a time.
const MAX_RULES: usize = 100;

/// Longest latency of one rule, in milliseconds.
const MAX_LATENCY_MS: u64 = 60_000;

/// Longest `Retry-After`, in seconds.
const MAX_RETRY_AFTER: u64 = 3_600;

/// Every fault that is injected.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Faults {
    /// Decides every draw: the same seed and the same requests give the same
    /// faults.
    pub seed: u64,
    /// Tried in order; every rule that hits adds its latency, and the first
    /// one with a status ends the request.
    pub rules: Vec<FaultRule>,
    /// What happens to webhook deliveries.
    pub webhooks: WebhookFaults,
}

/// A fault of one operation, or of all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultRule {
    /// `POST /rooms/:name` as the documentation writes it, or `*`.
    pub route: String,
    /// How long the answer is held back.
    pub latency_ms: u64,
    /// The status answered instead of the operation's; the operation is not
    /// carried out then.
    pub status: Option<FaultStatus>,
    /// Seconds in the `Retry-After` of a 429 or 503.
    pub retry_after: u64,
    /// How likely a request is hit, 0 to 1.
    pub probability: f64,
    /// How many requests are hit at most.
    pub times: Option<u64>,
}

/// A status that a fault may answer: 429, or one of 500 to 599.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FaultStatus(u16);

impl FaultStatus {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// Whether this is 429.
    #[must_use]
    pub const fn is_rate_limit(self) -> bool {
        self.0 == 429
    }
}

/// Faults of webhook deliveries.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WebhookFaults {
    /// How likely an attempt is lost on the way, 0 to 1. The receiver hears
    /// nothing, and the attempt counts as failed.
    pub drop: f64,
    /// How long each attempt is held back.
    pub latency_ms: u64,
}

impl Faults {
    /// Reads the body. What is not named is not injected.
    ///
    /// # Errors
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        refuse_unknown(body, &["seed", "rules", "webhooks"])?;
        let seed = match body.get("seed") {
            None => 0,
            Some(value) => value.as_u64().ok_or_else(|| {
                ApiError::wrong_value("seed", value, "an integer from 0 to 18446744073709551615")
            })?,
        };
        let webhooks = body.get("webhooks").map(WebhookFaults::parse).transpose()?;
        Ok(Self { seed, rules: rules(body.get("rules"))?, webhooks: webhooks.unwrap_or_default() })
    }
}

fn rules(value: Option<&Value>) -> Result<Vec<FaultRule>, ApiError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let expectation = format!("an array of at most {MAX_RULES} objects");
    match value {
        Value::Array(rules) if rules.len() <= MAX_RULES => {
            rules.iter().map(FaultRule::parse).collect()
        }
        Value::Array(rules) => {
            let count = Value::String(format!("{} objects", rules.len()));
            Err(ApiError::wrong_value("rules", &count, &expectation))
        }
        other => Err(ApiError::wrong_value("rules", other, &expectation)),
    }
}

impl FaultRule {
    fn parse(value: &Value) -> Result<Self, ApiError> {
        const KEYS: [&str; 6] =
            ["route", "latency_ms", "status", "retry_after", "probability", "times"];
        let rule = object("rules", value)?;
        refuse_unknown(rule, &KEYS)?;
        let route = rule.get("route").ok_or_else(|| ApiError::missing_field("route"))?;
        let route = route.as_str().ok_or_else(|| {
            ApiError::wrong_value("route", route, "an operation like 'POST /rooms', or '*'")
        })?;
        let parsed = Self {
            route: route.to_owned(),
            latency_ms: integer(rule, "latency_ms", 0, MAX_LATENCY_MS)?.unwrap_or(0),
            status: rule.get("status").map(status).transpose()?,
            retry_after: integer(rule, "retry_after", 1, MAX_RETRY_AFTER)?.unwrap_or(1),
            probability: probability(rule, "probability")?.unwrap_or(1.0),
            times: integer(rule, "times", 1, u64::from(u32::MAX))?,
        };
        if parsed.latency_ms == 0 && parsed.status.is_none() {
            return Err(ApiError::missing_field("status"));
        }
        Ok(parsed)
    }

    /// How long the answer is held back.
    #[must_use]
    pub const fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms)
    }
}

impl WebhookFaults {
    fn parse(value: &Value) -> Result<Self, ApiError> {
        let faults = object("webhooks", value)?;
        refuse_unknown(faults, &["drop", "latency_ms"])?;
        Ok(Self {
            drop: probability(faults, "drop")?.unwrap_or(0.0),
            latency_ms: integer(faults, "latency_ms", 0, MAX_LATENCY_MS)?.unwrap_or(0),
        })
    }
}

fn status(value: &Value) -> Result<FaultStatus, ApiError> {
    match value.as_u64().and_then(|code| u16::try_from(code).ok()) {
        Some(code) if code == 429 || (500..=599).contains(&code) => Ok(FaultStatus(code)),
        _ => Err(ApiError::wrong_value("status", value, "429 or an integer from 500 to 599")),
    }
}

fn object<'a>(key: &str, value: &'a Value) -> Result<&'a Map<String, Value>, ApiError> {
    value.as_object().ok_or_else(|| ApiError::wrong_value(key, value, "an object"))
}

fn integer(
    body: &Map<String, Value>,
    key: &str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, ApiError> {
    let Some(value) = body.get(key) else { return Ok(None) };
    match value.as_u64() {
        Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => Err(ApiError::wrong_value(key, value, &format!("an integer from {least} to {most}"))),
    }
}

fn probability(body: &Map<String, Value>, key: &str) -> Result<Option<f64>, ApiError> {
    let Some(value) = body.get(key) else { return Ok(None) };
    match value.as_f64() {
        Some(number) if (0.0..=1.0).contains(&number) => Ok(Some(number)),
        _ => Err(ApiError::wrong_value(key, value, "a number from 0 to 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Faults, Value};
    use serde_json::json;

    fn parse(body: &Value) -> Result<Faults, String> {
        Faults::parse(body.as_object().unwrap()).map_err(|error| error.info)
    }

    #[test]
    fn rule_reads_every_field_and_fills_in_the_rest() {
        let faults = parse(&json!({
            "seed": 7,
            "rules": [
                {"route": "POST /rooms", "latency_ms": 500, "status": 429, "probability": 0.5, "times": 3},
                {"route": "*", "latency_ms": 10},
            ],
            "webhooks": {"drop": 0.2},
        }))
        .unwrap();
        assert_eq!((faults.seed, faults.webhooks.drop), (7, 0.2));
        assert_eq!(
            serde_json::to_value(&faults.rules).unwrap(),
            json!([
                {"route": "POST /rooms", "latency_ms": 500, "status": 429, "retry_after": 1,
                 "probability": 0.5, "times": 3},
                {"route": "*", "latency_ms": 10, "status": null, "retry_after": 1,
                 "probability": 1.0, "times": null},
            ])
        );
        assert_eq!(parse(&json!({})), Ok(Faults::default()));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_by_name() {
        let rule = |rule: Value| json!({ "rules": [rule] });
        let many: Vec<Value> = vec![json!({"route": "*", "status": 500}); 101];
        let cases = [
            (json!({"seed": -1}), "seed was '-1'"),
            (json!({"sead": 1}), "unknown parameter 'sead'"),
            (json!({"rules": {}}), "rules was '{}' but should be an array"),
            (json!({ "rules": many }), "rules was '101 objects' but should be"),
            (json!({"rules": [1]}), "rules was '1' but should be an object"),
            (rule(json!({})), "missing required field 'route'"),
            (rule(json!({"route": 5, "status": 500})), "route was '5'"),
            (rule(json!({"route": "*"})), "missing required field 'status'"),
            (rule(json!({"route": "*", "status": 404})), "status was '404'"),
            (rule(json!({"route": "*", "status": 70_000})), "status was '70000'"),
            (rule(json!({"route": "*", "latency_ms": 60_001})), "latency_ms was '60001'"),
            (rule(json!({"route": "*", "latency_ms": -1})), "latency_ms was '-1'"),
            (
                rule(json!({"route": "*", "status": 500, "probability": 1.1})),
                "probability was '1.1'",
            ),
            (rule(json!({"route": "*", "status": 500, "times": 0})), "times was '0'"),
            (rule(json!({"route": "*", "status": 500, "x": 0})), "unknown parameter 'x'"),
            (json!({"webhooks": {"drop": "all"}}), "drop was 'all'"),
            (json!({"webhooks": []}), "webhooks was '[]'"),
        ];
        for (body, expected) in cases {
            let info = parse(&body).unwrap_err();
            assert!(info.starts_with(expected), "{body}: {info}");
        }
    }
}
