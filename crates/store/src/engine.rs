//! The one place that knows which database runs.
//!
//! A repository function is plain synchronous Rust over [`Connection`]: it
//! runs a named [`Sql`] constant and maps rows, and does not know the engine.
//! The SQL is a portable subset: `$1` markers in order of first appearance,
//! TEXT ids and JSON, BIGINT times, `ON CONFLICT`, `RETURNING`.

use std::str::FromStr;

use parlor_model::time::UnixMillis;

use crate::error::StoreError;

mod job;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod workers;

pub(crate) use job::{Job, Task, Verdict};

/// A named SQL constant. Only this crate makes them, with `statements!`, which
/// also lists them for the test that prepares every one on both engines.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    name: &'static str,
    text: &'static str,
}

impl Sql {
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }

    /// The constant's name, for messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text, with `$1` markers.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }
}

/// Declares the SQL constants of a module, and `STATEMENTS`, the list of them.
macro_rules! statements {
    ($($name:ident = $text:expr;)*) => {
        $(const $name: $crate::engine::Sql = $crate::engine::Sql::new(stringify!($name), $text);)*

        /// Every statement of this module.
        pub(crate) const STATEMENTS: &[$crate::engine::Sql] = &[$($name),*];
    };
}
pub(crate) use statements;

/// A value bound to a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param<'a> {
    /// SQL's NULL.
    Null,
    /// A whole number; times are these.
    Int(i64),
    /// Text; ids and JSON are these.
    Text(&'a str),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl From<UnixMillis> for Param<'_> {
    fn from(value: UnixMillis) -> Self {
        Self::Int(value.as_millis())
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A connection to either engine, inside whatever transaction its caller
/// opened.
pub trait Connection {
    /// Runs a statement and says how many rows it changed.
    ///
    /// # Errors
    /// What the engine refused.
    fn execute(&mut self, sql: &Sql, params: &[Param<'_>]) -> Result<u64, StoreError>;

    /// Runs a statement and hands every row to `each`.
    ///
    /// # Errors
    /// What the engine refused, or what `each` returned.
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

impl dyn Connection + '_ {
    /// The first row, mapped.
    pub(crate) fn find<T>(
        &mut self,
        sql: &Sql,
        params: &[Param<'_>],
        map: fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.query(sql, params, &mut |row| {
            if found.is_none() {
                found = Some(map(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Every row, mapped.
    pub(crate) fn list<T>(
        &mut self,
        sql: &Sql,
        params: &[Param<'_>],
        map: fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.query(sql, params, &mut |row| {
            all.push(map(row)?);
            Ok(())
        })?;
        Ok(all)
    }
}

/// One row of an answer, read by column number.
pub trait Row {
    /// A number, or `None` for NULL.
    ///
    /// # Errors
    /// The column holds something else.
    fn optional_int(&self, column: usize) -> Result<Option<i64>, StoreError>;

    /// Text, or `None` for NULL.
    ///
    /// # Errors
    /// The column holds something else.
    fn optional_text(&self, column: usize) -> Result<Option<&str>, StoreError>;
}

impl dyn Row + '_ {
    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.optional_int(column)?.ok_or_else(|| StoreError::column(column, "a number"))
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.optional_text(column)?.ok_or_else(|| StoreError::column(column, "text"))
    }

    /// A number that counts something.
    pub(crate) fn count(&self, column: usize) -> Result<u64, StoreError> {
        let number = self.int(column)?;
        u64::try_from(number).map_err(|_| StoreError::column(column, "a count"))
    }

    pub(crate) fn millis(&self, column: usize) -> Result<UnixMillis, StoreError> {
        self.int(column).map(UnixMillis::new)
    }

    pub(crate) fn optional_millis(&self, column: usize) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.optional_int(column)?.map(UnixMillis::new))
    }

    /// Text parsed into a typed id or a closed set.
    pub(crate) fn parsed<T: FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| StoreError::column(column, "a known value"))
    }
}

/// What applying migrations needs beyond running statements.
pub(crate) trait Schema {
    /// Opens a transaction that no other process can hold at the same time.
    fn begin_exclusive(&mut self) -> Result<(), StoreError>;
    /// Runs several statements separated by semicolons.
    fn batch(&mut self, text: &str) -> Result<(), StoreError>;
    /// The same connection for single statements.
    fn connection(&mut self) -> &mut dyn Connection;
}

/// A running engine: its threads and its connections.
pub(crate) enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(Box<postgres::Postgres>),
}

impl Engine {
    /// Runs a point read on the calling thread.
    pub(crate) fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Connection) -> Result<T, E> + Send,
        T: Send,
        E: From<StoreError> + Send,
    {
        match self {
            Self::Sqlite(engine) => engine.read(work),
            Self::Postgres(engine) => engine.read(work),
        }
    }

    /// Queues a job for a reader thread.
    pub(crate) fn submit_scan(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(engine) => engine.submit_scan(job),
            Self::Postgres(engine) => engine.submit_scan(job),
        }
    }

    /// Queues a job whose changes are committed before it is answered.
    pub(crate) fn submit_write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(engine) => engine.submit_write(job),
            Self::Postgres(engine) => engine.submit_write(job),
        }
    }

    /// Answers what is queued, then joins the threads. Later calls are refused.
    pub(crate) fn shutdown(&self) {
        match self {
            Self::Sqlite(engine) => engine.shutdown(),
            Self::Postgres(engine) => engine.shutdown(),
        }
    }
}
