//! The requests that were made: by callers of the API, and by the server to
//! webhooks.

use parlor_model::id::{ApiLogId, OrgId};
use parlor_model::time::UnixMillis;
use uuid::Uuid;

use crate::engine::{Connection, Param, Row, Sql, statements};
use crate::error::StoreError;
use crate::page::{Cursor, PageRequest};

/// Who sent a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// A caller of the API.
    #[default]
    Api,
    /// The server, to a webhook.
    Webhook,
}

impl Source {
    /// As queries and answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Webhook => "webhook",
        }
    }
}

impl std::str::FromStr for Source {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text {
            "api" => Ok(Self::Api),
            "webhook" => Ok(Self::Webhook),
            _ => Err(StoreError::Corrupt("a request's source is unknown".into())),
        }
    }
}

/// One request and its answer, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name. [`add`] writes the entry's number into its last 48 bits.
    pub id: ApiLogId,
    /// Whose log it is in.
    pub org_id: OrgId,
    /// Who sent it.
    pub source: Source,
    /// The id of the API key, or of the webhook.
    pub actor: String,
    /// Where it came from; empty when that is not known.
    pub ip: String,
    /// Its method.
    pub method: String,
    /// Its address: path and query of a caller's, the whole of a webhook's.
    pub url: String,
    /// The status of the answer; 0 when there was none.
    pub status: u16,
    /// When it was answered.
    pub created_at: UnixMillis,
    /// The beginning of its body.
    pub request: Option<String>,
    /// The beginning of the answer's body.
    pub response: Option<String>,
}

/// Which requests are wanted.
#[derive(Clone, Debug, Default)]
pub struct ApiLogQuery {
    /// Who sent them.
    pub source: Source,
    /// Only those to this address, whatever their query.
    pub url: Option<String>,
    /// Which page of them.
    pub page: PageRequest,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, source, actor, ip, method, url, status, created_at, request, \
             response FROM api_log WHERE org_id = $1 AND source = $2 AND seq > $3 AND seq < $4 ",
            $rest
        )
    };
}

statements! {
    LAST = "SELECT COALESCE(MAX(seq), 0) FROM api_log";
    INSERT = "INSERT INTO api_log (seq, id, org_id, source, actor, ip, method, url, path, status, \
        created_at, request, response) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    PLACE = "SELECT seq FROM api_log WHERE seq = $1 AND id = $2 AND org_id = $3 AND source = $4";
    NEWEST = select!("ORDER BY seq DESC LIMIT $5");
    OLDEST = select!("ORDER BY seq LIMIT $5");
    NEWEST_OF_PATH = select!("AND path = $5 ORDER BY seq DESC LIMIT $6");
    OLDEST_OF_PATH = select!("AND path = $5 ORDER BY seq LIMIT $6");
    // The oldest are the first: no index by time has to be written for this.
    PURGE = "DELETE FROM api_log WHERE created_at < $1 \
        AND seq IN (SELECT seq FROM api_log ORDER BY seq LIMIT $2)";
}

/// Adds requests, the oldest first.
///
/// # Errors
/// The engine's.
pub fn add(connection: &mut dyn Connection, entries: &[Entry]) -> Result<(), StoreError> {
    let last = connection.find(&LAST, &[], |row| row.int(0))?.unwrap_or(0);
    for (entry, seq) in entries.iter().zip(last + 1..) {
        connection.execute(
            &INSERT,
            &[
                seq.into(),
                (&numbered(entry.id, seq).to_string()).into(),
                (&entry.org_id.to_string()).into(),
                entry.source.as_str().into(),
                (&entry.actor).into(),
                (&entry.ip).into(),
                (&entry.method).into(),
                (&entry.url).into(),
                path_of(&entry.url).into(),
                i64::from(entry.status).into(),
                entry.created_at.into(),
                entry.request.as_deref().into(),
                entry.response.as_deref().into(),
            ],
        )?;
    }
    Ok(())
}

/// One page of an organization's requests, newest first.
///
/// # Errors
/// [`StoreError::UnknownCursor`] when the cursor is no request of this list.
pub fn list(
    connection: &mut dyn Connection,
    org: OrgId,
    query: &ApiLogQuery,
) -> Result<Vec<Entry>, StoreError> {
    let org = org.to_string();
    let (mut after, mut before) = (i64::MIN, i64::MAX);
    let is_from_oldest = match query.page.cursor() {
        Cursor::Newest => false,
        Cursor::Oldest => true,
        Cursor::After(id) => {
            before = place(connection, &org, query.source, id)?;
            false
        }
        Cursor::Before(id) => {
            after = place(connection, &org, query.source, id)?;
            true
        }
    };
    let mut params: Vec<Param<'_>> =
        vec![(&org).into(), query.source.as_str().into(), after.into(), before.into()];
    params.extend(query.url.as_deref().map(|url| Param::from(path_of(url))));
    params.push(i64::from(query.page.limit()).into());
    let sql: &Sql = match (query.url.is_some(), is_from_oldest) {
        (false, false) => &NEWEST,
        (false, true) => &OLDEST,
        (true, false) => &NEWEST_OF_PATH,
        (true, true) => &OLDEST_OF_PATH,
    };
    let mut entries = connection.list(sql, &params, entry)?;
    if is_from_oldest {
        entries.reverse();
    }
    Ok(entries)
}

/// Forgets requests answered before `cutoff`, at most `limit`. Says how many.
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

fn path_of(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

/// The bits of an id that hold the entry's number.
const NUMBER: u128 = (1 << 48) - 1;

fn numbered(id: ApiLogId, seq: i64) -> ApiLogId {
    let number = u128::from(seq.unsigned_abs()) & NUMBER;
    Uuid::from_u128(id.as_uuid().as_u128() & !NUMBER | number).into()
}

/// The number that an id holds, if it is one of ours.
fn number_of(id: &str) -> Option<i64> {
    let id: ApiLogId = id.parse().ok()?;
    i64::try_from(id.as_uuid().as_u128() & NUMBER).ok()
}

fn place(
    connection: &mut dyn Connection,
    org: &str,
    source: Source,
    id: &str,
) -> Result<i64, StoreError> {
    let unknown = || StoreError::UnknownCursor { cursor: id.to_owned() };
    let seq = number_of(id).ok_or_else(unknown)?;
    let params = [seq.into(), id.into(), org.into(), source.as_str().into()];
    connection.find(&PLACE, &params, |row| row.int(0))?.ok_or_else(unknown)
}

fn entry(row: &dyn Row) -> Result<Entry, StoreError> {
    let status = u16::try_from(row.int(7)?);
    Ok(Entry {
        id: row.parsed(0)?,
        org_id: row.parsed(1)?,
        source: row.parsed(2)?,
        actor: row.text(3)?.to_owned(),
        ip: row.text(4)?.to_owned(),
        method: row.text(5)?.to_owned(),
        url: row.text(6)?.to_owned(),
        status: status.map_err(|_| StoreError::column(7, "a status"))?,
        created_at: row.millis(8)?,
        request: row.optional_text(9)?.map(str::to_owned),
        response: row.optional_text(10)?.map(str::to_owned),
    })
}
