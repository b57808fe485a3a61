//! `/webhooks`, and what Daily lacks: the log of their deliveries.

use serde::{Deserialize, Serialize};

use crate::id::{OrgId, WebhookId};
use crate::words::words;

mod body;
mod delivery;

pub use body::{CreateWebhookBody, ReplayBody, UpdateWebhookBody, WebhookRequest, parse_replay};
pub use delivery::{
    Attempt, AttemptRequest, AttemptResponse, Delivery, DeliveryEvent, DeliveryList, DeliveryState,
    Replayed,
};

words! {
    /// What a webhook may be told of.
    EventType {
        /// A recording can be fetched.
        RecordingReady = "recording.ready-to-download",
        /// A recording began.
        RecordingStarted = "recording.started",
        /// A recording failed.
        RecordingError = "recording.error",
        /// A live stream began.
        StreamingStarted = "streaming.started",
        /// A live stream was changed.
        StreamingUpdated = "streaming.updated",
        /// A live stream ended.
        StreamingEnded = "streaming.ended",
        /// A live stream failed.
        StreamingError = "streaming.error",
        /// The first participant entered a room.
        MeetingStarted = "meeting.started",
        /// The last participant left a room.
        MeetingEnded = "meeting.ended",
        /// Somebody entered.
        ParticipantJoined = "participant.joined",
        /// Somebody is gone.
        ParticipantLeft = "participant.left",
        /// Somebody knocks.
        WaitingParticipantJoined = "waiting-participant.joined",
        /// Somebody stopped waiting.
        WaitingParticipantLeft = "waiting-participant.left",
        /// A batch job is done.
        BatchJobFinished = "batch-processor.job-finished",
        /// A batch job failed.
        BatchJobError = "batch-processor.error",
        /// A call out was connected.
        DialoutConnected = "dialout.connected",
        /// A call out failed.
        DialoutError = "dialout.error",
        /// A call out ended.
        DialoutStopped = "dialout.stopped",
        /// A call out has trouble.
        DialoutWarning = "dialout.warning",
        /// A call out was answered.
        DialoutAnswered = "dialout.answered",
        /// A room can be called.
        DialinReady = "dialin.ready",
        /// A call in was connected.
        DialinConnected = "dialin.connected",
        /// A call in failed.
        DialinError = "dialin.error",
        /// A call in ended.
        DialinStopped = "dialin.stopped",
        /// A call in has trouble.
        DialinWarning = "dialin.warning",
        /// A transcript can be fetched.
        TranscriptReady = "transcript.ready-to-download",
        /// A transcription began.
        TranscriptStarted = "transcript.started",
        /// A transcription failed.
        TranscriptError = "transcript.error",
        /// A call transfer was asked for.
        CallTransferTriggered = "calltransfer.triggered",
        /// A call transfer began.
        CallTransferInitiated = "calltransfer.initiated",
        /// A call transfer was answered.
        CallTransferAnswered = "calltransfer.answered",
        /// A call transfer is done.
        CallTransferCompleted = "calltransfer.completed",
    }
}

words! {
    /// What happens when an attempt fails.
    RetryType {
        /// One try for each event; three failures in a row stop the webhook.
        CircuitBreaker = "circuit-breaker",
        /// Up to five tries for each event, further and further apart; the
        /// webhook never stops.
        Exponential = "exponential",
    }
}

words! {
    /// Whether a webhook is sent to.
    WebhookState {
        /// It is.
        Active = "ACTIVE",
        /// It failed too often; changing it starts it again.
        Failed = "FAILED",
    }
}

/// A webhook. Exactly these keys: strict clients refuse others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "uuid": "0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21",
    "url": "https://hooks.example.org/parlor",
    "hmac": "NQrSA5z0FkJ44QPrFerW7uCc5kdNLv3l2FDEKDanL1U=",
    "basicAuth": null,
    "retryType": "circuit-breaker",
    "eventTypes": ["meeting.started", "participant.joined"],
    "state": "ACTIVE",
    "failedCount": 0,
    "lastMomentPushed": "2031-05-04T10:21:00.000Z",
    "domainId": "5b8f6a52-0a3c-4f57-8f6e-2f1f0d7f9c11",
    "createdAt": "2031-05-04T10:20:30.000Z",
    "updatedAt": "2031-05-04T10:20:30.000Z"
})))]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub uuid: WebhookId,
    /// Where events go.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub url: String,
    /// The key of the signatures, base64.
    pub hmac: String,
    /// What follows `Basic ` in the `Authorization` header of each post.
    pub basic_auth: Option<String>,
    /// What happens when an attempt fails.
    pub retry_type: RetryType,
    /// What it is told of.
    pub event_types: Vec<EventType>,
    /// Whether it is sent to.
    pub state: WebhookState,
    /// Failures in a row.
    pub failed_count: u64,
    /// When an event last arrived: ISO 8601, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub last_moment_pushed: Option<String>,
    /// The organization.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub domain_id: OrgId,
    /// ISO 8601, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// ISO 8601, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_type_of_the_published_description_is_known() {
        assert_eq!(EventType::ALL.len(), 32);
        for (word, event_type) in EventType::WORDS.iter().zip(EventType::ALL) {
            assert_eq!(word.parse(), Ok(*event_type));
            assert_eq!(serde_json::to_value(event_type).unwrap(), *word);
        }
    }
}
