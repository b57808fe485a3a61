//! One PostgreSQL connection behind the engine's traits.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use bytes::BytesMut;
use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Statement};

use crate::engine::postgres::unreachable;
use crate::engine::{Connection, Param, Row, Schema, Sql};
use crate::error::{StoreError, Unique};

/// Longest a statement may take: every outside call has a limit.
const SETTINGS: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s'; \
    SET default_transaction_isolation = 'repeatable read'";

/// Migrations of one database run one after the other, whichever node starts
/// them. The number is arbitrary and ours.
const LOCK_MIGRATIONS: &str = "SELECT pg_advisory_xact_lock(7235110421)";

/// A transaction whose run may collide with others.
const BEGIN: &str = "BEGIN";

/// A transaction that first waits for all others which began so, on every
/// node. The lock is given back at its end, also through a pooler. It is taken
/// on a table that is written to once in a database's life, in the weakest mode
/// that excludes itself, so that nobody else waits for it; and before the
/// transaction's view of the data, which includes what those ahead of it did.
const BEGIN_IN_TURN: &str = "BEGIN; LOCK TABLE facts IN SHARE UPDATE EXCLUSIVE MODE";

/// A connection and its prepared statements.
pub(super) struct PgConnection {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    collided: bool,
}

impl PgConnection {
    pub(super) fn open(config: &postgres::Config) -> Result<Self, StoreError> {
        let mut client = config.connect(NoTls).map_err(unreachable)?;
        client.batch_execute(SETTINGS).map_err(unreachable)?;
        Ok(Self { client, statements: HashMap::new(), collided: false })
    }

    /// Whether the connection still stands.
    pub(super) fn is_usable(&self) -> bool {
        !self.client.is_closed()
    }

    /// Opens a transaction that sees one state throughout and fails when it
    /// writes what another changed meanwhile: like SQLite's single writer,
    /// except that two transactions may each miss the other's *new* rows. What
    /// depends on those needs a unique index.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        self.collided = false;
        self.control(BEGIN)
    }

    /// The same for a run that collided before: those wait for each other
    /// instead of wearing each other out.
    pub(super) fn begin_in_turn(&mut self) -> Result<(), StoreError> {
        self.collided = false;
        let begun = self.control(BEGIN_IN_TURN);
        if begun.is_err() {
            // Waiting too long leaves a transaction that can only be ended.
            self.roll_back()?;
        }
        begun
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.control("COMMIT")
    }

    pub(super) fn roll_back(&mut self) -> Result<(), StoreError> {
        self.control("ROLLBACK")
    }

    /// Whether the transaction failed only because of another that came first.
    pub(super) fn has_collided(&self) -> bool {
        self.collided
    }

    fn control(&mut self, command: &'static str) -> Result<(), StoreError> {
        let done = self.client.batch_execute(command);
        done.map_err(|source| self.refused(command, source))
    }

    fn prepare(&mut self, sql: &Sql) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql.text()) {
            return Ok(statement.clone());
        }
        let prepared = self.client.prepare(sql.text());
        let statement = prepared.map_err(|source| self.refused(sql.name(), source))?;
        self.statements.insert(sql.text(), statement.clone());
        Ok(statement)
    }

    /// What a refusal means to us.
    fn refused(&mut self, statement: &'static str, source: postgres::Error) -> StoreError {
        let Some(state) = source.code() else {
            return StoreError::Unreachable(Arc::new(source));
        };
        if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(state) {
            self.collided = true;
        }
        if *state == SqlState::DISK_FULL {
            return StoreError::Full;
        }
        if *state == SqlState::UNIQUE_VIOLATION {
            let constraint = source.as_db_error().and_then(|error| error.constraint());
            return StoreError::Conflict(Unique::Constraint(
                constraint.unwrap_or(statement).to_owned(),
            ));
        }
        if *state == SqlState::LOCK_NOT_AVAILABLE {
            return StoreError::Busy("the database is locked");
        }
        StoreError::Query { statement, source: Arc::new(source) }
    }
}

impl Connection for PgConnection {
    fn execute(&mut self, sql: &Sql, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        let changed = self.client.execute(&statement, &bound(params));
        changed.map_err(|source| self.refused(sql.name(), source))
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepare(sql)?;
        let rows = self.client.query(&statement, &bound(params));
        let rows = rows.map_err(|source| self.refused(sql.name(), source))?;
        rows.iter().try_for_each(|row| each(&PgRow(row)))
    }
}

impl Schema for PgConnection {
    fn begin_exclusive(&mut self) -> Result<(), StoreError> {
        // The lock comes before the transaction's view of the data, so that it
        // sees what the node before it did.
        self.control("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        self.control(LOCK_MIGRATIONS)
    }

    fn batch(&mut self, text: &str) -> Result<(), StoreError> {
        let done = self.client.batch_execute(text);
        done.map_err(|source| self.refused("MIGRATION", source))
    }

    fn connection(&mut self) -> &mut dyn Connection {
        self
    }
}

fn bound<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql_checked(kind, out),
            // PostgreSQL keeps no NUL in a text. What clients say may have one,
            // and is looked up and written as what people would see of it.
            Self::Text(value) if value.contains('\0') => {
                value.replace('\0', "\u{fffd}").to_sql_checked(kind, out)
            }
            Self::Text(value) => value.to_sql_checked(kind, out),
        }
    }

    /// The value says itself whether it fits.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

struct PgRow<'a>(&'a postgres::Row);

impl Row for PgRow<'_> {
    fn optional_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.0.try_get(column).map_err(|_| StoreError::column(column, "a number"))
    }

    fn optional_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        self.0.try_get(column).map_err(|_| StoreError::column(column, "text"))
    }
}
