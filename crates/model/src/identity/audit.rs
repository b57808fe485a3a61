//! `/audit/organizations/{id}`: who did what, and the words for it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Timestamp;
use crate::id::{AuditId, OrgId};
use crate::words::words;

words! {
    /// What was done.
    AuditAction {
        /// Something was made.
        Create = "create",
        /// Something was read that is worth noting.
        Read = "read",
        /// Something was changed.
        Update = "update",
        /// Something is gone.
        Delete = "delete",
        /// Somebody signed in, or tried to.
        Login = "login",
        /// Somebody signed out.
        Logout = "logout",
        /// A key got a successor.
        Rotate = "rotate",
        /// A credential was taken back.
        Revoke = "revoke",
        /// Something was started.
        Start = "start",
        /// Something was stopped.
        Stop = "stop",
        /// A member's access was changed.
        UpdateAccess = "update_access",
        /// An invitation was accepted.
        Accept = "accept",
        /// An invitation was declined.
        Decline = "decline",
        /// An invitation was taken back.
        Cancel = "cancel",
        /// Somebody left an organization.
        Leave = "leave",
        /// An organization was stopped.
        Suspend = "suspend",
        /// An organization may go on.
        Unsuspend = "unsuspend",
        /// A quota was changed.
        UpdateQuota = "update_quota",
        /// Somebody let an application act for them.
        Authorize = "authorize",
        /// A token was given.
        Token = "token",
        /// The audit log was exported.
        Export = "export",
    }
}

words! {
    /// What it was done to.
    AuditTarget {
        /// An API key; its id is its name.
        ApiKey = "api_key",
        /// An organization.
        Organization = "organization",
        /// An invitation.
        OrganizationInvitation = "organization_invitation",
        /// A role.
        OrganizationRole = "organization_role",
        /// A member.
        OrganizationUser = "organization_user",
        /// A person's account.
        User = "user",
        /// A browser that somebody signed in with.
        Session = "session",
        /// A passkey.
        Passkey = "passkey",
        /// An application that acts for people.
        OauthClient = "oauth_client",
        /// What such an application was given.
        OauthToken = "oauth_token",
        /// A provider that people sign in through.
        IdentityProvider = "identity_provider",
        /// The audit log.
        AuditLog = "audit_log",
        /// The domain's settings.
        Domain = "domain",
        /// A room.
        Room = "room",
        /// A recording.
        Recording = "recording",
        /// A webhook.
        Webhook = "webhook",
        /// A sandbox.
        Sandbox = "sandbox",
        /// A snapshot.
        Snapshot = "snapshot",
        /// A volume.
        Volume = "volume",
        /// A registry.
        DockerRegistry = "docker_registry",
        /// A secret.
        Secret = "secret",
        /// A region.
        Region = "region",
        /// A runner.
        Runner = "runner",
    }
}

/// One action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditLog))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// The action.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: AuditId,
    /// Who: a user's id, or `operator` for the machine's own, or empty.
    pub actor_id: String,
    /// Their address then; empty where there is none.
    pub actor_email: String,
    /// How the key began that it was done with.
    pub actor_api_key_prefix: Option<String>,
    /// How that key ended.
    pub actor_api_key_suffix: Option<String>,
    /// In which organization.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid"))]
    pub organization_id: Option<OrgId>,
    /// What.
    pub action: AuditAction,
    /// To what kind of thing.
    pub target_type: AuditTarget,
    /// To which one.
    pub target_id: String,
    /// What was answered; absent while it runs, and for good if the server
    /// died over it.
    pub status_code: Option<u16>,
    /// Why it failed.
    pub error_message: Option<String>,
    /// From which address.
    pub ip_address: String,
    /// With which program.
    pub user_agent: String,
    /// What the program calls itself: `sdk-python`, `cli`, …
    pub source: String,
    /// More about it. Never secrets.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Map<String, Value>,
    /// When.
    pub created_at: Timestamp,
}

/// A page of the log, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = PaginatedAuditLogs))]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// The actions of this page.
    pub items: Vec<AuditEntry>,
    /// How many match, on all pages.
    pub total: u64,
    /// Which page this is, from 1.
    pub page: u64,
    /// How many there are.
    pub total_pages: u64,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}
