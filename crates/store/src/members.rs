//! Who belongs to which organization, and what they may do there.

use std::collections::BTreeSet;

use parlor_model::id::{OrgId, RoleId, UserId};
use parlor_model::identity::member::MemberRole;
use parlor_model::key_permission::KeyPermissions;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::roles;

/// Somebody in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where.
    pub org_id: OrgId,
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: MemberRole,
    /// The roles assigned, built-in ones among them.
    pub role_ids: Vec<RoleId>,
    /// Since when.
    pub created_at: UnixMillis,
    /// When this was last changed.
    pub updated_at: UnixMillis,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT org_id, user_id, role, role_ids, created_at, updated_at FROM org_members ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO org_members (org_id, user_id, role, role_ids, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    FIND = select!("WHERE org_id = $1 AND user_id = $2");
    LIST_OF_ORG = select!("WHERE org_id = $1 ORDER BY created_at, user_id");
    LIST_OF_USER = select!("WHERE user_id = $1 ORDER BY created_at, org_id");
    SET_ACCESS = "UPDATE org_members SET role = $1, role_ids = $2, updated_at = $3 \
        WHERE org_id = $4 AND user_id = $5";
    REMOVE = "DELETE FROM org_members WHERE org_id = $1 AND user_id = $2";
    REMOVE_ALL = "DELETE FROM org_members WHERE org_id = $1";
    COUNT_OWNERS = "SELECT COUNT(*) FROM org_members WHERE org_id = $1 AND role = 'owner'";
}

/// Adds somebody to an organization.
///
/// # Errors
/// [`Unique::Member`] when they belong to it already.
pub fn add(connection: &mut dyn Connection, member: &Member) -> Result<(), StoreError> {
    let role_ids = ids_to_text(&member.role_ids);
    let org_id = member.org_id.to_string();
    let user_id = member.user_id.to_string();
    let params = [
        org_id.as_str().into(),
        user_id.as_str().into(),
        member.role.as_str().into(),
        role_ids.as_str().into(),
        member.created_at.into(),
        member.updated_at.into(),
    ];
    match connection.execute(&INSERT, &params)? {
        0 => Err(StoreError::Conflict(Unique::Member)),
        _ => Ok(()),
    }
}

/// Somebody's place in an organization; `None`: they do not belong to it.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    org: OrgId,
    user: UserId,
) -> Result<Option<Member>, StoreError> {
    connection.find(&FIND, &[(&org.to_string()).into(), (&user.to_string()).into()], member)
}

/// Everybody in an organization, the first first.
///
/// # Errors
/// The engine's.
pub fn list_of_org(connection: &mut dyn Connection, org: OrgId) -> Result<Vec<Member>, StoreError> {
    connection.list(&LIST_OF_ORG, &[(&org.to_string()).into()], member)
}

/// Where somebody belongs, the first organization first.
///
/// # Errors
/// The engine's.
pub fn list_of_user(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<Vec<Member>, StoreError> {
    connection.list(&LIST_OF_USER, &[(&user.to_string()).into()], member)
}

/// How many owners an organization has.
///
/// # Errors
/// The engine's.
pub fn count_owners(connection: &mut dyn Connection, org: OrgId) -> Result<u64, StoreError> {
    let count = connection.find(&COUNT_OWNERS, &[(&org.to_string()).into()], |row| row.count(0))?;
    Ok(count.unwrap_or_default())
}

/// Changes what somebody is and which roles they hold. `false` when they do
/// not belong to the organization. Whether the last owner would go is the
/// caller's to check, in the same transaction.
///
/// # Errors
/// The engine's.
pub fn set_access(
    connection: &mut dyn Connection,
    org: OrgId,
    user: UserId,
    access: &Access,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let role_ids = ids_to_text(&access.role_ids);
    let org_text = org.to_string();
    let user_text = user.to_string();
    let params = [
        access.role.as_str().into(),
        role_ids.as_str().into(),
        now.into(),
        org_text.as_str().into(),
        user_text.as_str().into(),
    ];
    Ok(connection.execute(&SET_ACCESS, &params)? == 1)
}

/// What somebody is in an organization, and the roles assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// As what.
    pub role: MemberRole,
    /// The roles assigned.
    pub role_ids: Vec<RoleId>,
}

/// Takes somebody out of an organization. `false` when they were not in it.
///
/// # Errors
/// The engine's.
pub fn remove(
    connection: &mut dyn Connection,
    org: OrgId,
    user: UserId,
) -> Result<bool, StoreError> {
    let org_text = org.to_string();
    let user_text = user.to_string();
    let params = [org_text.as_str().into(), user_text.as_str().into()];
    Ok(connection.execute(&REMOVE, &params)? == 1)
}

/// Takes everybody out of an organization.
///
/// # Errors
/// The engine's.
pub fn remove_all(connection: &mut dyn Connection, org: OrgId) -> Result<u64, StoreError> {
    connection.execute(&REMOVE_ALL, &[(&org.to_string()).into()])
}

/// What somebody may do in an organization: an owner everything, a member what
/// their roles add up to. `None`: they do not belong to it.
///
/// # Errors
/// The engine's.
pub fn permissions_of(
    connection: &mut dyn Connection,
    org: OrgId,
    user: UserId,
) -> Result<Option<KeyPermissions>, StoreError> {
    let Some(member) = find(connection, org, user)? else {
        return Ok(None);
    };
    if member.role == MemberRole::Owner {
        return Ok(Some(KeyPermissions::admin()));
    }
    let mut held = BTreeSet::new();
    for role in roles::find_all(connection, org, &member.role_ids)? {
        held.extend(role.permissions.iter());
    }
    Ok(Some(held.into_iter().collect()))
}

pub(crate) fn ids_to_text(ids: &[RoleId]) -> String {
    let ids: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    serde_json::json!(ids).to_string()
}

pub(crate) fn ids_from_text(text: &str) -> Result<Vec<RoleId>, StoreError> {
    serde_json::from_str(text)
        .map_err(|_| StoreError::Corrupt("assigned roles are not a list of ids".into()))
}

fn member(row: &dyn Row) -> Result<Member, StoreError> {
    Ok(Member {
        org_id: row.parsed(0)?,
        user_id: row.parsed(1)?,
        role: row.parsed(2)?,
        role_ids: ids_from_text(row.text(3)?)?,
        created_at: row.millis(4)?,
        updated_at: row.millis(5)?,
    })
}
