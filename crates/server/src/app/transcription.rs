//! Transcripts, and the batch jobs that make them afterwards. This release has
//! no engine for either.

use parlor_model::error::ApiError;
use parlor_model::rest::batch_processor::SubmitJob;
use serde_json::{Map, Value};

use crate::app::recordings;

/// Why there is no transcript of that id: there is none at all.
pub(crate) fn missing_transcript(id: &str) -> ApiError {
    ApiError::not_found("transcript", id)
}

/// Why a batch job cannot be taken.
pub(crate) fn refuse_job(body: &Map<String, Value>) -> ApiError {
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
