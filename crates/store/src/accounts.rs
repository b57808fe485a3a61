//! A person's account and the organization that comes with it, in one step.

mod deletion;

use parlor_model::id::{OrgId, UserId};
use parlor_model::identity::Email;
use parlor_model::identity::member::MemberRole;
use parlor_model::time::UnixMillis;

use crate::engine::Connection;
use crate::error::StoreError;
use crate::members::{self, Member};
use crate::oauth::{consents, federation, grants};
use crate::orgs::{self, Org};
use crate::passkeys;
use crate::seal::MasterKey;
use crate::sessions;
use crate::users::{self, User};

pub use deletion::{Affected, NotDeleted, affected_by_deletion, delete};

/// Longest part of a personal organization's domain that is taken from the
/// address, in characters. With what follows it fits a DNS label of 63.
const MAX_SLUG: usize = 40;

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The account.
    pub user: User,
    /// Its personal organization, if it gets one of its own.
    pub personal: Org,
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Created {
    /// The account.
    pub user: UserId,
    /// Its personal organization.
    pub org: OrgId,
}

impl NewAccount {
    /// An account, and a personal organization under the id `org`.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system's random source fails.
    pub fn new(user: User, org: OrgId, master_key: &MasterKey) -> Result<Self, StoreError> {
        let domain = domain_of(&user.email, org);
        let mut personal = Org::new(org, &domain, user.created_at, master_key)?;
        personal.name = "Personal".to_owned();
        personal.is_personal = true;
        personal.created_by = Some(user.id);
        Ok(Self { user, personal })
    }
}

/// Makes an account and its personal organization.
///
/// # Errors
/// [`crate::Unique::UserEmail`] when the address has an account.
pub fn create(connection: &mut dyn Connection, new: &NewAccount) -> Result<Created, StoreError> {
    users::create(connection, &new.user)?;
    orgs::create(connection, &new.personal)?;
    own(connection, new, new.personal.id)
}

/// The same for an account that the server's operator makes. As long as nobody
/// owns the first organization, the one at the bare origin, that is the
/// account's: it counts as the personal one, so that nobody can delete it
/// either.
///
/// # Errors
/// The same.
pub fn create_by_operator(
    connection: &mut dyn Connection,
    new: &NewAccount,
) -> Result<Created, StoreError> {
    let Some(mut first) = unowned_first(connection)? else {
        return create(connection, new);
    };
    users::create(connection, &new.user)?;
    first.is_personal = true;
    first.created_by = Some(new.user.id);
    first.updated_at = new.user.created_at;
    orgs::update(connection, &first)?;
    own(connection, new, first.id)
}

fn own(
    connection: &mut dyn Connection,
    new: &NewAccount,
    org: OrgId,
) -> Result<Created, StoreError> {
    let user = new.user.id;
    members::add(connection, &owner(org, user, new.user.created_at))?;
    Ok(Created { user, org })
}

/// The first organization, if it is there and nobody owns it.
///
/// # Errors
/// The engine's.
pub fn unowned_first(connection: &mut dyn Connection) -> Result<Option<Org>, StoreError> {
    let Some(first) = orgs::find_first(connection)? else {
        return Ok(None);
    };
    let owners = members::count_owners(connection, first.id)?;
    Ok(Some(first).filter(|_| owners == 0))
}

/// Gives an account another password, and ends its sessions and all that it let
/// applications do: whoever had learned the one before, or a cookie, is out.
/// `false` when there is no such account.
///
/// # Errors
/// The engine's.
pub fn replace_password(
    connection: &mut dyn Connection,
    user: UserId,
    hash: &str,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    if !users::set_password_hash(connection, user, Some(hash), now)? {
        return Ok(false);
    }
    sessions::revoke_all_of_user(connection, user)?;
    grants::revoke_all_of_user(connection, user, now)?;
    Ok(true)
}

/// What let somebody into an account beside its password: how many there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherWays {
    /// Passkeys.
    pub passkeys: u64,
    /// Links to other providers.
    pub links: u64,
}

/// Removes every way into an account but its password, and what was agreed to
/// for applications: for an account that passes to somebody else. What was begun
/// before goes on; [`replace_password`] ends it.
///
/// # Errors
/// The engine's.
pub fn remove_other_ways(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<OtherWays, StoreError> {
    consents::forget_all_of_user(connection, user)?;
    Ok(OtherWays {
        passkeys: passkeys::delete_all_of_user(connection, user)?,
        links: federation::unlink_all_of_user(connection, user)?,
    })
}

/// An owner's place in an organization.
#[must_use]
pub fn owner(org_id: OrgId, user_id: UserId, now: UnixMillis) -> Member {
    Member {
        org_id,
        user_id,
        role: MemberRole::Owner,
        role_ids: Vec::new(),
        created_at: now,
        updated_at: now,
    }
}

/// A domain name that is nobody's: what can be read of the address, and a part
/// of the organization's id.
fn domain_of(email: &Email, org: OrgId) -> String {
    domain_name(email.local_part(), org)
}

/// A domain name that is nobody's, for an organization that people call
/// `name`: one DNS label, of letters, digits and hyphens.
#[must_use]
pub fn domain_name(name: &str, org: OrgId) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= MAX_SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    let tail = &org.as_uuid().simple().to_string()[..12];
    if slug.is_empty() { format!("o-{tail}") } else { format!("{slug}-{tail}") }
}

#[cfg(test)]
mod tests {
    use parlor_model::id::OrgId;

    use super::domain_name;

    #[test]
    fn a_domain_name_is_one_label() {
        let org = OrgId::from_random([7; 16]);
        for (name, start) in
            [("ana", "ana-"), ("Ana María!", "ana-mar-a-"), ("…", "o-"), (&"x".repeat(200), "xxxx")]
        {
            let domain = domain_name(name, org);
            assert!(domain.starts_with(start), "{domain}");
            assert!(domain.len() <= 63, "{domain}");
            assert!(domain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{domain}");
        }
    }
}
