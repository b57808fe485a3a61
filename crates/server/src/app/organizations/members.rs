//! Who belongs to an organization, and as what. Whoever loses a permission
//! loses the keys that hold it.

use parlor_model::error::ApiError;
use parlor_model::id::{OrgId, RoleId, UserId};
use parlor_model::identity::member::{Member, SetAccess};
use parlor_store::members::{self as records, Access};
use parlor_store::{Connection, roles};

use super::shown;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::Caller;

/// Everybody of the caller's organization, in the order in which they came.
pub(crate) fn list(state: &AppState, caller: &Caller) -> Result<Vec<Member>, Failure> {
    let found = state.cx.store.read(|c| records::list_of_org(c, caller.org()))?;
    let mut list = Vec::with_capacity(found.len());
    let show = if caller.administers() { shown::watched_member } else { shown::member };
    for member in &found {
        list.extend(show(state, member)?);
    }
    Ok(list)
}

/// Changes what somebody is. An organization keeps an owner.
pub(crate) async fn set_access(
    state: &AppState,
    caller: &Caller,
    user: &str,
    request: SetAccess,
) -> Result<Member, Failure> {
    let (org, now, id) = (caller.org(), state.now(), parse(user)?);
    let access = Access { role: request.role, role_ids: request.assigned_role_ids };
    let change = move |c: &mut dyn Connection| {
        if !records::set_access(c, org, id, &access, now)? {
            return Err(not_found(&id.to_string()).into());
        }
        check_roles(c, org, &access.role_ids)?;
        keeps_an_owner(c, org)?;
        records::find(c, org, id).map_err(Failure::from)
    };
    let member = state.cx.store.api_keys().with_change_of_people(org, now, change).await?;
    let shown = match member {
        Some(member) => shown::member(state, &member)?,
        None => None,
    };
    Ok(shown.ok_or_else(|| not_found(user))?)
}

/// Takes somebody out of the caller's organization, and their keys.
pub(crate) async fn remove(state: &AppState, caller: &Caller, user: &str) -> Result<(), Failure> {
    take_out(state, caller.org(), parse(user)?).await
}

/// Somebody goes of their own accord.
pub(crate) async fn leave(state: &AppState, caller: &Caller, user: UserId) -> Result<(), Failure> {
    let org = super::find(state, caller.org())?;
    if org.is_personal && org.created_by == Some(user) {
        let info = "nobody leaves their personal organization";
        return Err(ApiError::forbidden(info).into());
    }
    take_out(state, org.id, user).await
}

async fn take_out(state: &AppState, org: OrgId, user: UserId) -> Result<(), Failure> {
    let change = move |c: &mut dyn Connection| {
        if !records::remove(c, org, user)? {
            return Err(not_found(&user.to_string()).into());
        }
        keeps_an_owner(c, org)
    };
    state.cx.store.api_keys().with_change_of_people(org, state.now(), change).await
}

/// Undoes a change that leaves an organization to nobody.
fn keeps_an_owner(c: &mut dyn Connection, org: OrgId) -> Result<(), Failure> {
    match records::count_owners(c, org)? {
        0 => {
            let info = "the organization would have no owner: make somebody else one first";
            Err(ApiError::conflict(info).into())
        }
        _ => Ok(()),
    }
}

fn parse(user: &str) -> Result<UserId, ApiError> {
    user.parse().map_err(|_| not_found(user))
}

fn not_found(user: &str) -> ApiError {
    ApiError::not_found("member", user)
}

/// Refuses roles that there are not; 400 names the first.
pub(super) fn check_roles(
    c: &mut dyn Connection,
    org: OrgId,
    ids: &[RoleId],
) -> Result<(), Failure> {
    for id in ids {
        if roles::find(c, org, *id)?.is_none() {
            let value = id.to_string().into();
            let expectation = "ids of the organization's roles";
            return Err(ApiError::wrong_value("assignedRoleIds", &value, expectation).into());
        }
    }
    Ok(())
}
