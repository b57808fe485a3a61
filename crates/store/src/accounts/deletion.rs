//! Taking an account out of the records, and all that is its alone.

use parlor_model::id::{OrgId, UserId};
use parlor_model::identity::member::MemberRole;
use parlor_model::time::UnixMillis;
use thiserror::Error;

use super::remove_other_ways;
use crate::engine::Connection;
use crate::error::StoreError;
use crate::oauth::grants;
use crate::{members, orgs, sessions, users};

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

/// Deletes an account: its personal organization, its places in others, and
/// whatever opens it. `held` are the organizations it belongs to, as
/// [`crate::api_keys::Directory::with_change_of_people_in`] holds them: that
/// ends its keys.
///
/// # Errors
/// See [`NotDeleted`]; the transaction is to be undone then.
pub fn delete(
    connection: &mut dyn Connection,
    user: UserId,
    held: &[OrgId],
    now: UnixMillis,
) -> Result<(), NotDeleted> {
    let first = orgs::find_first(connection)?.map(|org| org.id);
    let mut left_to_nobody = Vec::new();
    for place in members::list_of_user(connection, user)? {
        let org = orgs::find(connection, place.org_id)?;
        let Some(org) = org.filter(|org| held.contains(&org.id)) else {
            return Err(NotDeleted::Joined);
        };
        if org.is_personal && org.created_by == Some(user) && Some(org.id) != first {
            orgs::delete(connection, org.id, now)?;
            continue;
        }
        members::remove(connection, org.id, user)?;
        if place.role == MemberRole::Owner && members::count_owners(connection, org.id)? == 0 {
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
    Ok(())
}
