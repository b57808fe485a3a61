//! Reading the log: actions with what came of them, newest first; and the bare
//! entries in their order, for an export.

use std::ops::RangeInclusive;

use parlor_model::id::OrgId;
use parlor_model::identity::audit::AuditEntry;
use parlor_model::time::UnixMillis;
use serde_json::{Value, json};

use super::chain::{Entry, columns};
use super::chain_name;
use crate::engine::{Connection, Param, Row, statements};
use crate::error::StoreError;

/// Which actions are wanted; what is `None`, and a field of which nothing is
/// said, does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Not before.
    pub from: Option<UnixMillis>,
    /// Not after.
    pub to: Option<UnixMillis>,
    /// Which ones.
    pub id: Wanted,
    /// By whom.
    pub actor_id: Wanted,
    /// By the person of this address.
    pub actor_email: Wanted,
    /// With a key that begins so.
    pub key_prefix: Wanted,
    /// With a key that ends so.
    pub key_suffix: Wanted,
    /// What: words of [`parlor_model::identity::audit::AuditAction`].
    pub action: Wanted,
    /// To what kind of thing: words of
    /// [`parlor_model::identity::audit::AuditTarget`].
    pub target_type: Wanted,
    /// To which one.
    pub target_id: Wanted,
    /// What was answered, in digits.
    pub status: Wanted,
    /// The same from one to another; 0 stands for what nobody wrote down.
    pub statuses: Option<RangeInclusive<u16>>,
}

impl AuditFilter {
    /// All values that are compared with each action.
    pub fn values(&self) -> impl Iterator<Item = &String> {
        fields(self).into_iter().flat_map(|wanted| wanted.one_of.iter().chain(&wanted.none_of))
    }
}

/// Which values of a field are wanted. A field without a value counts as empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One of these; any, where there are none.
    pub one_of: Vec<String>,
    /// None of these.
    pub none_of: Vec<String>,
}

impl Wanted {
    /// This value.
    pub fn just(value: impl Into<String>) -> Self {
        Self { one_of: vec![value.into()], none_of: Vec::new() }
    }
}

/// What stands before and after each value of a list, here and in
/// `among!`. Different ones, so that the end of one value and the beginning
/// of the next are no empty value.
const BOUNDS: (char, char) = ('\u{1e}', '\u{1f}');

/// A list as one parameter, since the two engines have no list in common.
fn joined(values: &[String]) -> String {
    let (before, after) = BOUNDS;
    // No field that is kept has one of them but where somebody means to be found
    // by two values at once.
    let apart = |value: &String| format!("{before}{}{after}", value.replace([before, after], ""));
    values.iter().map(apart).collect()
}

/// Which part of the list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditSlice {
    /// Only what is older than this entry, by its number.
    pub before: Option<i64>,
    /// How many to pass over.
    pub skip: u64,
    /// At most so many.
    pub limit: u32,
}

/// A part of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// How many match, whatever the slice.
    pub total: u64,
    /// The actions, newest first.
    pub items: Vec<AuditEntry>,
    /// The number of the last one's first entry: the next slice is before it.
    pub last: Option<i64>,
}

/// That a column is among the values of one list, if there are any, and not
/// among those of another: six parameters. An empty list costs a comparison.
macro_rules! among {
    ($column:literal, $a:literal, $b:literal, $c:literal, $d:literal, $e:literal, $f:literal) => {
        concat!(
            "AND ($",
            $a,
            " = '' OR REPLACE($",
            $b,
            ", '\u{1e}' || COALESCE(",
            $column,
            ", '') || '\u{1f}', '') <> $",
            $c,
            ") \
             AND ($",
            $d,
            " = '' OR REPLACE($",
            $e,
            ", '\u{1e}' || COALESCE(",
            $column,
            ", '') || '\u{1f}', '') = $",
            $f,
            ") "
        )
    };
}

