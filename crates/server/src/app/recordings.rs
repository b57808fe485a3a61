//! Recordings. This release has no engine that makes them.

use parlor_model::error::ApiError;
use parlor_model::rest::recordings::parse_link_seconds;

/// Why there is no recording of that id: there is none at all.
pub(crate) fn missing(id: &str) -> ApiError {
    ApiError::not_found("recording", id)
}

/// Why there is no link to it.
pub(crate) fn missing_link(id: &str, valid_for_secs: Option<&str>) -> ApiError {
    match parse_link_seconds(valid_for_secs) {
        Err(error) => error,
        Ok(_) => missing(id),
    }
}
