//! `/meetings`: which meetings there were, and who was in them.

use serde::{Deserialize, Serialize};

use crate::id::{MeetingId, ParticipantId};

/// A span in which somebody was in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Meeting {
    /// The same value as `mtgSessionId` elsewhere.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77")))]
    pub id: MeetingId,
    /// The room's name at the time.
    #[cfg_attr(feature = "openapi", schema(examples("standup")))]
    pub room: String,
    /// When the first participant came, unix seconds.
    #[cfg_attr(feature = "openapi", schema(examples(1_935_656_430)))]
    pub start_time: i64,
    /// Its length in seconds; so far, while it runs.
    #[cfg_attr(feature = "openapi", schema(examples(1800)))]
    pub duration: i64,
    /// Whether somebody is still in it.
    #[cfg_attr(feature = "openapi", schema(examples(false)))]
    pub ongoing: bool,
    /// Most participants that were in it at once.
    #[cfg_attr(feature = "openapi", schema(examples(2)))]
    pub max_participants: u64,
    /// Who was in it, in order of joining, one entry for each stay; the first
    /// 1,000. Absent with `no_participants`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub participants: Option<Vec<MeetingParticipant>>,
}

/// One stay of somebody in a meeting. Who leaves and comes back has another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeetingParticipant {
    /// The token's `user_id`.
    #[cfg_attr(feature = "openapi", schema(examples("ana-1")))]
    pub user_id: Option<String>,
    /// The session id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid", examples("7c1e5a94-6f0d-4a5e-9a7a-0d3b6a2f7d11")))]
    pub participant_id: ParticipantId,
    /// The last display name.
    #[cfg_attr(feature = "openapi", schema(examples("Ana")))]
    pub user_name: Option<String>,
    /// When they came, unix seconds.
    #[cfg_attr(feature = "openapi", schema(examples(1_935_656_430)))]
    pub join_time: i64,
    /// How long they stayed, in seconds; so far, while they are in.
    #[cfg_attr(feature = "openapi", schema(examples(1200)))]
    pub duration: i64,
}

/// Answer of `GET /meetings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeetingList {
    /// How many match the filters, whatever the cursor and the limit.
    #[cfg_attr(feature = "openapi", schema(examples(1)))]
    pub total_count: u64,
    /// One page of them, newest first.
    pub data: Vec<Meeting>,
}

/// Answer of `GET /meetings/:id/participants`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeetingParticipants {
    /// One page of the stays, in order of joining.
    pub data: Vec<MeetingParticipant>,
}
