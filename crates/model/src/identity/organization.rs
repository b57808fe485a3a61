//! `/organizations`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Timestamp;
use crate::id::OrgId;

/// An organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// The organization; also its `domain_id` under `/v1`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: OrgId,
    /// What people call it.
    pub name: String,
    /// The public name of its domain, one DNS label.
    pub domain: String,
    /// Who made it; empty for the one that the server made.
    pub created_by: String,
    /// Whether it came with somebody's account: it cannot be deleted.
    pub personal: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether the operator stopped it.
    pub suspended: bool,
    /// Since when; clients insist on a time, which is 1970 when it is not.
    pub suspended_at: Timestamp,
    /// Why; empty when it is not.
    pub suspension_reason: String,
    /// Until when; 1970 when it is not, or without an end.
    pub suspended_until: Timestamp,
    /// How long after a suspension nothing is cleaned up, in hours.
    pub suspension_cleanup_grace_period_hours: u32,
    /// Most cores of one sandbox.
    pub max_cpu_per_sandbox: u32,
    /// Most memory of one sandbox, in GiB.
    pub max_memory_per_sandbox: u32,
    /// Most disk of one sandbox, in GiB.
    pub max_disk_per_sandbox: u32,
    /// Most secrets.
    pub secret_quota: u32,
    /// Most secrets that one sandbox is given.
    pub max_secrets_per_sandbox: u32,
    /// After how long without use a snapshot is deactivated, in minutes.
    pub snapshot_deactivation_timeout_minutes: u32,
    /// How long a sandbox may wait to be made, in seconds; absent: as long as
    /// the server decides.
    pub default_queue_timeout: Option<u32>,
    /// Whether sandboxes reach only what they were allowed to, unless said.
    pub sandbox_limited_network_egress: bool,
    /// Whether previews of sandboxes warn first.
    pub preview_warning_enabled: bool,
    /// Whether it has providers of its own that people sign in through.
    pub sso_enabled: bool,
    /// Whether a directory of others makes its members.
    pub scim_enabled: bool,
    /// Where sandboxes are made, unless said.
    pub default_region_id: Option<String>,
    /// Requests in a minute; as the server is configured when absent.
    pub authenticated_rate_limit: Option<u32>,
    /// Sandboxes made in a minute; likewise.
    pub sandbox_create_rate_limit: Option<u32>,
    /// Other changes of sandboxes in a minute; likewise.
    pub sandbox_lifecycle_rate_limit: Option<u32>,
    /// The seconds in which so many are counted; absent: a minute.
    pub authenticated_rate_limit_ttl_seconds: Option<u32>,
    /// Likewise.
    pub sandbox_create_rate_limit_ttl_seconds: Option<u32>,
    /// Likewise.
    pub sandbox_lifecycle_rate_limit_ttl_seconds: Option<u32>,
    /// Whatever was set there.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub experimental_config: Map<String, Value>,
    /// Where sandboxes send their telemetry; absent: nowhere.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub otel_config: Value,
    /// The quotas of the video plane, and what is used of them.
    pub quotas: Quotas,
}

/// What an organization may use, and uses. A limit that is absent is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Quotas {
    /// Rooms that are not expired.
    pub rooms: Quota,
    /// People in all rooms together, now.
    pub concurrent_participants: Quota,
    /// Minutes recorded in this calendar month, UTC.
    pub recording_minutes: Quota,
}

/// One quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quota {
    /// Most; absent: no limit but the server's.
    pub limit: Option<u32>,
    /// Now; absent when that cannot be told at the moment.
    pub used: Option<u64>,
}

/// An organization to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateOrganization {
    /// What people call it.
    pub name: String,
    /// Where its sandboxes are made, unless said.
    pub default_region_id: Option<String>,
}
