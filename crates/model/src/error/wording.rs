//! The texts. Clients in the wild match on some of them, so each known
//! situation has one constructor and no other place spells it. Two families
//! exist, and each stays on its own routes: rooms, tokens and the domain say
//! "unknown parameter" and "was … but should be …"; recording, streaming,
//! webhooks and logs say `"key" is not allowed [Received …]`.

use serde_json::Value;

use super::{ApiError, ErrorKind};
use crate::key_permission::KeyPermission;
use crate::secret::without_secrets;

mod history;
mod identity;
mod schema;

/// Most characters of a caller's own text that an error repeats.
const MAX_ECHO_CHARS: usize = 200;

/// Who is asking.
impl ApiError {
    /// No `Authorization` header.
    #[must_use]
    pub fn missing_authorization_header() -> Self {
        let info = "missing authorization header: send `Authorization: Bearer <API key>`";
        Self::new(ErrorKind::AuthorizationHeader, info)
    }

    /// The scheme is not `Bearer`, or nothing follows it.
    #[must_use]
    pub fn invalid_authorization_header() -> Self {
        Self::new(ErrorKind::AuthorizationHeader, "invalid authorization header")
    }

    /// Unknown, revoked or expired key.
    #[must_use]
    pub fn invalid_api_key() -> Self {
        let info = "the API key is not valid: it is unknown, revoked or expired";
        Self::new(ErrorKind::Authentication, info)
    }

    /// The page's session is over, or it asks without the value that it was given.
    #[must_use]
    pub fn session_ended() -> Self {
        let info = "nobody is signed in with this browser, or the page is out of date: \
                    open it again";
        Self::new(ErrorKind::Authentication, info)
    }

    /// The key does not hold `permission`.
    #[must_use]
    pub fn missing_permission(permission: KeyPermission) -> Self {
        let info = format!("the API key lacks the permission {permission}");
        Self { permission: Some(permission), ..Self::new(ErrorKind::Forbidden, info) }
    }

    /// Whoever signed in does not hold `permission`.
    #[must_use]
    pub fn missing_permission_of_person(permission: KeyPermission) -> Self {
        let info = format!(
            "you lack the permission {permission} in this organization: an owner can give you a \
             role that holds it"
        );
        Self { permission: Some(permission), ..Self::new(ErrorKind::Forbidden, info) }
    }

    /// Too many requests of one class: `limit` in `window_secs`.
    #[must_use]
    pub fn rate_limited(limit: u32, window_secs: u64, retry_after_secs: u64) -> Self {
        let info = format!(
            "too many requests: at most {limit} in {window_secs} s; try again in {retry_after_secs} s"
        );
        Self::new(ErrorKind::RateLimit, info)
    }
}

/// What clients report of their calls.
impl ApiError {
    /// More bytes of logs than may be left in one window.
    #[must_use]
    pub fn log_budget_spent(limit_bytes: usize, window_secs: i64, retry_after_secs: i64) -> Self {
        let info = format!(
            "too many bytes of logs: at most {limit_bytes} in {window_secs} s; \
             try again in {retry_after_secs} s"
        );
        Self::new(ErrorKind::RateLimit, info)
    }
}

/// The request as a whole.
impl ApiError {
    /// The body is not JSON; `detail` says where.
    #[must_use]
    pub fn body_not_json(detail: &str) -> Self {
        Self::new(ErrorKind::JsonParsing, format!("the body is not valid JSON: {}", echo(detail)))
    }

    /// The body is JSON but not an object.
    #[must_use]
    pub fn body_not_object() -> Self {
        Self::new(ErrorKind::InvalidRequest, "the body should be a JSON object")
    }

    /// The body exceeds `limit_bytes`.
    #[must_use]
    pub fn payload_too_large(limit_bytes: usize) -> Self {
        let info = format!("the body is larger than {limit_bytes} bytes");
        Self::new(ErrorKind::PayloadTooLarge, info)
    }

    /// The body did not arrive within `limit_secs`.
    #[must_use]
    pub fn request_timeout(limit_secs: u64) -> Self {
        let info = format!("the body did not arrive within {limit_secs} s");
        Self::new(ErrorKind::RequestTimeout, info)
    }

