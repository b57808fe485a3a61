//! What an API key may do: the words that keys carry, and which word implies
//! which. What a *participant* may do in a call is [`crate::permission`].

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! key_permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// One thing an API key may do. On the wire: `verb:resource`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum KeyPermission {
            $($(#[$doc])* $name,)*
        }

        impl KeyPermission {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word of the wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

// Append only: the order is the order of introduction.
key_permissions! {
    /// Everything in the organization: the classic key.
    AdminOrganization = "admin:organization",
    /// Read rooms, presence and session data.
    ReadRooms = "read:rooms",
    /// Create and change rooms.
    WriteRooms = "write:rooms",
    /// Delete rooms.
    DeleteRooms = "delete:rooms",
    /// Act on running calls: eject, send messages, set session data.
    WriteCalls = "write:calls",
    /// Make and check meeting tokens; tokens signed with the key count.
    CreateTokens = "create:tokens",
    /// Read the domain's settings.
    ReadDomain = "read:domain",
    /// Change the domain's settings.
    WriteDomain = "write:domain",
    /// List and read recordings.
    ReadRecordings = "read:recordings",
    /// Start, change and stop recordings and live streams.
    WriteRecordings = "write:recordings",
    /// Delete recordings.
    DeleteRecordings = "delete:recordings",
    /// Read transcripts and batch jobs.
    ReadTranscripts = "read:transcripts",
    /// Start, change, stop and delete transcriptions and batch jobs.
    WriteTranscripts = "write:transcripts",
    /// Read phone numbers and dial-in configuration.
    ReadTelephony = "read:telephony",
    /// Dial out, transfer, and change numbers and dial-in configuration.
    WriteTelephony = "write:telephony",
    /// Read past and running meetings.
    ReadMeetings = "read:meetings",
    /// Read logs.
    ReadLogs = "read:logs",
    /// Read webhooks and their deliveries.
    ReadWebhooks = "read:webhooks",
    /// Create, change, delete, resend and replay webhooks.
    WriteWebhooks = "write:webhooks",
    /// List and view sandboxes.
    ReadSandboxes = "read:sandboxes",
    /// Create and change sandboxes.
    WriteSandboxes = "write:sandboxes",
    /// Delete sandboxes.
    DeleteSandboxes = "delete:sandboxes",
    /// List and view snapshots.
    ReadSnapshots = "read:snapshots",
    /// Create snapshots.
    WriteSnapshots = "write:snapshots",
    /// Delete snapshots.
    DeleteSnapshots = "delete:snapshots",
    /// List and view volumes.
    ReadVolumes = "read:volumes",
    /// Create volumes.
    WriteVolumes = "write:volumes",
    /// Delete volumes.
    DeleteVolumes = "delete:volumes",
    /// List and view registries.
    ReadRegistries = "read:registries",
    /// Create and change registries.
    WriteRegistries = "write:registries",
    /// Delete registries.
    DeleteRegistries = "delete:registries",
    /// Create, list and delete API keys.
    ManageApiKeys = "manage:api_keys",
    /// Create, read and delete secrets.
    ManageSecrets = "manage:secrets",
    /// Read the audit log.
    ReadAuditLogs = "read:audit_logs",
    /// Read the organization's limits.
    ReadLimits = "read:limits",
    /// Create and change regions.
    WriteRegions = "write:regions",
    /// Delete regions.
    DeleteRegions = "delete:regions",
    /// List and view runners.
    ReadRunners = "read:runners",
    /// Create and change runners.
    WriteRunners = "write:runners",
    /// Delete runners.
    DeleteRunners = "delete:runners",
    /// Configure single sign-on.
    ManageSso = "manage:sso",
    /// Read bills. Nothing stands behind it yet.
    ReadBilling = "read:billing",
    /// Change billing. Nothing stands behind it yet.
    ManageBilling = "manage:billing",
}

impl KeyPermission {
    /// Whether holding `self` means holding `wanted`: `admin:organization`
    /// means everything, and `write:x` means `read:x` and `delete:x`.
    #[must_use]
    pub fn implies(self, wanted: Self) -> bool {
        if self == wanted || self == Self::AdminOrganization {
            return true;
        }
        let (Some((verb, resource)), Some((wanted_verb, wanted_resource))) =
            (self.word().split_once(':'), wanted.word().split_once(':'))
        else {
            return false;
        };
        verb == "write" && resource == wanted_resource && matches!(wanted_verb, "read" | "delete")
    }
}

impl fmt::Display for KeyPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is no permission.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("'{0}' is not a permission of an API key")]
pub struct UnknownKeyPermission(String);

impl FromStr for KeyPermission {
    type Err = UnknownKeyPermission;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.word() == word)
            .ok_or_else(|| UnknownKeyPermission(word.to_owned()))
    }
}

impl TryFrom<String> for KeyPermission {
    type Error = UnknownKeyPermission;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse()
    }
}

impl From<KeyPermission> for &'static str {
    fn from(permission: KeyPermission) -> Self {
        permission.word()
    }
}

/// What one key holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyPermissions(BTreeSet<KeyPermission>);

impl KeyPermissions {
    /// The classic key, which may do everything.
    #[must_use]
    pub fn admin() -> Self {
        [KeyPermission::AdminOrganization].into_iter().collect()
    }

    /// Whether the key may do `wanted`, by itself or by implication.
    #[must_use]
    pub fn allow(&self, wanted: KeyPermission) -> bool {
        self.0.iter().any(|held| held.implies(wanted))
    }

    /// The words held, without what they imply.
    pub fn iter(&self) -> impl Iterator<Item = KeyPermission> {
        self.0.iter().copied()
    }
}

impl FromIterator<KeyPermission> for KeyPermissions {
    fn from_iter<I: IntoIterator<Item = KeyPermission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyPermission, KeyPermissions};

    #[test]
    fn writing_implies_reading_and_deleting_the_same_resource() {
        let held: KeyPermissions = [KeyPermission::WriteRooms].into_iter().collect();
        assert!(held.allow(KeyPermission::ReadRooms));
        assert!(held.allow(KeyPermission::DeleteRooms));
        assert!(!held.allow(KeyPermission::ReadRecordings));
        assert!(!held.allow(KeyPermission::AdminOrganization));
    }

    #[test]
    fn deleting_and_reading_imply_nothing_else() {
        let held: KeyPermissions =
            [KeyPermission::DeleteRooms, KeyPermission::ReadDomain].into_iter().collect();
        assert!(!held.allow(KeyPermission::ReadRooms));
        assert!(!held.allow(KeyPermission::WriteDomain));
    }

    #[test]
    fn the_classic_key_may_do_everything() {
        assert!(KeyPermission::ALL.iter().all(|wanted| KeyPermissions::admin().allow(*wanted)));
    }

    #[test]
    fn words_survive_the_wire() {
        for permission in KeyPermission::ALL {
            let text = serde_json::to_string(permission).unwrap();
            assert_eq!(serde_json::from_str::<KeyPermission>(&text).unwrap(), *permission);
        }
        assert!(serde_json::from_str::<KeyPermission>("\"write:nothing\"").is_err());
    }
}
