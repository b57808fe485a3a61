//! Telephones in a call. This release has no gateway for them.

use axum::extract::State;
use parlor_model::rest::live_actions::StatusSent;
use parlor_model::rest::telephony::{
    DialOutAnswer, OkAnswer, ReferCallBody, SendDtmfBody, StartDialOutBody, StopDialOutBody,
    TransferCallBody, UpdatePinlessCallBody,
};

use crate::app::telephony;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// Call a telephone or a SIP address, and bring it into the call. Needs the room's
/// `enable_dialout`.
#[utoipa::path(
    post, path = "/rooms/{name}/dialOut/start", tag = "telephony",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StartDialOutBody),
    responses((status = 200, description = "It rings", body = DialOutAnswer), Errors),
)]
pub(crate) async fn start_dial_out(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<DialOutAnswer>, Refusal> {
    match telephony::dial_out(&state, caller.org(), &name, &body).await? {}
}

/// Press keys on a telephone that was called.
#[utoipa::path(
    post, path = "/rooms/{name}/dialOut/sendDTMF", tag = "telephony",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = SendDtmfBody),
    responses((status = 200, description = "They are pressed", body = DialOutAnswer), Errors),
)]
pub(crate) async fn send_dtmf(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<DialOutAnswer>, Refusal> {
    let schema = SendDtmfBody::SCHEMA;
    match telephony::act(&state, caller.org(), &name, schema, &body).await? {}
}

/// Hang up on a telephone that was called.
#[utoipa::path(
    post, path = "/rooms/{name}/dialOut/stop", tag = "telephony",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StopDialOutBody),
    responses((status = 200, description = "It is hung up", body = StatusSent), Errors),
)]
pub(crate) async fn stop_dial_out(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<StatusSent>, Refusal> {
    let schema = StopDialOutBody::SCHEMA;
    match telephony::act(&state, caller.org(), &name, schema, &body).await? {}
}

/// Connect a telephone in the call to somebody else.
#[utoipa::path(
    post, path = "/rooms/{name}/sipCallTransfer", tag = "telephony",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = TransferCallBody),
    responses((status = 200, description = "It is connected", body = OkAnswer), Errors),
)]
pub(crate) async fn transfer_sip_call(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<OkAnswer>, Refusal> {
    let schema = TransferCallBody::SCHEMA;
    match telephony::act(&state, caller.org(), &name, schema, &body).await? {}
}

/// Send a telephone in the call elsewhere.
#[utoipa::path(
    post, path = "/rooms/{name}/sipRefer", tag = "telephony",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = ReferCallBody),
    responses((status = 200, description = "It is sent", body = OkAnswer), Errors),
)]
pub(crate) async fn refer_sip_call(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<OkAnswer>, Refusal> {
    let schema = ReferCallBody::SCHEMA;
    match telephony::act(&state, caller.org(), &name, schema, &body).await? {}
}

/// Tell a pinless call that waits which room it goes to.
#[utoipa::path(
    post, path = "/dialin/pinlessCallUpdate", tag = "telephony",
    request_body(content = UpdatePinlessCallBody),
    responses((status = 200, description = "It goes there", body = OkAnswer), Errors),
)]
pub(crate) async fn update_pinless_call(
    _caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<OkAnswer>, Refusal> {
    Err(telephony::refuse_pinless_call(&body).into())
}
