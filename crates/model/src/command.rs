//! What the server may ask of live rooms, and what rooms answer. Commands
//! travel over the bus to the node that owns the room; they are requests, so
//! each has exactly one reply.

use serde::{Deserialize, Serialize};

use crate::id::{MeetingId, OrgId, ParticipantId, RoomId};
use crate::time::UnixMillis;

/// A request to live rooms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// Who is in this room now? Answered with [`Reply::Presence`], empty when
    /// the room hosts no call.
    RoomPresence {
        /// The room's record.
        room: RoomId,
    },
    /// Who is in any room of this organization? [`Reply::Presence`].
    OrgPresence {
        /// The organization.
        org: OrgId,
    },
    /// End the call: everybody is removed. [`Reply::Ended`].
    EndRoom {
        /// The room's record.
        room: RoomId,
        /// Why, as the removed see it.
        reason: EndReason,
    },
}

/// Why a call ends for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The room's record was deleted.
    RoomDeleted,
    /// The server shuts down.
    Shutdown,
}

/// An answer to a [`Command`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reply")]
pub enum Reply {
    /// To the presence commands, in order of joining within each room.
    Presence {
        /// Everybody visible. Those without presence are left out.
        participants: Vec<PresentParticipant>,
    },
    /// To `EndRoom`.
    Ended {
        /// How many were removed; 0 when the room hosted no call.
        removed: usize,
    },
}

/// One person in one room, as the REST presence shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentParticipant {
    /// The room's record.
    pub room: RoomId,
    /// The room's name.
    pub room_name: String,
    /// The session id.
    pub participant: ParticipantId,
    /// The token's `user_id`, when it had one.
    pub user_id: Option<String>,
    /// The display name; may be empty.
    pub user_name: String,
    /// The running meeting.
    pub meeting: MeetingId,
    /// When this stay began.
    pub joined_at: UnixMillis,
}
