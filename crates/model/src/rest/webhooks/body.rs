//! What webhooks are asked with.

use serde_json::{Map, Value};

use super::{EventType, RetryType};
use crate::error::ApiError;
use crate::schema::{Field, Rule, Schema, described_bodies};
use crate::time::UnixMillis;

const URL_DOC: &str = "Where events are posted to; it must answer the test with 200";
const HMAC: Field = Field::new(
    "hmac",
    Rule::Base64,
    "The key of the signatures, base64; 32 random bytes when absent at first",
);
const BASIC_AUTH: Field = Field::new(
    "basicAuth",
    Rule::AnyOf(&[Rule::Null, Rule::Text { min: 1, max: 1024 }]),
    "Sent in the `Authorization` header, after `Basic `",
);
const RETRY_TYPE: Field = Field::new(
    "retryType",
    Rule::OneOf(RetryType::WORDS),
    "What happens when an attempt fails; `circuit-breaker` when absent at first",
);
const EVENT_TYPES: Field = Field::new(
    "eventTypes",
    Rule::List { item: &Rule::OneOf(EventType::WORDS), max: 100 },
    "What it is told of; everything when absent at first",
);

static CREATE: Schema = Schema::of(&[
    Field::required("url", Rule::Address, URL_DOC),
    BASIC_AUTH,
    RETRY_TYPE,
    EVENT_TYPES,
    HMAC,
]);
static UPDATE: Schema = Schema::of(&[
    Field::new("url", Rule::Address, URL_DOC),
    BASIC_AUTH,
    RETRY_TYPE,
    EVENT_TYPES,
    HMAC,
]);
static REPLAY: Schema = Schema::of(&[Field::required(
    "since",
    Rule::Number { min: 0.0, max: MOST_SECONDS },
    "Unix seconds: events from then on are sent again",
)]);

/// The end of the year 9999.
const MOST_SECONDS: f64 = 253_402_300_799.0;

described_bodies! {
    /// Body of `POST /webhooks`.
    CreateWebhookBody = &CREATE, {
        "url": "https://hooks.example.org/parlor",
        "eventTypes": ["meeting.started", "participant.joined"],
        "retryType": "exponential"
    };
    /// Body of `POST /webhooks/:uuid`.
    UpdateWebhookBody = &UPDATE, {"eventTypes": ["meeting.started", "meeting.ended"]};
    /// Body of `POST /parlor/webhooks/:uuid/replay`.
    ReplayBody = &REPLAY, {"since": 1_893_456_000};
}

/// What somebody wants a webhook to be. What is absent stays, or gets its
/// default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookRequest {
    /// Where events go.
    pub url: Option<String>,
    /// The key of the signatures, base64.
    pub hmac: Option<String>,
    /// What follows `Basic `; the inner `None` takes it away.
    pub basic_auth: Option<Option<String>>,
    /// What happens when an attempt fails.
    pub retry_type: Option<RetryType>,
    /// What it is told of.
    pub event_types: Option<Vec<EventType>>,
}

impl WebhookRequest {
    /// Reads the body of `POST /webhooks`; `url` is there.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn create(body: &Map<String, Value>) -> Result<Self, ApiError> {
        CREATE.check(body)?;
        Self::read(body)
    }

    /// Reads the body of `POST /webhooks/:uuid`.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn update(body: &Map<String, Value>) -> Result<Self, ApiError> {
        UPDATE.check(body)?;
        Self::read(body)
    }

    fn read(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(value) = body.get("basicAuth").filter(|value| !is_printable(value)) {
            return Err(ApiError::must("basicAuth", "must be printable ASCII", value));
        }
        let words = body.get("eventTypes").and_then(Value::as_array);
        Ok(Self {
            url: text("url"),
            hmac: text("hmac"),
            basic_auth: body.get("basicAuth").map(|value| value.as_str().map(str::to_owned)),
            retry_type: text("retryType").and_then(|word| word.parse().ok()),
            event_types: words.map(|words| event_types(words)),
        })
    }
}

/// Reads `since` of a replay.
///
/// # Errors
///
/// With the text for the caller.
pub fn parse_replay(body: &Map<String, Value>) -> Result<UnixMillis, ApiError> {
    REPLAY.check(body)?;
    let since = body.get("since").and_then(Value::as_f64).unwrap_or_default();
    Ok(UnixMillis::from_seconds(since))
}

/// A header carries nothing else.
fn is_printable(value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.bytes().all(|byte| (0x20..0x7f).contains(&byte)))
}

/// Each once, in the order given.
fn event_types(words: &[Value]) -> Vec<EventType> {
    let mut types = Vec::new();
    for word in words.iter().filter_map(|word| word.as_str()?.parse().ok()) {
        if !types.contains(&word) {
            types.push(word);
        }
    }
    types
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn create(body: Value) -> Result<WebhookRequest, String> {
        let Value::Object(body) = body else { panic!("an object") };
        WebhookRequest::create(&body).map_err(|error| error.info)
    }

    #[test]
    fn a_body_is_read() {
        let request = create(json!({
            "url": "https://hooks.example/a",
            "hmac": "c2VjcmV0",
            "basicAuth": null,
            "retryType": "exponential",
            "eventTypes": ["meeting.ended", "meeting.started", "meeting.ended"],
        }));
        let request = request.unwrap();
        assert_eq!(request.basic_auth, Some(None));
        assert_eq!(request.retry_type, Some(RetryType::Exponential));
        let types = [EventType::MeetingEnded, EventType::MeetingStarted];
        assert_eq!(request.event_types.as_deref(), Some(&types[..]));
    }

    #[test]
    fn what_is_wrong_is_said_in_the_words_of_the_schema_validator() {
        let url = "https://hooks.example/a";
        let cases = [
            (json!({}), "missing required field 'url'"),
            (json!({"url": url, "scope": "x"}), "\"scope\" is not allowed [Received scope=\"x\"]"),
            (
                json!({"url": url, "retryType": "often"}),
                "\"retryType\" must be one of [circuit-breaker, exponential] [Received retryType=\"often\"]\n",
            ),
            (
                json!({"url": url, "hmac": "no!"}),
                "\"hmac\" must be a valid base64 string [Received hmac=\"[redacted]\"]",
            ),
            (
                json!({"url": url, "basicAuth": "a\nb"}),
                "\"basicAuth\" must be printable ASCII [Received basicAuth=\"[redacted]\"]",
            ),
        ];
        for (body, info) in cases {
            assert_eq!(create(body), Err(info.to_owned()));
        }
        let unknown = create(json!({"url": url, "eventTypes": ["meeting.began"]})).unwrap_err();
        assert!(unknown.starts_with("\"eventTypes[0]\" must be one of [recording.ready"));
    }
}
