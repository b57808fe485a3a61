//! Roles: those that an organization made, and the built-in ones of the
//! program, which no table holds.

use parlor_model::id::{OrgId, RoleId};
use parlor_model::identity::role::{BUILT_IN_ROLES, BuiltInRole, built_in};
use parlor_model::key_permission::KeyPermissions;
use parlor_model::time::UnixMillis;

use crate::api_keys::{permissions_from_text, permissions_to_text};
use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::members;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The caller drew it, or it is built in.
    pub id: RoleId,
    /// Whose role it is; `None`: built in.
    pub org_id: Option<OrgId>,
    /// Unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it gives.
    pub permissions: KeyPermissions,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
}

impl From<&BuiltInRole> for Role {
    fn from(role: &BuiltInRole) -> Self {
        Self {
            id: role.id,
            org_id: None,
            name: role.name.to_owned(),
            description: role.description.to_owned(),
            permissions: role.permissions.iter().copied().collect(),
            created_at: UnixMillis::new(0),
            updated_at: UnixMillis::new(0),
        }
    }
}

/// A role to be made, or what one becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleContent {
    /// Unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it gives.
    pub permissions: KeyPermissions,
}

/// Most roles that an organization makes. They are listed whole, and looked
/// through for each member.
const MAX_OF_ORG: u64 = 200;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, name, description, permissions, created_at, updated_at FROM roles ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO roles (id, org_id, name, description, permissions, created_at, \
        updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    FIND = select!("WHERE org_id = $1 AND id = $2");
    LIST = select!("WHERE org_id = $1 ORDER BY created_at, id");
    COUNT = "SELECT COUNT(*) FROM roles WHERE org_id = $1";
    FIND_NAMED = "SELECT id FROM roles WHERE org_id = $1 AND name = $2";
    UPDATE = "UPDATE roles SET name = $1, description = $2, permissions = $3, updated_at = $4 \
        WHERE org_id = $5 AND id = $6";
    DELETE = "DELETE FROM roles WHERE org_id = $1 AND id = $2";
}

/// Makes a role.
///
/// # Errors
/// [`Unique::RoleName`] when the organization, or the program, has one of that
/// name; [`StoreError::TooMany`].
pub fn create(
    connection: &mut dyn Connection,
    org: OrgId,
    id: RoleId,
    content: &RoleContent,
    now: UnixMillis,
) -> Result<Role, StoreError> {
    refuse_built_in_name(content)?;
    let permissions = permissions_to_text(&content.permissions)?;
    let id_text = id.to_string();
    let org_text = org.to_string();
    let count = connection.find(&COUNT, &[org_text.as_str().into()], |row| row.count(0))?;
    StoreError::unless_below(count, MAX_OF_ORG, "roles of an organization")?;
    let params = [
        id_text.as_str().into(),
        org_text.as_str().into(),
        content.name.as_str().into(),
        content.description.as_str().into(),
        permissions.as_str().into(),
        now.into(),
        now.into(),
    ];
    if connection.execute(&INSERT, &params)? == 0 {
        return Err(StoreError::Conflict(Unique::RoleName));
    }
    Ok(Role {
        id,
        org_id: Some(org),
        name: content.name.clone(),
        description: content.description.clone(),
        permissions: content.permissions.clone(),
        created_at: now,
        updated_at: now,
    })
}

/// Every role of an organization: the built-in ones, then its own, oldest
/// first.
///
/// # Errors
/// The engine's.
pub fn list(connection: &mut dyn Connection, org: OrgId) -> Result<Vec<Role>, StoreError> {
    let mut roles: Vec<Role> = BUILT_IN_ROLES.iter().map(Role::from).collect();
    roles.extend(connection.list(&LIST, &[(&org.to_string()).into()], role)?);
    Ok(roles)
}

/// The role of that id, built in or the organization's own.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    org: OrgId,
    id: RoleId,
) -> Result<Option<Role>, StoreError> {
    if let Some(role) = built_in(id) {
        return Ok(Some(role.into()));
    }
    connection.find(&FIND, &[(&org.to_string()).into(), (&id.to_string()).into()], role)
}

/// Those of `ids` that are roles of the organization, in their order.
///
/// # Errors
/// The engine's.
pub fn find_all(
    connection: &mut dyn Connection,
    org: OrgId,
    ids: &[RoleId],
) -> Result<Vec<Role>, StoreError> {
    let mut roles = Vec::with_capacity(ids.len());
    for id in ids {
        roles.extend(find(connection, org, *id)?);
    }
    Ok(roles)
}

/// Changes a role of an organization's own. `None` when it has no such role.
///
/// # Errors
/// [`Unique::RoleName`] when another has that name.
pub fn update(
    connection: &mut dyn Connection,
    org: OrgId,
    id: RoleId,
    content: &RoleContent,
    now: UnixMillis,
) -> Result<Option<Role>, StoreError> {
    refuse_built_in_name(content)?;
    let (org_text, id_text) = (org.to_string(), id.to_string());
    let named = [org_text.as_str().into(), content.name.as_str().into()];
    let named = connection.find(&FIND_NAMED, &named, |row| row.parsed::<RoleId>(0))?;
    if named.is_some_and(|other| other != id) {
        return Err(StoreError::Conflict(Unique::RoleName));
    }
    let permissions = permissions_to_text(&content.permissions)?;
    let params = [
        content.name.as_str().into(),
        content.description.as_str().into(),
        permissions.as_str().into(),
        now.into(),
        org_text.as_str().into(),
        id_text.as_str().into(),
    ];
    match connection.execute(&UPDATE, &params)? {
        0 => Ok(None),
        _ => find(connection, org, id),
    }
}

/// Deletes a role of an organization's own, and takes it from those who hold
/// it. `false` when it has no such role.
///
/// # Errors
/// The engine's.
pub fn delete(
    connection: &mut dyn Connection,
    org: OrgId,
    id: RoleId,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let org_text = org.to_string();
    let id_text = id.to_string();
    let params = [org_text.as_str().into(), id_text.as_str().into()];
    if connection.execute(&DELETE, &params)? == 0 {
        return Ok(false);
    }
    for member in members::list_of_org(connection, org)? {
        if member.role_ids.contains(&id) {
            let role_ids = member.role_ids.into_iter().filter(|held| *held != id).collect();
            let access = members::Access { role: member.role, role_ids };
            members::set_access(connection, org, member.user_id, &access, now)?;
        }
    }
    Ok(true)
}

fn refuse_built_in_name(content: &RoleContent) -> Result<(), StoreError> {
    if BUILT_IN_ROLES.iter().any(|role| role.name == content.name) {
        return Err(StoreError::Conflict(Unique::RoleName));
    }
    Ok(())
}

fn role(row: &dyn Row) -> Result<Role, StoreError> {
    Ok(Role {
        id: row.parsed(0)?,
        org_id: Some(row.parsed(1)?),
        name: row.text(2)?.to_owned(),
        description: row.text(3)?.to_owned(),
        permissions: permissions_from_text(row.text(4)?)?,
        created_at: row.millis(5)?,
        updated_at: row.millis(6)?,
    })
}
