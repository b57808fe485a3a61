//! What people call the thing that an entry of the audit log is about. Ids last
//! longer than what they stand for: without this, nobody who reads the log
//! later could tell whom somebody removed.

use parlor_model::id::OrgId;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::{invitations, members, roles, users};
use serde_json::{Map, Value};

use crate::cx::AppState;
use crate::failure::Failure;

/// Adds the address of a member or an invitation, or the name of a role that is
/// deleted, if it belongs to `org`: of others nobody learns anything here. It
/// takes the place of what a client sends under that name.
pub(super) fn add(
    state: &AppState,
    org: OrgId,
    (action, target): (AuditAction, AuditTarget),
    id: &str,
    metadata: &mut Map<String, Value>,
) -> Result<(), Failure> {
    let found = match target {
        AuditTarget::OrganizationUser => ("email", email_of_member(state, org, id)?),
        // One that is only being made has no id yet, but an address in the body.
        AuditTarget::OrganizationInvitation if action != AuditAction::Create => {
            ("email", email_of_invitation(state, org, id)?)
        }
        AuditTarget::OrganizationRole if action == AuditAction::Delete => {
            ("name", name_of_role(state, org, id)?)
        }
        _ => return Ok(()),
    };
    match found {
        (name, Some(value)) => metadata.insert(name.to_owned(), value.into()),
        (name, None) => metadata.remove(name),
    };
    Ok(())
}

fn email_of_member(state: &AppState, org: OrgId, id: &str) -> Result<Option<String>, Failure> {
    let Ok(id) = id.parse() else {
        return Ok(None);
    };
    let found = state.cx.store.read(|c| match members::find(c, org, id)? {
        Some(_) => users::find(c, id),
        None => Ok(None),
    })?;
    Ok(found.map(|user| String::from(user.email)))
}

fn email_of_invitation(state: &AppState, org: OrgId, id: &str) -> Result<Option<String>, Failure> {
    let Ok(id) = id.parse() else {
        return Ok(None);
    };
    let found = state.cx.store.read(|c| invitations::find(c, id))?;
    Ok(found.filter(|one| one.org_id == org).map(|one| String::from(one.email)))
}

fn name_of_role(state: &AppState, org: OrgId, id: &str) -> Result<Option<String>, Failure> {
    let Ok(id) = id.parse() else {
        return Ok(None);
    };
    Ok(state.cx.store.read(|c| roles::find(c, org, id))?.map(|role| role.name))
}