macro_rules! matching {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM audit_log i LEFT JOIN audit_log o \
             ON o.chain = i.chain AND o.id = i.id AND o.kind = 'outcome' \
             WHERE i.chain = $1 AND i.kind = 'intent' AND i.at >= $2 AND i.at <= $3 ",
            among!("i.id", 4, 5, 6, 7, 8, 9),
            among!("i.actor_id", 10, 11, 12, 13, 14, 15),
            among!("i.actor_email", 16, 17, 18, 19, 20, 21),
            among!("i.key_prefix", 22, 23, 24, 25, 26, 27),
            among!("i.key_suffix", 28, 29, 30, 31, 32, 33),
            among!("i.action", 34, 35, 36, 37, 38, 39),
            among!("i.target_type", 40, 41, 42, 43, 44, 45),
            among!("i.target_id", 46, 47, 48, 49, 50, 51),
            among!("CAST(o.status AS TEXT)", 52, 53, 54, 55, 56, 57),
            "AND COALESCE(o.status, 0) >= $58 AND COALESCE(o.status, 0) <= $59 ",
            $rest
        )
    };
}

statements! {
    COUNT = matching!("COUNT(*)", "");
    LIST = matching!(
        "i.seq, i.id, i.at, i.actor_id, i.actor_email, i.key_prefix, i.key_suffix, i.action, \
         i.target_type, i.target_id, o.status, o.error, i.ip, i.user_agent, i.source, i.metadata, \
         i.chain",
        "AND i.seq < $60 ORDER BY i.seq DESC LIMIT $61 OFFSET $62"
    );
    WALK = concat!(
        "SELECT ", columns!(), " FROM audit_log WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3"
    );
}

/// A part of an organization's log.
///
/// # Errors
/// The engine's.
pub fn list(
    connection: &mut dyn Connection,
    org: Option<OrgId>,
    filter: &AuditFilter,
    slice: AuditSlice,
) -> Result<Shown, StoreError> {
    let chain = chain_name(org);
    let lists = lists(filter);
    let mut params = params(&chain, filter, &lists);
    let total = connection.find(&COUNT, &params, |row| row.count(0))?.unwrap_or_default();
    params.push(slice.before.unwrap_or(i64::MAX).into());
    params.push(i64::from(slice.limit).into());
    params.push(i64::try_from(slice.skip).unwrap_or(i64::MAX).into());
    let rows = connection.list(&LIST, &params, shown)?;
    let last = rows.last().map(|(seq, _)| *seq);
    Ok(Shown { total, items: rows.into_iter().map(|(_, entry)| entry).collect(), last })
}

/// The fields of a filter, in the order of the statements.
fn fields(filter: &AuditFilter) -> [&Wanted; 9] {
    [
        &filter.id,
        &filter.actor_id,
        &filter.actor_email,
        &filter.key_prefix,
        &filter.key_suffix,
        &filter.action,
        &filter.target_type,
        &filter.target_id,
        &filter.status,
    ]
}

fn lists(filter: &AuditFilter) -> Vec<(String, String)> {
    fields(filter).map(|wanted| (joined(&wanted.one_of), joined(&wanted.none_of))).into()
}

fn params<'a>(
    chain: &'a str,
    filter: &AuditFilter,
    lists: &'a [(String, String)],
) -> Vec<Param<'a>> {
    let from = filter.from.map_or(i64::MIN, UnixMillis::as_millis);
    let to = filter.to.map_or(i64::MAX, UnixMillis::as_millis);
    let mut params = vec![chain.into(), from.into(), to.into()];
    for (one_of, none_of) in lists {
        let (one_of, none_of) = (one_of.as_str(), none_of.as_str());
        params.extend([one_of, one_of, one_of, none_of, none_of, none_of].map(Param::from));
    }
    let statuses = filter.statuses.as_ref().unwrap_or(&(0..=u16::MAX));
    params.extend([*statuses.start(), *statuses.end()].map(|bound| Param::from(i64::from(bound))));
    params
}

