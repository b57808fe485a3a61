//! How many meetings a list has, without counting them: a row for each day,
//! and only the days at a list's ends are looked at closely.

use parlor_model::event::RoomEvent;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Param, statements};
use crate::error::StoreError;
use crate::history::Meeting;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// The name under which an organization's meetings are counted together. No
/// room has it.
const EVERY_ROOM: &str = "";

statements! {
    ADD = "INSERT INTO meeting_counts (org_id, room_name, day, meetings) VALUES ($1, $2, $3, 1) \
        ON CONFLICT (org_id, room_name, day) DO UPDATE SET meetings = meeting_counts.meetings + 1";
    SUBTRACT = "UPDATE meeting_counts SET meetings = meetings - 1 \
        WHERE org_id = $1 AND room_name = $2 AND day = $3";
    FORGET = "DELETE FROM meeting_counts \
        WHERE org_id = $1 AND room_name = $2 AND day = $3 AND meetings < 1";
    SUM_DAYS = "SELECT CAST(COALESCE(SUM(meetings), 0) AS BIGINT) FROM meeting_counts \
        WHERE org_id = $1 AND room_name = $2 AND day >= $3 AND day < $4";
    COUNT_ALL = "SELECT COUNT(*) FROM meetings \
        WHERE org_id = $1 AND started_at >= $2 AND started_at < $3";
    COUNT_ROOM = "SELECT COUNT(*) FROM meetings \
        WHERE org_id = $1 AND room_name = $2 AND started_at >= $3 AND started_at < $4";
    COUNT_OPEN = "SELECT COUNT(*) FROM meetings \
        WHERE org_id = $1 AND started_at >= $2 AND started_at < $3 AND ended_at IS NULL";
    COUNT_OPEN_ROOM = "SELECT COUNT(*) FROM meetings WHERE org_id = $1 AND room_name = $2 \
        AND started_at >= $3 AND started_at < $4 AND ended_at IS NULL";
}

/// Whose meetings, and from when to (exclusive) when they began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'a> {
    pub(super) org: &'a str,
    pub(super) room: Option<&'a str>,
    pub(super) from: UnixMillis,
    pub(super) until: UnixMillis,
}

/// Counts a meeting that began.
pub(super) fn add(connection: &mut dyn Connection, event: &RoomEvent) -> Result<(), StoreError> {
    let (org, day) = (event.org.to_string(), day_of(event.meeting_started_at));
    for room in [EVERY_ROOM, &event.room_name] {
        connection.execute(&ADD, &[org.as_str().into(), room.into(), day.into()])?;
    }
    Ok(())
}

/// Counts a meeting that is forgotten.
pub(super) fn subtract(
    connection: &mut dyn Connection,
    meeting: &Meeting,
) -> Result<(), StoreError> {
    let (org, day) = (meeting.org_id.to_string(), day_of(meeting.started_at));
    for room in [EVERY_ROOM, &meeting.room_name] {
        let params = [org.as_str().into(), room.into(), day.into()];
        connection.execute(&SUBTRACT, &params)?;
        connection.execute(&FORGET, &params)?;
    }
    Ok(())
}

/// How many meetings began in a span.
pub(super) fn all(connection: &mut dyn Connection, span: Span<'_>) -> Result<u64, StoreError> {
    // The whole days inside, and what is left at both ends.
    let (first, last) = (day_of(span.from.plus_millis(DAY_MILLIS - 1)), day_of(span.until));
    if first >= last {
        return exactly(connection, span);
    }
    let at = |day: i64| UnixMillis::new(day.saturating_mul(DAY_MILLIS));
    let before = exactly(connection, Span { until: at(first).min(span.until), ..span })?;
    let after = exactly(connection, Span { from: at(last).max(span.from), ..span })?;
    let room = span.room.unwrap_or(EVERY_ROOM);
    let days = [span.org.into(), room.into(), first.into(), last.into()];
    Ok(before + one(connection, &SUM_DAYS, &days)? + after)
}

/// How many meetings that still run began in a span. They are few.
pub(super) fn open(connection: &mut dyn Connection, span: Span<'_>) -> Result<u64, StoreError> {
    let (org, from, until) = (span.org.into(), span.from.into(), span.until.into());
    match span.room {
        None => one(connection, &COUNT_OPEN, &[org, from, until]),
        Some(room) => one(connection, &COUNT_OPEN_ROOM, &[org, room.into(), from, until]),
    }
}

fn exactly(connection: &mut dyn Connection, span: Span<'_>) -> Result<u64, StoreError> {
    if span.from >= span.until {
        return Ok(0);
    }
    let (org, from, until) = (span.org.into(), span.from.into(), span.until.into());
    match span.room {
        None => one(connection, &COUNT_ALL, &[org, from, until]),
        Some(room) => one(connection, &COUNT_ROOM, &[org, room.into(), from, until]),
    }
}

fn one(
    connection: &mut dyn Connection,
    sql: &crate::engine::Sql,
    params: &[Param<'_>],
) -> Result<u64, StoreError> {
    Ok(connection.find(sql, params, |row| row.count(0))?.unwrap_or(0))
}

fn day_of(at: UnixMillis) -> i64 {
    at.as_millis().div_euclid(DAY_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_and_ends_before_the_next() {
        let cases = [(0, 0), (DAY_MILLIS - 1, 0), (DAY_MILLIS, 1), (-1, -1)];
        for (millis, day) in cases {
            assert_eq!(day_of(UnixMillis::new(millis)), day);
        }
    }
}
