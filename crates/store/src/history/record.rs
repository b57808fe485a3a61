//! Writing facts down.

use parlor_model::event::{Fact, RoomEvent};
use parlor_model::id::ParticipantId;
use parlor_model::permission::Permissions;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;
use crate::history::count;

statements! {
    START = "INSERT INTO meetings (id, org_id, room_id, room_name, started_at, ended_at, present, \
        max_participants, last_seq) VALUES ($1, $2, $3, $4, $5, NULL, 0, 0, $6) \
        ON CONFLICT (id) DO NOTHING";
    // A meeting whose end was concluded from silence goes on when it speaks.
    ENTER = "UPDATE meetings SET last_seq = $1, ended_at = NULL, present = present + 1, \
        max_participants = CASE WHEN present < max_participants THEN max_participants \
        ELSE present + 1 END WHERE id = $2 AND last_seq < $1";
    EXIT = "UPDATE meetings SET last_seq = $1, present = present - 1 \
        WHERE id = $2 AND last_seq < $1";
    NOT_PRESENT = "UPDATE meetings SET present = present + 1 WHERE id = $1";
    END = "UPDATE meetings SET last_seq = $1, present = 0, ended_at = $2 \
        WHERE id = $3 AND last_seq < $1";
    INSERT_STAY = "INSERT INTO stays (id, joined_at, org_id, meeting_id, user_id, user_name, \
        is_owner, permissions, eject_at, left_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT (id, joined_at) DO NOTHING";
    LEAVE = "UPDATE stays SET left_at = $1, user_name = $2 \
        WHERE id = $3 AND joined_at = $4 AND left_at IS NULL";
    LEAVE_ALL = "UPDATE stays SET left_at = $1 WHERE meeting_id = $2 AND left_at IS NULL";
}

/// Writes a fact down. `false` when it was there already.
///
/// Facts of one meeting must come in their order. One whose predecessors were
/// lost is taken for what it says itself.
///
/// # Errors
/// The engine's.
pub fn record(connection: &mut dyn Connection, event: &RoomEvent) -> Result<bool, StoreError> {
    if event.fact.is_of_lobby() {
        // Webhooks are told of it; no meeting's history has it.
        return Ok(true);
    }
    if matches!(event.fact, Fact::MeetingStarted) {
        return start(connection, event, event.seq);
    }
    if apply(connection, event)? {
        return Ok(true);
    }
    // Either it is known, or the meeting's beginning was lost.
    let has_begun = start(connection, event, 0)?;
    if has_begun { apply(connection, event) } else { Ok(false) }
}

fn start(connection: &mut dyn Connection, event: &RoomEvent, seq: u64) -> Result<bool, StoreError> {
    let inserted = connection.execute(
        &START,
        &[
            event.meeting.to_string().as_str().into(),
            event.org.to_string().as_str().into(),
            event.room.to_string().as_str().into(),
            event.room_name.as_str().into(),
            event.meeting_started_at.into(),
            number(seq).into(),
        ],
    )?;
    if inserted == 1 {
        count::add(connection, event)?;
    }
    Ok(inserted == 1)
}

/// `false` when the meeting has no row, or has this fact already.
fn apply(connection: &mut dyn Connection, event: &RoomEvent) -> Result<bool, StoreError> {
    let meeting = event.meeting.to_string();
    let params = [number(event.seq).into(), meeting.as_str().into()];
    match &event.fact {
        Fact::MeetingStarted
        | Fact::WaitingParticipantJoined { .. }
        | Fact::WaitingParticipantLeft { .. } => Ok(false),
        Fact::MeetingEnded => end(connection, event, &meeting),
        Fact::ParticipantJoined { .. } => {
            let is_new = connection.execute(&ENTER, &params)? == 1;
            if is_new {
                insert(connection, event, &meeting)?;
            }
            Ok(is_new)
        }
        Fact::ParticipantLeft { .. } => {
            let is_new = connection.execute(&EXIT, &params)? == 1;
            if is_new && !leave(connection, event)? {
                // Their joining was lost: they were not counted either.
                insert(connection, event, &meeting)?;
                connection.execute(&NOT_PRESENT, &[meeting.as_str().into()])?;
            }
            Ok(is_new)
        }
    }
}

fn end(
    connection: &mut dyn Connection,
    event: &RoomEvent,
    meeting: &str,
) -> Result<bool, StoreError> {
    let params = [number(event.seq).into(), event.at.into(), meeting.into()];
    let is_new = connection.execute(&END, &params)? == 1;
    if is_new {
        // Nobody is in a meeting that has ended, whichever facts were lost.
        connection.execute(&LEAVE_ALL, &[event.at.into(), meeting.into()])?;
    }
    Ok(is_new)
}

fn leave(connection: &mut dyn Connection, event: &RoomEvent) -> Result<bool, StoreError> {
    let Fact::ParticipantLeft { participant, joined_at, user_name, .. } = &event.fact else {
        return Ok(true);
    };
    let id = participant.to_string();
    let params =
        [event.at.into(), user_name.as_str().into(), id.as_str().into(), (*joined_at).into()];
    Ok(connection.execute(&LEAVE, &params)? == 1)
}

/// A stay as a fact tells of it.
struct Told<'a> {
    participant: ParticipantId,
    joined_at: UnixMillis,
    user_id: Option<&'a str>,
    user_name: &'a str,
    is_owner: bool,
    permissions: &'a Permissions,
    eject_at: Option<UnixMillis>,
    left_at: Option<UnixMillis>,
}

impl<'a> Told<'a> {
    fn by(event: &'a RoomEvent) -> Option<Self> {
        match &event.fact {
            Fact::MeetingStarted
            | Fact::MeetingEnded
            | Fact::WaitingParticipantJoined { .. }
            | Fact::WaitingParticipantLeft { .. } => None,
            Fact::ParticipantJoined {
                participant,
                user_id,
                user_name,
                is_owner,
                permissions,
                eject_at,
            } => Some(Self {
                participant: *participant,
                joined_at: event.at,
                user_id: user_id.as_deref(),
                user_name,
                is_owner: *is_owner,
                permissions,
                eject_at: *eject_at,
                left_at: None,
            }),
            Fact::ParticipantLeft {
                participant,
                joined_at,
                user_id,
                user_name,
                is_owner,
                permissions,
                eject_at,
                ..
            } => Some(Self {
                participant: *participant,
                joined_at: *joined_at,
                user_id: user_id.as_deref(),
                user_name,
                is_owner: *is_owner,
                permissions,
                eject_at: *eject_at,
                left_at: Some(event.at),
            }),
        }
    }
}

fn insert(
    connection: &mut dyn Connection,
    event: &RoomEvent,
    meeting: &str,
) -> Result<(), StoreError> {
    let Some(told) = Told::by(event) else {
        return Ok(());
    };
    let permissions = serde_json::to_string(told.permissions)
        .map_err(|_| StoreError::Corrupt("permissions cannot be written".into()))?;
    connection.execute(
        &INSERT_STAY,
        &[
            told.participant.to_string().as_str().into(),
            told.joined_at.into(),
            event.org.to_string().as_str().into(),
            meeting.into(),
            told.user_id.into(),
            told.user_name.into(),
            i64::from(told.is_owner).into(),
            permissions.as_str().into(),
            told.eject_at.into(),
            told.left_at.into(),
        ],
    )?;
    Ok(())
}

/// Sequence numbers count the facts of one meeting and stay small.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
