//! One SQLite connection behind the engine's traits.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ffi;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ErrorCode, OpenFlags, ToSql};

use crate::engine::{Connection, Param, Row, Schema, Sql};
use crate::error::{StoreError, Unique};

/// How long a connection waits for a lock. Within one process the only waits
/// are for a checkpoint, which takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Prepared statements kept by a connection: more than there are constants,
/// so that none is ever prepared twice.
const STATEMENT_CACHE: usize = 256;

/// Page cache of a connection, in KiB. More saves reads of large databases and
/// costs idle memory, once for every connection.
const CACHE_KIB: i64 = 4096;

const BEGIN: Sql = Sql::new("BEGIN", "BEGIN");
const BEGIN_IMMEDIATE: Sql = Sql::new("BEGIN_IMMEDIATE", "BEGIN IMMEDIATE");
const COMMIT: Sql = Sql::new("COMMIT", "COMMIT");
const ROLLBACK: Sql = Sql::new("ROLLBACK", "ROLLBACK");
const SAVEPOINT: Sql = Sql::new("SAVEPOINT", "SAVEPOINT job");
const RELEASE: Sql = Sql::new("RELEASE", "RELEASE job");
const ROLLBACK_TO: Sql = Sql::new("ROLLBACK_TO", "ROLLBACK TO job");

/// A connection and its statement cache.
pub(super) struct SqliteConnection {
    raw: rusqlite::Connection,
}

impl SqliteConnection {
    /// Opens the one connection that writes, creating the file.
    pub(super) fn open_writer(path: &Path, max_bytes: Option<u64>) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Self::open(path, flags)?;
        connection.set_up_writer(max_bytes).map_err(|source| refused("PRAGMA", source))?;
        Ok(connection)
    }

    /// Opens a connection that cannot write.
    pub(super) fn open_reader(path: &Path) -> Result<Self, StoreError> {
        Self::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
    }

    fn open(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let open = || {
            let raw = rusqlite::Connection::open_with_flags(path, flags)?;
            raw.busy_timeout(LOCK_WAIT)?;
            raw.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
            raw.pragma_update(None, "cache_size", -CACHE_KIB)?;
            raw.pragma_update(None, "foreign_keys", true)?;
            Ok(Self { raw })
        };
        open().map_err(|source| refused("OPEN", source))
    }

    /// WAL lets readers go on while the writer commits. FULL flushes the log at
    /// every commit; with grouped commits it costs next to nothing, and without
    /// it a power failure could take an acknowledged write back.
    fn set_up_writer(&self, max_bytes: Option<u64>) -> rusqlite::Result<()> {
        self.raw.pragma_update(None, "journal_mode", "WAL")?;
        self.raw.pragma_update(None, "synchronous", "FULL")?;
        if let Some(max_bytes) = max_bytes {
            let page: i64 = self.raw.pragma_query_value(None, "page_size", |row| row.get(0))?;
            self.raw.pragma_update_and_check(
                None,
                "max_page_count",
                i64::try_from(max_bytes).unwrap_or(i64::MAX) / page.max(1),
                |_| Ok(()),
            )?;
        }
        Ok(())
    }

    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        self.execute(&BEGIN, &[]).map(drop)
    }

    pub(super) fn begin_write(&mut self) -> Result<(), StoreError> {
        self.execute(&BEGIN_IMMEDIATE, &[]).map(drop)
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.execute(&COMMIT, &[]).map(drop)
    }

    /// Undoes the transaction, unless the engine did so itself.
    pub(super) fn roll_back(&mut self) {
        if self.in_transaction()
            && let Err(error) = self.execute(&ROLLBACK, &[])
        {
            tracing::error!(error = &error as &dyn std::error::Error, "a rollback was refused");
        }
    }

    pub(super) fn savepoint(&mut self) -> Result<(), StoreError> {
        self.execute(&SAVEPOINT, &[]).map(drop)
    }

    pub(super) fn keep_savepoint(&mut self) -> Result<(), StoreError> {
        self.execute(&RELEASE, &[]).map(drop)
    }

    pub(super) fn undo_savepoint(&mut self) -> Result<(), StoreError> {
        self.execute(&ROLLBACK_TO, &[])?;
        self.keep_savepoint()
    }

    /// Whether a transaction is open. SQLite ends one by itself after some
    /// errors, such as a full disk.
    pub(super) fn in_transaction(&self) -> bool {
        !self.raw.is_autocommit()
    }

    fn prepare(&self, sql: &Sql, params: &[Param<'_>]) -> rusqlite::Result<CachedStatement<'_>> {
        let mut statement = self.raw.prepare_cached(sql.text())?;
        for (index, param) in (1..).zip(params) {
            statement.raw_bind_parameter(index, param)?;
        }
        Ok(statement)
    }
}

impl Connection for SqliteConnection {
    fn execute(&mut self, sql: &Sql, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.prepare(sql, params)
            .and_then(|mut statement| statement.raw_execute())
            .map(|changed| changed as u64)
            .map_err(|source| refused(sql.name(), source))
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let refused = |source| refused(sql.name(), source);
        let mut statement = self.prepare(sql, params).map_err(refused)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(refused)? {
            each(&SqliteRow(row))?;
        }
        Ok(())
    }
}

impl Schema for SqliteConnection {
    fn begin_exclusive(&mut self) -> Result<(), StoreError> {
        self.begin_write()
    }

    fn batch(&mut self, text: &str) -> Result<(), StoreError> {
        self.raw.execute_batch(text).map_err(|source| refused("MIGRATION", source))
    }

    fn connection(&mut self) -> &mut dyn Connection {
        self
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Param::Null => ValueRef::Null,
            Param::Int(value) => ValueRef::Integer(value),
            Param::Text(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

struct SqliteRow<'a, 'b>(&'a rusqlite::Row<'b>);

impl Row for SqliteRow<'_, '_> {
    fn optional_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.0
            .get_ref(column)
            .ok()
            .and_then(|value| value.as_i64_or_null().ok())
            .ok_or_else(|| StoreError::column(column, "a number"))
    }

    fn optional_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        self.0
            .get_ref(column)
            .ok()
            .and_then(|value| value.as_str_or_null().ok())
            .ok_or_else(|| StoreError::column(column, "text"))
    }
}

/// What a refusal means to us.
fn refused(statement: &'static str, source: rusqlite::Error) -> StoreError {
    let Some(failure) = source.sqlite_error().copied() else {
        return StoreError::Query { statement, source: Arc::new(source) };
    };
    match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _) => StoreError::Full,
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => {
            StoreError::Busy("the database is locked")
        }
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => {
            StoreError::Corrupt(source.to_string())
        }
        (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
            let text = source.to_string();
            let columns = text.rsplit("failed: ").next().unwrap_or_default();
            StoreError::Conflict(Unique::Constraint(columns.to_owned()))
        }
        _ => StoreError::Query { statement, source: Arc::new(source) },
    }
}
