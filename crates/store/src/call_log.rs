//! What clients report of their calls.

use parlor_model::call_log::{CallLogEntry, CallLogReport, MAX_LOG_MESSAGE_CHARS};
use parlor_model::call_log::{CallLogLevel, CallMetrics, LogPass, TransportMetrics};
use parlor_model::id::{MeetingId, OrgId, ParticipantId};
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Param, Row, Sql, statements};
use crate::error::StoreError;
use crate::history;

/// One reported line or measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported<T> {
    /// When the report came.
    pub received_at: UnixMillis,
    /// When it happened, on the client's clock.
    pub client_at: UnixMillis,
    /// Whose stay it is about.
    pub session: ParticipantId,
    /// In which meeting, if they had entered it.
    pub meeting: Option<MeetingId>,
    /// What was reported.
    pub what: T,
}

/// A line, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How grave it is.
    pub level: CallLogLevel,
    /// Which kind of event.
    pub code: Option<i32>,
    /// The other participant whom it is about.
    pub peer: Option<ParticipantId>,
    /// For people.
    pub message: String,
}

/// Which entries are wanted. One of session and meeting must be there.
#[derive(Clone, Debug, Default)]
pub struct CallLogQuery {
    /// Only those of this stay.
    pub session: Option<String>,
    /// Only those of this meeting.
    pub meeting: Option<String>,
    /// Only lines of this level.
    pub level: Option<CallLogLevel>,
    /// Only those received at this point or later.
    pub from: Option<UnixMillis>,
    /// Only those received at this point or earlier.
    pub until: Option<UnixMillis>,
    /// Whether the newest come first.
    pub order: Order,
    /// Most of them.
    pub limit: u32,
    /// How many to leave out at the beginning.
    pub offset: u64,
}

/// Which end of the log comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest entries.
    #[default]
    NewestFirst,
    /// The oldest ones.
    OldestFirst,
}

macro_rules! select {
    ($whose:literal, $order:literal) => {
        concat!(
            "SELECT received_at, client_at, session_id, meeting_id, level, code, peer_id, body \
             FROM call_log WHERE org_id = $1 AND ",
            $whose,
            " = $2 AND kind = $3 AND received_at >= $4 AND received_at <= $5 AND level >= $6 \
             AND level <= $7 AND (session_id = $8 OR $8 = '') ORDER BY ",
            $order,
            " LIMIT $9 OFFSET $10"
        )
    };
}

statements! {
    INSERT = "INSERT INTO call_log (report_id, number, org_id, kind, session_id, meeting_id, \
        peer_id, received_at, client_at, level, code, body) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
        ON CONFLICT (report_id, number) DO NOTHING";
    NEWEST_OF_SESSION = select!("session_id",
        "received_at DESC, client_at DESC, report_id DESC, number DESC");
    OLDEST_OF_SESSION = select!("session_id", "received_at, client_at, report_id, number");
    NEWEST_OF_MEETING = select!("meeting_id",
        "received_at DESC, client_at DESC, report_id DESC, number DESC");
    OLDEST_OF_MEETING = select!("meeting_id", "received_at, client_at, report_id, number");
    PURGE = "DELETE FROM call_log WHERE (report_id, number) IN (SELECT report_id, number \
        FROM call_log WHERE received_at < $1 ORDER BY received_at LIMIT $2)";
}

const LOG: &str = "log";
const METRICS: &str = "metrics";

/// The level under which measurements lie: that of no line.
const NO_LEVEL: i64 = -1;

/// Keeps a report. `name` is its own for good: given twice it is kept once.
///
/// # Errors
/// The engine's.
pub fn keep(
    connection: &mut dyn Connection,
    pass: &LogPass,
    report: &CallLogReport,
    name: &str,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let meeting = history::meeting_of(connection, pass.org, pass.participant)?;
    let mut keeper = Keeper {
        connection,
        name,
        org: pass.org.to_string(),
        session: pass.participant.to_string(),
        meeting: meeting.map(|id| id.to_string()),
        now,
        number: 0,
    };
    report.logs.iter().try_for_each(|entry| keeper.line(entry))?;
    report.metrics.iter().try_for_each(|metrics| keeper.metrics(metrics))
}

/// Writes the entries of one report.
struct Keeper<'a> {
    connection: &'a mut dyn Connection,
    name: &'a str,
    org: String,
    session: String,
    meeting: Option<String>,
    now: UnixMillis,
    number: i64,
}

