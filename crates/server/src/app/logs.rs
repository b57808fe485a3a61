//! What clients report of their calls, and which requests were made.

use parlor_model::call_log::{CallLogReport, LOG_PASS_SECONDS, LogPass, MAX_REPORT_ENTRIES};
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::id::{OrgId, ParticipantId};
use parlor_model::rest::logs::{
    ApiLogEntry, CallLogLine, CallLogMetrics, CallLogs, with_nanoseconds,
};
use parlor_model::time::UnixMillis;
use parlor_store::api_log::{self, ApiLogQuery, Entry};
use parlor_store::call_log::{self, CallLogQuery, Line, Reported};
use parlor_store::{Connection, StoreError, orgs};
use serde_json::Value;
use uuid::Uuid;

use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::byte_budget::{ByteBudget, ByteLimit};
use crate::http::rate_limit::Limit;
use crate::random;

/// How often one stay may report. A client does so four times a minute.
const REPORTS: Limit = Limit::per_seconds(12, 60);

/// Most bytes that one stay may report in all: what a client measures
/// in a day, the time that its pass is good for. More lets a single stranger
/// fill more of the disk.
const STAY_BYTES: ByteLimit = ByteLimit { bytes: 4 * 1024 * 1024, seconds: LOG_PASS_SECONDS };

/// Most bytes that the stays of one organization may report in one minute. A
/// client reports about 2.5 KiB a minute, so this does for some 1,600 at once;
/// what comes on top is refused, and clients send it again.
const ORG_BYTES: ByteLimit = ByteLimit { bytes: 4 * 1024 * 1024, seconds: 60 };

/// How many bytes of reports there were. Passes end with this process, so the
/// sums may too.
#[derive(Debug)]
pub(crate) struct LogBytes {
    by_stay: ByteBudget<ParticipantId>,
    by_org: ByteBudget<OrgId>,
}

impl Default for LogBytes {
    fn default() -> Self {
        Self { by_stay: ByteBudget::new(STAY_BYTES), by_org: ByteBudget::new(ORG_BYTES) }
    }
}

impl LogBytes {
    fn take(&self, pass: &LogPass, bytes: usize, now: UnixMillis) -> Result<(), ApiError> {
        self.by_stay.take(pass.participant, bytes, now)?;
        self.by_org.take(pass.org, bytes, now).inspect_err(|_| {
            self.by_stay.give_back(&pass.participant, bytes);
        })
    }

    /// Forgets what was reported.
    pub(crate) fn clear(&self) {
        self.by_stay.clear();
        self.by_org.clear();
    }
}

/// Whose report of so many bytes this is, if there is room for it.
pub(crate) fn admit(state: &AppState, pass: &str, bytes: usize) -> Result<LogPass, ApiError> {
    let now = state.now();
    let pass = open(state, pass)?;
    state.by_stay.check(pass.participant, REPORTS, now).admit()?;
    state.log_bytes.take(&pass, bytes, now)?;
    Ok(pass)
}

/// Keeps a report. It is on disk when this returns.
pub(crate) async fn keep(
    state: &AppState,
    pass: LogPass,
    report: CallLogReport,
) -> Result<(), Failure> {
    let now = state.now();
    let entries = report.logs.len() + report.metrics.len();
    if entries > MAX_REPORT_ENTRIES {
        let info =
            format!("the report has {entries} entries but at most {MAX_REPORT_ENTRIES} are taken");
        return Err(ApiError::new(ErrorKind::InvalidRequest, info).into());
    }
    if entries == 0 {
        return Ok(());
    }
    let name = Uuid::from_bytes(random::bytes()?).to_string();
    let keep = move |connection: &mut dyn Connection| {
        call_log::keep(connection, &pass, &report, &name, now)
    };
    Ok(state.cx.store.write(keep).await?)
}

/// Whose pass it is.
pub(crate) fn open(state: &AppState, pass: &str) -> Result<LogPass, ApiError> {
    let opened = state.cx.ticket_key.open_log_pass(pass, state.now());
    opened.map_err(|_| {
        let info = "the pass is not valid: send `log_pass` of the answer to the join";
        ApiError::new(ErrorKind::Forbidden, info)
    })
}

/// Which parts of a call's log are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// Lines.
    pub(crate) has_lines: bool,
    /// Measurements.
    pub(crate) has_metrics: bool,
}

/// What clients reported.
pub(crate) async fn list(
    state: &AppState,
    org: OrgId,
    query: CallLogQuery,
    parts: Parts,
) -> Result<CallLogs, Failure> {
    let found = state.cx.store.scan(move |connection| find(connection, org, &query, parts));
    let (domain, lines, metrics) = found.await?;
    let line = |line: Reported<Line>| CallLogLine {
        time: with_nanoseconds(line.received_at),
        client_time: with_nanoseconds(line.client_at),
        message: line.what.message,
        mtg_session_id: line.meeting,
        user_session_id: line.session,
        peer_id: line.what.peer,
        domain_name: domain.clone(),
        level: line.what.level.into(),
        code: line.what.code,
    };
    let logs = lines.map(|lines| lines.into_iter().map(line).collect());
    let metrics = metrics.map(|metrics| {
        let shown = metrics.into_iter().map(|one| CallLogMetrics {
            time: with_nanoseconds(one.received_at),
            client_time: with_nanoseconds(one.client_at),
            mtg_session_id: one.meeting,
            user_session_id: one.session,
            domain_name: domain.clone(),
            transport: one.what,
        });
        shown.collect()
    });
    Ok(CallLogs { logs, metrics })
}

type Found = (
    String,
    Option<Vec<Reported<Line>>>,
    Option<Vec<Reported<parlor_model::call_log::TransportMetrics>>>,
);

fn find(
    connection: &mut dyn Connection,
    org: OrgId,
    query: &CallLogQuery,
    parts: Parts,
) -> Result<Found, StoreError> {
    let domain = orgs::find(connection, org)?.map(|org| org.domain).unwrap_or_default();
    let lines = parts.has_lines.then(|| call_log::lines(connection, org, query)).transpose()?;
    let metrics = parts.has_metrics.then(|| call_log::metrics(connection, org, query));
    Ok((domain, lines, metrics.transpose()?))
}

/// Which requests were made.
pub(crate) async fn list_requests(
    state: &AppState,
    org: OrgId,
    query: ApiLogQuery,
) -> Result<Vec<ApiLogEntry>, Failure> {
    let parameter = query.page.cursor().parameter();
    let listed = state.cx.store.scan(move |connection| api_log::list(connection, org, &query));
    let entries = listed.await.map_err(|error| match error {
        StoreError::UnknownCursor { cursor } => {
            let fault = "must be the id of an object of this list";
            ApiError::must(parameter, fault, &Value::String(cursor)).into()
        }
        other => Failure::Store(other),
    })?;
    Ok(entries.into_iter().map(shown).collect())
}

fn shown(entry: Entry) -> ApiLogEntry {
    ApiLogEntry {
        id: entry.id,
        user_id: entry.actor,
        domain_id: entry.org_id,
        source: entry.source.as_str().to_owned(),
        ip: entry.ip,
        method: entry.method,
        url: entry.url,
        status: entry.status,
        created_at: entry.created_at.to_iso8601(),
        request: entry.request,
        response: entry.response,
    }
}
