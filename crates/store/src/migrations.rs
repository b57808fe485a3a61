//! The tables, brought up to date when a store is opened.
//!
//! A migration expands first and contracts in a later release: the code of the
//! release before must run on the new tables, so a database may hold
//! migrations that this program does not know yet.

use crate::engine::{Row, Schema, statements};
use crate::error::StoreError;

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

/// Append only.
const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "orgs_rooms_api_keys",
        text: include_str!("../../../migrations/0001_orgs_rooms_api_keys.sql"),
    },
    Migration {
        version: 2,
        name: "history",
        text: include_str!("../../../migrations/0002_history.sql"),
    },
    Migration {
        version: 3,
        name: "webhooks",
        text: include_str!("../../../migrations/0003_webhooks.sql"),
    },
    Migration { version: 4, name: "logs", text: include_str!("../../../migrations/0004_logs.sql") },
    Migration {
        version: 5,
        name: "room_list",
        text: include_str!("../../../migrations/0005_room_list.sql"),
    },
    Migration {
        version: 6,
        name: "webhook_order",
        text: include_str!("../../../migrations/0006_webhook_order.sql"),
    },
    Migration {
        version: 7,
        name: "identity",
        text: include_str!("../../../migrations/0007_identity.sql"),
    },
    Migration {
        version: 8,
        name: "oauth",
        text: include_str!("../../../migrations/0008_oauth.sql"),
    },
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";

statements! {
    APPLIED = "SELECT version FROM migrations";
    RECORD = "INSERT INTO migrations (version, name) VALUES ($1, $2)";
}

/// The text of every migration, for tests that compare tables with code.
#[cfg(test)]
pub(crate) fn texts() -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().map(|migration| migration.text)
}

/// Applies what is missing, all of it or nothing.
pub(crate) fn apply(schema: &mut dyn Schema) -> Result<(), StoreError> {
    schema.begin_exclusive()?;
    match apply_missing(schema) {
        Ok(()) => schema.batch("COMMIT"),
        Err(error) => {
            // The first error is the one worth reporting.
            if let Err(second) = schema.batch("ROLLBACK") {
                tracing::debug!(error = %second, "rollback after a failed migration");
            }
            Err(error)
        }
    }
}

fn apply_missing(schema: &mut dyn Schema) -> Result<(), StoreError> {
    schema.batch(TABLE)?;
    let applied = schema.connection().list(&APPLIED, &[], |row: &dyn Row| row.int(0))?;
    for migration in MIGRATIONS.iter().filter(|one| !applied.contains(&one.version)) {
        schema.batch(migration.text)?;
        schema.connection().execute(&RECORD, &[migration.version.into(), migration.name.into()])?;
        tracing::info!(version = migration.version, name = migration.name, "migrated the database");
    }
    Ok(())
}
