//! Roles: what members may do. The built-in ones are everybody's and stay as
//! they are.

use parlor_model::error::ApiError;
use parlor_model::id::RoleId;
use parlor_model::identity::role::{Role, SaveRole, built_in};
use parlor_store::roles::{self as records, RoleContent};
use parlor_store::{Connection, StoreError, Unique};

use super::{checked_name, shown};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::Caller;
use crate::random;

/// Longest description of a role, in characters.
const MAX_DESCRIPTION_CHARS: usize = 1000;

/// The roles of the caller's organization, built-in ones first.
pub(crate) fn list(state: &AppState, caller: &Caller) -> Result<Vec<Role>, Failure> {
    let found = state.cx.store.read(|c| records::list(c, caller.org()))?;
    Ok(found.iter().map(shown::role).collect())
}

/// Makes a role. Nobody gives more than they hold.
pub(crate) async fn create(
    state: &AppState,
    caller: &Caller,
    request: SaveRole,
) -> Result<Role, Failure> {
    let content = checked(caller, request)?;
    let (org, now) = (caller.org(), state.now());
    let id = RoleId::from_random(random::bytes()?);
    let name = content.name.clone();
    let made = state.cx.store.write(move |c| records::create(c, org, id, &content, now)).await;
    Ok(shown::role(&made.map_err(|error| name_taken(error, &name))?))
}

/// Changes a role. Whoever loses by it loses the keys that hold more.
pub(crate) async fn update(
    state: &AppState,
    caller: &Caller,
    id: &str,
    request: SaveRole,
) -> Result<Role, Failure> {
    let content = checked(caller, request)?;
    let (org, now, role) = (caller.org(), state.now(), own(id)?);
    let name = content.name.clone();
    let change = move |c: &mut dyn Connection| records::update(c, org, role, &content, now);
    let changed = state.cx.store.api_keys().with_change_of_people(org, now, change).await;
    let changed = changed.map_err(|error| name_taken(error, &name))?;
    Ok(shown::role(&changed.ok_or_else(|| ApiError::not_found("role", id))?))
}

/// Deletes a role. Whoever had it loses what it gave, and the keys that hold it.
pub(crate) async fn delete(state: &AppState, caller: &Caller, id: &str) -> Result<(), Failure> {
    let (org, now, role) = (caller.org(), state.now(), own(id)?);
    let change = move |c: &mut dyn Connection| records::delete(c, org, role, now);
    match state.cx.store.api_keys().with_change_of_people(org, now, change).await? {
        true => Ok(()),
        false => Err(ApiError::not_found("role", id).into()),
    }
}

fn own(id: &str) -> Result<RoleId, ApiError> {
    let role: RoleId = id.parse().map_err(|_| ApiError::not_found("role", id))?;
    match built_in(role) {
        Some(_) => Err(ApiError::forbidden("a built-in role stays as it is")),
        None => Ok(role),
    }
}

fn checked(caller: &Caller, request: SaveRole) -> Result<RoleContent, ApiError> {
    let description = request.description.trim();
    if description.chars().count() > MAX_DESCRIPTION_CHARS {
        let expectation = format!("at most {MAX_DESCRIPTION_CHARS} characters");
        return Err(ApiError::wrong_value("description", &"…".into(), &expectation));
    }
    let content = RoleContent {
        name: checked_name(&request.name)?,
        description: description.to_owned(),
        permissions: request.permissions.into_iter().collect(),
    };
    caller.may_give(&content.permissions)?;
    Ok(content)
}

fn name_taken(error: StoreError, name: &str) -> Failure {
    match error {
        StoreError::Conflict(Unique::RoleName) => {
            ApiError::conflict(format!("a role named '{name}' exists already: choose another name"))
                .into()
        }
        error => error.into(),
    }
}
