//! `/v1/recordings`, and recording and live streaming of a room. This release
//! has no engine for them.

use axum::extract::State;
use parlor_model::rest::list::RecordingList;
use parlor_model::rest::live_actions::{Sent, StatusSent};
use parlor_model::rest::recordings::{DeletedRecording, Recording, RecordingLink};
use parlor_model::rest::streams::{
    StartRecordingBody, StartStreamBody, StopRecordingBody, StopStreamBody, UpdateRecordingBody,
    UpdateStreamBody,
};

use crate::app::engines::{self, Operation};
use crate::app::recordings;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, QueryPairs, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// Start recording a call. The kind must be among the room's
/// `enable_recording`.
#[utoipa::path(
    post, path = "/rooms/{name}/recordings/start", tag = "recording",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StartRecordingBody),
    responses((status = 200, description = "It begins", body = StatusSent), Errors),
)]
pub(crate) async fn start_recording(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<StatusSent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::StartRecording, &body).await? {}
}

/// Change how a running recording looks.
#[utoipa::path(
    post, path = "/rooms/{name}/recordings/update", tag = "recording",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = UpdateRecordingBody),
    responses((status = 200, description = "It changes", body = StatusSent), Errors),
)]
pub(crate) async fn update_recording(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<StatusSent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::UpdateRecording, &body).await? {}
}

/// Stop a running recording.
#[utoipa::path(
    post, path = "/rooms/{name}/recordings/stop", tag = "recording",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StopRecordingBody),
    responses((status = 200, description = "It ends", body = StatusSent), Errors),
)]
pub(crate) async fn stop_recording(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<StatusSent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::StopRecording, &body).await? {}
}

/// Start streaming a call elsewhere.
#[utoipa::path(
    post, path = "/rooms/{name}/live-streaming/start", tag = "recording",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StartStreamBody),
    responses((status = 200, description = "It begins", body = Sent), Errors),
)]
pub(crate) async fn start_live_stream(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::StartStream, &body).await? {}
}

/// Change how a running live stream looks.
#[utoipa::path(
    post, path = "/rooms/{name}/live-streaming/update", tag = "recording",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = UpdateStreamBody),
    responses((status = 200, description = "It changes", body = Sent), Errors),
)]
pub(crate) async fn update_live_stream(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::UpdateStream, &body).await? {}
}

/// Stop a running live stream.
#[utoipa::path(
    post, path = "/rooms/{name}/live-streaming/stop", tag = "recording",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StopStreamBody),
    responses((status = 200, description = "It ends", body = Sent), Errors),
)]
pub(crate) async fn stop_live_stream(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::StopStream, &body).await? {}
}

/// List recordings, newest first.
#[utoipa::path(
    get, path = "/recordings", tag = "recording",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Most recordings in the page, 1 to 100; 100 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "Recording id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Recording id: the page ends just before it; `OLDEST` for the last page"),
        ("room_name" = Option<String>, Query, description = "Only those of this room"),
    ),
    responses((status = 200, description = "One page", body = RecordingList), Errors),
)]
pub(crate) async fn list_recordings(
    _caller: Caller,
    query: QueryPairs,
) -> Result<Answer<RecordingList>, Refusal> {
    query.page().of_nothing()?;
    Ok(Answer(RecordingList::default()))
}

/// Read a recording.
#[utoipa::path(
    get, path = "/recordings/{id}", tag = "recording",
    params(("id" = String, Path, description = "The recording's id")),
    responses((status = 200, description = "The recording", body = Recording), Errors),
)]
pub(crate) async fn read_recording(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<Recording>, Refusal> {
    Err(recordings::missing(&id).into())
}

/// Delete a recording.
#[utoipa::path(
    delete, path = "/recordings/{id}", tag = "recording",
    params(("id" = String, Path, description = "The recording's id")),
    responses((status = 200, description = "It is gone", body = DeletedRecording), Errors),
)]
pub(crate) async fn delete_recording(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<DeletedRecording>, Refusal> {
    Err(recordings::missing(&id).into())
}

/// Make a link to a recording.
#[utoipa::path(
    get, path = "/recordings/{id}/access-link", tag = "recording",
    params(
        ("id" = String, Path, description = "The recording's id"),
        ("valid_for_secs" = Option<u32>, Query, minimum = 1, maximum = 43200, description = "Seconds that the link is good; an hour when absent"),
    ),
    responses((status = 200, description = "The link", body = RecordingLink), Errors),
)]
pub(crate) async fn read_recording_link(
    _caller: Caller,
    Segment(id): Segment,
    query: QueryPairs,
) -> Result<Answer<RecordingLink>, Refusal> {
    Err(recordings::missing_link(&id, query.get("valid_for_secs")).into())
}
