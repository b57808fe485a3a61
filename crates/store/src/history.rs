//! What happened in calls: meetings, and who stayed in them from when to when.
//!
//! ```text
//! fact ─ record ─► meetings, stays ─► list, find, stays_of
//!                       └ open ─► facts that a crash kept from being told
//! ```
//! [`record`] takes the facts of the rooms in their order and may be given one
//! twice: the second time it changes nothing and says so.

use parlor_model::id::{MeetingId, OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::time::UnixMillis;

use crate::engine::Row;
use crate::error::StoreError;

/// Every statement that reads meetings reads these columns, in the order that
/// [`meeting`] expects.
macro_rules! select_meetings {
    ($rest:expr) => {
        concat!(
            "SELECT id, org_id, room_id, room_name, started_at, ended_at, max_participants, \
             last_seq FROM meetings ",
            $rest
        )
    };
}

/// The same for stays and [`stay`].
macro_rules! select_stays {
    ($rest:expr) => {
        concat!(
            "SELECT id, joined_at, meeting_id, user_id, user_name, is_owner, permissions, \
             eject_at, left_at FROM stays ",
            $rest
        )
    };
}

mod count;
mod list;
mod open;
mod purge;
mod record;
mod stays;

pub(crate) use count::STATEMENTS as COUNT_STATEMENTS;
pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub use list::{MeetingQuery, Progress, find, list};
pub(crate) use open::STATEMENTS as OPEN_STATEMENTS;
pub use open::{OpenMeeting, alive_at, note_alive, open_meeting, open_meetings};
pub(crate) use purge::STATEMENTS as PURGE_STATEMENTS;
pub use purge::purge;
pub(crate) use record::STATEMENTS as RECORD_STATEMENTS;
pub use record::record;
pub(crate) use stays::STATEMENTS as STAY_STATEMENTS;
pub use stays::{StayQuery, list_stays, meeting_of, stays_of};

/// A span in which somebody was in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Its id: Daily's `mtgSessionId`.
    pub id: MeetingId,
    /// Whose room it was.
    pub org_id: OrgId,
    /// The room's record, which may be gone.
    pub room_id: RoomId,
    /// The room's name at the time.
    pub room_name: String,
    /// When the first one came.
    pub started_at: UnixMillis,
    /// When the last one left; `None` while somebody is in.
    pub ended_at: Option<UnixMillis>,
    /// Most that were in it at once.
    pub max_participants: u64,
    /// The number of the last fact written down.
    pub last_seq: u64,
}

/// One participant from joining to leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The session id.
    pub id: ParticipantId,
    /// When it began.
    pub joined_at: UnixMillis,
    /// In which meeting.
    pub meeting_id: MeetingId,
    /// The token's `user_id`.
    pub user_id: Option<String>,
    /// The last display name; may be empty.
    pub user_name: String,
    /// Whether a meeting owner.
    pub is_owner: bool,
    /// What they might do.
    pub permissions: Permissions,
    /// When the room was to remove them.
    pub eject_at: Option<UnixMillis>,
    /// When it ended; `None` for somebody who is in.
    pub left_at: Option<UnixMillis>,
}

/// The one way from a row to a meeting.
fn meeting(row: &dyn Row) -> Result<Meeting, StoreError> {
    Ok(Meeting {
        id: row.parsed(0)?,
        org_id: row.parsed(1)?,
        room_id: row.parsed(2)?,
        room_name: row.text(3)?.to_owned(),
        started_at: row.millis(4)?,
        ended_at: row.optional_millis(5)?,
        max_participants: row.count(6)?,
        last_seq: row.count(7)?,
    })
}

/// The one way from a row to a stay.
fn stay(row: &dyn Row) -> Result<Stay, StoreError> {
    let permissions = serde_json::from_str(row.text(6)?);
    Ok(Stay {
        id: row.parsed(0)?,
        joined_at: row.millis(1)?,
        meeting_id: row.parsed(2)?,
        user_id: row.optional_text(3)?.map(str::to_owned),
        user_name: row.text(4)?.to_owned(),
        is_owner: row.int(5)? != 0,
        permissions: permissions.map_err(|_| StoreError::column(6, "permissions"))?,
        eject_at: row.optional_millis(7)?,
        left_at: row.optional_millis(8)?,
    })
}
