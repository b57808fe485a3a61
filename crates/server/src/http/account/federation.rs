//! `/account/sign-in/{provider}`: on the way to another provider, and back.
//!
//! The way out is a link; the way back counts only in the browser that took it.
//! To connect a provider with an account takes a form of that account's.

mod connect;
mod enter;
mod pages;
mod section;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::Response;

use super::way_on::WayOn;
use super::{answer, see_other};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::rate_limit::{Budget, Door};
use crate::http::sender;
use crate::identity::session;
use crate::oidc::Form;
use crate::oidc::federation::attempt::{self, Attempt};
use crate::oidc::federation::{Provider, ProviderError};

pub(super) use connect::{page as connection, submit as connect};
pub(super) use section::section;

/// The cookie of an attempt.
const ATTEMPT: &str = "parlor_federation";

/// `GET /account/sign-in/{provider}`: out.
pub(super) async fn begin(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: Parts,
) -> Response {
    answer(out(&state, &name, &request).await)
}

async fn out(state: &AppState, name: &str, request: &Parts) -> Result<Response, Failure> {
    if let Some(refused) = too_many(state, request) {
        return Ok(refused);
    }
    let Some(provider) = state.federation.find(name) else {
        return Ok(pages::no_such_provider());
    };
    let Ok(query) = Form::of_query(request.uri.query()) else {
        return Ok(pages::no_such_provider());
    };
    let way = WayOn::of(query.get("continue"));
    let attempt = Attempt::begin(name, None, way.as_str(), state.now())?;
    Ok(send_out(state, provider, &attempt, query.get("again").is_some()).await)
}

/// Sends a browser to the provider, with the cookie that brings it back.
async fn send_out(
    state: &AppState,
    provider: &Provider,
    attempt: &Attempt,
    again: bool,
) -> Response {
    match provider.way_out(attempt, &state.issuer(), again, state.now()).await {
        Ok(location) => {
            let life = Some(attempt::LIFE_SECONDS);
            let cookie = session::set_cookie(state, ATTEMPT, attempt.cookie(), life);
            let mut response = see_other(&location);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response.headers_mut().append(SET_COOKIE, cookie);
            response
        }
        Err(error) => failed(provider, &error),
    }
}

/// `GET /account/sign-in/{provider}/callback`: back.
pub(super) async fn callback(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: Parts,
) -> Response {
    answer(back(&state, &name, &request).await)
}

async fn back(state: &AppState, name: &str, request: &Parts) -> Result<Response, Failure> {
    if let Some(refused) = too_many(state, request) {
        return Ok(refused);
    }
    let Some(provider) = state.federation.find(name) else {
        return Ok(pages::no_such_provider());
    };
    let Some((attempt, query)) = open_attempt(state, name, request) else {
        return Ok(pages::not_begun_here());
    };
    let mut response = answered(state, provider, &attempt, &query, request).await?;
    // Whatever came of it, the attempt is over.
    let gone = session::set_cookie(state, ATTEMPT, "", Some(0));
    response.headers_mut().append(SET_COOKIE, gone);
    Ok(response)
}

/// The attempt that this browser made and this answer belongs to.
fn open_attempt(state: &AppState, name: &str, request: &Parts) -> Option<(Attempt, Form)> {
    let query = Form::of_query(request.uri.query()).ok()?;
    let cookie = session::cookie_of(state, &request.headers, ATTEMPT)?;
    let attempt = Attempt::read(cookie, state.now())?;
    let is_own = attempt.provider == name && attempt.is_answered_by(query.get("state")?);
    is_own.then_some((attempt, query))
}

async fn answered(
    state: &AppState,
    provider: &Provider,
    attempt: &Attempt,
    query: &Form,
    request: &Parts,
) -> Result<Response, Failure> {
    match provider.may_have_answered(query.get("iss"), state.now()).await {
        Ok(true) => {}
        Ok(false) => return Ok(pages::not_begun_here()),
        Err(error) => return Ok(failed(provider, &error)),
    }
    let Some(code) = query.get("code") else {
        let word = query.get("error").unwrap_or_default();
        if word != "access_denied" {
            let word: String = word.chars().filter(char::is_ascii_graphic).take(60).collect();
            tracing::warn!(
                provider = provider.settings().name,
                error = word,
                "an identity provider refused a sign-in"
            );
        }
        return Ok(pages::refused_there(provider.settings(), attempt));
    };
    match provider.exchange(attempt, code, &state.issuer(), state.now()).await {
        Ok(vouched) => enter::enter(state, provider, attempt, &vouched, request).await,
        Err(error) => Ok(failed(provider, &error)),
    }
}

fn failed(provider: &Provider, error: &ProviderError) -> Response {
    let name = &provider.settings().name;
    tracing::warn!(provider = name, %error, "an identity provider cannot be used");
    pages::unusable(provider.settings())
}

/// The refusal of a request too many. They are counted like those of `/oauth`:
/// each may cost one to a provider.
fn too_many(state: &AppState, request: &Parts) -> Option<Response> {
    let budget = sender::budget(state, Door::Oauth, &request.extensions, &request.headers);
    let error = budget.map(Budget::admit)?.err()?;
    Some(pages::too_many(&error.info))
}
