//! Recordings and live streams. This release has no engine for them: requests
//! are checked, and the state of things is, before that is said.

use std::convert::Infallible;

use parlor_model::error::ApiError;
use parlor_model::id::OrgId;
use parlor_model::property::Scope;
use parlor_model::rest::recordings::parse_link_seconds;
use parlor_model::rest::streams::{
    ChangeRecording, StartRecording, StartStream, StopStreamBody, UpdateStreamBody,
};
use serde_json::{Map, Value};

use crate::app::live_actions::find_hosting;
use crate::app::rooms::stored_properties;
use crate::cx::AppState;
use crate::failure::Failure;

type Body = Map<String, Value>;

/// Why a recording cannot be started.
pub(crate) async fn start(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    let wanted = StartRecording::parse(body)?;
    let room = find_hosting(state, org, name).await?;
    let properties = stored_properties(Scope::Room, &room.properties)?;
    if !wanted.kind.is_allowed_by(properties.get("enable_recording")) {
        return Err(ApiError::recording_not_allowed(name, wanted.kind.as_str()).into());
    }
    Err(ApiError::not_implemented("recording").into())
}

/// Why a recording cannot be updated: none runs.
pub(crate) async fn update(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    ChangeRecording::parse_update(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::nothing_running(name, "recording").into())
}

/// Why a recording cannot be stopped: none runs.
pub(crate) async fn stop(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    ChangeRecording::parse_stop(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::nothing_running(name, "recording").into())
}

/// Why a live stream cannot be started.
pub(crate) async fn start_stream(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    let wanted = StartStream::parse(body)?;
    let room = find_hosting(state, org, name).await?;
    let properties = stored_properties(Scope::Room, &room.properties)?;
    if wanted.unknown_target(properties.get("streaming_endpoints")).is_some() {
        return Err(ApiError::unknown_stream_target(name).into());
    }
    Err(ApiError::not_implemented("live streaming").into())
}

/// Why a live stream cannot be updated: none runs.
pub(crate) async fn update_stream(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    UpdateStreamBody::SCHEMA.check(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::nothing_running(name, "live stream").into())
}

/// Why a live stream cannot be stopped: none runs.
pub(crate) async fn stop_stream(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    StopStreamBody::SCHEMA.check(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::nothing_running(name, "live stream").into())
}

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
