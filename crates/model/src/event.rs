//! Facts that leave a room, once each, in order. Past tense.

use serde::{Deserialize, Serialize};

use crate::id::{MeetingId, OrgId, ParticipantId, RoomId};
use crate::time::UnixMillis;

/// One fact of one room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomEvent {
    /// The organization the room belongs to.
    pub org: OrgId,
    /// The room's record.
    pub room: RoomId,
    /// Counts up by one for each event of this room's life on its worker; a
    /// gap tells a consumer that it missed something.
    pub seq: u64,
    /// When it happened, on the node's clock.
    pub at: UnixMillis,
    /// The running meeting.
    pub meeting: MeetingId,
    /// What happened.
    pub fact: Fact,
}

/// What happened in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Fact {
    /// The first visible participant entered.
    MeetingStarted,
    /// The last participant left.
    MeetingEnded,
    /// A visible participant entered.
    ParticipantJoined {
        /// The session id.
        participant: ParticipantId,
        /// The token's `user_id`.
        user_id: Option<String>,
        /// The display name at entry.
        user_name: String,
        /// Whether a meeting owner.
        is_owner: bool,
    },
    /// A visible participant is gone.
    ParticipantLeft {
        /// The session id.
        participant: ParticipantId,
        /// How it ended.
        reason: LeaveReason,
        /// Length of the stay in milliseconds.
        duration_ms: i64,
    },
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
    /// A newer stay of the same `user_id` took the place.
    Replaced,
    /// The room was deleted or the server shut down.
    RoomEnded,
    /// Broke the rules of the call protocol.
    ProtocolError,
}
