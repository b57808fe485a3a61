//! Permissions as the REST API spells them (`canSend`, `byUserId`, …), and as
//! token claims abbreviate them (`cs`, `u`, …).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permission::{AdminArea, CanReceive, Grant, MediaKind, Permissions, ReceiveGrant};

mod claim;

pub use claim::{from_claim, to_claim};

/// A `permissions` object: each key is there or not, and a key that is there
/// replaces that permission as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PermissionOverrides {
    /// Whether the others see the participant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_presence: Option<bool>,
    /// What the participant may send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_send: Option<Grant<MediaKind>>,
    /// What the participant may receive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_receive: Option<ReceiveOverrides>,
    /// What the participant may administer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_admin: Option<Grant<AdminArea>>,
}

/// A `canReceive` object; without `base` everything is received.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReceiveOverrides {
    /// From everybody not named below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<ReceiveGrant>,
    /// By the sender's `user_id`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_user_id: BTreeMap<String, ReceiveGrant>,
    /// By the sender's session id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_participant_id: BTreeMap<String, ReceiveGrant>,
}

impl PermissionOverrides {
    /// Reads a checked `permissions` property. A value that was not checked
    /// and does not fit overrides nothing.
    #[must_use]
    pub fn from_property(value: &Value) -> Self {
        Self::deserialize(value).unwrap_or_default()
    }

    /// Replaces the permissions that are given.
    pub fn apply_to(self, permissions: &mut Permissions) {
        if let Some(has_presence) = self.has_presence {
            permissions.has_presence = has_presence;
        }
        if let Some(can_send) = self.can_send {
            permissions.can_send = can_send;
        }
        if let Some(can_receive) = self.can_receive {
            permissions.can_receive = can_receive.into();
        }
        if let Some(can_admin) = self.can_admin {
            permissions.can_admin = can_admin;
        }
    }
}

impl From<ReceiveOverrides> for CanReceive {
    fn from(overrides: ReceiveOverrides) -> Self {
        Self {
            base: overrides.base.unwrap_or(ReceiveGrant::Whole(true)),
            by_user_id: overrides.by_user_id,
            by_participant_id: overrides.by_participant_id,
        }
    }
}
