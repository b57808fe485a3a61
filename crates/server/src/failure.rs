//! What goes wrong in a use-case. What the caller did is an [`ApiError`]; what
//! happened to us keeps its cause until `http::error` logs it and answers.

use parlor_bus::BusError;
use parlor_model::error::ApiError;
use parlor_store::StoreError;
use thiserror::Error;

use crate::identity::password::PasswordError;

/// Why a use-case has no result.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The caller's to mend.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The records could not be read or written.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The live rooms did not answer.
    #[error("the live rooms did not answer")]
    Bus(#[from] BusError),
    /// The live rooms answered another question.
    #[error("the live rooms gave an answer of the wrong kind")]
    UnexpectedReply,
    /// A record holds what was never written.
    #[error("the stored {what} cannot be read")]
    Record {
        /// Which part of which record.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A meeting token could not be signed.
    #[error("the meeting token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
    /// The keys that sign access and ID tokens.
    #[error("the signing keys cannot be used: {0}")]
    SigningKeys(&'static str),
    /// A password could not be hashed or compared.
    #[error("a password could not be looked at")]
    Password(#[source] PasswordError),
    /// The system gave no random bytes.
    #[error("the system's random source failed")]
    Random,
}
