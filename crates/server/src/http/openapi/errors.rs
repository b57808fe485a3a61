//! The error answers that operations have in common, as components of the
//! document.

use parlor_model::error::ApiError;
use parlor_model::key_permission::KeyPermission;
use serde_json::{Map, Value, json};

/// An error answer: its name among the components, its status, what it means,
/// and what it may say.
struct ErrorAnswer {
    name: &'static str,
    status: &'static str,
    meaning: &'static str,
    examples: Vec<(&'static str, ApiError)>,
}

fn answers() -> Vec<ErrorAnswer> {
    let answer = |name, status, meaning, examples| ErrorAnswer { name, status, meaning, examples };
    vec![
        answer(
            "BadRequest",
            "400",
            "The request is not as it should be, or cannot be carried out now.",
            vec![
                ("header", ApiError::missing_authorization_header()),
                ("json", ApiError::body_not_json("expected value at line 1 column 1")),
                ("parameter", ApiError::invalid_limit("0")),
            ],
        ),
        answer(
            "Unauthorized",
            "401",
            "The API key is not valid.",
            vec![("key", ApiError::invalid_api_key())],
        ),
        answer(
            "Forbidden",
            "403",
            "The API key lacks the permission that the operation needs; `info` names it.",
            vec![("permission", ApiError::missing_permission(KeyPermission::WriteRooms))],
        ),
        answer(
            "NotFound",
            "404",
            "There is no such thing in this domain.",
            vec![("room", ApiError::room_not_found("standup"))],
        ),
        answer(
            "RequestTimeout",
            "408",
            "The body did not arrive in time.",
            vec![("slow", ApiError::request_timeout(30))],
        ),
        answer(
            "PayloadTooLarge",
            "413",
            "The body is too large.",
            vec![("large", ApiError::payload_too_large(1_048_576))],
        ),
        answer(
            "TooManyRequests",
            "429",
            "Too many requests of the operation's rate class.",
            vec![("limit", ApiError::rate_limited(100, 5, 2))],
        ),
        answer(
            "NotImplemented",
            "501",
            "The request was valid, but this server has no engine for it.",
            vec![("engine", ApiError::not_implemented("the operation"))],
        ),
        answer(
            "ServerError",
            "5XX",
            "The server failed (500), or lacks a resource at the moment (503).",
            vec![
                ("failure", ApiError::internal("7c1f-2a")),
                ("unavailable", ApiError::unavailable("storage is full")),
            ],
        ),
    ]
}

/// `components.responses`.
pub(super) fn components() -> Value {
    let entries = answers().into_iter().map(|answer| (answer.name.to_owned(), component(&answer)));
    entries.collect::<Map<_, _>>().into()
}

fn component(answer: &ErrorAnswer) -> Value {
    let examples: Map<String, Value> = answer
        .examples
        .iter()
        .map(|(name, error)| ((*name).to_owned(), json!({"value": error.to_body()})))
        .collect();
    let content = json!({
        "schema": {"$ref": "#/components/schemas/ErrorBody"},
        "examples": examples,
    });
    let mut component = json!({"description": answer.meaning});
    if answer.status == "429" {
        component["headers"] = budget_headers();
    }
    component["content"] = json!({"application/json": content});
    component
}

/// Sent while requests are counted, refused or not.
fn budget_headers() -> Value {
    let header = |description: &str, example: i64| json!({"description": description, "schema": {"type": "integer"}, "example": example});
    json!({
        "Retry-After": header("Seconds to wait.", 2),
        "X-RateLimit-Limit": header("Most requests in a window.", 100),
        "X-RateLimit-Remaining": header("Requests left in it.", 0),
        "X-RateLimit-Reset": header("When the next one is free, in unix seconds.", 1_935_741_632),
    })
}

/// What of an operation decides which errors it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    /// Its path names something, which may be absent.
    pub(super) has_subject: bool,
    /// It reads a body, which may be slow or large.
    pub(super) has_body: bool,
    /// It ends in 501.
    pub(super) lacks_engine: bool,
}

/// Status and component of each error of an operation with these traits.
pub(super) fn of_operation(traits: Traits) -> impl Iterator<Item = (&'static str, Value)> {
    let applies = move |answer: &ErrorAnswer| match answer.status {
        "404" => traits.has_subject,
        "408" | "413" => traits.has_body,
        "501" => traits.lacks_engine,
        _ => true,
    };
    answers().into_iter().filter(applies).map(|answer| {
        let reference = format!("#/components/responses/{}", answer.name);
        (answer.status, json!({"$ref": reference}))
    })
}
