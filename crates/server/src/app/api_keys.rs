//! API keys: made, listed, rotated and deleted by those who may.
//!
//! Whoever administers an organization sees all its keys, anybody else their
//! own. A key made at the server's machine belongs to nobody's account; what
//! it makes in turn does not either.

use std::sync::Arc;

use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::id::{ApiKeyId, OrgId, UserId};
use parlor_model::identity::api_key::{
    ApiKeyItem, CreateApiKey, NewApiKeyValue, OPERATOR, RotateApiKey, masked, parse_change,
};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermission::AdminOrganization;
use parlor_model::time::UnixMillis;
use parlor_store::api_keys::{ApiKey, NewApiKey};
use parlor_store::key::KeyValue;
use parlor_store::{StoreError, Unique};
use serde_json::{Map, Value};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::{Caller, Who};
use crate::random;

/// Makes a key. Nobody gives more than they hold: a key that ends, or is held to
/// limits, passes both on.
pub(crate) async fn create(
    state: &AppState,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Result<NewApiKeyValue, Failure> {
    let request = CreateApiKey::parse(body, state.now())?;
    caller.may_give(&request.permissions)?;
    let further_orgs = further(state, caller, &request)?;
    let value = KeyValue::generate()?;
    let new = NewApiKey {
        id: ApiKeyId::from_random(random::bytes()?),
        org_id: caller.org(),
        user_id: caller.who.user(),
        further_orgs,
        name: request.name.clone(),
        permissions: request.permissions,
        created_at: state.now(),
        expires_at: end_of(caller, request.expires_at)?,
        limits: request.limits.narrowed_by(caller.own_limits()),
    };
    match state.cx.store.api_keys().create(new, &value).await {
        Ok(key) => Ok(shown_once(&key, &value)),
        Err(error) => Err(not_made(error, &request.name)),
    }
}

/// When a key that is asked for ends: with the one that makes it, at the latest.
fn end_of(caller: &Caller, asked: Option<UnixMillis>) -> Result<Option<UnixMillis>, ApiError> {
    match (caller.ends_at(), asked) {
        (Some(end), Some(asked)) if asked > end => {
            let end = end.to_iso8601();
            let info =
                format!("the key of this request ends at {end}: what it makes ends then, too");
            Err(ApiError::forbidden(&info))
        }
        (end, asked) => Ok(asked.or(end)),
    }
}

/// The organizations that a key is to be granted beside the caller's. What
/// nobody may give in one of them is not given in any.
fn further(
    state: &AppState,
    caller: &Caller,
    request: &CreateApiKey,
) -> Result<Vec<OrgId>, Failure> {
    let mut further = request.organizations.clone();
    further.retain(|org| *org != caller.org());
    for org in &further {
        let there = Caller::in_organization(state, caller.who.clone(), *org)?;
        there.may_give(&request.permissions)?;
    }
    Ok(further)
}

/// The keys that the caller may see, last used first, expired ones included.
pub(crate) fn list(state: &AppState, caller: &Caller) -> Vec<ApiKeyItem> {
    let keys = visible(state, caller);
    keys.iter().map(|key| item(key, state.now())).collect()
}

/// One key: the caller's own of that name, or the only one they may see.
pub(crate) fn read(state: &AppState, caller: &Caller, name: &str) -> Result<ApiKeyItem, Failure> {
    let key = find(state, caller, name)?;
    Ok(item(&key, state.now()))
}

/// The key that the request itself carries.
pub(crate) fn current(state: &AppState, key: &ApiKey) -> ApiKeyItem {
    item(key, state.now())
}

/// Deletes a key. It is refused at once.
pub(crate) async fn delete(state: &AppState, caller: &Caller, name: &str) -> Result<(), Failure> {
    let key = find(state, caller, name)?;
    may_end(caller, &key)?;
    revoke(state, &key).await
}

/// Deletes the key of somebody: one's own, or, for who administers the
/// organization, anybody's. `user` is an id, or `operator`.
pub(crate) async fn delete_of_user(
    state: &AppState,
    caller: &Caller,
    user: &str,
    name: &str,
) -> Result<(), Failure> {
    let not_found = || ApiError::api_key_not_found(name);
    let owner = match user {
        OPERATOR => None,
        user => Some(user.parse::<UserId>().map_err(|_| not_found())?),
    };
    if owner != caller.who.user() {
        caller.demand(AdminOrganization)?;
    }
    let key = state.cx.store.api_keys().find_by_name(caller.org(), owner, name);
    let key = key.ok_or_else(not_found)?;
    may_end(caller, &key)?;
    revoke(state, &key).await
}

/// Gives a key a successor of the same name and permissions. The old one works
/// on for the overlap, under another name.
pub(crate) async fn rotate(
    state: &AppState,
    caller: &Caller,
    name: &str,
    body: &Map<String, Value>,
) -> Result<NewApiKeyValue, Failure> {
    let now = state.now();
    let request = RotateApiKey::parse(body)?;
    let key = find(state, caller, name)?;
    may_hold(state, caller, &key)?;
    if !key.is_active(now) {
        let info = "the key has expired: make a new one, which may have the same name once this one is deleted";
        return Err(ApiError::new(ErrorKind::InvalidRequest, info).into());
    }
    let successor = NewApiKey {
        id: ApiKeyId::from_random(random::bytes()?),
        org_id: key.org_id,
        user_id: key.user_id,
        further_orgs: key.further_orgs.clone(),
        name: key.name.clone(),
        permissions: key.permissions.clone(),
        created_at: now,
        expires_at: key.expires_at,
        limits: key.limits,
    };
    let value = KeyValue::generate()?;
    let ends = now.plus_seconds(request.overlap_seconds);
    match state.cx.store.api_keys().rotate(&key, successor, &value, ends).await? {
        Some(successor) => Ok(shown_once(&successor, &value)),
        None => Err(ApiError::api_key_not_found(name).into()),
    }
}

/// Changes what a key is held to beside its organization. What names no limit
/// stays as it is.
pub(crate) async fn change_limits(
    state: &AppState,
    caller: &Caller,
    name: &str,
    body: &Map<String, Value>,
) -> Result<ApiKeyItem, Failure> {
    let wanted = parse_change(body)?;
    let key = find(state, caller, name)?;
    may_hold(state, caller, &key)?;
    if !caller.own_limits().is_empty() {
        // Else a key could lift its own.
        let info = "this API key is held to limits: change them with one that is not, or signed in";
        return Err(ApiError::forbidden(info).into());
    }
    let change = move |limits: &mut UsageLimits| Ok::<_, Failure>(limits.change_of_key(&wanted)?);
    match state.cx.store.api_keys().change_limits(&key, change).await? {
        Some(changed) => Ok(item(&changed, state.now())),
        None => Err(ApiError::api_key_not_found(name).into()),
    }
}

/// Whether the caller may be given a key's value: they hold what it holds, in
/// each organization that it was granted, for as long, and are held to no less.
fn may_hold(state: &AppState, caller: &Caller, key: &ApiKey) -> Result<(), Failure> {
    caller.may_give(&key.permissions)?;
    let outlives = |end: UnixMillis| key.expires_at.is_none_or(|at| at > end);
    let is_freer = key.limits.narrowed_by(caller.own_limits()) != key.limits;
    if caller.ends_at().is_some_and(outlives) || is_freer {
        let info = "the key of this request ends sooner than that one, or is held to limits that \
                    it is not: rotate it with a key that is as free, or signed in";
        return Err(ApiError::forbidden(info).into());
    }
    for org in key.orgs().filter(|org| *org != caller.org()) {
        let there = Caller::in_organization(state, caller.who.clone(), org)?;
        there.may_give(&key.permissions)?;
    }
    Ok(())
}

/// A key ends itself, and others that hold no more than it does. People end all
/// of theirs.
fn may_end(caller: &Caller, key: &ApiKey) -> Result<(), ApiError> {
    match &caller.who {
        Who::Key(own) if own.id != key.id => caller.may_give(&key.permissions),
        _ => Ok(()),
    }
}

async fn revoke(state: &AppState, key: &Arc<ApiKey>) -> Result<(), Failure> {
    match state.cx.store.api_keys().revoke(key, state.now()).await? {
        true => Ok(()),
        // Somebody else was faster.
        false => Err(ApiError::api_key_not_found(&key.name).into()),
    }
}

fn visible(state: &AppState, caller: &Caller) -> Vec<Arc<ApiKey>> {
    let mut keys = state.cx.store.api_keys().list(caller.org());
    if !caller.administers() {
        keys.retain(|key| key.user_id == caller.who.user());
    }
    keys
}

fn find(state: &AppState, caller: &Caller, name: &str) -> Result<Arc<ApiKey>, ApiError> {
    let own = state.cx.store.api_keys().find_by_name(caller.org(), caller.who.user(), name);
    if let Some(own) = own {
        return Ok(own);
    }
    // A key that another organization shares with this one is that one's.
    let is_meant = |key: &Arc<ApiKey>| key.org_id == caller.org() && key.name == name;
    let mut others = visible(state, caller).into_iter().filter(is_meant);
    match (others.next(), others.next()) {
        (None, _) => Err(ApiError::api_key_not_found(name)),
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(ApiError::api_key_ambiguous(name)),
    }
}

fn not_made(error: StoreError, name: &str) -> Failure {
    match error {
        StoreError::Conflict(Unique::ApiKeyName) => ApiError::api_key_exists(name).into(),
        // They did when they came to the door.
        StoreError::KeyBeyondOwner => {
            let info = "you do not hold what the key is to hold any more";
            ApiError::forbidden(info).into()
        }
        error => error.into(),
    }
}

/// A key as lists show it.
#[must_use]
pub fn item(key: &ApiKey, now: UnixMillis) -> ApiKeyItem {
    ApiKeyItem {
        name: key.name.clone(),
        value: masked(&key.display.prefix, &key.display.suffix),
        created_at: key.created_at.to_iso8601(),
        permissions: key.permissions.clone(),
        last_used_at: key.last_used_at().map(UnixMillis::to_iso8601),
        expires_at: key.expires_at.map(UnixMillis::to_iso8601),
        user_id: key.user_id.map_or_else(|| OPERATOR.to_owned(), |user| user.to_string()),
        organization_id: key.org_id,
        organization_ids: key.orgs().collect(),
        active: key.is_active(now),
        limits: key.limits,
    }
}

/// A new key as it is shown, once.
#[must_use]
pub fn shown_once(key: &ApiKey, value: &KeyValue) -> NewApiKeyValue {
    NewApiKeyValue {
        name: key.name.clone(),
        value: value.expose().to_owned(),
        created_at: key.created_at.to_iso8601(),
        permissions: key.permissions.clone(),
        expires_at: key.expires_at.map(UnixMillis::to_iso8601),
    }
}
