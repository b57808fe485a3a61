//! The history of meetings.

use parlor_model::error::ApiError;
use parlor_model::id::{MeetingId, OrgId};
use parlor_model::rest::meetings::{Meeting, MeetingList, MeetingParticipant, MeetingParticipants};
use parlor_model::time::UnixMillis;
use parlor_store::history::{self, MeetingQuery, Stay, StayQuery};
use parlor_store::page::Page;
use parlor_store::{Connection, StoreError};
use serde_json::Value;

use crate::cx::AppState;
use crate::failure::Failure;

/// Most participants that a list shows of one meeting.
/// `GET /meetings/:id/participants` has them all.
const MOST_LISTED: u32 = 1000;

/// Most participants of one page of meetings, all of them together. Whoever
/// lies beyond is left out of the later meetings of the page: a hundred full
/// meetings would take 20 MB.
const MOST_LISTED_IN_A_PAGE: u32 = 2000;

/// Whether participants are listed with their meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Participants {
    /// With each meeting.
    Shown,
    /// Not at all.
    LeftOut,
}

/// One page of an organization's meetings, newest first.
pub(crate) async fn list(
    state: &AppState,
    org: OrgId,
    query: MeetingQuery,
    participants: Participants,
) -> Result<MeetingList, Failure> {
    let cursor = query.page.cursor().parameter();
    let listed = state.cx.store.scan(move |c| with_stays(c, org, &query, participants)).await;
    let page = listed.map_err(|error| unknown_cursor(error, cursor))?;
    let now = state.now();
    let shown = page.items.into_iter().map(|(meeting, stays)| Meeting {
        participants: stays.map(|stays| participants_of(&stays, now)),
        ..shown(&meeting, now)
    });
    Ok(MeetingList { total_count: page.total_count, data: shown.collect() })
}

type WithStays = (history::Meeting, Option<Vec<Stay>>);

fn with_stays(
    connection: &mut dyn Connection,
    org: OrgId,
    query: &MeetingQuery,
    participants: Participants,
) -> Result<Page<WithStays>, StoreError> {
    let page = history::list(connection, org, query)?;
    let mut left = MOST_LISTED_IN_A_PAGE;
    let stays = page.items.into_iter().map(|meeting| match participants {
        Participants::LeftOut => Ok((meeting, None)),
        Participants::Shown => {
            let stays = match left.min(MOST_LISTED) {
                0 => Vec::new(),
                most => history::stays_of(connection, meeting.id, most)?,
            };
            left = left.saturating_sub(u32::try_from(stays.len()).unwrap_or(u32::MAX));
            Ok((meeting, Some(stays)))
        }
    });
    let items = stays.collect::<Result<_, StoreError>>()?;
    Ok(Page { total_count: page.total_count, items })
}

/// One meeting.
pub(crate) fn read(state: &AppState, org: OrgId, id: &str) -> Result<Meeting, Failure> {
    let meeting = find(state, org, id)?;
    Ok(shown(&meeting, state.now()))
}

/// One page of the participants of a meeting, in order of joining. A page with
/// nobody on it does not exist.
pub(crate) async fn participants(
    state: &AppState,
    org: OrgId,
    id: &str,
    query: StayQuery,
) -> Result<MeetingParticipants, Failure> {
    let meeting = find(state, org, id)?;
    let cursor = if query.after.is_some() { "joined_after" } else { "joined_before" };
    let listed = state.cx.store.scan(move |c| history::list_stays(c, meeting.id, &query)).await;
    let stays = listed.map_err(|error| unknown_cursor(error, cursor))?;
    if stays.is_empty() {
        return Err(ApiError::no_more_participants(id).into());
    }
    Ok(MeetingParticipants { data: participants_of(&stays, state.now()) })
}

fn find(state: &AppState, org: OrgId, id: &str) -> Result<history::Meeting, Failure> {
    let unknown = || Failure::from(ApiError::meeting_not_found(id));
    let meeting: MeetingId = id.parse().map_err(|_| unknown())?;
    let found = state.cx.store.read(|c| history::find(c, org, meeting))?;
    found.ok_or_else(unknown)
}

fn unknown_cursor(error: StoreError, parameter: &str) -> Failure {
    match error {
        StoreError::UnknownCursor { cursor } => {
            let fault = "must be the id of an object of this list";
            ApiError::must(parameter, fault, &Value::String(cursor)).into()
        }
        other => Failure::Store(other),
    }
}

fn shown(meeting: &history::Meeting, now: UnixMillis) -> Meeting {
    Meeting {
        id: meeting.id,
        room: meeting.room_name.clone(),
        start_time: meeting.started_at.as_seconds(),
        duration: seconds(meeting.started_at, meeting.ended_at, now),
        ongoing: meeting.ended_at.is_none(),
        max_participants: meeting.max_participants,
        participants: None,
    }
}

fn participants_of(stays: &[Stay], now: UnixMillis) -> Vec<MeetingParticipant> {
    let shown = |stay: &Stay| MeetingParticipant {
        user_id: stay.user_id.clone(),
        participant_id: stay.id,
        user_name: Some(stay.user_name.clone()).filter(|name| !name.is_empty()),
        join_time: stay.joined_at.as_seconds(),
        duration: seconds(stay.joined_at, stay.left_at, now),
    };
    stays.iter().map(shown).collect()
}

/// Seconds from beginning to end, to the nearest; up to now without an end.
fn seconds(from: UnixMillis, until: Option<UnixMillis>, now: UnixMillis) -> i64 {
    // The two clocks may differ by a little.
    (until.unwrap_or(now).millis_since(from).max(0) + 500) / 1000
}
