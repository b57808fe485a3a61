//! What goes wrong at the public API. An [`ApiError`] is the only thing that
//! becomes an error answer: a stable kind that clients act on, and a text for
//! the person who reads it. The texts that clients are known to match lie in
//! `error/wording.rs`, one constructor each.

use serde::{Deserialize, Serialize};

use crate::key_permission::KeyPermission;

mod wording;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal $wire:literal,)+) => {
        /// The stable kind of an error. Several kinds may share a wire name:
        /// clients see [`wire`](Self::wire) and [`status`](Self::status).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorKind {
            /// Every kind, for reference pages and coverage tests.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The value of `error` in the answer.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$name => $wire,)+ }
            }

            /// The HTTP status of the answer.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// What it means, for the reference page.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)+),)+ }
            }
        }
    };
}

kinds! {
    /// The `Authorization` header is missing or malformed.
    AuthorizationHeader = 400 "authorization-header-error",
    /// The API key is unknown, revoked or expired.
    Authentication = 401 "authentication-error",
    /// The key is valid, but may not do this.
    Forbidden = 403 "forbidden-error",
    /// The resource is absent, or belongs to another domain.
    NotFound = 404 "not-found",
    /// The body is not JSON.
    JsonParsing = 400 "json-parsing-error",
    /// A parameter is missing, unknown or ill-typed, or the operation cannot be done now.
    InvalidRequest = 400 "invalid-request-error",
    /// Something of that name is there already. On the identity face only: `/v1` says 400.
    Conflict = 409 "conflict-error",
    /// A search for telephone numbers that cannot be carried out.
    Validation = 400 "validation-error",
    /// The path exists, but not with this method. `Allow` lists those it has.
    MethodNotAllowed = 405 "invalid-request-error",
    /// The request did not arrive in time.
    RequestTimeout = 408 "invalid-request-error",
    /// The body is larger than allowed.
    PayloadTooLarge = 413 "invalid-request-error",
    /// The request line and headers are larger than allowed.
    HeadersTooLarge = 431 "invalid-request-error",
    /// Too many requests. `Retry-After` says how many seconds to wait.
    RateLimit = 429 "rate-limit-error",
    /// An unexpected failure. The request id in the text finds it in the log.
    Server = 500 "server-error",
    /// The request was valid, but this server has no engine for the operation.
    NotImplemented = 501 "not-implemented",
    /// The media threads have no time for more people: whoever is inside keeps their quality. `Retry-After` says when to try again.
    Overloaded = 503 "overloaded-error",
    /// The resources are not there now: storage full, no node free. Try again later.
    Unavailable = 503 "server-error",
}

/// An error as the public API answers it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {info}", .kind.wire())]
pub struct ApiError {
    /// The stable kind.
    pub kind: ErrorKind,
    /// For people: names the thing, the limit and the way out. May change.
    pub info: String,
    /// What the caller would have had to hold, where that is what was missing.
    pub permission: Option<KeyPermission>,
}

/// The body of an error answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// The stable kind.
    #[cfg_attr(feature = "openapi", schema(examples("invalid-request-error")))]
    pub error: String,
    /// For people.
    #[cfg_attr(feature = "openapi", schema(examples("a room named standup already exists")))]
    pub info: String,
}

impl ApiError {
    /// An error of `kind` that says `info`.
    pub fn new(kind: ErrorKind, info: impl Into<String>) -> Self {
        Self { kind, info: info.into(), permission: None }
    }

    /// The body of the answer.
    #[must_use]
    pub fn to_body(&self) -> ErrorBody {
        ErrorBody { error: self.kind.wire().to_owned(), info: self.info.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_carries_wire_name_and_text() {
        let body = ApiError::room_not_found("standup").to_body();
        assert_eq!(body.error, "not-found");
        assert_eq!(body.info, "room standup not found");
    }

    #[test]
    fn kinds_that_share_a_wire_name_differ_in_status() {
        for (index, kind) in ErrorKind::ALL.iter().enumerate() {
            for other in &ErrorKind::ALL[index + 1..] {
                assert_ne!(
                    (kind.wire(), kind.status()),
                    (other.wire(), other.status()),
                    "{kind:?}"
                );
            }
        }
    }
}
