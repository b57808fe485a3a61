//! The start page at `/`: what this is, and the first two commands.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::cx::AppState;
use crate::http::pages::page_headers;

/// Shown instead of the pages that were not built.
pub(crate) const NOT_BUILT: &str = include_str!("../../../assets/not-built.html");

const PAGE: &str = include_str!("../../../assets/start.html");
const TOKENS: &str = include_str!("../../../../../web/packages/ui/src/tokens.css");
const STYLE: &str = include_str!("../../../assets/start.css");

pub(super) async fn page(State(state): State<AppState>) -> Response {
    let page = PAGE.replace("{origin}", &escaped(&state.origin().own()));
    let mut response = Response::new(Body::from(page));
    page_headers(&state, response.headers_mut());
    response
}

pub(super) async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (headers, [TOKENS, STYLE].concat())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
