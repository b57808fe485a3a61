//! Transcription, and the batch jobs that make transcripts afterwards. This
//! release has no engine for them: requests are checked, and the state of
//! things is, before that is said.

use std::convert::Infallible;

use parlor_model::error::ApiError;
use parlor_model::id::OrgId;
use parlor_model::rest::batch_processor::SubmitJob;
use parlor_model::rest::transcription::{
    StartTranscriptionBody, StopTranscriptionBody, UpdateTranscriptionBody,
};
use serde_json::{Map, Value};

use crate::app::live_actions::find_hosting;
use crate::app::recordings;
use crate::cx::AppState;
use crate::failure::Failure;

type Body = Map<String, Value>;

/// Why transcription cannot be started.
pub(crate) async fn start(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    StartTranscriptionBody::SCHEMA.check(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::not_implemented("transcription").into())
}

/// Why transcription cannot be updated: none runs.
pub(crate) async fn update(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    UpdateTranscriptionBody::SCHEMA.check(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::nothing_running(name, "transcription").into())
}

/// Why transcription cannot be stopped: none runs.
pub(crate) async fn stop(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    StopTranscriptionBody::SCHEMA.check(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::nothing_running(name, "transcription").into())
}

/// Why there is no transcript of that id: there is none at all.
pub(crate) fn missing_transcript(id: &str) -> ApiError {
    ApiError::not_found("transcript", id)
}

/// Why a batch job cannot be taken.
pub(crate) fn refuse_job(body: &Body) -> ApiError {
    match SubmitJob::parse(body) {
        Err(error) => error,
        Ok(SubmitJob::Recording(id)) => recordings::missing(&id),
        Ok(SubmitJob::Address(_)) => ApiError::not_implemented("the batch processor"),
    }
}

/// Why there is no batch job of that id: there is none at all.
pub(crate) fn missing_job(id: &str) -> ApiError {
    ApiError::not_found("batch processor job", id)
}