    /// Request line and headers exceed `limit_bytes`.
    #[must_use]
    pub fn headers_too_large(limit_bytes: usize) -> Self {
        let info = format!("the request line and headers are larger than {limit_bytes} bytes");
        Self::new(ErrorKind::HeadersTooLarge, info)
    }

    /// A percent sign without two hexadecimal digits, or bytes that are not
    /// UTF-8 once decoded.
    #[must_use]
    pub fn bad_percent_encoding() -> Self {
        Self::invalid("the address is not valid percent-encoded UTF-8")
    }

    /// No such address.
    #[must_use]
    pub fn unknown_route(path: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("{} not found", echo(path)))
    }

    /// The address exists, with the methods `allowed` (`GET, POST`).
    #[must_use]
    pub fn method_not_allowed(method: &str, path: &str, allowed: &str) -> Self {
        let info = format!("{} does not take {method}; it takes {allowed}", echo(path));
        Self::new(ErrorKind::MethodNotAllowed, info)
    }

    /// A valid request for something this server has no engine for.
    #[must_use]
    pub fn not_implemented(operation: &str) -> Self {
        let info = format!("{operation} is not implemented by this server");
        Self::new(ErrorKind::NotImplemented, info)
    }

    /// An unexpected failure, logged under `request_id`.
    #[must_use]
    pub fn internal(request_id: &str) -> Self {
        let info = format!("unexpected failure; the server's log has it as request {request_id}");
        Self::new(ErrorKind::Server, info)
    }

    /// Nobody new is let in, so that calls stay good.
    #[must_use]
    pub fn overloaded(percent: u8, limit: u8) -> Self {
        Self::new(
            ErrorKind::Overloaded,
            format!(
                "the server is at its limit for calls: its media thread for this room is busy \
                 {percent} % of the time, and from {limit} % (media.max_load) on nobody new is let \
                 in; try again in a few seconds"
            ),
        )
    }

    /// A lack that may pass; `what` names it: `storage is full`.
    #[must_use]
    pub fn unavailable(what: &str) -> Self {
        Self::new(ErrorKind::Unavailable, format!("{what}; try again later"))
    }
}

/// Parameters, in the words of the rooms, tokens and domain routes.
impl ApiError {
    /// A key nobody knows, at the top level or under `properties`.
    #[must_use]
    pub fn unknown_parameter(key: &str) -> Self {
        Self::invalid(format!("unknown parameter '{}'", echo(key)))
    }

    /// A value of the wrong type or out of range; `expectation` continues
    /// "but should be": `an integer from 1 to 200`.
    #[must_use]
    pub fn wrong_value(key: &str, value: &Value, expectation: &str) -> Self {
        Self::invalid(format!(
            "{} was '{}' but should be {expectation}",
            echo(key),
            show(key, value)
        ))
    }

    /// A time that is not a number.
    #[must_use]
    pub fn not_a_time(key: &str, value: &Value) -> Self {
        Self::wrong_value(key, value, "a number of seconds since the unix epoch")
    }

    /// A time that should lie in the future.
    #[must_use]
    pub fn in_the_past(key: &str, value: &Value) -> Self {
        Self::invalid(format!(
            "{} was '{}', which is in the past rather than in the future",
            echo(key),
            show(key, value)
        ))
    }

    /// A required field is absent.
    #[must_use]
    pub fn missing_field(key: &str) -> Self {
        Self::invalid(format!("missing required field '{}'", echo(key)))
    }

    /// A page size that is not an integer of at least 1.
    #[must_use]
    pub fn invalid_limit(value: &str) -> Self {
        Self::invalid(format!("limit was '{}' but should be an integer of at least 1", echo(value)))
    }

    /// A cursor (`starting_after`, `ending_before`) that names nothing.
    #[must_use]
    pub fn unknown_cursor(parameter: &str, id: &str) -> Self {
        Self::invalid(format!(
            "{parameter} was '{}' but should be the id of an object of this list",
            echo(id)
        ))
    }

    /// Both cursors in one request.
    #[must_use]
    pub fn both_cursors() -> Self {
        Self::invalid("starting_after and ending_before cannot be used together")
    }

