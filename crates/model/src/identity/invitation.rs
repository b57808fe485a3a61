//! `/organizations/{id}/invitations`, and `/organizations/invitations` of those
//! who are invited.

use serde::{Deserialize, Serialize};

use super::member::MemberRole;
use super::role::Role;
use super::{Email, Timestamp};
use crate::id::{InvitationId, OrgId, RoleId};
use crate::words::words;

/// How long an invitation stands when nobody says, in seconds: a week. Longer
/// is kinder to people on holiday, and to those who find an old link.
pub const DEFAULT_LIFE_SECONDS: i64 = 7 * 86_400;

words! {
    /// How far an invitation is.
    InvitationStatus {
        /// Waits for an answer, unless its time has passed.
        Pending = "pending",
        /// Somebody joined with it.
        Accepted = "accepted",
        /// The invited said no.
        Declined = "declined",
        /// The organization took it back.
        Cancelled = "cancelled",
    }
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = OrganizationInvitation))]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The invitation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: InvitationId,
    /// Who is invited.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "email"))]
    pub email: Email,
    /// The address of who invites, or their id; empty for the operator.
    pub invited_by: String,
    /// Into which organization.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub organization_id: OrgId,
    /// What that is called.
    pub organization_name: String,
    /// From then on it cannot be accepted.
    pub expires_at: Timestamp,
    /// How far it is.
    pub status: InvitationStatus,
    /// As what.
    pub role: MemberRole,
    /// The roles that come with it.
    pub assigned_roles: Vec<Role>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The page on which the invited accept it, with its secret. Shown once, to
    /// who made it: this server sends no mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An invitation to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = CreateOrganizationInvitation))]
#[serde(rename_all = "camelCase")]
pub struct CreateInvitation {
    /// Who is invited.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "email"))]
    pub email: Email,
    /// As what.
    pub role: MemberRole,
    /// The roles that come with it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub assigned_role_ids: Vec<RoleId>,
    /// Until when it stands; a week when absent.
    pub expires_at: Option<Timestamp>,
}

/// What an invitation becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UpdateOrganizationInvitation))]
#[serde(rename_all = "camelCase")]
pub struct UpdateInvitation {
    /// As what.
    pub role: MemberRole,
    /// The roles that come with it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub assigned_role_ids: Vec<RoleId>,
    /// Until when it stands; as it was, when absent.
    pub expires_at: Option<Timestamp>,
}