fn shown(row: &dyn Row) -> Result<(i64, AuditEntry), StoreError> {
    let Ok(Value::Object(metadata)) = serde_json::from_str(row.text(15)?) else {
        return Err(StoreError::column(15, "an object"));
    };
    let org = Some(row.text(16)?).filter(|chain| !chain.is_empty()).map(str::parse).transpose();
    let status = row.optional_int(10)?.map(u16::try_from).transpose();
    let text = |column| row.text(column).map(str::to_owned);
    let optional = |column| Ok::<_, StoreError>(row.optional_text(column)?.map(str::to_owned));
    let entry = AuditEntry {
        id: row.parsed(1)?,
        created_at: row.millis(2)?.into(),
        actor_id: text(3)?,
        actor_email: text(4)?,
        actor_api_key_prefix: optional(5)?,
        actor_api_key_suffix: optional(6)?,
        organization_id: org.map_err(|_| StoreError::column(16, "an organization's id"))?,
        action: row.parsed(7)?,
        target_type: row.parsed(8)?,
        target_id: text(9)?,
        status_code: status.map_err(|_| StoreError::column(10, "a status"))?,
        error_message: optional(11)?,
        ip_address: text(12)?,
        user_agent: text(13)?,
        source: text(14)?,
        metadata,
    };
    Ok((row.int(0)?, entry))
}

/// An entry of a chain as an export shows it: everything that its mac is over,
/// and the mac.
#[derive(Clone, Debug, PartialEq)]
pub struct Walked {
    /// Its number in the chain.
    pub seq: i64,
    /// One line of JSON.
    pub line: String,
}

/// The entries of a chain after the one numbered `after`, in their order.
///
/// # Errors
/// The engine's.
pub fn walk(
    connection: &mut dyn Connection,
    org: Option<OrgId>,
    after: i64,
    limit: u32,
) -> Result<Vec<Walked>, StoreError> {
    let entries = entries(connection, &chain_name(org), after, limit)?;
    Ok(entries.iter().map(|entry| Walked { seq: entry.seq, line: line(entry) }).collect())
}

pub(super) fn entries(
    connection: &mut dyn Connection,
    chain: &str,
    after: i64,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let params = [chain.into(), after.into(), i64::from(limit).into()];
    connection.list(&WALK, &params, Entry::from_row)
}

fn line(entry: &Entry) -> String {
    let metadata: Value = serde_json::from_str(&entry.metadata).unwrap_or_default();
    json!({
        "seq": entry.seq,
        "id": entry.id,
        "kind": entry.kind,
        "at": entry.at.to_iso8601(),
        "organizationId": entry.chain,
        "actorId": entry.actor_id,
        "actorEmail": entry.actor_email,
        "actorApiKeyPrefix": entry.key_prefix,
        "actorApiKeySuffix": entry.key_suffix,
        "action": entry.action,
        "targetType": entry.target_type,
        "targetId": entry.target_id,
        "statusCode": entry.status,
        "errorMessage": entry.error,
        "ipAddress": entry.ip,
        "userAgent": entry.user_agent,
        "source": entry.source,
        "metadata": metadata,
        "mac": entry.mac,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::{COUNT, LIST};
    use crate::store::{Store, StoreConfig};

    /// Else each action is compared with every outcome there is.
    #[test]
    fn outcomes_are_found_by_their_action() {
        let folder = tempfile::tempdir().unwrap();
        Store::open(&StoreConfig::in_folder(folder.path())).unwrap().shutdown();
        let database = rusqlite::Connection::open(folder.path().join("parlor.sqlite")).unwrap();
        for sql in [COUNT, LIST] {
            let mut plan = database.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text())).unwrap();
            let mut rows = plan.raw_query();
            let mut steps = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                steps.push(row.get::<_, String>(3).unwrap());
            }
            let wanted = "audit_log_of_action (chain=? AND id=? AND kind=?)";
            assert!(steps.iter().any(|step| step.contains(wanted)), "{steps:?}");
        }
    }
}
