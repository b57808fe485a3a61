//! Signing in with a passkey: the two requests that the sign-in page's script
//! makes. They carry the value of the page, and answer JSON.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderMap, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::rest::body::parse_object;
use parlor_store::audit::AuditActor;
use parlor_store::users;
use serde_json::{Map, Value, json};

use super::By;
use super::form::is_from_here;
use super::sign_in::{wait_text, whence};
use super::way_on::WayOn;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::error::{Refusal, api_error, json as json_answer};
use crate::http::extract::read_body;
use crate::http::sender;
use crate::identity::audit::{self, Entry};
use crate::identity::passkeys;
use crate::identity::session::{self, Proof, Visit};

/// Carries the value of the page; no other site can make a browser send it.
const CSRF: HeaderName = HeaderName::from_static("x-csrf");

/// `POST /account/sign-in/passkey/begin`.
pub(super) async fn begin(State(state): State<AppState>, request: Request) -> Response {
    // Looked at first: other sites can have somebody's browser send this, and use
    // up what their network may try.
    let browser = match browser(&state, request.headers()) {
        Ok(browser) => browser,
        Err(failure) => return Refusal::from(failure).into_response(),
    };
    let address = sender::address(&state, &request);
    // Each one is kept until it is over: so they are counted like passwords.
    if let Err(seconds) = state.sign_ins.count_from(address, state.now()) {
        let info = format!("too many tries: try again in {}", wait_text(seconds));
        let mut refused = api_error(&ApiError::new(ErrorKind::RateLimit, info));
        refused.headers_mut().insert(RETRY_AFTER, seconds.into());
        return refused;
    }
    json_of(begun(&state, &browser))
}

fn begun(state: &AppState, browser: &str) -> Result<Value, Failure> {
    let begun = passkeys::begin_sign_in(state, browser)?;
    Ok(json!({ "ceremony": begun.ceremony, "options": begun.options }))
}

/// `POST /account/sign-in/passkey/finish`.
pub(super) async fn finish(State(state): State<AppState>, request: Request) -> Response {
    match signed_in(&state, request).await {
        Ok(response) => response,
        Err(failure) => Refusal::from(failure).into_response(),
    }
}

async fn signed_in(state: &AppState, request: Request) -> Result<Response, Failure> {
    let whence = whence(request.headers(), sender::address(state, &request));
    let origin = audit::origin(state, request.extensions(), request.headers());
    let browser = browser(state, request.headers())?;
    let mut sent = object(state, request).await?;
    let credential = sent.remove("credential").unwrap_or_default();
    let answered = passkeys::answered(state, &browser, said(&sent, "ceremony"))?;
    let held = match passkeys::finish_sign_in(state, answered, credential).await {
        Ok(held) => held,
        Err(failure) => {
            let intent = audit::intend(state, login((AuditActor::default(), origin))).await?;
            intent.done(StatusCode::FORBIDDEN.as_u16(), Some(&failure.to_string())).await;
            return Err(failure);
        }
    };
    let found = state.cx.store.read(|c| users::find(c, held.user))?;
    let actor = found.as_ref().map(audit::person).unwrap_or_default();
    let intent = audit::intend(state, login((actor, origin))).await?;
    let begun = session::begin(state, held.user, Proof::Passkey(held.id), whence).await?;
    let Some(cookie) = begun else {
        let refused = passkeys::unknown();
        intent.done(StatusCode::FORBIDDEN.as_u16(), Some(&refused.to_string())).await;
        return Err(refused.into());
    };
    intent.done(200, None).await;
    let way = WayOn::of(Some(said(&sent, "continue")));
    let mut response = json_of(Ok(json!({ "location": way.as_str() })));
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// For the audit log.
fn login(by: By) -> Entry {
    Entry::new(by, None, AuditAction::Login, (AuditTarget::Session, "")).with("method", "passkey")
}

/// Which browser asks, by the value of its page.
fn browser(state: &AppState, headers: &HeaderMap) -> Result<String, Failure> {
    let presented = csrf_of(headers);
    let visit = Visit::of(state, headers)?;
    if is_from_here(headers) && visit.csrf_matches(presented) {
        Ok(visit.csrf().to_owned())
    } else {
        Err(stale().into())
    }
}

/// What a request of the script carries beside its body.
pub(super) fn csrf_of(headers: &HeaderMap) -> &str {
    headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What is said of a page that this browser was not given.
pub(super) fn stale() -> ApiError {
    let info = "this page was open for too long, or cookies are off: load it again";
    ApiError::new(ErrorKind::Forbidden, info.to_owned())
}

/// The body of a request of the script.
pub(super) async fn object(
    state: &AppState,
    request: Request,
) -> Result<Map<String, Value>, Failure> {
    let bytes = read_body(request, &state.cx.settings.limits).await?;
    Ok(parse_object(&bytes)?)
}

/// A text of it; empty where there is none.
pub(super) fn said<'a>(sent: &'a Map<String, Value>, name: &str) -> &'a str {
    sent.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// An answer to the script, kept by nobody.
pub(super) fn json_of(outcome: Result<Value, Failure>) -> Response {
    match outcome {
        Ok(body) => {
            let mut response = json_answer(StatusCode::OK, &body);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(failure) => Refusal::from(failure).into_response(),
    }
}
