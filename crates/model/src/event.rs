//! Facts that leave a room, once each, in order. Past tense.

use serde::{Deserialize, Serialize};

use crate::id::{MeetingId, OrgId, ParticipantId, RoomId};
use crate::permission::Permissions;
use crate::time::UnixMillis;

/// One fact of one room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomEvent {
    /// The organization the room belongs to.
    pub org: OrgId,
    /// The room's record.
    pub room: RoomId,
    /// The room's name.
    pub room_name: String,
    /// Counts up by one for each event of the meeting, from 0, its start; a
    /// gap tells a consumer that it missed something. With `meeting` it names
    /// the event for good.
    pub seq: u64,
    /// When it happened, on the node's clock.
    pub at: UnixMillis,
    /// The running meeting.
    pub meeting: MeetingId,
    /// When the meeting started: `at` of its first event.
    pub meeting_started_at: UnixMillis,
    /// What happened.
    pub fact: Fact,
}

/// What happened in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Fact {
    /// The first visible participant entered.
    MeetingStarted,
    /// The last visible participant is gone. Hidden ones may still be there.
    MeetingEnded,
    /// A visible participant entered, or a hidden one became visible; `at` is
    /// when.
    ParticipantJoined {
        /// The session id.
        participant: ParticipantId,
        /// The token's `user_id`.
        user_id: Option<String>,
        /// The display name at entry.
        user_name: String,
        /// Whether a meeting owner.
        is_owner: bool,
        /// What they may do at entry.
        permissions: Permissions,
        /// When the room will remove them.
        eject_at: Option<UnixMillis>,
    },
    /// A visible participant is gone, or hidden from now on.
    ParticipantLeft {
        /// The session id.
        participant: ParticipantId,
        /// How it ended.
        reason: LeaveReason,
        /// Length of the stay in milliseconds: from `joined_at` to `at`.
        duration_ms: i64,
        /// When the stay began: `at` of the event that told it.
        joined_at: UnixMillis,
        /// The token's `user_id`.
        user_id: Option<String>,
        /// The display name at the end.
        user_name: String,
        /// Whether a meeting owner.
        is_owner: bool,
        /// What they might do at the end.
        permissions: Permissions,
        /// When the room would have removed them.
        eject_at: Option<UnixMillis>,
    },
    /// Somebody in the lobby knocked. Facts of a lobby belong to no meeting:
    /// they are numbered by themselves, under an id that is no meeting's.
    WaitingParticipantJoined {
        /// The session id.
        participant: ParticipantId,
        /// The token's `user_id`.
        user_id: Option<String>,
        /// The name they gave.
        user_name: String,
        /// Whether a meeting owner.
        is_owner: bool,
        /// What they will be allowed to do inside.
        permissions: Permissions,
    },
    /// Somebody who knocked waits no longer: was let in, sent away, or went.
    WaitingParticipantLeft {
        /// The session id.
        participant: ParticipantId,
        /// How long they waited, in milliseconds.
        duration_ms: i64,
        /// When they knocked.
        joined_at: UnixMillis,
        /// The token's `user_id`.
        user_id: Option<String>,
        /// The last name they gave.
        user_name: String,
        /// Whether a meeting owner.
        is_owner: bool,
        /// What they would have been allowed to do inside.
        permissions: Permissions,
    },
}

impl Fact {
    /// Whether it tells of a lobby, and so of no meeting.
    #[must_use]
    pub fn is_of_lobby(&self) -> bool {
        matches!(self, Self::WaitingParticipantJoined { .. } | Self::WaitingParticipantLeft { .. })
    }
}

/// How a stay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// By their own act: leave, or the tab was closed.
    Left,
    /// The call socket was lost and not resumed within the grace time.
    Disconnected,
    /// Removed by an eject timer.
    TimeLimit,
    /// Removed by somebody's decision.
    Ejected,
    /// Lost presence: still there, but nobody sees them any more. Never said
    /// to the one whom it concerns.
    Hidden,
    /// A newer stay of the same `user_id` took the place.
    Replaced,
    /// The room was deleted or the server shut down.
    RoomEnded,
    /// Broke the rules of the call protocol.
    ProtocolError,
}