    /// A meeting token that does not check out; `why` names the failing check.
    #[must_use]
    pub fn invalid_token(why: &str) -> Self {
        Self::invalid(format!("the meeting token is not valid: {why}"))
    }
}

/// Rooms.
impl ApiError {
    /// The name is taken.
    #[must_use]
    pub fn room_exists(name: &str) -> Self {
        Self::invalid(format!("a room named {name} already exists"))
    }

    /// A quota of the organization, or of the key, is used up.
    #[must_use]
    pub fn over_quota(quota: &str, limit: u32, way_out: &str) -> Self {
        Self::invalid(format!(
            "the limit `{quota}` of this organization or key is {limit}, and it is reached: \
             {way_out}, or ask the server's operator for more"
        ))
    }

    /// More rooms in one request than may be.
    #[must_use]
    pub fn batch_too_large(rooms: usize, limit: usize) -> Self {
        Self::invalid(format!("rooms has {rooms} items but should be a list of at most {limit}"))
    }

    /// More different buckets in one request than may be.
    #[must_use]
    pub fn too_many_buckets(limit: usize) -> Self {
        Self::invalid(format!("a batch should name at most {limit} different recordings_buckets"))
    }

    /// No such room.
    #[must_use]
    pub fn room_not_found(name: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("room {} not found", echo(name)))
    }

    /// The room exists, but nobody is in it.
    #[must_use]
    pub fn room_without_call(name: &str) -> Self {
        let info = format!("room {name} does not seem to be hosting a call currently");
        Self::new(ErrorKind::NotFound, info)
    }

    /// A recording or stream of the same instance runs already.
    #[must_use]
    pub fn active_stream(name: &str) -> Self {
        Self::invalid(format!("room {name} has an active stream"))
    }

    /// The name holds characters it may not.
    #[must_use]
    pub fn room_name_characters(name: &str) -> Self {
        Self::invalid(format!(
            "{} contains invalid characters (room names can contain A-Z, a-z, 0-9, '-', and '_')",
            echo(name)
        ))
    }

    /// The name is too long.
    #[must_use]
    pub fn room_name_length(chars: usize, limit: usize) -> Self {
        Self::invalid(format!(
            "the room name has {chars} characters, which exceeds {limit} characters"
        ))
    }

    /// The name is empty.
    #[must_use]
    pub fn room_name_empty() -> Self {
        Self::invalid("the room name is empty but should have at least one character")
    }

    /// The name is an address of the server.
    #[must_use]
    pub fn room_name_reserved(name: &str) -> Self {
        Self::invalid(format!("room name {name} is reserved: it is an address of this server"))
    }
}

/// Parameters, in the words of the schema-validated routes.
impl ApiError {
    /// A key the schema does not have.
    #[must_use]
    pub fn not_allowed(key: &str, value: &Value) -> Self {
        let shown = json(key, value);
        let key = echo(key);
        Self::invalid(format!("\"{key}\" is not allowed [Received {key}={shown}]"))
    }

    /// A value outside an enumeration.
    #[must_use]
    pub fn not_one_of(key: &str, options: &[&str], value: &Value) -> Self {
        let options = options.join(", ");
        Self::invalid(format!(
            "\"{key}\" must be one of [{options}] [Received {key}={}]\n",
            json(key, value)
        ))
    }

    /// The webhook's address did not answer the test with 200; `status` is
    /// absent when it did not answer at all.
    #[must_use]
    pub fn webhook_test_failed(status: Option<u16>) -> Self {
        let received = status.map_or_else(|| "undefined".to_owned(), |status| status.to_string());
        Self::invalid(format!(
            "non-200 status code returned from webhook endpoint, recvd {received}"
        ))
    }

    /// The webhook's address cannot be asked at all; `why` says why.
    #[must_use]
    pub fn webhook_test_refused(why: &str) -> Self {
        Self::invalid(format!("{} ({why})", Self::webhook_test_failed(None).info))
    }

    /// The organization has as many webhooks as it may.
    #[must_use]
    pub fn too_many_webhooks(limit: u64) -> Self {
        Self::invalid(format!(
            "the domain has {limit} webhooks, which is the most it may have \
             (max_webhook_count): delete one first"
        ))
    }

