//! The door of every REST operation: authentication, then the rate limit, then
//! the permission. The body and the resource come after, in the handler, so
//! that nobody learns of either without a key.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, HeaderMap, HeaderName, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::Response;
use parlor_model::error::ApiError;
use parlor_model::key_permission::KeyPermission;
use parlor_store::api_keys::ApiKey;

use crate::cx::AppState;
use crate::http::edge::BadAddress;
use crate::http::error::api_error;
use crate::http::rate_limit::{Budget, LimitClass};
use crate::http::request_log::Called;
use crate::http::watch::Watch;
use crate::identity::Caller;

/// What a route demands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) operation: &'static str,
    pub(crate) permission: KeyPermission,
    pub(crate) class: LimitClass,
}

/// The state of the guard of one route.
pub(crate) type Guarded = Arc<(AppState, Rule)>;

/// Lets a request through to its handler with its [`Caller`], or refuses it.
pub(crate) async fn guard(
    State(guarded): State<Guarded>,
    request: Request,
    next: Next,
) -> Response {
    let (state, rule) = guarded.as_ref();
    let key = match authenticate(state, request.headers()) {
        Ok(key) => key,
        Err(error) => return api_error(&error),
    };
    let called = Called { operation: rule.operation, key: key.id, org: key.org_id };
    let budget = budget(state, &key, rule.class);
    let (request, watch) = Watch::on(state, &key, request);
    let mut response = match admit(budget, &key, rule.permission) {
        Ok(()) => pass(request, Caller { key }, next).await,
        Err(error) => api_error(&error),
    };
    if let Some(budget) = budget {
        say_budget(response.headers_mut(), budget);
    }
    called.note_on(&mut response);
    match watch {
        Some(watch) => watch.note(state, rule.operation, response).await,
        None => response,
    }
}

/// Unknown, revoked and expired keys get the same answer.
pub(crate) fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Arc<ApiKey>, ApiError> {
    let presented = bearer(headers)?;
    let keys = state.cx.store.api_keys();
    keys.authenticate(presented, state.now()).map_err(|_refusal| ApiError::invalid_api_key())
}

/// The key in the `Authorization` header. The scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let header = headers.get(AUTHORIZATION).ok_or_else(ApiError::missing_authorization_header)?;
    // A key brought along may be any text, not only ASCII.
    let text = std::str::from_utf8(header.as_bytes())
        .map_err(|_| ApiError::invalid_authorization_header())?;
    let (scheme, key) =
        text.trim().split_once(' ').ok_or_else(ApiError::invalid_authorization_header)?;
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
        return Err(ApiError::invalid_authorization_header());
    }
    Ok(key)
}

/// Counts the request; `None` where requests are not counted.
fn budget(state: &AppState, key: &ApiKey, class: LimitClass) -> Option<Budget> {
    let settings = &state.cx.settings;
    settings
        .has_rate_limits
        .then(|| state.by_key.check((key.id, class), settings.limits.rate.of(class), state.now()))
}

pub(crate) fn admit(
    budget: Option<Budget>,
    key: &ApiKey,
    permission: KeyPermission,
) -> Result<(), ApiError> {
    if let Some(budget) = budget {
        budget.admit()?;
    }
    if !key.permissions.allow(permission) {
        return Err(ApiError::missing_permission(permission.word()));
    }
    Ok(())
}

async fn pass(mut request: Request, caller: Caller, next: Next) -> Response {
    if request.extensions().get::<BadAddress>().is_some() {
        return api_error(&ApiError::bad_percent_encoding());
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Tells the caller where they stand, refused or not.
pub(crate) fn say_budget(headers: &mut HeaderMap, budget: Budget) {
    const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
    const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
    const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
    headers.insert(LIMIT, budget.limit.requests.into());
    headers.insert(REMAINING, budget.remaining.into());
    // Rounded up, so that waiting until then is enough.
    headers.insert(RESET, HeaderValue::from(budget.reset.plus_millis(999).as_seconds()));
    if let Some(seconds) = budget.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
}
