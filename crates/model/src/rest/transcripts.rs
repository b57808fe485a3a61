//! `/transcript`.

use serde::{Deserialize, Serialize};

/// A transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"transcriptId": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "domainId": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "roomId": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "mtgSessionId": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "status": "t_finished", "isVttAvailable": true, "duration": 600, "created_at": "2031-05-04T10:20:30.000Z", "updated_at": "2031-05-04T10:30:30.000Z"})))]
pub struct Transcript {
    /// Its id.
    #[serde(rename = "transcriptId")]
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub transcript_id: String,
    /// The domain's id.
    #[serde(rename = "domainId")]
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub domain_id: String,
    /// The room's id.
    #[serde(rename = "roomId")]
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub room_id: String,
    /// The meeting.
    #[serde(rename = "mtgSessionId")]
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub mtg_session_id: String,
    /// `t_in_progress`, `t_finished`, `t_error` or `t_deleted`.
    #[cfg_attr(feature = "openapi", schema(example = "t_finished"))]
    pub status: String,
    /// Whether there is a file.
    #[serde(rename = "isVttAvailable")]
    pub is_vtt_available: bool,
    /// Seconds.
    pub duration: i64,
    /// ISO 8601, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// ISO 8601, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub updated_at: String,
}

/// Answer of `GET /transcript/:id/access-link`. The address stands under both
/// names that were published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"transcriptId": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "link": "https://meet.example.org/files/abc", "download_link": "https://meet.example.org/files/abc"})))]
pub struct TranscriptLink {
    /// The transcript's id.
    #[serde(rename = "transcriptId")]
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub transcript_id: String,
    /// Where it can be fetched.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub link: String,
    /// The same.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub download_link: String,
}
