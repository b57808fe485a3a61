//! `/v1/meeting-tokens`.

use axum::extract::State;
use parlor_model::property::TokenProperties;
use parlor_model::rest::meeting_tokens::{CreateMeetingToken, CreatedMeetingToken};
use serde_json::{Map, Value};

use crate::app::meeting_tokens;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, QueryPairs, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;
use crate::identity::meeting_token::NotBefore;

/// Make a meeting token. It is good while the calling API key is, or while the
/// person who calls may make tokens.
#[utoipa::path(
    post, path = "/meeting-tokens", tag = "meeting-tokens",
    request_body(content = CreateMeetingToken, description = "May be empty: a token for every room, for ever"),
    responses((status = 200, description = "The token", body = CreatedMeetingToken), Errors),
)]
pub(crate) async fn create_meeting_token(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<CreatedMeetingToken>, Refusal> {
    Ok(Answer(CreatedMeetingToken { token: meeting_tokens::create(&state, &caller, &body)? }))
}

/// Check a meeting token and read its properties.
#[utoipa::path(
    get, path = "/meeting-tokens/{token}", tag = "meeting-tokens",
    params(
        ("token" = String, Path, description = "The token", example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJyIjoic3RhbmR1cCJ9.c2lnbmF0dXJl"),
        ("ignoreNbf" = Option<String>, Query, description = "`true` or `1`, in any case: a token that is not valid yet is read all the same"),
    ),
    responses((status = 200, description = "The properties that the token carries, and no others", body = TokenProperties, example = json!({"room_name": "standup", "is_owner": true, "user_name": "Ana", "exp": 1_935_741_630})), Errors),
)]
pub(crate) async fn read_meeting_token(
    State(state): State<AppState>,
    caller: Caller,
    Segment(token): Segment,
    query: QueryPairs,
) -> Result<Answer<Map<String, Value>>, Refusal> {
    // Clients print booleans in their own language's way.
    let is_yes = |word: &str| word.eq_ignore_ascii_case("true") || word == "1";
    let nbf = match query.get("ignoreNbf").is_some_and(is_yes) {
        true => NotBefore::Ignored,
        false => NotBefore::Counts,
    };
    Ok(Answer(meeting_tokens::read(&state, &caller, &token, nbf)?))
}
