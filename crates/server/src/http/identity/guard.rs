//! The door of every operation of the identity face, in its order: credential,
//! organization, rate limit, permission. The body and the thing come after, in
//! the handler, so that nobody learns of either without a credential.

use std::sync::Arc;

use axum::RequestPartsExt as _;
use axum::extract::{RawPathParams, Request, State};
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, RETRY_AFTER};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::key_permission::KeyPermission;

use super::noting::pass_noted;
use super::router::{Credentials, IdentityRule, Need, Place};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::error::Refusal;
use crate::http::rate_limit::{Budget, Door, Limit};
use crate::http::request_log::Called;
use crate::http::sender;
use crate::identity::caller::Named;
use crate::identity::{Caller, Who};

/// The state of the guard of one route.
pub(super) type Guarded = Arc<(AppState, IdentityRule)>;

/// The path's variable that names an organization, on every route that has one.
const ORGANIZATION: &str = "organizationId";

/// Lets a request through to its handler with its [`Who`] and, where the route
/// is about an organization, its [`Caller`]; or refuses it.
pub(super) async fn guard(
    State(guarded): State<Guarded>,
    request: Request,
    next: Next,
) -> Response {
    let (state, rule) = guarded.as_ref();
    let (mut parts, body) = request.into_parts();
    let mut passed = Passed::default();
    let admitted = admit(state, rule, &mut parts, &mut passed).await;
    let mut response = match admitted {
        Ok(()) => pass_noted(state, rule, parts, body, next).await,
        Err(failure) => Refusal::from(failure).into_response(),
    };
    if let Some((door, budget)) = passed.budget {
        say_budget(response.headers_mut(), door, budget);
    }
    if let Some(called) = passed.called {
        called.note_on(&mut response);
    }
    response
}

/// What is known of a request by the time it is answered.
#[derive(Default)]
struct Passed {
    budget: Option<(Door, Budget)>,
    called: Option<Called>,
}

async fn admit(
    state: &AppState,
    rule: &IdentityRule,
    parts: &mut Parts,
    passed: &mut Passed,
) -> Result<(), Failure> {
    if rule.credentials == Credentials::None {
        return count_sender(state, Door::Anonymous, parts, passed);
    }
    let who = match Who::authenticate(state, &parts.headers).await {
        Ok(who) => who,
        Err(failure) => {
            if is_unauthorized(&failure) {
                count_sender(state, Door::FailedAuth, parts, passed)?;
            }
            return Err(failure);
        }
    };
    let Some(caller) = choose(state, rule, who.clone(), parts).await? else {
        return count_credential(state, &who, passed);
    };
    passed.called =
        Some(Called { operation: rule.operation, who: caller.who.id(), org: caller.org() });
    if state.cx.settings.has_rate_limits {
        count_caller(state, &caller, passed)?;
    }
    check_need(state, rule.need, &caller)?;
    parts.extensions.insert(caller);
    Ok(())
}

/// Puts the credential's holder into the request. The caller, where the
/// operation is about an organization.
async fn choose(
    state: &AppState,
    rule: &IdentityRule,
    who: Who,
    parts: &mut Parts,
) -> Result<Option<Caller>, Failure> {
    check_credential(rule.credentials, &who)?;
    parts.extensions.insert(who.clone());
    let organization = match rule.place {
        Place::None => return Ok(None),
        Place::Header => None,
        Place::Path => path_organization(parts).await,
    };
    let named = match &organization {
        Some(id) => Named::Path(id),
        None => Named::in_header(&parts.headers),
    };
    match Caller::choose(state, who.clone(), named) {
        // Whoever is an operator is so in the first organization: nobody needs
        // to choose.
        Err(Failure::Api(error))
            if rule.need == Need::Operator && error.kind == ErrorKind::InvalidRequest =>
        {
            Caller::in_organization(state, who, state.cx.settings.org)
                .map_err(|failure| match failure {
                    Failure::Api(_) => ApiError::operator_only().into(),
                    failure => failure,
                })
                .map(Some)
        }
        chosen => chosen.map(Some),
    }
}

/// The same decision once more, after a body that was long in coming: what the
/// caller held when they began may have been taken from them since.
pub(super) async fn admit_again(
    state: &AppState,
    rule: &IdentityRule,
    parts: &mut Parts,
) -> Result<(), Failure> {
    let who = Who::authenticate(state, &parts.headers).await?;
    if let Some(caller) = choose(state, rule, who, parts).await? {
        check_need(state, rule.need, &caller)?;
        parts.extensions.insert(caller);
    }
    Ok(())
}

