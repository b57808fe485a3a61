//! What can go wrong between a repository function and the disk.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// A failed operation of the store. Cheap to clone, because one failed commit
/// answers every job of its group.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// The queue is full or the database is locked by a long operation. The
    /// same request may succeed a moment later.
    #[error("the store is busy: {0}; try again in a moment")]
    Busy(&'static str),
    /// Nothing more can be written until space is freed. What was acknowledged
    /// earlier is safe.
    #[error(
        "the disk that holds the database is full: nothing was saved; free some space and try again"
    )]
    Full,
    /// Another process works on the same data folder.
    #[error(
        "the data folder {} is in use by another parlor process; stop that one or name another folder",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// Something of that name or value exists already.
    #[error("{0} is already taken")]
    Conflict(Unique),
    /// A key would hold more than its owner does, or not any more.
    #[error("the key would hold more than its owner does")]
    KeyBeyondOwner,
    /// There are as many of something as there may be.
    #[error("there are {limit} {what}, and no more may be")]
    TooMany {
        /// Of what, in words.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// A cursor names nothing in this list.
    #[error("no object with id {cursor}")]
    UnknownCursor {
        /// As the caller sent it.
        cursor: String,
    },
    /// The database file is damaged, or a row holds what was never written.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The master key is not the one that sealed this database's secrets.
    #[error(
        "the master key does not belong to this database: put back the secret.key it was created with"
    )]
    WrongMasterKey,
    /// The master key is not a file of the data folder, so it is not ours to
    /// replace.
    #[error("the master key does not lie in the data folder: only one that does can be rotated")]
    MasterKeyElsewhere,
    /// A sealed value does not open: it was changed, moved to another row, or
    /// sealed with another key.
    #[error("a sealed secret does not open")]
    Unsealable,
    /// The operating system gave no random bytes.
    #[error("the system's random source failed")]
    Random,
    /// A file or folder cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The address of the database is not understood.
    #[error("the database address is not valid")]
    Address(#[source] Arc<dyn Error + Send + Sync>),
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Arc<dyn Error + Send + Sync>),
    /// The database refused a statement.
    #[error("the database refused `{statement}`")]
    Query {
        /// The name of the statement.
        statement: &'static str,
        /// The engine's answer.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The closure given to the store panicked. Its changes were undone.
    #[error("a store operation panicked; its changes were undone")]
    Panicked,
    /// The store was shut down.
    #[error("the store is closed")]
    Closed,
}

/// What there can be only one of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unique {
    /// A room's name within its organization.
    RoomName,
    /// An organization's domain name.
    OrgDomain,
    /// An API key's name among those of one person in an organization.
    ApiKeyName,
    /// An API key's value.
    ApiKeyValue,
    /// An account's e-mail address.
    UserEmail,
    /// A place in an organization: one for each person.
    Member,
    /// A role's name within its organization.
    RoleName,
    /// An invitation of one address into one organization.
    Invitation,
    /// A passkey.
    Passkey,
    /// Another constraint, as the engine names it.
    Constraint(String),
}

impl std::fmt::Display for Unique {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RoomName => f.write_str("a room's name"),
            Self::OrgDomain => f.write_str("a domain name"),
            Self::ApiKeyName => f.write_str("an API key's name"),
            Self::ApiKeyValue => f.write_str("an API key's value"),
            Self::UserEmail => f.write_str("an account's e-mail address"),
            Self::Member => f.write_str("a place in the organization"),
            Self::RoleName => f.write_str("a role's name"),
            Self::Invitation => f.write_str("an invitation"),
            Self::Passkey => f.write_str("a passkey"),
            Self::Constraint(name) => f.write_str(name),
        }
    }
}

impl StoreError {
    pub(crate) fn file(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::File { path: path.into(), source: Arc::new(source) }
    }

    /// Refuses one more where there are `limit` already.
    pub(crate) fn unless_below(
        count: Option<u64>,
        limit: u64,
        what: &'static str,
    ) -> Result<(), Self> {
        match count.unwrap_or_default() < limit {
            true => Ok(()),
            false => Err(Self::TooMany { what, limit }),
        }
    }

    pub(crate) fn column(column: usize, what: &str) -> Self {
        Self::Corrupt(format!("column {column} does not hold {what}"))
    }
}