    /// No such webhook.
    #[must_use]
    pub fn webhook_not_found(id: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("webhook {} not found", echo(id)))
    }

    /// No such delivery of the webhook.
    #[must_use]
    pub fn delivery_not_found(id: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("delivery {} not found", echo(id)))
    }

    /// The webhook is not sent to any more.
    #[must_use]
    pub fn webhook_failed(id: &str) -> Self {
        Self::invalid(format!(
            "webhook {id} has failed and is not sent to: POST /webhooks/{id} tests its address \
             and starts it again"
        ))
    }

    /// Somebody else changed the webhook while its address was tested.
    #[must_use]
    pub fn webhook_changed_meanwhile(id: &str) -> Self {
        Self::invalid(format!("webhook {id} was changed meanwhile; try again"))
    }

    /// Logs were asked for without saying whose.
    #[must_use]
    pub fn log_session_required() -> Self {
        Self::invalid("mtgSessionId or userSessionId is required")
    }

    /// A dial-in number that the domain does not own; `kind` is `pin` or
    /// `pinless`.
    #[must_use]
    pub fn dialin_number_not_owned(kind: &str, digits: &str, domain: &str) -> Self {
        Self::invalid(format!(
            "Failed to configure {kind} dialin: {} not associated with domain: {domain}",
            echo(digits)
        ))
    }

    fn invalid(info: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, info)
    }
}

/// A value as the "was '…'" family prints it: strings bare, the rest as JSON.
/// Answers are logged, so no secret is repeated.
fn show(key: &str, value: &Value) -> String {
    match without_secrets(key, value) {
        Value::String(text) => echo(&text),
        other => echo(&other.to_string()),
    }
}

/// A value as the "Received" family prints it.
fn json(key: &str, value: &Value) -> String {
    match without_secrets(key, value) {
        Value::String(text) => format!("\"{}\"", echo(&text)),
        other => echo(&other.to_string()),
    }
}

/// The caller's own text, cut so that an answer never grows with its request.
fn echo(text: &str) -> String {
    match text.char_indices().nth(MAX_ECHO_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_those_that_clients_match() {
        let cases = [
            (ApiError::room_exists("standup"), "a room named standup already exists"),
            (
                ApiError::room_name_characters("a b"),
                "a b contains invalid characters (room names can contain A-Z, a-z, 0-9, '-', and '_')",
            ),
            (
                ApiError::in_the_past("exp", &json!(1_500_000_000)),
                "exp was '1500000000', which is in the past rather than in the future",
            ),
            (
                ApiError::not_a_time("exp", &json!("soon")),
                "exp was 'soon' but should be a number of seconds since the unix epoch",
            ),
            (ApiError::unknown_parameter("colour"), "unknown parameter 'colour'"),
            (
                ApiError::room_without_call("standup"),
                "room standup does not seem to be hosting a call currently",
            ),
            (
                ApiError::not_allowed("max_duration", &json!(60)),
                "\"max_duration\" is not allowed [Received max_duration=60]",
            ),
            (
                ApiError::not_one_of("type", &["a", "b"], &json!("c")),
                "\"type\" must be one of [a, b] [Received type=\"c\"]\n",
            ),
            (
                ApiError::not_allowed("hmac", &json!("c2VzYW1l")),
                "\"hmac\" is not allowed [Received hmac=\"[redacted]\"]",
            ),
            (
                ApiError::wrong_value("streaming_endpoints", &json!("rtmp://h/k"), "a list"),
                "streaming_endpoints was '[redacted]' but should be a list",
            ),
            (
                ApiError::webhook_test_failed(None),
                "non-200 status code returned from webhook endpoint, recvd undefined",
            ),
        ];
        for (error, info) in cases {
            assert_eq!(error.info, info);
        }
    }

    #[test]
    fn long_text_of_the_caller_is_cut() {
        let error = ApiError::unknown_parameter(&"ü".repeat(100_000));
        assert_eq!(error.info.chars().count(), "unknown parameter ''".len() + MAX_ECHO_CHARS + 1);
    }
}
