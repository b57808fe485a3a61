//! Meetings by the page.

use parlor_model::id::{MeetingId, OrgId};
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Param, Sql, statements};
use crate::error::StoreError;
use crate::history::count::{self, Span};
use crate::history::{Meeting, meeting};
use crate::page::{Cursor, Page, PageRequest};

macro_rules! newest {
    ($which:literal) => {
        select_meetings!(concat!(
            "WHERE org_id = $1 AND (started_at, id) > ($2, $3) AND (started_at, id) < ($4, $5) ",
            $which,
            "ORDER BY started_at DESC, id DESC LIMIT $6"
        ))
    };
}

macro_rules! oldest {
    ($which:literal) => {
        select_meetings!(concat!(
            "WHERE org_id = $1 AND (started_at, id) > ($2, $3) AND (started_at, id) < ($4, $5) ",
            $which,
            "ORDER BY started_at, id LIMIT $6"
        ))
    };
}

macro_rules! newest_of_room {
    ($which:literal) => {
        select_meetings!(concat!(
            "WHERE org_id = $1 AND (started_at, id) > ($2, $3) AND (started_at, id) < ($4, $5) ",
            "AND room_name = $6 ",
            $which,
            "ORDER BY started_at DESC, id DESC LIMIT $7"
        ))
    };
}

macro_rules! oldest_of_room {
    ($which:literal) => {
        select_meetings!(concat!(
            "WHERE org_id = $1 AND (started_at, id) > ($2, $3) AND (started_at, id) < ($4, $5) ",
            "AND room_name = $6 ",
            $which,
            "ORDER BY started_at, id LIMIT $7"
        ))
    };
}

statements! {
    FIND = select_meetings!("WHERE id = $1 AND org_id = $2");
    STARTED_AT = "SELECT started_at FROM meetings WHERE id = $1 AND org_id = $2";
    NEWEST = newest!("");
    NEWEST_OPEN = newest!("AND ended_at IS NULL ");
    NEWEST_ENDED = newest!("AND ended_at IS NOT NULL ");
    OLDEST = oldest!("");
    OLDEST_OPEN = oldest!("AND ended_at IS NULL ");
    OLDEST_ENDED = oldest!("AND ended_at IS NOT NULL ");
    NEWEST_OF_ROOM = newest_of_room!("");
    NEWEST_OPEN_OF_ROOM = newest_of_room!("AND ended_at IS NULL ");
    NEWEST_ENDED_OF_ROOM = newest_of_room!("AND ended_at IS NOT NULL ");
    OLDEST_OF_ROOM = oldest_of_room!("");
    OLDEST_OPEN_OF_ROOM = oldest_of_room!("AND ended_at IS NULL ");
    OLDEST_ENDED_OF_ROOM = oldest_of_room!("AND ended_at IS NOT NULL ");
}

/// Whether meetings that still run are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// All meetings.
    #[default]
    Any,
    /// Those that still run.
    Ongoing,
    /// Those that are over.
    Ended,
}

/// Which meetings are wanted.
#[derive(Clone, Debug, Default)]
pub struct MeetingQuery {
    /// Only those of this room.
    pub room: Option<String>,
    /// Only those that began at this point or later.
    pub from: Option<UnixMillis>,
    /// Only those that began before this point.
    pub until: Option<UnixMillis>,
    /// Whether running ones count.
    pub progress: Progress,
    /// Which page of them.
    pub page: PageRequest,
}

/// The meeting of that id.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    org_id: OrgId,
    id: MeetingId,
) -> Result<Option<Meeting>, StoreError> {
    let (id, org) = (id.to_string(), org_id.to_string());
    connection.find(&FIND, &[id.as_str().into(), org.as_str().into()], meeting)
}

