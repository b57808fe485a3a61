//! `POST /account/token`: an access token for a page of ours that somebody is
//! signed in to. So the API knows bearer credentials alone, and a cookie opens
//! nothing there.

use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use parlor_model::error::ApiError;
use serde_json::json;

use super::form::is_from_here;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::error::{Refusal, api_error, json};
use crate::identity::access_token::{self, NewToken};
use crate::identity::session;

/// Carries the value of the page; no other site can make a browser send it.
const CSRF: HeaderName = HeaderName::from_static("x-csrf");

/// Answers `{access_token, token_type, expires_in}`.
pub(super) async fn issue(State(state): State<AppState>, request: Request) -> Response {
    match try_issue(&state, request.headers()).await {
        Ok(response) => response,
        Err(failure) => Refusal::from(failure).into_response(),
    }
}

async fn try_issue(state: &AppState, headers: &HeaderMap) -> Result<Response, Failure> {
    let presented = headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed_in = session::current(state, headers).await?;
    let Some(signed_in) =
        signed_in.filter(|one| is_from_here(headers) && one.csrf_matches(state, presented))
    else {
        return Ok(api_error(&ApiError::session_ended()));
    };
    let order = NewToken::of_session(signed_in.user, signed_in.session);
    let issued = access_token::issue(state, &order).await?;
    let body = json!({
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
    });
    let mut response = json(StatusCode::OK, &body);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
