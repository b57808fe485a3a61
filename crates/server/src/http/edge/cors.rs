//! Which addresses pages of other origins may read: the bundle, what the
//! bundle calls, and the API's description. Nothing that takes a key, since
//! keys do not belong in browsers, and never with credentials.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;

/// Any origin, without credentials. The only policy there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenPolicy;

/// The policy of a (normalised) path, if other origins may read it at all.
pub(super) fn policy_of(path: &str) -> Option<OpenPolicy> {
    let is_open = ["/_parlor/", "/call-machine/", "/c.daily.co/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
        || path == "/static/call-machine-object-bundle.js"
        || path == "/static/audio-processor-bundle.js"
        || path == "/v1/openapi.json"
        || path == "/api/v1/openapi.json"
        || path.starts_with("/.well-known/")
        || path == "/oauth/token"
        || path == "/oauth/userinfo";
    is_open.then_some(OpenPolicy)
}

impl OpenPolicy {
    /// The answer to a preflight; `None` for any other request.
    pub(super) fn preflight(self, request: &Request) -> Option<Response> {
        let is_preflight = request.method() == Method::OPTIONS
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        is_preflight.then(|| {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            let headers = response.headers_mut();
            headers.insert(
                ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET, HEAD, POST, OPTIONS"),
            );
            let allowed = match request.uri().path() {
                // The one place of these that takes a credential: a token that
                // the page was given itself.
                "/oauth/userinfo" => "authorization, content-type",
                _ => "content-type",
            };
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
            response
        })
    }

    /// Lets any origin read `response`.
    pub(super) fn apply(self, response: &mut Response) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}
