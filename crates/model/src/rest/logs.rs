//! `/logs`: what clients reported of their calls. `/logs/api`: which requests
//! were made.

use serde::{Deserialize, Serialize};

use crate::call_log::TransportMetrics;
use crate::id::{ApiLogId, MeetingId, OrgId, ParticipantId};
use crate::time::UnixMillis;

/// Answer of `GET /logs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallLogs {
    /// Lines; absent when they were not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub logs: Option<Vec<CallLogLine>>,
    /// Measurements; absent when they were not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub metrics: Option<Vec<CallLogMetrics>>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallLogLine {
    /// When the server received it: ISO 8601, UTC, with nanosecond digits.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, examples("2031-05-04T10:20:30.000000000Z")))]
    pub time: String,
    /// When it happened, on the client's clock.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, examples("2031-05-04T10:20:29.871000000Z")))]
    pub client_time: String,
    /// For people.
    #[cfg_attr(feature = "openapi", schema(examples("joined the meeting")))]
    pub message: String,
    /// The meeting; `null` for somebody who never got in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid", examples("3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77")))]
    pub mtg_session_id: Option<MeetingId>,
    /// The session id of whoever reported it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("7c1e5a94-6f0d-4a5e-9a7a-0d3b6a2f7d11")))]
    pub user_session_id: ParticipantId,
    /// The other participant whom it is about.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid"))]
    pub peer_id: Option<ParticipantId>,
    /// The organization's public name.
    #[cfg_attr(feature = "openapi", schema(examples("local")))]
    pub domain_name: String,
    /// 0: error, 1: info, 2: debug.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 2, examples(1)))]
    pub level: i64,
    /// Which kind of event, where it has a number.
    #[cfg_attr(feature = "openapi", schema(examples(8000)))]
    pub code: Option<i32>,
}

/// Measurements of one moment. What was not measured is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallLogMetrics {
    /// When the server received it: ISO 8601, UTC, with nanosecond digits.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, examples("2031-05-04T10:20:30.000000000Z")))]
    pub time: String,
    /// When it was measured, on the client's clock.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, examples("2031-05-04T10:20:29.871000000Z")))]
    pub client_time: String,
    /// The meeting; `null` for somebody who never got in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid", examples("3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77")))]
    pub mtg_session_id: Option<MeetingId>,
    /// The session id of whoever reported it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("7c1e5a94-6f0d-4a5e-9a7a-0d3b6a2f7d11")))]
    pub user_session_id: ParticipantId,
    /// The organization's public name.
    #[cfg_attr(feature = "openapi", schema(examples("local")))]
    pub domain_name: String,
    /// What was measured.
    #[serde(flatten)]
    pub transport: TransportMetrics,
}

/// One request and its answer, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiLogEntry {
    /// Its id: a cursor.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("a1b2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d")))]
    pub id: ApiLogId,
    /// The id of the API key, or of the webhook.
    #[cfg_attr(feature = "openapi", schema(examples("0b8e5f7a-4c1d-4e2f-9a3b-6d5c4b3a2f1e")))]
    pub user_id: String,
    /// The organization.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("5d2c7b1a-8e4f-4d3c-9b2a-1f0e9d8c7b6a")))]
    pub domain_id: OrgId,
    /// `api`: sent to this server; `webhook`: sent by it.
    #[cfg_attr(feature = "openapi", schema(examples("api")))]
    pub source: String,
    /// Where the request came from, or went to; empty when that is not known.
    #[cfg_attr(feature = "openapi", schema(examples("203.0.113.10")))]
    pub ip: String,
    /// Its method.
    #[cfg_attr(feature = "openapi", schema(examples("POST")))]
    pub method: String,
    /// Its address.
    #[cfg_attr(feature = "openapi", schema(examples("/v1/rooms")))]
    pub url: String,
    /// The status of the answer; 0 when there was none.
    #[cfg_attr(feature = "openapi", schema(examples(200)))]
    pub status: u16,
    /// ISO 8601, UTC, with milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, examples("2031-05-04T10:20:30.000Z")))]
    pub created_at: String,
    /// The beginning of its body, as text.
    #[cfg_attr(feature = "openapi", schema(examples("{\"name\":\"standup\"}")))]
    pub request: Option<String>,
    /// The beginning of the answer's body, as text.
    #[cfg_attr(
        feature = "openapi",
        schema(examples("{\"name\":\"standup\",\"privacy\":\"public\"}"))
    )]
    pub response: Option<String>,
}

/// A moment with nanosecond digits, as logs show it.
#[must_use]
pub fn with_nanoseconds(at: UnixMillis) -> String {
    let mut text = at.to_iso8601();
    text.truncate(text.len() - 1);
    text.push_str("000000Z");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_logs_have_nanosecond_digits() {
        let at = UnixMillis::new(1_935_656_430_871);
        assert_eq!(with_nanoseconds(at), "2031-05-04T10:20:30.871000000Z");
    }
}
