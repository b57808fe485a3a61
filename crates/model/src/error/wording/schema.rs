//! More texts of the schema-validated routes: what the tables of
//! [`schema`](crate::schema) find.

use serde_json::Value;

use super::{echo, json};
use crate::error::ApiError;

/// Parameters, in the words of the schema-validated routes.
impl ApiError {
    /// A value that its rule does not admit; `fault` continues `"key" `:
    /// `must be a boolean`.
    #[must_use]
    pub fn must(key: &str, fault: &str, value: &Value) -> Self {
        let key = echo(key);
        Self::invalid(format!("\"{key}\" {fault} [Received {key}={}]", json(value)))
    }

    /// More than one of fields that exclude each other.
    #[must_use]
    pub fn exclusive_peers(key: &str, names: &[&str]) -> Self {
        let names = names.join(", ");
        let key = echo(key);
        Self::invalid(format!("\"{key}\" contains a conflict between exclusive peers [{names}]"))
    }

    /// None of fields of which one is needed.
    #[must_use]
    pub fn none_of_peers(key: &str, names: &[&str]) -> Self {
        let names = names.join(", ");
        Self::invalid(format!("\"{}\" must contain at least one of [{names}]", echo(key)))
    }

    /// Raw tracks have no layout that an update could change.
    #[must_use]
    pub fn raw_tracks_update() -> Self {
        Self::invalid("a recording of raw tracks cannot be updated")
    }

    /// A message beyond what one may carry.
    #[must_use]
    pub fn app_message_too_large(bytes: usize, limit: usize) -> Self {
        Self::invalid(format!(
            "\"data\" has {bytes} bytes when serialised but may have at most {limit}"
        ))
    }

    /// Session data beyond what one meeting may keep.
    #[must_use]
    pub fn session_data_too_large(bytes: usize, limit: usize) -> Self {
        Self::invalid(format!(
            "the session data would have {bytes} bytes when serialised but may have at most {limit}"
        ))
    }
}