/// One page of an organization's meetings, newest first, by id within the same
/// moment. The count is of all that match, whatever the cursor.
///
/// # Errors
/// [`StoreError::UnknownCursor`] when the cursor is no meeting of this
/// organization.
pub fn list(
    connection: &mut dyn Connection,
    org_id: OrgId,
    query: &MeetingQuery,
) -> Result<Page<Meeting>, StoreError> {
    let org = org_id.to_string();
    let bounds = Bounds::of(connection, &org, query)?;
    let span = Span {
        org: &org,
        room: query.room.as_deref(),
        from: query.from.unwrap_or(BEGINNING),
        until: query.until.unwrap_or(END),
    };
    let total_count = match query.progress {
        Progress::Any => count::all(connection, span)?,
        Progress::Ongoing => count::open(connection, span)?,
        Progress::Ended => {
            count::all(connection, span)?.saturating_sub(count::open(connection, span)?)
        }
    };
    Ok(Page { total_count, items: items(connection, &org, query, &bounds)? })
}

const BEGINNING: UnixMillis = UnixMillis::new(i64::MIN);
const END: UnixMillis = UnixMillis::new(i64::MAX);

/// A place between two meetings. No id is empty, so an empty one stands before
/// all of its moment.
type Place = (UnixMillis, String);

/// What the page lies between, and from which end it is filled.
struct Bounds {
    after: Place,
    before: Place,
    is_from_oldest: bool,
}

impl Bounds {
    fn of(
        connection: &mut dyn Connection,
        org: &str,
        query: &MeetingQuery,
    ) -> Result<Self, StoreError> {
        let mut bounds = Self {
            after: (query.from.unwrap_or(BEGINNING), String::new()),
            before: (query.until.unwrap_or(END), String::new()),
            is_from_oldest: matches!(query.page.cursor(), Cursor::Before(_) | Cursor::Oldest),
        };
        match query.page.cursor() {
            Cursor::Newest | Cursor::Oldest => {}
            Cursor::After(id) => bounds.before = bounds.before.min(place(connection, org, id)?),
            Cursor::Before(id) => bounds.after = bounds.after.max(place(connection, org, id)?),
        }
        Ok(bounds)
    }
}

fn place(connection: &mut dyn Connection, org: &str, id: &str) -> Result<Place, StoreError> {
    let at = connection.find(&STARTED_AT, &[id.into(), org.into()], |row| row.millis(0))?;
    let at = at.ok_or_else(|| StoreError::UnknownCursor { cursor: id.to_owned() })?;
    Ok((at, id.to_owned()))
}

fn items(
    connection: &mut dyn Connection,
    org: &str,
    query: &MeetingQuery,
    bounds: &Bounds,
) -> Result<Vec<Meeting>, StoreError> {
    let mut params: Vec<Param<'_>> = vec![
        org.into(),
        bounds.after.0.into(),
        (&bounds.after.1).into(),
        bounds.before.0.into(),
        (&bounds.before.1).into(),
    ];
    params.extend(query.room.as_deref().map(Param::from));
    params.push(i64::from(query.page.limit()).into());
    let mut meetings = connection.list(statement(query, bounds), &params, meeting)?;
    if bounds.is_from_oldest {
        meetings.reverse();
    }
    Ok(meetings)
}

fn statement(query: &MeetingQuery, bounds: &Bounds) -> &'static Sql {
    match (query.room.is_some(), bounds.is_from_oldest, query.progress) {
        (false, false, Progress::Any) => &NEWEST,
        (false, false, Progress::Ongoing) => &NEWEST_OPEN,
        (false, false, Progress::Ended) => &NEWEST_ENDED,
        (false, true, Progress::Any) => &OLDEST,
        (false, true, Progress::Ongoing) => &OLDEST_OPEN,
        (false, true, Progress::Ended) => &OLDEST_ENDED,
        (true, false, Progress::Any) => &NEWEST_OF_ROOM,
        (true, false, Progress::Ongoing) => &NEWEST_OPEN_OF_ROOM,
        (true, false, Progress::Ended) => &NEWEST_ENDED_OF_ROOM,
        (true, true, Progress::Any) => &OLDEST_OF_ROOM,
        (true, true, Progress::Ongoing) => &OLDEST_OPEN_OF_ROOM,
        (true, true, Progress::Ended) => &OLDEST_ENDED_OF_ROOM,
    }
}