impl Keeper<'_> {
    fn line(&mut self, entry: &CallLogEntry) -> Result<(), StoreError> {
        let end = entry.message.char_indices().nth(MAX_LOG_MESSAGE_CHARS);
        let message = &entry.message[..end.map_or(entry.message.len(), |(end, _)| end)];
        // PostgreSQL keeps no NUL in a text.
        let message = message.replace('\0', "\u{fffd}");
        let peer = entry.peer.map(|id| id.to_string());
        let details = [i64::from(entry.level).into(), entry.code.map(i64::from).into()];
        self.insert(LOG, entry.time, peer.as_deref(), details, &message)
    }

    fn metrics(&mut self, metrics: &CallMetrics) -> Result<(), StoreError> {
        let body = serde_json::to_string(&metrics.transport)
            .map_err(|_| StoreError::Corrupt("measurements cannot be written".into()))?;
        self.insert(METRICS, metrics.time, None, [NO_LEVEL.into(), Param::Null], &body)
    }

    fn insert(
        &mut self,
        kind: &str,
        at: UnixMillis,
        peer: Option<&str>,
        [level, code]: [Param<'_>; 2],
        body: &str,
    ) -> Result<(), StoreError> {
        let params = [
            self.name.into(),
            self.number.into(),
            self.org.as_str().into(),
            kind.into(),
            self.session.as_str().into(),
            self.meeting.as_deref().into(),
            peer.into(),
            self.now.into(),
            at.into(),
            level,
            code,
            body.into(),
        ];
        self.number += 1;
        self.connection.execute(&INSERT, &params).map(drop)
    }
}

/// The lines that a query wants.
///
/// # Errors
/// The engine's.
pub fn lines(
    connection: &mut dyn Connection,
    org: OrgId,
    query: &CallLogQuery,
) -> Result<Vec<Reported<Line>>, StoreError> {
    let (lowest, highest) = match query.level {
        Some(level) => (i64::from(level), i64::from(level)),
        None => (0, i64::MAX),
    };
    list(connection, org, query, Part { kind: LOG, lowest, highest }, |row| {
        let level = CallLogLevel::try_from(row.int(4)?);
        let code = row.optional_int(5)?.map(i32::try_from).transpose();
        let peer = row.optional_text(6)?.map(str::parse).transpose();
        reported(
            row,
            Line {
                level: level.map_err(|_| StoreError::column(4, "a level"))?,
                code: code.map_err(|_| StoreError::column(5, "a code"))?,
                peer: peer.map_err(|_| StoreError::column(6, "an id"))?,
                message: row.text(7)?.to_owned(),
            },
        )
    })
}

/// The measurements that a query wants.
///
/// # Errors
/// The engine's.
pub fn metrics(
    connection: &mut dyn Connection,
    org: OrgId,
    query: &CallLogQuery,
) -> Result<Vec<Reported<TransportMetrics>>, StoreError> {
    let part = Part { kind: METRICS, lowest: NO_LEVEL, highest: NO_LEVEL };
    list(connection, org, query, part, |row| {
        let metrics = serde_json::from_str(row.text(7)?);
        reported(row, metrics.map_err(|_| StoreError::column(7, "measurements"))?)
    })
}

/// Forgets entries received before `cutoff`, at most `limit`. Says how many.
///
/// # Errors
/// The engine's.
pub fn purge(
    connection: &mut dyn Connection,
    cutoff: UnixMillis,
    limit: u32,
) -> Result<usize, StoreError> {
    let gone = connection.execute(&PURGE, &[cutoff.into(), i64::from(limit).into()])?;
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}

/// Which of the entries.
#[derive(Clone, Copy)]
struct Part {
    kind: &'static str,
    lowest: i64,
    highest: i64,
}

fn list<T>(
    connection: &mut dyn Connection,
    org: OrgId,
    query: &CallLogQuery,
    part: Part,
    map: fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let org = org.to_string();
    let session = query.session.as_deref().unwrap_or_default();
    let meeting = query.meeting.as_deref();
    let params = [
        org.as_str().into(),
        meeting.unwrap_or(session).into(),
        part.kind.into(),
        query.from.unwrap_or(UnixMillis::new(i64::MIN)).into(),
        query.until.unwrap_or(UnixMillis::new(i64::MAX)).into(),
        part.lowest.into(),
        part.highest.into(),
        session.into(),
        i64::from(query.limit).into(),
        i64::try_from(query.offset).unwrap_or(i64::MAX).into(),
    ];
    let sql: &Sql = match (meeting.is_some(), query.order) {
        (false, Order::NewestFirst) => &NEWEST_OF_SESSION,
        (false, Order::OldestFirst) => &OLDEST_OF_SESSION,
        (true, Order::NewestFirst) => &NEWEST_OF_MEETING,
        (true, Order::OldestFirst) => &OLDEST_OF_MEETING,
    };
    connection.list(sql, &params, map)
}

fn reported<T>(row: &dyn Row, what: T) -> Result<Reported<T>, StoreError> {
    let meeting = row.optional_text(3)?.map(str::parse).transpose();
    Ok(Reported {
        received_at: row.millis(0)?,
        client_at: row.millis(1)?,
        session: row.parsed(2)?,
        meeting: meeting.map_err(|_| StoreError::column(3, "an id"))?,
        what,
    })
}
