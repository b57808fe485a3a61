//! `/v1/meetings`.

use axum::extract::State;
use parlor_model::error::ApiError;
use parlor_model::rest::meetings::{Meeting, MeetingList, MeetingParticipants};
use parlor_model::time::UnixMillis;
use parlor_store::history::{MeetingQuery, Progress, StayQuery};
use parlor_store::page::{Cursor, PageRequest};

use crate::app::meetings::{self, Participants};
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{QueryPairs, Segment};
use crate::http::openapi::Errors;
use crate::http::query::{Checked, PageSize};
use crate::identity::Caller;

/// List meetings, newest first. Those that still run are among them. At most
/// 1,000 participants of one meeting are listed, and 2,000 in one page;
/// `GET /meetings/{id}/participants` has them all.
#[utoipa::path(
    get, path = "/meetings", tag = "meetings",
    params(
        ("room" = Option<String>, Query, description = "Only those in the room of this name, which may be gone", example = "standup"),
        ("timeframe_start" = Option<f64>, Query, description = "Only those that began at this time or later, unix seconds", example = 1_935_600_000),
        ("timeframe_end" = Option<f64>, Query, description = "Only those that began before this time, unix seconds", example = 1_935_700_000),
        ("ongoing" = Option<bool>, Query, description = "Only those that still run (`true`), or that are over (`false`)"),
        ("no_participants" = Option<bool>, Query, description = "Whether `participants` is left out"),
        ("limit" = Option<u32>, Query, minimum = 1, description = "Most meetings in the page, 1 to 100; 100 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "Meeting id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Meeting id: the page ends just before it; `OLDEST` for the last page"),
    ),
    responses((status = 200, description = "One page", body = MeetingList), Errors),
)]
pub(crate) async fn list_meetings(
    State(state): State<AppState>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Answer<MeetingList>, Refusal> {
    let query = Checked::new(
        &query,
        &[
            "room",
            "timeframe_start",
            "timeframe_end",
            "ongoing",
            "no_participants",
            "limit",
            "starting_after",
            "ending_before",
        ],
    )?;
    let participants = match query.flag("no_participants")? {
        Some(true) => Participants::LeftOut,
        Some(false) | None => Participants::Shown,
    };
    let wanted = meeting_query(query)?;
    Ok(Answer(meetings::list(&state, caller.org(), wanted, participants).await?))
}

fn meeting_query(query: Checked<'_>) -> Result<MeetingQuery, ApiError> {
    let time = |name| query.number(name).map(|time| time.map(UnixMillis::from_seconds));
    let cursor = Cursor::parse(query.text("starting_after"), query.text("ending_before"));
    Ok(MeetingQuery {
        room: query.text("room").map(str::to_owned),
        from: time("timeframe_start")?,
        until: time("timeframe_end")?,
        progress: match query.flag("ongoing")? {
            None => Progress::Any,
            Some(true) => Progress::Ongoing,
            Some(false) => Progress::Ended,
        },
        page: PageRequest::new(
            query.limit(PageSize::USUAL)?,
            cursor.map_err(|_| ApiError::both_cursors())?,
        ),
    })
}

/// Read a meeting.
#[utoipa::path(
    get, path = "/meetings/{id}", tag = "meetings",
    params(("id" = String, Path, description = "The meeting's id", example = "3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77")),
    responses((status = 200, description = "The meeting", body = Meeting), Errors),
)]
pub(crate) async fn read_meeting(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<Meeting>, Refusal> {
    Ok(Answer(meetings::read(&state, caller.org(), &id)?))
}

/// List who was in a meeting, in order of joining. There is one entry for each
/// time somebody joined; 404 when nobody is left for the page.
#[utoipa::path(
    get, path = "/meetings/{id}/participants", tag = "meetings",
    params(
        ("id" = String, Path, description = "The meeting's id", example = "3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77"),
        ("limit" = Option<u32>, Query, minimum = 1, description = "Most participants in the page, 1 to 100; 100 when absent, and for anything above"),
        ("joined_after" = Option<String>, Query, description = "Participant id: only who joined after them"),
        ("joined_before" = Option<String>, Query, description = "Participant id: only who joined before them"),
    ),
    responses((status = 200, description = "One page", body = MeetingParticipants), Errors),
)]
pub(crate) async fn list_meeting_participants(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment,
    query: QueryPairs,
) -> Result<Answer<MeetingParticipants>, Refusal> {
    let query = Checked::new(&query, &["limit", "joined_after", "joined_before"])?;
    let wanted = StayQuery {
        after: query.text("joined_after").map(str::to_owned),
        before: query.text("joined_before").map(str::to_owned),
        limit: query.limit(PageSize::USUAL)?,
    };
    Ok(Answer(meetings::participants(&state, caller.org(), &id, wanted).await?))
}
