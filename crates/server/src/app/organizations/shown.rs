//! Records of organizations as the identity face shows them.

use parlor_model::identity::invitation::Invitation;
use parlor_model::identity::member::Member;
use parlor_model::identity::organization::Organization;
use parlor_model::identity::role::Role;
use parlor_model::time::UnixMillis;
use parlor_store::orgs::Org;
use parlor_store::{invitations, members, orgs, roles, sessions, users};
use serde_json::{Map, Value};

use crate::app::quotas;
use crate::cx::AppState;
use crate::failure::Failure;

/// Defaults of the contract: cores, GiB of memory, GiB of disk of one sandbox.
const PER_SANDBOX: [u32; 3] = [4, 8, 10];

/// Minutes without use after which a snapshot is deactivated: 14 days.
const SNAPSHOT_MINUTES: u32 = 20_160;

/// Hours after a suspension in which nothing is cleaned up.
const GRACE_HOURS: u32 = 24;

/// Stands for "not suspended" where a client insists on a time.
const NEVER: UnixMillis = UnixMillis::new(0);

pub(super) async fn organization(state: &AppState, org: &Org) -> Result<Organization, Failure> {
    let settings = org.settings(state.cx.store.master_key())?;
    let flag = |name: &str| settings.get(name).and_then(Value::as_bool).unwrap_or_default();
    let suspension = org.suspension.as_ref().filter(|one| one.holds(state.now()));
    let [max_cpu_per_sandbox, max_memory_per_sandbox, max_disk_per_sandbox] = PER_SANDBOX;
    Ok(Organization {
        id: org.id,
        name: org.name.clone(),
        domain: org.domain.clone(),
        created_by: org.created_by.map(|id| id.to_string()).unwrap_or_default(),
        personal: org.is_personal,
        created_at: org.created_at.into(),
        updated_at: org.updated_at.into(),
        suspended: suspension.is_some(),
        suspended_at: suspension.map_or(NEVER, |one| one.at).into(),
        suspension_reason: suspension.map(|one| one.reason.clone()).unwrap_or_default(),
        suspended_until: suspension.and_then(|one| one.until).unwrap_or(NEVER).into(),
        suspension_cleanup_grace_period_hours: GRACE_HOURS,
        max_cpu_per_sandbox,
        max_memory_per_sandbox,
        max_disk_per_sandbox,
        secret_quota: 0,
        max_secrets_per_sandbox: 0,
        snapshot_deactivation_timeout_minutes: SNAPSHOT_MINUTES,
        default_queue_timeout: None,
        sandbox_limited_network_egress: flag("sandboxLimitedNetworkEgress"),
        preview_warning_enabled: flag("previewWarningEnabled"),
        sso_enabled: false,
        scim_enabled: false,
        default_region_id: settings
            .get("defaultRegionId")
            .and_then(Value::as_str)
            .map(str::to_owned),
        authenticated_rate_limit: org.limits.authenticated_per_minute,
        sandbox_create_rate_limit: None,
        sandbox_lifecycle_rate_limit: None,
        authenticated_rate_limit_ttl_seconds: None,
        sandbox_create_rate_limit_ttl_seconds: None,
        sandbox_lifecycle_rate_limit_ttl_seconds: None,
        experimental_config: match settings.get("experimentalConfig") {
            Some(Value::Object(config)) => config.clone(),
            _ => Map::new(),
        },
        otel_config: settings.get("otelConfig").cloned().unwrap_or_default(),
        quotas: quotas::of(state, org).await?,
    })
}

pub(super) fn role(role: &roles::Role) -> Role {
    Role {
        id: role.id,
        name: role.name.clone(),
        description: role.description.clone(),
        permissions: role.permissions.iter().collect(),
        is_global: role.org_id.is_none(),
        created_at: role.created_at.into(),
        updated_at: role.updated_at.into(),
    }
}

/// A member, if their account is there.
pub(super) fn member(
    state: &AppState,
    member: &members::Member,
) -> Result<Option<Member>, Failure> {
    let (user, assigned) = state.cx.store.read(|c| {
        let user = users::find(c, member.user_id)?;
        Ok::<_, Failure>((user, roles::find_all(c, member.org_id, &member.role_ids)?))
    })?;
    Ok(user.map(|user| Member {
        user_id: user.id,
        organization_id: member.org_id,
        name: user.name,
        email: user.email,
        role: member.role,
        assigned_roles: assigned.iter().map(role).collect(),
        created_at: member.created_at.into(),
        updated_at: member.updated_at.into(),
        last_seen_at: None,
    }))
}

/// A member as those see them who administer the organization.
pub(super) fn watched_member(
    state: &AppState,
    record: &members::Member,
) -> Result<Option<Member>, Failure> {
    let sessions = state.cx.store.read(|c| sessions::list_of_user(c, record.user_id))?;
    let now = state.now();
    let seen = sessions.iter().filter(|one| one.is_active(now)).map(|one| one.last_seen_at).max();
    let shown = member(state, record)?;
    Ok(shown.map(|shown| Member { last_seen_at: seen.map(Into::into), ..shown }))
}

/// An invitation; `url` is its page, for who just made it.
pub(super) fn invitation(
    state: &AppState,
    invitation: &invitations::Invitation,
    url: Option<String>,
) -> Result<Invitation, Failure> {
    let (org, inviter, assigned) = state.cx.store.read(|c| {
        let org = orgs::find(c, invitation.org_id)?;
        let inviter = match invitation.invited_by {
            Some(user) => users::find(c, user)?,
            None => None,
        };
        let assigned = roles::find_all(c, invitation.org_id, &invitation.role_ids)?;
        Ok::<_, Failure>((org, inviter, assigned))
    })?;
    Ok(Invitation {
        id: invitation.id,
        email: invitation.email.clone(),
        invited_by: inviter.map(|user| String::from(user.email)).unwrap_or_default(),
        organization_id: invitation.org_id,
        organization_name: org.map(|org| org.name).unwrap_or_default(),
        expires_at: invitation.expires_at.into(),
        status: invitation.status,
        role: invitation.role,
        assigned_roles: assigned.iter().map(role).collect(),
        created_at: invitation.created_at.into(),
        updated_at: invitation.updated_at.into(),
        url,
    })
}
