//! The OpenAPI document, made of the handlers' own descriptions and the
//! property table.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use parlor_model::error::ErrorBody;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{RefOr, Required};
use utoipa::{IntoResponses, Modify, OpenApi};

use crate::http::error::JSON;
use crate::http::{domain, meeting_tokens, presence, rooms};

/// The answers that every operation may give besides its own.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the derive never reads the fields")]
pub(crate) enum Errors {
    /// The request is not as it should be, or cannot be carried out.
    #[response(status = 400)]
    BadRequest(ErrorBody),
    /// The API key is not valid.
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// The API key lacks a permission; `info` names it.
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// There is no such thing in this domain.
    #[response(status = 404)]
    NotFound(ErrorBody),
    /// Too many requests; `Retry-After` says how many seconds to wait.
    #[response(status = 429)]
    TooManyRequests(ErrorBody),
    /// The server failed, or lacks a resource at the moment (503).
    #[response(status = "5XX")]
    Server(ErrorBody),
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlor",
        description = "Rooms and meeting tokens for video calls, compatible with Daily's REST API.",
    ),
    servers((url = "/v1")),
    paths(
        rooms::list_rooms,
        rooms::create_room,
        rooms::read_room,
        rooms::update_room,
        rooms::delete_room,
        presence::list_room_presence,
        presence::list_presence,
        meeting_tokens::create_meeting_token,
        meeting_tokens::read_meeting_token,
        domain::read_domain,
        domain::update_domain,
    ),
    components(schemas(ErrorBody)),
    security(("api_key" = [])),
    modifiers(&ApiKey, &OptionalBodies),
)]
struct Document;

/// How callers show who they are.
struct ApiKey;

impl Modify for ApiKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("api_key", bearer);
    }
}

/// Every field of every body is optional, and so is the body.
struct OptionalBodies;

impl Modify for OptionalBodies {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let posts = document.paths.paths.values_mut().filter_map(|path| path.post.as_mut());
        for body in posts.filter_map(|post| post.request_body.as_mut()) {
            if let RefOr::T(body) = body {
                body.required = Some(Required::False);
            }
        }
    }
}

/// The OpenAPI 3.1 document of the REST API.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document as text. It never changes while the server runs.
static TEXT: LazyLock<Result<String, serde_json::Error>> =
    LazyLock::new(|| document().to_pretty_json());

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
