//! `/v1/transcript`, `/v1/batch-processor`, and transcription of a room. This
//! release has no engine for them.

use axum::extract::State;
use parlor_model::rest::batch_processor::{BatchJob, BatchJobLinks, SubmitJobBody, SubmittedJob};
use parlor_model::rest::list::{BatchJobList, TranscriptList};
use parlor_model::rest::live_actions::Sent;
use parlor_model::rest::transcription::{
    StartTranscriptionBody, StopTranscriptionBody, UpdateTranscriptionBody,
};
use parlor_model::rest::transcripts::{Transcript, TranscriptLink};

use crate::app::engines::{self, Operation};
use crate::app::transcription;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, QueryPairs, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// Start transcribing a call.
#[utoipa::path(
    post, path = "/rooms/{name}/transcription/start", tag = "transcription",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StartTranscriptionBody),
    responses((status = 200, description = "It begins", body = Sent), Errors),
)]
pub(crate) async fn start_transcription(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::StartTranscription, &body).await? {}
}

/// Change whom a running transcription listens to.
#[utoipa::path(
    post, path = "/rooms/{name}/transcription/update", tag = "transcription",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = UpdateTranscriptionBody),
    responses((status = 200, description = "It changes", body = Sent), Errors),
)]
pub(crate) async fn update_transcription(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::UpdateTranscription, &body).await? {}
}

/// Stop a running transcription.
#[utoipa::path(
    post, path = "/rooms/{name}/transcription/stop", tag = "transcription",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = StopTranscriptionBody),
    responses((status = 200, description = "It ends", body = Sent), Errors),
)]
pub(crate) async fn stop_transcription(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Sent>, Refusal> {
    match engines::ask(&state, caller.org(), &name, Operation::StopTranscription, &body).await? {}
}

/// List transcripts, newest first.
#[utoipa::path(
    get, path = "/transcript", tag = "transcription",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Most transcripts in the page, 1 to 100; 100 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "Transcript id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Transcript id: the page ends just before it; `OLDEST` for the last page"),
        ("roomId" = Option<String>, Query, description = "Only those of this room"),
        ("mtgSessionId" = Option<String>, Query, description = "Only those of this meeting"),
    ),
    responses((status = 200, description = "One page", body = TranscriptList), Errors),
)]
pub(crate) async fn list_transcripts(
    _caller: Caller,
    query: QueryPairs,
) -> Result<Answer<TranscriptList>, Refusal> {
    query.page().of_nothing()?;
    Ok(Answer(TranscriptList::default()))
}

/// Read a transcript.
#[utoipa::path(
    get, path = "/transcript/{id}", tag = "transcription",
    params(("id" = String, Path, description = "The transcript's id")),
    responses((status = 200, description = "The transcript", body = Transcript), Errors),
)]
pub(crate) async fn read_transcript(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<Transcript>, Refusal> {
    Err(transcription::missing_transcript(&id).into())
}

/// Delete a transcript.
#[utoipa::path(
    delete, path = "/transcript/{id}", tag = "transcription",
    params(("id" = String, Path, description = "The transcript's id")),
    responses((status = 200, description = "What it was", body = Transcript), Errors),
)]
pub(crate) async fn delete_transcript(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<Transcript>, Refusal> {
    Err(transcription::missing_transcript(&id).into())
}

/// Make a link to a transcript.
#[utoipa::path(
    get, path = "/transcript/{id}/access-link", tag = "transcription",
    params(("id" = String, Path, description = "The transcript's id")),
    responses((status = 200, description = "The link", body = TranscriptLink), Errors),
)]
pub(crate) async fn read_transcript_link(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<TranscriptLink>, Refusal> {
    Err(transcription::missing_transcript(&id).into())
}

/// Have a transcript or a summary made of a recording.
#[utoipa::path(
    post, path = "/batch-processor", tag = "transcription",
    request_body(content = SubmitJobBody),
    responses(
        (status = 200, description = "It was taken", body = SubmittedJob),
        (status = 404, description = "There is no such recording", body = parlor_model::error::ErrorBody),
        Errors,
    ),
)]
pub(crate) async fn submit_batch_job(
    _caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<SubmittedJob>, Refusal> {
    Err(transcription::refuse_job(&body).into())
}

/// List batch jobs, newest first.
#[utoipa::path(
    get, path = "/batch-processor", tag = "transcription",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Most jobs in the page, 1 to 100; 100 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "Job id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Job id: the page ends just before it; `OLDEST` for the last page"),
    ),
    responses((status = 200, description = "One page", body = BatchJobList), Errors),
)]
pub(crate) async fn list_batch_jobs(
    _caller: Caller,
    query: QueryPairs,
) -> Result<Answer<BatchJobList>, Refusal> {
    query.page().of_nothing()?;
    Ok(Answer(BatchJobList::default()))
}

/// Read a batch job.
#[utoipa::path(
    get, path = "/batch-processor/{id}", tag = "transcription",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = BatchJob), Errors),
)]
pub(crate) async fn read_batch_job(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<BatchJob>, Refusal> {
    Err(transcription::missing_job(&id).into())
}

/// Delete a batch job with what it made.
#[utoipa::path(
    delete, path = "/batch-processor/{id}", tag = "transcription",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "It is gone", body = Object, example = json!({})), Errors),
)]
pub(crate) async fn delete_batch_job(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<BatchJob>, Refusal> {
    Err(transcription::missing_job(&id).into())
}

/// Make links to what a batch job made.
#[utoipa::path(
    get, path = "/batch-processor/{id}/access-link", tag = "transcription",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The links", body = BatchJobLinks), Errors),
)]
pub(crate) async fn read_batch_job_links(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<BatchJobLinks>, Refusal> {
    Err(transcription::missing_job(&id).into())
}
