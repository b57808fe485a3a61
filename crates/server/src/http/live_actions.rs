//! `/v1/rooms/:name/…`: actions on a room that hosts a call.

use axum::extract::State;
use parlor_model::rest::live_actions::{
    EjectBody, Ejected, SendAppMessageBody, Sent, SessionData, SetSessionDataBody, StatusSent,
    UpdatePermissionsBody,
};

use crate::app::live_actions;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// Send data to people in the call. It is not kept; they see it come from the
/// server.
#[utoipa::path(
    post, path = "/rooms/{name}/send-app-message", tag = "live",
    params(("name" = String, Path, description = "The room's name")),
    request_body(content = SendAppMessageBody),
    responses((status = 200, description = "It is on its way", body = Sent), Errors),
)]
pub(crate) async fn send_app_message(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    live_actions::send_app_message(&state, caller.org(), &name, body).await?;
    Ok(Answer(Sent::new()))
}

/// Read the session data of the meeting. It lives as long as the meeting.
#[utoipa::path(
    get, path = "/rooms/{name}/get-session-data", tag = "live",
    params(("name" = String, Path, description = "The room's name")),
    responses((status = 200, description = "The data", body = SessionData), Errors),
)]
pub(crate) async fn read_session_data(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
) -> Result<Answer<SessionData>, Refusal> {
    let data = live_actions::session_data(&state, caller.org(), &name).await?;
    Ok(Answer(SessionData { data }))
}

/// Replace the session data of the meeting, or merge into it. Everybody in the
/// call is shown the result.
#[utoipa::path(
    post, path = "/rooms/{name}/set-session-data", tag = "live",
    params(("name" = String, Path, description = "The room's name")),
    request_body(content = SetSessionDataBody),
    responses((status = 200, description = "It is set", body = Sent), Errors),
)]
pub(crate) async fn set_session_data(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    live_actions::set_session_data(&state, caller.org(), &name, body).await?;
    Ok(Answer(Sent::new()))
}

/// Remove people from the call.
#[utoipa::path(
    post, path = "/rooms/{name}/eject", tag = "live",
    params(("name" = String, Path, description = "The room's name")),
    request_body(content = EjectBody),
    responses((status = 200, description = "Who was removed", body = Ejected), Errors),
)]
pub(crate) async fn eject(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Ejected>, Refusal> {
    let ejected_ids = live_actions::eject(&state, caller.org(), &name, body).await?;
    Ok(Answer(Ejected { ejected_ids }))
}

/// Change what people in the call may do.
#[utoipa::path(
    post, path = "/rooms/{name}/update-permissions", tag = "live",
    params(("name" = String, Path, description = "The room's name")),
    request_body(content = UpdatePermissionsBody),
    responses((status = 200, description = "It holds from now on", body = StatusSent), Errors),
)]
pub(crate) async fn update_permissions(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<StatusSent>, Refusal> {
    live_actions::update_permissions(&state, caller.org(), &name, &body).await?;
    Ok(Answer(StatusSent::new()))
}
