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
    pub room: String,
    /// The session id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: ParticipantId,
    /// The token's `user_id`.
    pub user_id: Option<String>,
    /// The display name.
    pub user_name: Option<String>,
    /// The running meeting.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub mtg_session_id: MeetingId,
    /// ISO 8601, UTC, with milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub join_time: String,
    /// Seconds since then.
    pub duration: i64,
}

/// Answer of `GET /rooms/:name/presence`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomPresence {
    /// How many are in the room.
    pub total_count: u64,
    /// Those that were asked for.
    pub data: Vec<PresentParticipant>,
}

/// Answer of `GET /presence`: who is where, by room name. Rooms without
/// people are not in it.
pub type Presence = BTreeMap<String, Vec<PresentParticipant>>;
