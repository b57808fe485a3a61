//! What browsers are given: the start page, the API reference, the call page at
//! every room's address, the call machine, and their files.

pub(crate) mod policy;
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
use crate::http::account;
use crate::http::error::{Refusal, api_error};
use crate::http::files::{Freshness, WebFile};
use crate::http::guard::say_budget;
use crate::http::rate_limit::{Budget, Door};
use crate::http::sender;

use room_address::RoomAddress;

pub(crate) use start::NOT_BUILT;

const BUNDLE: &str = "call-machine-object-bundle.js";
const CALL_PAGE: &str = "call-page/index.html";
const DOCS_PAGE: &str = "api-docs/index.html";

/// Routes of files and of the start page. Room pages are the router's
/// fallback: see [`room_page`].
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(start::page))
        .route("/docs", get(docs_page))
        .route("/static/start.css", get(start::style))
        .route("/robots.txt", get(robots))
        .route("/static/{*path}", get(static_file))
        .route("/call-machine/versioned/{version}/static/{file}", get(versioned_file))
        .route("/c.daily.co/call-machine/versioned/{version}/static/{file}", get(versioned_file))
        .layer(CompressionLayer::new())
}

async fn robots() -> impl IntoResponse {
    "User-agent: *\nDisallow: /\n"
}

/// The browsable description of the API: `/v1/openapi.json`, for people.
async fn docs_page(State(state): State<AppState>) -> Response {
    let mut response = Response::new(built_page(DOCS_PAGE));
    page_headers(&state, response.headers_mut());
    response
}

/// Files of the pages, and the bundle at its address without a version.
async fn static_file(Path(path): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    if path == BUNDLE {
        return bundle(&path, &headers);
    }
    let (page, name) = match path.strip_prefix("docs/") {
        Some(name) => ("api-docs", name),
        None => match path.strip_prefix("dashboard/") {
            Some(name) => ("dashboard", name),
            None => ("call-page", path.as_str()),
        },
    };
    let freshness = match name.starts_with("assets/") {
        true => Freshness::Immutable,
        false => Freshness::Revalidate,
    };
    let file = if name == "index.html" { None } else { WebFile::find(&format!("{page}/{name}")) };
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
    // People follow links there; what they read is a page.
    if path.starts_with("/account/") {
        return account::nothing_here(&state);
    }
    let Some(address) = RoomAddress::of(path, state.origin()) else {
        return api_error(&ApiError::unknown_route(path));
    };
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return method_not_allowed(&request.method, path);
    }
    let budget = sender::budget(&state, Door::Page, &request.extensions, &request.headers);
    let status = match budget.map(Budget::admit) {
        Some(Err(_)) => Ok(StatusCode::TOO_MANY_REQUESTS),
        _ => doorway(&state, &address, &request).await.map(status_of),
    };
    let mut response = match status {
        Ok(status) => {
            let mut page = call_page(&state, status);
            // An application that embeds the page says where it is itself.
            if let Some(embedder) = query_value(request.uri.query(), "embHref") {
                let policy = policy::for_frame(&state.page_policy, &embedder);
                page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            }
            page
        }
        Err(refusal) => refusal.into_response(),
    };
    if let Some(budget) = budget {
        say_budget(response.headers_mut(), budget);
    }
    response
}

async fn doorway(
    state: &AppState,
    address: &RoomAddress,
    request: &Parts,
) -> Result<Doorway, Refusal> {
    let Some(org) = state.org_of_host(&request.headers)? else {
        return Ok(Doorway::NoRoom);
    };
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
fn call_page(state: &AppState, status: StatusCode) -> Response {
    let mut response = Response::new(built_page(CALL_PAGE));
    *response.status_mut() = status;
    page_headers(state, response.headers_mut());
    response
}

fn built_page(path: &str) -> Body {
    WebFile::find(path).map_or_else(|| Body::from(NOT_BUILT), WebFile::into_body)
}

/// What a page of ours may load and who may show it. Frames of any site may:
/// that is how apps embed calls.
pub(crate) fn page_headers(state: &AppState, headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=*, microphone=*, display-capture=*, autoplay=*, fullscreen=*",
        ),
        // A room's address may carry a meeting token.
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    headers.insert(CONTENT_SECURITY_POLICY, state.page_policy.clone());
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
