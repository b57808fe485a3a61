//! The door of every REST operation: authentication, then the rate limit, then
//! the permission. The body and the resource come after, in the handler, so
//! that nobody learns of either without a key.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HeaderMap, HeaderName, RETRY_AFTER};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use parlor_model::error::ApiError;
use parlor_model::key_permission::KeyPermission;

use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::edge::{BadAddress, HasArrived};
use crate::http::error::{Refusal, api_error};
use crate::http::extract::read_body;
use crate::http::noting::{Deed, carry_out_rest};
use crate::http::rate_limit::{Budget, Limit, LimitClass};
use crate::http::request_log::Called;
use crate::http::watch::Watch;
use crate::identity::caller::Named;
use crate::identity::{Caller, Who};

/// What a route demands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) operation: &'static str,
    pub(crate) permission: KeyPermission,
    pub(crate) class: LimitClass,
    /// What stands of it in the audit log, if anything does.
    pub(crate) noted: Option<Deed>,
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
    let caller = match caller(state, request.headers()).await {
        Ok(caller) => caller,
        Err(failure) => return Refusal::from(failure).into_response(),
    };
    let called = Called { operation: rule.operation, who: caller.who.id(), org: caller.org() };
    let budget = budget(state, &caller, rule.class);
    let (request, watch) = Watch::on(state, &caller, request);
    let mut response = match admit(budget, &caller, rule.permission) {
        Ok(()) => pass_whole(state, rule, caller, request, next).await,
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

/// Counts the request; `None` where requests are not counted. The limits of the
/// organization and the key stand in for the server's own.
fn budget(state: &AppState, caller: &Caller, class: LimitClass) -> Option<Budget> {
    let settings = &state.cx.settings;
    if !settings.has_rate_limits {
        return None;
    }
    let mut limit = settings.limits.rate.of(class);
    if class == LimitClass::Standard {
        let own = state.limits_of(caller).requests_per_5s;
        limit = own.map_or(limit, |requests| Limit::per_seconds(requests, 5));
    }
    Some(state.by_caller.check((caller.who.id(), class), limit, state.now()))
}

pub(crate) fn admit(
    budget: Option<Budget>,
    caller: &Caller,
    permission: KeyPermission,
) -> Result<(), ApiError> {
    if let Some(budget) = budget {
        budget.admit()?;
    }
    caller.demand(permission)
}

async fn caller(state: &AppState, headers: &HeaderMap) -> Result<Caller, Failure> {
    let who = Who::authenticate(state, headers).await?;
    Caller::choose(state, who, Named::in_header(headers))
}

/// On to the handler. A body that is long in coming is waited for here, and the
/// caller looked at once more: what they held when they began may have been
/// taken from them since. What is noted is noted with all of its body.
async fn pass_whole(
    state: &AppState,
    rule: &Rule,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let is_late = is_outstanding(&request);
    if !is_late && rule.noted.is_none() {
        return pass(with_caller(request, caller), next).await;
    }
    let (mut parts, body) = request.into_parts();
    let whole = async {
        let request = Request::from_parts(parts.clone(), body);
        let bytes = read_body(request, &state.cx.settings.limits).await?;
        if !is_late {
            return Ok((caller, bytes));
        }
        let caller = self::caller(state, &parts.headers).await?;
        caller.demand(rule.permission)?;
        Ok::<_, Failure>((caller, bytes))
    };
    let (caller, bytes) = match whole.await {
        Ok(whole) => whole,
        Err(failure) => return Refusal::from(failure).into_response(),
    };
    parts.extensions.insert(caller.clone());
    match rule.noted {
        Some(deed) => {
            carry_out_rest(state, (rule.operation, deed), &caller, (parts, bytes), next).await
        }
        None => pass(Request::from_parts(parts, bytes.into()), next).await,
    }
}

/// Whether a body is still to come that a handler would wait for.
pub(crate) fn is_outstanding(request: &Request) -> bool {
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    !is_reading && request.extensions().get::<HasArrived>().is_none()
}

fn with_caller(mut request: Request, caller: Caller) -> Request {
    request.extensions_mut().insert(caller);
    request
}

/// On to the handler, unless the address cannot be read.
pub(crate) async fn pass(request: Request, next: Next) -> Response {
    if request.extensions().get::<BadAddress>().is_some() {
        return api_error(&ApiError::bad_percent_encoding());
    }
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
