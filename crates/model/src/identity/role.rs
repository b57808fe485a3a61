//! `/organizations/{id}/roles`: what members may do. Some roles are built in
//! and belong to every organization; their ids never change.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::id::RoleId;
use crate::key_permission::KeyPermission::{self, *};

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = OrganizationRole))]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// The role.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: RoleId,
    /// Unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it gives.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub permissions: Vec<KeyPermission>,
    /// Whether it is built in.
    pub is_global: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A role to be made, or what a role becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SaveOrganizationRole))]
#[serde(rename_all = "camelCase")]
pub struct SaveRole {
    /// Unique in the organization.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it gives.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub permissions: Vec<KeyPermission>,
}

/// A role that every organization has.
#[derive(Clone, Copy, Debug)]
pub struct BuiltInRole {
    /// `00000000-0000-0000-0000-00000000000N`.
    pub id: RoleId,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it gives.
    pub permissions: &'static [KeyPermission],
}

const fn role(
    number: u128,
    name: &'static str,
    description: &'static str,
    permissions: &'static [KeyPermission],
) -> BuiltInRole {
    BuiltInRole { id: RoleId::from_number(number), name, description, permissions }
}

/// The built-in roles, in the order of their ids. Append only.
pub const BUILT_IN_ROLES: &[BuiltInRole] = &[
    role(
        1,
        "Developer",
        "Works with rooms, calls, recordings and sandboxes, and what these need.",
        &[
            WriteRooms,
            WriteCalls,
            CreateTokens,
            ReadDomain,
            WriteRecordings,
            WriteTranscripts,
            WriteTelephony,
            ReadMeetings,
            ReadLogs,
            WriteWebhooks,
            WriteSandboxes,
            WriteSnapshots,
            WriteVolumes,
            WriteRegistries,
        ],
    ),
    role(2, "Sandboxes Admin", "Works with all sandboxes.", &[WriteSandboxes]),
    role(3, "Snapshots Admin", "Works with all snapshots.", &[WriteSnapshots]),
    role(4, "Registries Admin", "Works with all registries.", &[WriteRegistries]),
    role(5, "Super Admin", "Everything in the organization.", &[AdminOrganization]),
    role(6, "Volumes Admin", "Works with all volumes.", &[WriteVolumes]),
    role(7, "Auditor", "Reads the audit log.", &[ReadAuditLogs]),
    role(
        8,
        "Infrastructure Admin",
        "Works with regions and runners.",
        &[WriteRegions, WriteRunners],
    ),
];

/// The built-in role of that id.
#[must_use]
pub fn built_in(id: RoleId) -> Option<&'static BuiltInRole> {
    BUILT_IN_ROLES.iter().find(|role| role.id == id)
}

#[cfg(test)]
mod tests {
    use super::{BUILT_IN_ROLES, built_in};

    #[test]
    fn built_in_roles_have_the_ids_of_the_contract() {
        for (index, role) in BUILT_IN_ROLES.iter().enumerate() {
            let id = format!("00000000-0000-0000-0000-{:012}", index + 1);
            assert_eq!(role.id.to_string(), id);
            assert_eq!(built_in(id.parse().unwrap()).unwrap().name, role.name);
        }
    }
}