/// Counts a request against the organization, and against the key where that
/// has a limit of its own. What the key's refuses costs the others nothing.
fn count_caller(state: &AppState, caller: &Caller, passed: &mut Passed) -> Result<(), Failure> {
    if own_limit(&caller.who).is_some() {
        count_credential(state, &caller.who, passed)?;
    }
    let of_org = state.known_limits.of(&state.cx.store, caller.org(), state.now())?;
    let limit = match of_org.authenticated_per_minute {
        Some(requests) => Limit::per_seconds(requests, 60),
        None => state.cx.settings.limits.rate.at(Door::Authenticated),
    };
    let budget = state.by_org.check(caller.org(), limit, state.now());
    // Of two limits the caller sees the one that is nearer.
    let is_nearer = |(_, own): &(Door, Budget)| budget.remaining < own.remaining;
    if budget.retry_after.is_some() || passed.budget.as_ref().is_none_or(is_nearer) {
        passed.budget = Some((Door::Authenticated, budget));
    }
    budget.admit().map_err(Failure::from)
}

/// Counts a request against the credential itself.
fn count_credential(state: &AppState, who: &Who, passed: &mut Passed) -> Result<(), Failure> {
    if !state.cx.settings.has_rate_limits {
        return Ok(());
    }
    let limit = own_limit(who).unwrap_or(state.cx.settings.limits.rate.at(Door::Authenticated));
    let budget = state.by_credential.check(who.id(), limit, state.now());
    passed.budget = Some((Door::Authenticated, budget));
    budget.admit().map_err(Failure::from)
}

/// What a key is held to beside its organization.
fn own_limit(who: &Who) -> Option<Limit> {
    let Who::Key(key) = who else {
        return None;
    };
    key.limits.authenticated_per_minute.map(|requests| Limit::per_seconds(requests, 60))
}

/// Counts a request without a good credential against its sender's address.
fn count_sender(
    state: &AppState,
    door: Door,
    parts: &Parts,
    passed: &mut Passed,
) -> Result<(), Failure> {
    if let Some(budget) = sender::budget(state, door, &parts.extensions, &parts.headers) {
        passed.budget = Some((door, budget));
        budget.admit()?;
    }
    Ok(())
}

fn is_unauthorized(failure: &Failure) -> bool {
    let Failure::Api(error) = failure else {
        return false;
    };
    matches!(error.kind, ErrorKind::Authentication | ErrorKind::AuthorizationHeader)
}

fn check_credential(wanted: Credentials, who: &Who) -> Result<(), ApiError> {
    match (wanted, who) {
        (Credentials::Key, Who::Person(_)) => Err(ApiError::key_only()),
        (Credentials::Person, Who::Key(_)) => Err(ApiError::person_only()),
        _ => Ok(()),
    }
}

fn check_need(state: &AppState, need: Need, caller: &Caller) -> Result<(), ApiError> {
    match need {
        Need::Membership => Ok(()),
        Need::Holds(permission) => caller.demand(permission),
        Need::OneOf(first, second) => match caller.permissions.allow(second) {
            true => Ok(()),
            false => caller.demand(first),
        },
        Need::KeyHolds(permission) => match &caller.who {
            Who::Key(_) => caller.demand(permission),
            Who::Person(_) => Ok(()),
        },
        Need::Operator => {
            caller.demand(KeyPermission::AdminOrganization)?;
            match caller.org() == state.cx.settings.org {
                true => Ok(()),
                false => Err(ApiError::operator_only()),
            }
        }
    }
}

/// The organization that the path names.
async fn path_organization(parts: &mut Parts) -> Option<String> {
    let params = parts.extract::<RawPathParams>().await.ok()?;
    params.iter().find(|(name, _)| *name == ORGANIZATION).map(|(_, value)| value.to_owned())
}

/// Tells the caller where they stand, refused or not. Each limit has headers
/// of its own.
fn say_budget(headers: &mut HeaderMap, door: Door, budget: Budget) {
    let Some(names) = header_names(door) else {
        return;
    };
    let [limit, remaining, reset] = names;
    headers.insert(limit, budget.limit.requests.into());
    headers.insert(remaining, budget.remaining.into());
    headers.insert(reset, budget.reset.plus_millis(999).as_seconds().into());
    if let Some(seconds) = budget.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
}

const fn header_names(door: Door) -> Option<[HeaderName; 3]> {
    match door {
        Door::Anonymous => Some([
            HeaderName::from_static("x-ratelimit-limit-anonymous"),
            HeaderName::from_static("x-ratelimit-remaining-anonymous"),
            HeaderName::from_static("x-ratelimit-reset-anonymous"),
        ]),
        Door::FailedAuth => Some([
            HeaderName::from_static("x-ratelimit-limit-failed-auth"),
            HeaderName::from_static("x-ratelimit-remaining-failed-auth"),
            HeaderName::from_static("x-ratelimit-reset-failed-auth"),
        ]),
        Door::Authenticated => Some([
            HeaderName::from_static("x-ratelimit-limit-authenticated"),
            HeaderName::from_static("x-ratelimit-remaining-authenticated"),
            HeaderName::from_static("x-ratelimit-reset-authenticated"),
        ]),
        _ => None,
    }
}
