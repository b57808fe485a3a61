//! The error object of OAuth (RFC 6749, sections 4.1.2.1 and 5.2).

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $word:literal,)+) => {
        /// The stable word of an OAuth error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum OauthErrorCode {
            $($(#[$doc])* $name,)+
        }

        impl OauthErrorCode {
            /// The value of `error`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The HTTP status, where the error is an answer and no redirect.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }
        }
    };
}

codes! {
    /// A parameter is missing, repeated or ill-formed.
    InvalidRequest = 400 "invalid_request",
    /// The client is unknown, or did not prove who it is.
    InvalidClient = 401 "invalid_client",
    /// The code or refresh token is unknown, spent, expired or another client's.
    InvalidGrant = 400 "invalid_grant",
    /// The client may not do this.
    UnauthorizedClient = 400 "unauthorized_client",
    /// Another grant type than those there are.
    UnsupportedGrantType = 400 "unsupported_grant_type",
    /// Another response type than `code`.
    UnsupportedResponseType = 400 "unsupported_response_type",
    /// No scope, or none that this server knows.
    InvalidScope = 400 "invalid_scope",
    /// The person said no.
    AccessDenied = 400 "access_denied",
    /// Nobody is signed in, and asking them was forbidden.
    LoginRequired = 400 "login_required",
    /// The person has not agreed, and asking them was forbidden.
    ConsentRequired = 400 "consent_required",
    /// Request objects are not read.
    RequestNotSupported = 400 "request_not_supported",
    /// Request objects are not fetched.
    RequestUriNotSupported = 400 "request_uri_not_supported",
    /// The person has not decided about the device yet.
    AuthorizationPending = 400 "authorization_pending",
    /// The device asks too often.
    SlowDown = 400 "slow_down",
    /// The device's code has expired.
    ExpiredToken = 400 "expired_token",
    /// Too many requests.
    TooManyRequests = 429 "temporarily_unavailable",
    /// The body is larger than allowed.
    TooLarge = 413 "invalid_request",
    /// The path exists, but not with this method.
    MethodNotAllowed = 405 "invalid_request",
    /// No such path.
    NotFound = 404 "invalid_request",
    /// An unexpected failure.
    ServerError = 500 "server_error",
    /// It cannot be done now.
    TemporarilyUnavailable = 503 "temporarily_unavailable",
}

/// An OAuth error with a text for the developer who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {description}", .code.word())]
pub struct OauthError {
    /// The stable word.
    pub code: OauthErrorCode,
    /// For people. Only characters that RFC 6749 allows.
    pub description: String,
}

/// The body of an OAuth error answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OauthErrorBody {
    /// The stable word.
    pub error: String,
    /// For people.
    pub error_description: String,
}

impl OauthError {
    /// An error of `code` that says `description`. What the standard does not
    /// allow in one (quotation marks, backslashes, anything but ASCII) becomes
    /// an apostrophe or a question mark.
    #[must_use]
    pub fn new(code: OauthErrorCode, description: impl AsRef<str>) -> Self {
        let plain = |character: char| match character {
            '"' | '\\' => '\'',
            ' '..='~' => character,
            _ => '?',
        };
        Self { code, description: description.as_ref().chars().map(plain).collect() }
    }

    /// The body of the answer.
    #[must_use]
    pub fn to_body(&self) -> OauthErrorBody {
        OauthErrorBody {
            error: self.code.word().to_owned(),
            error_description: self.description.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OauthError, OauthErrorCode};

    #[test]
    fn description_has_only_characters_that_the_standard_allows() {
        let error = OauthError::new(OauthErrorCode::InvalidRequest, "say \"é\"\n\\");
        assert_eq!(error.description, "say '?'?'");
    }
}
