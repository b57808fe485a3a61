//! The OpenAPI document. Handlers describe what is their own: parameters,
//! bodies, the answer, with examples. What every operation has in common comes
//! from the page of routes: permission, limit class, subject, errors.
//!
//! ```text
//! handlers' annotations ─ Document ─┐
//! the page of routes ─ operation ───┼─ document ─ /v1/openapi.json, /docs
//! tables of errors and subjects ────┘
//! ```

mod errors;
mod example;
mod operation;
mod subject;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use parlor_model::error::ErrorBody;
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::{IntoResponses, OpenApi};

pub(crate) use operation::tidy;

use crate::http::error::JSON;
use crate::http::rate_limit::{LimitClass, RateLimits};
use crate::http::{
    batch_rooms, domain, live_actions, logs, meeting_tokens, meetings, phone_numbers, presence,
    recordings, rooms, telephony, transcription, webhooks,
};

/// Marks a handler whose errors are those of every operation. They are added
/// from the page of routes, so that this adds nothing.
pub(crate) struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        BTreeMap::new()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlor",
        description = "Rooms, meeting tokens and live calls, compatible with Daily's REST API. \
            Every success is a 200, creation included. A trailing slash does not matter; bodies \
            are read as JSON whatever their content type; an empty body counts as `{}`. The same \
            operations are served below `/api/v1`.",
    ),
    servers((url = "/v1")),
    paths(
        rooms::list_rooms,
        rooms::create_room,
        rooms::read_room,
        rooms::update_room,
        rooms::delete_room,
        presence::list_room_presence,
        logs::list_logs,
        logs::list_api_logs,
        meetings::list_meetings,
        meetings::read_meeting,
        meetings::list_meeting_participants,
        presence::list_presence,
        live_actions::send_app_message,
        live_actions::read_session_data,
        live_actions::set_session_data,
        live_actions::eject,
        live_actions::update_permissions,
        meeting_tokens::create_meeting_token,
        meeting_tokens::read_meeting_token,
        domain::read_domain,
        domain::update_domain,
        batch_rooms::create_rooms,
        batch_rooms::delete_rooms,
        recordings::start_recording,
        recordings::update_recording,
        recordings::stop_recording,
        recordings::start_live_stream,
        recordings::update_live_stream,
        recordings::stop_live_stream,
        recordings::list_recordings,
        recordings::read_recording,
        recordings::delete_recording,
        recordings::read_recording_link,
        transcription::start_transcription,
        transcription::update_transcription,
        transcription::stop_transcription,
        transcription::list_transcripts,
        transcription::read_transcript,
        transcription::delete_transcript,
        transcription::read_transcript_link,
        transcription::submit_batch_job,
        transcription::list_batch_jobs,
        transcription::read_batch_job,
        transcription::read_batch_job_links,
        transcription::delete_batch_job,
        telephony::start_dial_out,
        telephony::send_dtmf,
        telephony::stop_dial_out,
        telephony::transfer_sip_call,
        telephony::refer_sip_call,
        telephony::update_pinless_call,
        phone_numbers::list_available_numbers,
        phone_numbers::buy_phone_number,
        phone_numbers::release_phone_number,
        phone_numbers::list_purchased_numbers,
        phone_numbers::list_dialin_configs,
        phone_numbers::create_dialin_config,
        phone_numbers::read_dialin_config,
        phone_numbers::update_dialin_config,
        phone_numbers::delete_dialin_config,
        webhooks::list_webhooks,
        webhooks::create_webhook,
        webhooks::read_webhook,
        webhooks::update_webhook,
        webhooks::delete_webhook,
        webhooks::list_webhook_deliveries,
        webhooks::resend_webhook_delivery,
        webhooks::replay_webhook,
    ),
    components(schemas(ErrorBody)),
    security(("api_key" = [])),
)]
struct Document;

/// How callers show who they are.
fn security_schemes() -> Value {
    json!({"api_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of the organization. Keys may hold permissions; \
            `x-permission` of an operation names the one that it needs.",
    }})
}

/// What each class admits unless the operator chose otherwise.
fn rate_limits() -> Value {
    let limits = RateLimits::default();
    let entries = LimitClass::ALL.iter().map(|class| {
        let limit = limits.of(*class);
        let figures = json!({"requests": limit.requests, "seconds": limit.window.as_secs()});
        (class.name().to_owned(), figures)
    });
    entries.collect::<Map<_, _>>().into()
}

/// The OpenAPI 3.1 document of the REST API.
///
/// # Errors
///
/// When a handler's description is not JSON.
pub fn document() -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(Document::openapi())?;
    document["tags"] = subject::tags();
    document["x-rate-limits"] = rate_limits();
    operation::complete_all(&mut document["paths"]);
    example::fill_in(&mut document);
    document["components"]["responses"] = errors::components();
    document["components"]["securitySchemes"] = security_schemes();
    Ok(document)
}

/// The document as text. It never changes while the server runs.
static TEXT: LazyLock<Result<String, serde_json::Error>> =
    LazyLock::new(|| serde_json::to_string_pretty(&document()?));

/// `GET /v1/openapi.json`, without a key.
pub(crate) async fn read_openapi() -> Response {
    match TEXT.as_deref() {
        Ok(text) => ([(CONTENT_TYPE, JSON)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the API description could not be serialised");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
