//! More texts of the schema-validated routes: what the tables of
//! [`schema`](crate::schema) find.

use serde_json::Value;

use super::{echo, json};
use crate::error::{ApiError, ErrorKind};

/// Parameters, in the words of the schema-validated routes.
impl ApiError {
    /// A value that its rule does not admit; `fault` continues `"key" `:
    /// `must be a boolean`.
    #[must_use]
    pub fn must(key: &str, fault: &str, value: &Value) -> Self {
        let shown = json(key, value);
        let key = echo(key);
        Self::invalid(format!("\"{key}\" {fault} [Received {key}={shown}]"))
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

    /// There is nothing of that id; `what` says of what kind.
    #[must_use]
    pub fn not_found(what: &str, id: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} {} not found", echo(id)))
    }

    /// The room's `enable_recording` does not name this kind.
    #[must_use]
    pub fn recording_not_allowed(room: &str, kind: &str) -> Self {
        Self::invalid(format!(
            "room {room} does not allow recordings of type '{kind}': \
             add it to the room's property enable_recording"
        ))
    }

    /// There is no recording or stream to change or stop.
    #[must_use]
    pub fn nothing_running(room: &str, what: &str) -> Self {
        Self::invalid(format!("room {room} has no active {what}"))
    }

    /// A target of a live stream that nobody knows. It is not repeated: a
    /// mistyped address holds the key of the stream.
    #[must_use]
    pub fn unknown_stream_target(room: &str) -> Self {
        Self::invalid(format!(
            "an endpoint is neither an RTMP address nor a name in the property \
             streaming_endpoints of room {room}"
        ))
    }

    /// The room's `enable_dialout` is off.
    #[must_use]
    pub fn dial_out_not_enabled(room: &str) -> Self {
        Self::invalid(format!(
            "room {room} does not allow dial-out: set the room's property enable_dialout"
        ))
    }

    /// A search for telephone numbers that cannot be carried out.
    #[must_use]
    pub fn number_search(why: &str) -> Self {
        Self::new(ErrorKind::Validation, why)
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
