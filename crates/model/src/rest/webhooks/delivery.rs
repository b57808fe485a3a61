//! `/parlor/webhooks/:uuid/deliveries`: what was sent, and what came back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::EventType;
use crate::id::DeliveryId;
use crate::words::words;

words! {
    /// How far a delivery is.
    DeliveryState {
        /// Waits for its turn, or for the next try.
        Pending = "pending",
        /// The address answered 200.
        Delivered = "delivered",
        /// The last try failed.
        Failed = "failed",
        /// Never tried: the webhook had failed.
        Skipped = "skipped",
    }
}

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "id": "7d9f1c3e-2b4a-4d6e-8f0a-1b2c3d4e5f60",
    "state": "delivered",
    "event": {
        "id": "mtg-start-3f6b1a52-7c1e-4d0b-9a55-0c8f2d9e4b17-0-1935656430000",
        "type": "meeting.started"
    },
    "createdAt": "2031-05-04T10:20:30.000Z",
    "nextAttemptAt": null,
    "attempts": [{
        "number": 1,
        "at": "2031-05-04T10:20:30.012Z",
        "latencyMs": 84,
        "status": 200,
        "error": null,
        "request": {
            "url": "https://hooks.example.org/parlor",
            "headers": {
                "content-type": "application/json",
                "x-webhook-timestamp": "1935656430",
                "x-webhook-signature": "Cj2Zb0V1Gm3oVtlcmf2u8cZ2Nn5lT2LrDg3oZs1YxRA="
            },
            "body": "{\"version\":\"1.0.0\",\"type\":\"meeting.started\"}"
        },
        "response": {"headers": {"content-length": "2"}, "body": "ok", "isCut": false}
    }]
})))]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its id; not the event's, which several webhooks share.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: DeliveryId,
    /// How far it is.
    pub state: DeliveryState,
    /// The event.
    pub event: DeliveryEvent,
    /// When the event happened: ISO 8601, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// When it is tried next: ISO 8601, UTC. Absent when it is not, or at
    /// once.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub next_attempt_at: Option<String>,
    /// The latest attempts, oldest first, at most twenty.
    pub attempts: Vec<Attempt>,
}

/// What a delivery delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryEvent {
    /// Its id, the same in every attempt.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub event_type: EventType,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Counts from 1, resent ones included.
    pub number: u64,
    /// When it began: ISO 8601, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub at: String,
    /// How long it took until the answer or the failure, in milliseconds.
    pub latency_ms: u64,
    /// The status that was answered.
    pub status: Option<u16>,
    /// Why there was no answer, or what was wrong with it.
    pub error: Option<String>,
    /// What was sent.
    pub request: AttemptRequest,
    /// What came back.
    pub response: Option<AttemptResponse>,
}

/// What was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttemptRequest {
    /// Where to.
    pub url: String,
    /// The headers. `authorization` is not shown.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub headers: Map<String, Value>,
    /// The body, byte for byte.
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AttemptResponse {
    /// The headers.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub headers: Map<String, Value>,
    /// The beginning of the body.
    pub body: String,
    /// Whether there was more than is shown.
    pub is_cut: bool,
}

/// A page of deliveries, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryList {
    /// All deliveries of the webhook, not only this page.
    #[cfg_attr(feature = "openapi", schema(examples(1)))]
    pub total_count: u64,
    /// This page.
    pub data: Vec<Delivery>,
}

/// Answer of `POST /parlor/webhooks/:uuid/replay`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replayed {
    /// How many deliveries are sent again.
    #[cfg_attr(feature = "openapi", schema(examples(7)))]
    pub queued: u64,
}
