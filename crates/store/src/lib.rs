//! Parlor's records: organizations, rooms, API keys and what happened in calls,
//! on SQLite or PostgreSQL.
//!
//! A request takes one of three ways. [`Store::read`] runs a point read on the
//! calling thread. [`Store::scan`] hands a list to a reader thread.
//! [`Store::write`] hands a change to the writer, which groups it with others
//! into one commit and answers after that commit: an answer means "on disk".
//!
//! The functions of [`orgs`], [`rooms`], [`users`] and the like are plain synchronous Rust over
//! [`Connection`] and run on both engines; several of them in one closure are
//! one transaction. API keys are answered from memory by
//! [`api_keys::Directory`]. Secrets are sealed ([`seal`]) under a master key
//! that lies beside the database, never in it.

pub mod accounts;
pub mod api_keys;
pub mod api_log;
pub mod audit;
pub mod call_log;
mod engine;
mod error;
mod folder;
pub mod history;
pub mod invitations;
pub mod key;
pub mod members;
mod migrations;
pub mod oauth;
pub mod orgs;
pub mod page;
pub mod passkeys;
pub mod reset;
pub mod roles;
pub mod rooms;
mod rotation;
pub mod seal;
pub mod secret_token;
pub mod sessions;
mod store;
pub mod users;
pub mod webhooks;

pub use engine::{Connection, Param, Row, Sql};
pub use error::{StoreError, Unique};
pub use rotation::{forget_signing_keys, rotate_master_key};
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
        api_keys::COVERED_STATEMENTS,
        api_log::STATEMENTS,
        call_log::STATEMENTS,
        audit::CHAIN_STATEMENTS,
        audit::LIST_STATEMENTS,
        audit::RETENTION_STATEMENTS,
        audit::VERIFY_STATEMENTS,
        invitations::STATEMENTS,
        members::STATEMENTS,
        passkeys::STATEMENTS,
        roles::STATEMENTS,
        rotation::STATEMENTS,
        sessions::STATEMENTS,
        users::STATEMENTS,
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
    .chain(oauth::ALL_STATEMENTS.iter().copied())
    .flatten()
    .copied()
}
