//! Each change on the identity face stands in the audit log.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use parlor_model::error::ApiError;
use parlor_model::id::OrgId;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::audit::AuditActor;
use parlor_store::invitations;
use serde_json::{Map, Value};

use super::guard::admit_again;
use super::known_as;
use super::router::IdentityRule;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::error::Refusal;
use crate::http::extract::read_body;
use crate::http::guard::{is_outstanding, pass};
use crate::http::noting::{Deed, author, carry_out, last_of_path, through_application};
use crate::identity::audit::Entry;
use crate::identity::{Caller, Who};

/// On to the handler, with an entry before and after where the operation
/// changes something.
pub(super) async fn pass_noted(
    state: &AppState,
    rule: &IdentityRule,
    mut parts: Parts,
    body: Body,
    next: Next,
) -> Response {
    let Some(words) = words(rule.operation) else {
        return pass(Request::from_parts(parts, body), next).await;
    };
    // What is wanted belongs into the entry, so the body is read here already.
    let request = Request::from_parts(parts.clone(), body);
    let is_late = is_outstanding(&request);
    let bytes = match read_body(request, &state.cx.settings.limits).await {
        Ok(bytes) => bytes,
        Err(error) => return Refusal::from(error).into_response(),
    };
    if is_late && let Err(failure) = admit_again(state, rule, &mut parts).await {
        return Refusal::from(failure).into_response();
    }
    let mut wanted = wanted(&bytes);
    if words == (AuditAction::Update, AuditTarget::Organization) {
        // There are many settings, and what they were set to may be a secret.
        wanted.insert("operation".to_owned(), rule.operation.into());
    }
    match entry(state, words, &mut parts, wanted).await {
        Ok(entry) => {
            let request = Request::from_parts(parts, Body::from(bytes));
            carry_out(state, vec![entry], |error| &error.info, request, next).await
        }
        Err(failure) => Refusal::from(failure).into_response(),
    }
}

async fn entry(
    state: &AppState,
    (action, target): Deed,
    parts: &mut Parts,
    mut wanted: Map<String, Value>,
) -> Result<Entry, Failure> {
    let Some(who) = parts.extensions.get::<Who>().cloned() else {
        return Err(ApiError::missing_authorization_header().into());
    };
    let mut id = last_of_path(parts).await;
    let by = author(state, &who, parts)?;
    let org = match parts.extensions.get::<Caller>() {
        Some(caller) => Some(caller.org()),
        None if target == AuditTarget::OrganizationInvitation => inviting(state, &id, &by.0)?,
        None => None,
    };
    if let (AuditTarget::ApiKey, true, Some(name)) = (target, id.is_empty(), wanted.get("name")) {
        id = name.as_str().unwrap_or_default().trim().to_owned();
    }
    if let Some(org) = org {
        known_as::add(state, org, (action, target), &id, &mut wanted)?;
    }
    let entry = Entry::new(by, org, action, (target, id)).with_all(wanted);
    through_application(state, &who, entry)
}

/// The organization in whose log an answer stands: that of the invitation, if
/// it is theirs to answer.
fn inviting(state: &AppState, id: &str, by: &AuditActor) -> Result<Option<OrgId>, Failure> {
    let Ok(id) = id.parse() else {
        return Ok(None);
    };
    let found = state.cx.store.read(|c| invitations::find(c, id))?;
    Ok(found.filter(|one| one.email.as_str() == by.email).map(|one| one.org_id))
}

/// What of a body is kept: who is given what. None of it is ever a secret, and
/// what else clients send stays out of the log.
const KEPT: [&str; 19] = [
    "name",
    "email",
    "permissions",
    "expiresAt",
    "overlapSeconds",
    "organizationIds",
    "limits",
    "role",
    "assignedRoleIds",
    "reason",
    "until",
    "rooms",
    "concurrentParticipants",
    "recordingMinutes",
    "requestsPer5s",
    "authenticatedRateLimit",
    "sandboxDefaultLimitedNetworkEgress",
    "enabled",
    "defaultRegionId",
];

/// Longest text of a body that is kept, in characters. Nothing that is taken on
/// is longer but reasons, whose beginning says enough.
const KEPT_CHARS: usize = 200;

fn wanted(body: &[u8]) -> Map<String, Value> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => kept(body),
        // The handler says what is wrong with it.
        _ => Map::new(),
    }
}

fn kept(body: Map<String, Value>) -> Map<String, Value> {
    let fields = body.into_iter().filter(|(name, _)| KEPT.contains(&name.as_str()));
    fields.map(|(name, value)| (name, shortened(value))).collect()
}

/// A value without what means nothing, so that nobody hides what matters behind
/// it: what does not fit into an entry is left out.
fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) => text.chars().take(KEPT_CHARS).collect::<String>().into(),
        Value::Array(items) => {
            let mut seen = BTreeSet::new();
            let items = items.into_iter().map(shortened);
            items.filter(|item| seen.insert(item.to_string())).collect()
        }
        Value::Object(fields) => kept(fields).into(),
        plain => plain,
    }
}

/// What an operation does, in the words of the log; `None` for one that changes
/// nothing.
pub(super) fn words(operation: &str) -> Option<Deed> {
    use AuditAction::{
        Accept, Cancel, Create, Decline, Delete, Leave, Read, Rotate, Suspend, Unsuspend, Update,
        UpdateAccess, UpdateQuota,
    };
    use AuditTarget::{
        ApiKey, IdentityProvider, Organization, OrganizationInvitation, OrganizationRole,
        OrganizationUser,
    };
    Some(match operation {
        "create_api_key" => (Create, ApiKey),
        "change_api_key" => (Update, ApiKey),
        "rotate_api_key" => (Rotate, ApiKey),
        "delete_api_key" | "delete_api_key_of_user" => (Delete, ApiKey),
        "create_organization" => (Create, Organization),
        "delete_organization" => (Delete, Organization),
        "leave_organization" => (Leave, Organization),
        "set_quota" | "set_region_quota" => (UpdateQuota, Organization),
        "suspend_organization" => (Suspend, Organization),
        "unsuspend_organization" => (Unsuspend, Organization),
        "set_limited_egress"
        | "set_preview_warning"
        | "set_default_region"
        | "set_otel_config"
        | "delete_otel_config"
        | "set_experimental_config" => (Update, Organization),
        "set_member_access" => (UpdateAccess, OrganizationUser),
        "remove_member" => (Delete, OrganizationUser),
        "create_identity_provider" => (Create, IdentityProvider),
        "test_identity_provider" => (Read, IdentityProvider),
        "update_identity_provider" => (Update, IdentityProvider),
        "delete_identity_provider" => (Delete, IdentityProvider),
        "create_role" => (Create, OrganizationRole),
        "update_role" => (Update, OrganizationRole),
        "delete_role" => (Delete, OrganizationRole),
        "create_invitation" => (Create, OrganizationInvitation),
        "update_invitation" => (Update, OrganizationInvitation),
        "cancel_invitation" => (Cancel, OrganizationInvitation),
        "accept_invitation" => (Accept, OrganizationInvitation),
        "decline_invitation" => (Decline, OrganizationInvitation),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::words;
    use crate::http::identity::router::identity_routes;

    #[test]
    fn every_change_of_keys_and_organizations_is_noted_and_no_reading_is() {
        for route in identity_routes() {
            let is_ours =
                ["/api-keys", "/organizations"].iter().any(|it| route.path.starts_with(it));
            let is_change = route.method != Method::GET;
            assert_eq!(words(route.operation).is_some(), is_ours && is_change, "{}", route.path);
        }
    }
}
