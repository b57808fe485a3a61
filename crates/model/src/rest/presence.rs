//! `/presence` and `/rooms/:name/presence`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{MeetingId, ParticipantId};

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PresentParticipant {
    /// The room's name.
    #[cfg_attr(feature = "openapi", schema(examples("standup")))]
    pub room: String,
    /// The session id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("7c1e5a94-6f0d-4a5e-9a7a-0d3b6a2f7d11")))]
    pub id: ParticipantId,
    /// The token's `user_id`.
    #[cfg_attr(feature = "openapi", schema(examples("ana-1")))]
    pub user_id: Option<String>,
    /// The display name.
    #[cfg_attr(feature = "openapi", schema(examples("Ana")))]
    pub user_name: Option<String>,
    /// The running meeting.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77")))]
    pub mtg_session_id: MeetingId,
    /// ISO 8601, UTC, with milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, examples("2031-05-04T10:20:30.000Z")))]
    pub join_time: String,
    /// Seconds since then.
    #[cfg_attr(feature = "openapi", schema(examples(42)))]
    pub duration: i64,
}

/// Answer of `GET /rooms/:name/presence`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomPresence {
    /// How many are in the room.
    #[cfg_attr(feature = "openapi", schema(examples(1)))]
    pub total_count: u64,
    /// Those that were asked for.
    pub data: Vec<PresentParticipant>,
}

/// Answer of `GET /presence`: who is where, by room name. Rooms without
/// people are not in it.
pub type Presence = BTreeMap<String, Vec<PresentParticipant>>;
