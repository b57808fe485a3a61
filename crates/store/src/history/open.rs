//! Meetings that are open in the records. When a process ends before it could
//! tell how they ended, the next one concludes it.

use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::MeetingId;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;
use crate::history::{Meeting, Stay, meeting, stay};

/// The fact under which the last sign of life is kept.
const ALIVE_AT: &str = "alive_at";

statements! {
    OPEN = select_meetings!("WHERE ended_at IS NULL AND id > $1 ORDER BY id LIMIT $2");
    OPEN_ONE = select_meetings!("WHERE id = $1 AND ended_at IS NULL");
    OPEN_STAYS = select_stays!("WHERE meeting_id = $1 AND left_at IS NULL \
        ORDER BY joined_at, id");
    NOTE = "INSERT INTO facts (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    NOTED = "SELECT value FROM facts WHERE name = $1";
}

/// A meeting that is open in the records, and who is in it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMeeting {
    /// The meeting.
    pub meeting: Meeting,
    /// Who has not left it, in order of joining.
    pub stays: Vec<Stay>,
}

impl OpenMeeting {
    /// The facts that would have been told, had those who are not `here` left
    /// at `at`.
    #[must_use]
    pub fn departures(&self, here: impl Fn(&Stay) -> bool, at: UnixMillis) -> Vec<RoomEvent> {
        let gone = self.stays.iter().filter(|stay| !here(stay));
        let leave =
            |(stay, seq): (&Stay, u64)| self.event(seq, at.max(stay.joined_at), left(stay, at));
        gone.zip(self.meeting.last_seq + 1..).map(leave).collect()
    }

    /// The facts that would have been told, had everybody left at `at` and the
    /// meeting ended with that.
    #[must_use]
    pub fn end(&self, at: UnixMillis) -> Vec<RoomEvent> {
        let mut events = self.departures(|_| false, at);
        let last = events.iter().map(|event| event.at).max();
        let at = last.unwrap_or(at).max(self.meeting.started_at);
        let seq = self.meeting.last_seq + 1 + self.stays.len() as u64;
        events.push(self.event(seq, at, Fact::MeetingEnded));
        events
    }

    fn event(&self, seq: u64, at: UnixMillis, fact: Fact) -> RoomEvent {
        let Meeting { id, org_id, room_id, room_name, started_at, .. } = &self.meeting;
        RoomEvent {
            org: *org_id,
            room: *room_id,
            room_name: room_name.clone(),
            seq,
            at,
            meeting: *id,
            meeting_started_at: *started_at,
            fact,
        }
    }
}

fn left(stay: &Stay, at: UnixMillis) -> Fact {
    Fact::ParticipantLeft {
        participant: stay.id,
        reason: LeaveReason::Disconnected,
        duration_ms: at.max(stay.joined_at).millis_since(stay.joined_at),
        joined_at: stay.joined_at,
        user_id: stay.user_id.clone(),
        user_name: stay.user_name.clone(),
        is_owner: stay.is_owner,
        permissions: stay.permissions.clone(),
        eject_at: stay.eject_at,
    }
}

/// Meetings that are open in the records, of every organization. `after` is
/// the last one of the page before.
///
/// # Errors
/// The engine's.
pub fn open_meetings(
    connection: &mut dyn Connection,
    after: Option<MeetingId>,
    limit: u32,
) -> Result<Vec<OpenMeeting>, StoreError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let params = [after.as_str().into(), i64::from(limit).into()];
    let meetings = connection.list(&OPEN, &params, meeting)?;
    meetings.into_iter().map(|meeting| with_stays(connection, meeting)).collect()
}

/// The meeting of that id, if it is open in the records.
///
/// # Errors
/// The engine's.
pub fn open_meeting(
    connection: &mut dyn Connection,
    id: MeetingId,
) -> Result<Option<OpenMeeting>, StoreError> {
    let found = connection.find(&OPEN_ONE, &[id.to_string().as_str().into()], meeting)?;
    found.map(|meeting| with_stays(connection, meeting)).transpose()
}

fn with_stays(
    connection: &mut dyn Connection,
    meeting: Meeting,
) -> Result<OpenMeeting, StoreError> {
    let id = meeting.id.to_string();
    let stays = connection.list(&OPEN_STAYS, &[id.as_str().into()], stay)?;
    Ok(OpenMeeting { meeting, stays })
}

/// Notes that the server was alive at `now`.
///
/// # Errors
/// The engine's.
pub fn note_alive(connection: &mut dyn Connection, now: UnixMillis) -> Result<(), StoreError> {
    let text = now.as_millis().to_string();
    connection.execute(&NOTE, &[ALIVE_AT.into(), text.as_str().into()])?;
    Ok(())
}

/// When a server was last noted to be alive.
///
/// # Errors
/// The engine's.
pub fn alive_at(connection: &mut dyn Connection) -> Result<Option<UnixMillis>, StoreError> {
    let millis = connection.find(&NOTED, &[ALIVE_AT.into()], |row| row.parsed::<i64>(0))?;
    Ok(millis.map(UnixMillis::new))
}
