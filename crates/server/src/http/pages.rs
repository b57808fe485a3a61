//! What browsers are given: the start page, the call page at every room's
//! address, the call machine, and their files.

mod room_address;
mod start;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use parlor_model::error::ApiError;
use percent_encoding::percent_decode_str;
use tower_http::compression::CompressionLayer;

use crate::app::join::{self, Doorway};
use crate::cx::AppState;
use crate::http::error::{Refusal, api_error, unknown_route};
use crate::http::files::{Freshness, WebFile};

use room_address::RoomAddress;

const BUNDLE: &str = "call-machine-object-bundle.js";
const CALL_PAGE: &str = "call-page/index.html";

/// Routes of files and of the start page. Room pages are the router's
/// fallback: see [`room_page`].
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(start::page))
        .route("/static/start.css", get(start::style))
        .route("/robots.txt", get(robots))
        .route("/static/{*path}", get(static_file))
        .route(
            "/call-machine/versioned/{version}/static/{file}",
            get(versioned_file),
        )
        .route(
            "/c.daily.co/call-machine/versioned/{version}/static/{file}",
            get(versioned_file),
        )
        .layer(CompressionLayer::new())
}

async fn robots() -> impl IntoResponse {
    "User-agent: *\nDisallow: /\n"
}

/// Files of the call page, and the bundle at its address without a version.
async fn static_file(Path(path): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    if path == BUNDLE {
        return bundle(&path, &headers);
    }
    let freshness = match path.starts_with("assets/") {
        true => Freshness::Immutable,
        false => Freshness::Revalidate,
    };
    let file = if path == "index.html" {
        None
    } else {
        WebFile::find(&format!("call-page/{path}"))
    };
    file.map_or_else(
        || api_error(&ApiError::unknown_route(uri.path())),
        |file| file.respond(&headers, freshness),
    )
}

/// The bundle as clients of any version ask for it: one text serves them all.
async fn versioned_file(Path((_, file)): Path<(String, String)>, headers: HeaderMap) -> Response {
    bundle(&file, &headers)
}

fn bundle(file: &str, headers: &HeaderMap) -> Response {
    match WebFile::find(&format!("call-machine/{file}")) {
        Some(bundle) => bundle.respond(headers, Freshness::Revalidate),
        None => api_error(&ApiError::unknown_route(&format!(
            "the call machine's {file} was not built (make build does it) and is"
        ))),
    }
}

/// Whatever no route claims: a room's page, or nothing.
pub(crate) async fn room_page(State(state): State<AppState>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let path = request.uri.path();
    let Some(address) = RoomAddress::of(path, state.origin()) else {
        return unknown_route(path, state.now());
    };
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return method_not_allowed(&request.method, path);
    }
    match doorway(&state, &address, &request).await {
        Ok(doorway) => call_page(status_of(doorway)),
        Err(refusal) => refusal.into_response(),
    }
}

async fn doorway(
    state: &AppState,
    address: &RoomAddress,
    request: &Parts,
) -> Result<Doorway, Refusal> {
    let org = state.org_of_host(&request.headers)?;
    let token = query_value(request.uri.query(), "t");
    Ok(join::look(state, org, &address.room, token.as_deref()).await?)
}

fn status_of(doorway: Doorway) -> StatusCode {
    match doorway {
        Doorway::Open => StatusCode::OK,
        Doorway::NoRoom => StatusCode::NOT_FOUND,
        Doorway::Expired => StatusCode::GONE,
        Doorway::Full => StatusCode::SERVICE_UNAVAILABLE,
        Doorway::Closed => StatusCode::FORBIDDEN,
    }
}

/// The same document whatever its status: the page itself asks to join, and
/// says to the person what the answer means.
fn call_page(status: StatusCode) -> Response {
    let body =
        WebFile::find(CALL_PAGE).map_or_else(|| Body::from(start::NOT_BUILT), WebFile::into_body);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    page_headers(response.headers_mut());
    response
}

/// What a page of ours may load and who may show it. Frames of any site may:
/// that is how apps embed calls.
pub(crate) fn page_headers(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &str); 6] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; \
             media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; \
             base-uri 'none'; form-action 'self'; frame-ancestors *",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=*, microphone=*, display-capture=*, autoplay=*, fullscreen=*",
        ),
        // A room's address may carry a meeting token.
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn method_not_allowed(method: &Method, path: &str) -> Response {
    let allowed = "GET,HEAD";
    let error = ApiError::method_not_allowed(method.as_str(), path, allowed);
    ([(ALLOW, allowed)], api_error(&error)).into_response()
}

fn query_value(query: Option<&str>, wanted: &str) -> Option<String> {
    query?.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let decoded = percent_decode_str(value).decode_utf8().ok()?;
        (name == wanted).then(|| decoded.into_owned())
    })
}
