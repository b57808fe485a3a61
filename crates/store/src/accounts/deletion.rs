//! Taking an account out of the records, and all that is its alone.

use parlor_model::id::{OrgId, RoomId, UserId};
use parlor_model::identity::member::MemberRole;
use parlor_model::time::UnixMillis;
use thiserror::Error;

use super::remove_other_ways;
use crate::engine::Connection;
use crate::error::StoreError;
use crate::oauth::grants;
use crate::orgs::{self, Org};
use crate::{members, rooms, sessions, users};

/// Why an account stays.
#[derive(Debug, Error)]
pub enum NotDeleted {
    /// Nobody else owns these organizations.
    #[error("nobody else owns {}", .0.join(", "))]
    LastOwner(Vec<String>),
    /// It came into another organization meanwhile.
    #[error("the account came into another organization meanwhile: try again")]
    Joined,
    /// The records refused.
    #[error("the account could not be deleted")]
    Store(#[from] StoreError),
}

/// An organization that changes when an account is deleted.
#[derive(Clone, Debug)]
pub struct Affected {
    /// The organization.
    pub org: Org,
    /// As what the account belongs to it.
    pub role: MemberRole,
    /// Whether it is deleted, too. Others only lose a member.
    pub goes_along: bool,
}

/// What [`delete`] would change.
///
/// # Errors
/// The engine's.
pub fn affected_by_deletion(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<Vec<Affected>, StoreError> {
    let first = orgs::find_first(connection)?.map(|org| org.id);
    let mut affected = Vec::new();
    for place in members::list_of_user(connection, user)? {
        // One that was deleted meanwhile has no members either.
        if let Some(org) = orgs::find(connection, place.org_id)? {
            let goes_along =
                org.is_personal && org.created_by == Some(user) && Some(org.id) != first;
            affected.push(Affected { org, role: place.role, goes_along });
        }
    }
    Ok(affected)
}

/// Deletes an account: its personal organization, its places in others, and
/// whatever opens it. `held` are the organizations it belongs to, as
/// [`crate::api_keys::Directory::with_change_of_people_in`] holds them: that
/// ends its keys. Returns the rooms of organizations that are gone: their calls
/// are the caller's to end.
///
/// # Errors
/// See [`NotDeleted`]; the transaction is to be undone then.
pub fn delete(
    connection: &mut dyn Connection,
    user: UserId,
    held: &[OrgId],
    now: UnixMillis,
) -> Result<Vec<RoomId>, NotDeleted> {
    let (mut left_to_nobody, mut without_org) = (Vec::new(), Vec::new());
    for Affected { org, role, goes_along } in affected_by_deletion(connection, user)? {
        if !held.contains(&org.id) {
            return Err(NotDeleted::Joined);
        }
        if goes_along {
            orgs::delete(connection, org.id, now)?;
            without_org.append(&mut rooms::ids_of_org(connection, org.id)?);
            continue;
        }
        members::remove(connection, org.id, user)?;
        if role == MemberRole::Owner && members::count_owners(connection, org.id)? == 0 {
            left_to_nobody.push(format!("'{}'", org.domain));
        }
    }
    if !left_to_nobody.is_empty() {
        return Err(NotDeleted::LastOwner(left_to_nobody));
    }
    remove_other_ways(connection, user)?;
    sessions::revoke_all_of_user(connection, user)?;
    grants::delete_all_of_user(connection, user)?;
    users::delete(connection, user)?;
    Ok(without_org)
}
