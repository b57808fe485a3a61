//! `/organizations/{id}/users`: who belongs to an organization.

use serde::{Deserialize, Serialize};

use super::role::Role;
use super::{Email, Timestamp};
use crate::id::{OrgId, RoleId, UserId};
use crate::words::words;

words! {
    /// What somebody is in an organization.
    MemberRole {
        /// Holds everything; there is at least one.
        Owner = "owner",
        /// Holds what the assigned roles give.
        Member = "member",
    }
}

/// Somebody in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = OrganizationUser))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Who.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub user_id: UserId,
    /// Where.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub organization_id: OrgId,
    /// What others read.
    pub name: String,
    /// In small letters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "email"))]
    pub email: Email,
    /// As what.
    pub role: MemberRole,
    /// The roles assigned, whose permissions add up.
    pub assigned_roles: Vec<Role>,
    /// Since when.
    pub created_at: Timestamp,
    /// When their access was last changed.
    pub updated_at: Timestamp,
    /// When a browser that they are signed in with was last used, to a quarter
    /// of an hour; for who administers the organization. Absent: with none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

/// What somebody's access becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UpdateOrganizationMemberAccess))]
#[serde(rename_all = "camelCase")]
pub struct SetAccess {
    /// As what.
    pub role: MemberRole,
    /// The roles to assign.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub assigned_role_ids: Vec<RoleId>,
}
