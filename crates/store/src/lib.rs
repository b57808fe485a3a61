//! Parlor's records: organizations, rooms, API keys and what happened in calls,
//! on SQLite or PostgreSQL.
//!
//! A request takes one of three ways. [`Store::read`] runs a point read on the
//! calling thread. [`Store::scan`] hands a list to a reader thread.
//! [`Store::write`] hands a change to the writer, which groups it with others
//! into one commit and answers after that commit: an answer means "on disk".
//!
//! The functions of [`orgs`] and [`rooms`] are plain synchronous Rust over
//! [`Connection`] and run on both engines; several of them in one closure are
//! one transaction. API keys are answered from memory by
//! [`api_keys::Directory`]. Secrets are sealed ([`seal`]) under a master key
//! that lies beside the database, never in it.

pub mod api_keys;
pub mod api_log;
pub mod call_log;
mod engine;
mod error;
mod folder;
pub mod history;
pub mod key;
mod migrations;
pub mod orgs;
pub mod page;
pub mod reset;
pub mod rooms;
pub mod seal;
mod store;
pub mod webhooks;

pub use engine::{Connection, Param, Row, Sql};
pub use error::{StoreError, Unique};
pub use store::{Store, StoreConfig};

/// Every SQL statement, for the test that prepares each on both engines.
pub fn statements() -> impl Iterator<Item = Sql> {
    [
        migrations::STATEMENTS,
        orgs::STATEMENTS,
        rooms::STATEMENTS,
        rooms::COUNT_STATEMENTS,
        rooms::LIST_STATEMENTS,
        history::COUNT_STATEMENTS,
        history::LIST_STATEMENTS,
        history::OPEN_STATEMENTS,
        history::PURGE_STATEMENTS,
        history::RECORD_STATEMENTS,
        history::STAY_STATEMENTS,
        api_keys::STATEMENTS,
        api_log::STATEMENTS,
        call_log::STATEMENTS,
        reset::STATEMENTS,
        store::STATEMENTS,
        webhooks::STATEMENTS,
        webhooks::OUTBOX_STATEMENTS,
        webhooks::DUE_STATEMENTS,
        webhooks::OUTCOME_STATEMENTS,
        webhooks::LOG_STATEMENTS,
        webhooks::JOIN_STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
