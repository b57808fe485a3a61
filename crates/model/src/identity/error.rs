//! The error answer of the identity face.

use serde::{Deserialize, Serialize};

use crate::error::{ApiError, ErrorKind};
use crate::key_permission::KeyPermission;
use crate::time::UnixMillis;

/// The body of an error answer on the identity face (`/api/*`, and the same
/// routes at the root).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IdentityErrorBody {
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schema(examples(404)))]
    pub status_code: u16,
    /// For people. Of 401 and 403 it is always the same.
    #[cfg_attr(feature = "openapi", schema(examples("there is no API key named 'ci'")))]
    pub message: String,
    /// The status's reason phrase; of 401 and 403, what is wrong.
    #[cfg_attr(feature = "openapi", schema(examples("Not Found")))]
    pub error: String,
    /// A stable word for programs.
    #[cfg_attr(feature = "openapi", schema(examples("NOT_FOUND")))]
    pub code: String,
    /// What the caller would have to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, examples("write:sandboxes")))]
    pub required_permission: Option<KeyPermission>,
    /// What a 403 is about, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(examples("the API key lacks the permission write:sandboxes"))
    )]
    pub detail: Option<String>,
    /// The path that was asked for.
    #[cfg_attr(feature = "openapi", schema(examples("/api/api-keys/ci")))]
    pub path: String,
    /// When it was answered: ISO 8601, UTC, with milliseconds.
    #[cfg_attr(feature = "openapi", schema(examples("2030-01-01T00:00:00.000Z")))]
    pub timestamp: String,
}

impl IdentityErrorBody {
    /// The status with which the identity face answers a failure of `kind`:
    /// `/v1` tells a missing header from a bad key, this face does not.
    #[must_use]
    pub const fn status_of(kind: ErrorKind) -> u16 {
        match kind {
            ErrorKind::AuthorizationHeader => ErrorKind::Authentication.status(),
            kind => kind.status(),
        }
    }

    /// The body that says `error`; `reason` is the phrase of its status.
    #[must_use]
    pub fn new(error: &ApiError, reason: &str, path: &str, now: UnixMillis) -> Self {
        let status_code = Self::status_of(error.kind);
        let (message, reason, detail) = match status_code {
            // Unknown, expired, revoked, malformed: nobody learns which.
            401 => ("Unauthorized", "Invalid or expired API key", None),
            403 => ("Forbidden", "Insufficient permissions", Some(error.info.clone())),
            _ => (error.info.as_str(), reason, None),
        };
        Self {
            status_code,
            message: message.to_owned(),
            error: reason.to_owned(),
            code: code(error.kind).to_owned(),
            required_permission: error.permission,
            detail,
            path: path.to_owned(),
            timestamp: now.to_iso8601(),
        }
    }
}

const fn code(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AuthorizationHeader | ErrorKind::Authentication => "UNAUTHORIZED",
        ErrorKind::Forbidden => "INSUFFICIENT_PERMISSIONS",
        ErrorKind::NotFound => "NOT_FOUND",
        ErrorKind::Conflict => "CONFLICT",
        ErrorKind::JsonParsing => "INVALID_JSON",
        ErrorKind::InvalidRequest | ErrorKind::Validation => "BAD_REQUEST",
        ErrorKind::MethodNotAllowed => "METHOD_NOT_ALLOWED",
        ErrorKind::RequestTimeout => "REQUEST_TIMEOUT",
        ErrorKind::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
        ErrorKind::HeadersTooLarge => "HEADERS_TOO_LARGE",
        ErrorKind::RateLimit => "RATE_LIMITED",
        ErrorKind::Server => "INTERNAL_SERVER_ERROR",
        ErrorKind::NotImplemented => "NOT_IMPLEMENTED",
        ErrorKind::Overloaded | ErrorKind::Unavailable => "SERVICE_UNAVAILABLE",
    }
}
