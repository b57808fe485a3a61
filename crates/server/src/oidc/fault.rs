//! Why the provider has no answer: the client's fault, or ours.

use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::oauth::{OauthError, OauthErrorCode};
use parlor_store::StoreError;

use crate::failure::Failure;

/// Why there is no token.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The client's to mend.
    Client(OauthError),
    /// What happened to us.
    Failed(Failure),
}

impl Fault {
    /// A fault of the client's.
    pub(crate) fn new(code: OauthErrorCode, description: impl AsRef<str>) -> Self {
        Self::Client(OauthError::new(code, description))
    }

    /// A parameter that is missing.
    pub(crate) fn missing(name: &str) -> Self {
        Self::new(OauthErrorCode::InvalidRequest, format!("the parameter {name} is missing"))
    }
}

impl From<OauthError> for Fault {
    fn from(error: OauthError) -> Self {
        Self::Client(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What can go wrong with a request whoever it is for, in OAuth's words.
impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        let code = match error.kind {
            ErrorKind::PayloadTooLarge => OauthErrorCode::TooLarge,
            ErrorKind::RateLimit => OauthErrorCode::TooManyRequests,
            _ => OauthErrorCode::InvalidRequest,
        };
        Self::new(code, error.info)
    }
}
