//! What the server may ask of live rooms, and what rooms answer. Commands
//! travel over the bus to the node that owns the room; they are requests, so
//! each has exactly one reply.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::Recipients;
use crate::id::{MeetingId, OrgId, ParticipantId, RoomId};
use crate::permission::{AdminArea, PermissionChange};
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
    /// How many people are in rooms of this organization, hidden ones and those
    /// who wait in lobbies too? [`Reply::People`].
    OrgPeople {
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
    /// Data for people in the call, from the server. [`Reply::Done`] even if
    /// nobody of those named is there, [`Reply::NoCall`].
    SendAppMessage {
        /// The room's record.
        room: RoomId,
        /// Whom for.
        to: Recipients,
        /// The data.
        data: Value,
    },
    /// The meeting's session data. [`Reply::SessionData`], [`Reply::NoCall`].
    ReadSessionData {
        /// The room's record.
        room: RoomId,
    },
    /// Changes the meeting's session data, and shows it to everybody.
    /// [`Reply::Done`], [`Reply::SessionDataTooLarge`], [`Reply::NoCall`].
    SetSessionData {
        /// The room's record.
        room: RoomId,
        /// What to do with it.
        change: SessionDataChange,
    },
    /// Removes people. Those who are not there are skipped.
    /// [`Reply::Ejected`], [`Reply::NoCall`].
    Eject {
        /// The room's record.
        room: RoomId,
        /// Session ids.
        ids: Vec<ParticipantId>,
        /// The tokens' `user_id`s: every stay of each.
        user_ids: Vec<String>,
        /// Whether these `user_ids` may not come back while the meeting runs.
        is_ban: bool,
    },
    /// Changes what people may do, at once. Those who are not there are
    /// skipped. [`Reply::Done`], [`Reply::NoCall`].
    UpdatePermissions {
        /// The room's record.
        room: RoomId,
        /// For everybody who is not named.
        everybody: Option<PermissionChange>,
        /// For these.
        participants: BTreeMap<ParticipantId, PermissionChange>,
    },
    /// Does the room host a call? Hidden people make one, too.
    /// [`Reply::Done`], [`Reply::NoCall`].
    IsHosting {
        /// The room's record.
        room: RoomId,
    },
    /// How busy is whatever would serve one more in this room? [`Reply::Load`].
    Load {
        /// The room's record.
        room: RoomId,
    },
    /// Is somebody in the call, and may they administer this?
    /// [`Reply::Administers`], [`Reply::NoCall`].
    Administers {
        /// The room's record.
        room: RoomId,
        /// The session id.
        participant: ParticipantId,
        /// What.
        area: AdminArea,
    },
    /// Development only: the wall clock has jumped. Every room reads it anew,
    /// and what is due by it (ejects, tickets) comes due; media, grace and
    /// silence do not, so nobody is disconnected by it. The clock that the
    /// node was given must have jumped before this is asked. [`Reply::Done`].
    AdvanceClock {
        /// By how much, for the log.
        millis: i64,
    },
    /// Development only: the thread that has this room fails, with all its
    /// rooms. [`Reply::Done`] when it has been told.
    FailThread {
        /// The room's record.
        room: RoomId,
    },
}

/// A change of a meeting's session data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionDataChange {
    /// What happens to the keys that are not given.
    pub strategy: MergeStrategy,
    /// The new values.
    pub data: Map<String, Value>,
    /// Keys that go, in the same step. They count in a merge only.
    pub keys_to_delete: Vec<String>,
}

/// What happens to the keys that a change does not give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum MergeStrategy {
    /// They go.
    #[default]
    Replace,
    /// They stay.
    ShallowMerge,
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
    /// To `OrgPeople`.
    People {
        /// How many.
        count: usize,
    },
    /// To `EndRoom`.
    Ended {
        /// How many were removed; 0 when the room hosted no call.
        removed: usize,
    },
    /// The room hosts no call.
    NoCall,
    /// Carried out.
    Done,
    /// To `ReadSessionData`: an object.
    SessionData {
        /// `{}` before anybody set any.
        data: Value,
    },
    /// To `SetSessionData`: nothing was changed.
    SessionDataTooLarge {
        /// What the serialised data would have had; the limit is
        /// [`MAX_SESSION_DATA_BYTES`](crate::call::MAX_SESSION_DATA_BYTES).
        bytes: usize,
    },
    /// To `Administers`.
    Administers {
        /// Whether they are there and may.
        is_allowed: bool,
        /// The room's name.
        room_name: String,
    },
    /// To `Load`.
    Load {
        /// The share of its time that the media thread works, 0 to 100.
        percent: u8,
        /// From which share on nobody new should be let in; 100: never.
        limit: u8,
    },
    /// To `Eject`.
    Ejected {
        /// Who was removed, hidden ones too, in order of joining.
        ids: Vec<ParticipantId>,
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
