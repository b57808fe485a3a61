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

use crate::http::error::JSON;
use crate::http::rate_limit::{LimitClass, RateLimits};
use crate::http::{domain, live_actions, meeting_tokens, meetings, presence, rooms};

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
