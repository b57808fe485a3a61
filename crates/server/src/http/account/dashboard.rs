//! `/dashboard`: the page that npm built, for whoever is signed in.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::answer;
use super::way_on::WayOn;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::files::WebFile;
use crate::http::pages::NOT_BUILT;
use crate::identity::session::{self, SignedIn};

const PAGE: &str = "dashboard/index.html";

/// Where the page waits for the value that its requests to `/account/*` carry.
const EMPTY_CSRF: &str = r#"<meta name="csrf" content="">"#;

/// It holds API keys for a moment: scripts and styles of ours alone, and no
/// frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// `GET /dashboard` and below.
pub(super) async fn page(State(state): State<AppState>, headers: HeaderMap, uri: Uri) -> Response {
    answer(show(&state, &headers, &uri).await)
}

async fn show(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Result<Response, Failure> {
    Ok(match session::current(state, headers).await? {
        Some(signed_in) => built(&signed_in),
        None => {
            // What was filtered and chosen stands in the query.
            let asked = uri.path_and_query().map(PathAndQuery::as_str);
            Redirect::to(&WayOn::of(asked).by_sign_in()).into_response()
        }
    })
}

fn built(signed_in: &SignedIn) -> Response {
    let page = WebFile::find(PAGE).map_or_else(|| NOT_BUILT.to_owned(), WebFile::into_text);
    // The value is base64url, and nothing in it ends an attribute.
    let csrf = EMPTY_CSRF.replace(r#""""#, &format!(r#""{}""#, signed_in.csrf()));
    let mut response = Response::new(Body::from(page.replace(EMPTY_CSRF, &csrf)));
    let fixed: [(HeaderName, &str); 6] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
