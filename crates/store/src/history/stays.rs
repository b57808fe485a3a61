//! Who was in a meeting.

use parlor_model::id::{MeetingId, OrgId, ParticipantId};
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;
use crate::history::{Stay, stay};

statements! {
    OF_MEETING = select_stays!("WHERE meeting_id = $1 ORDER BY joined_at, id LIMIT $2");
    FIRST = select_stays!("WHERE meeting_id = $1 AND (joined_at, id) > ($2, $3) \
        AND (joined_at, id) < ($4, $5) ORDER BY joined_at, id LIMIT $6");
    LAST = select_stays!("WHERE meeting_id = $1 AND (joined_at, id) > ($2, $3) \
        AND (joined_at, id) < ($4, $5) ORDER BY joined_at DESC, id DESC LIMIT $6");
    PLACES = "SELECT joined_at FROM stays WHERE id = $1 AND meeting_id = $2 ORDER BY joined_at";
    MEETING_OF = "SELECT meeting_id FROM stays WHERE id = $1 AND org_id = $2 \
        ORDER BY joined_at DESC LIMIT 1";
}

/// Which stays of a meeting are wanted.
#[derive(Clone, Debug, Default)]
pub struct StayQuery {
    /// Only those after the last stay of this participant.
    pub after: Option<String>,
    /// Only those before the first stay of this participant.
    pub before: Option<String>,
    /// Most of them.
    pub limit: u32,
}

/// The first stays of a meeting, in order of joining.
///
/// # Errors
/// The engine's.
pub fn stays_of(
    connection: &mut dyn Connection,
    meeting: MeetingId,
    limit: u32,
) -> Result<Vec<Stay>, StoreError> {
    let meeting = meeting.to_string();
    connection.list(&OF_MEETING, &[meeting.as_str().into(), i64::from(limit).into()], stay)
}

/// One page of the stays of a meeting, in order of joining. Given only
/// `before`, the page ends just before that participant.
///
/// # Errors
/// [`StoreError::UnknownCursor`] when a cursor is no participant of this
/// meeting.
pub fn list_stays(
    connection: &mut dyn Connection,
    meeting: MeetingId,
    query: &StayQuery,
) -> Result<Vec<Stay>, StoreError> {
    let meeting = meeting.to_string();
    let mut after = (UnixMillis::new(i64::MIN), String::new());
    let mut before = (UnixMillis::new(i64::MAX), String::new());
    if let Some(id) = &query.after {
        let places = places(connection, &meeting, id)?;
        after = (places.last().copied().unwrap_or(after.0), id.clone());
    }
    if let Some(id) = &query.before {
        let places = places(connection, &meeting, id)?;
        before = (places.first().copied().unwrap_or(before.0), id.clone());
    }
    let params = [
        meeting.as_str().into(),
        after.0.into(),
        (&after.1).into(),
        before.0.into(),
        (&before.1).into(),
        i64::from(query.limit).into(),
    ];
    if query.after.is_none() && query.before.is_some() {
        let mut stays = connection.list(&LAST, &params, stay)?;
        stays.reverse();
        return Ok(stays);
    }
    connection.list(&FIRST, &params, stay)
}

/// The meeting of a participant's latest stay.
///
/// # Errors
/// The engine's.
pub fn meeting_of(
    connection: &mut dyn Connection,
    org_id: OrgId,
    participant: ParticipantId,
) -> Result<Option<MeetingId>, StoreError> {
    let (id, org) = (participant.to_string(), org_id.to_string());
    connection.find(&MEETING_OF, &[id.as_str().into(), org.as_str().into()], |row| row.parsed(0))
}

/// When a participant joined this meeting, each time.
fn places(
    connection: &mut dyn Connection,
    meeting: &str,
    id: &str,
) -> Result<Vec<UnixMillis>, StoreError> {
    let places = connection.list(&PLACES, &[id.into(), meeting.into()], |row| row.millis(0))?;
    if places.is_empty() {
        return Err(StoreError::UnknownCursor { cursor: id.to_owned() });
    }
    Ok(places)
}
