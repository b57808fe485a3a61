//! The OpenAPI document of the identity face, at `/api/openapi.json`. Handlers
//! describe what is their own; credential, permission and errors come from the
//! page of routes.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use parlor_model::error::ApiError;
use parlor_model::identity::error::IdentityErrorBody;
use parlor_model::key_permission::KeyPermission;
use parlor_model::time::UnixMillis;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::organizations::{self, identity_providers, invitations, members, settings};
use super::router::{Credentials, IdentityRoute, Need, Place, identity_routes};
use super::{api_keys, audit, config, sandboxes, users};
use crate::http::error::JSON;
use crate::http::openapi::tidy;
use crate::identity::caller::ORGANIZATION_HEADER;

/// Operations whose body may be left out: nothing in it is required, or it is
/// kept as it comes.
const MAY_BE_EMPTY: [&str; 10] = [
    "create_identity_provider",
    "test_identity_provider",
    "update_identity_provider",
    "rotate_api_key",
    "set_otel_config",
    "set_experimental_config",
    "create_sandbox",
    "create_snapshot",
    "create_volume",
    "create_registry",
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlor: identity",
        description = "API keys, people and organizations, as the SDKs for sandboxes call them. \
            The same operations are served at the root. Names are camelCase, times ISO 8601 in UTC; \
            fields that a request does not know are ignored.",
    ),
    servers((url = "/api")),
    paths(
        config::read_config,
        api_keys::create_api_key,
        api_keys::list_api_keys,
        api_keys::read_current_api_key,
        api_keys::read_api_key,
        api_keys::delete_api_key,
        api_keys::change_api_key,
        api_keys::rotate_api_key,
        api_keys::delete_api_key_of_user,
        users::read_me,
        users::list_account_providers,
        organizations::list_organizations,
        organizations::create_organization,
        organizations::read_organization,
        organizations::delete_organization,
        organizations::leave_organization,
        organizations::read_organization_usage,
        members::list_members,
        members::set_member_access,
        members::remove_member,
        members::list_roles,
        members::create_role,
        members::update_role,
        members::delete_role,
        invitations::list_invitations,
        invitations::create_invitation,
        invitations::update_invitation,
        invitations::cancel_invitation,
        invitations::list_my_invitations,
        invitations::count_my_invitations,
        invitations::accept_invitation,
        invitations::decline_invitation,
        identity_providers::list_identity_providers,
        identity_providers::create_identity_provider,
        identity_providers::test_identity_provider,
        identity_providers::read_identity_provider,
        identity_providers::update_identity_provider,
        identity_providers::delete_identity_provider,
        settings::set_limited_egress,
        settings::set_preview_warning,
        settings::set_default_region,
        settings::read_otel_config,
        settings::set_otel_config,
        settings::delete_otel_config,
        settings::set_experimental_config,
        settings::set_quota,
        settings::set_region_quota,
        settings::suspend_organization,
        settings::unsuspend_organization,
        audit::list_audit_logs,
        sandboxes::list_sandboxes,
        sandboxes::create_sandbox,
        sandboxes::read_sandbox,
        sandboxes::delete_sandbox,
        sandboxes::list_snapshots,
        sandboxes::create_snapshot,
        sandboxes::read_snapshot,
        sandboxes::delete_snapshot,
        sandboxes::list_volumes,
        sandboxes::create_volume,
        sandboxes::read_volume,
        sandboxes::delete_volume,
        sandboxes::list_registries,
        sandboxes::create_registry,
        sandboxes::read_registry,
        sandboxes::delete_registry,
    ),
    components(schemas(IdentityErrorBody)),
    security(("bearer" = [])),
)]
struct Document;

/// The document.
///
/// # Errors
/// When it cannot be made JSON, which is a defect.
pub fn identity_document() -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(Document::openapi())?;
    for route in identity_routes() {
        let method = route.method.as_str().to_ascii_lowercase();
        complete(&mut document["paths"][route.path][method], &route);
    }
    for schema in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        lift_examples(schema.1);
    }
    document["components"]["responses"] = responses();
    document["components"]["securitySchemes"] = json!({"bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, or an access token of `/oauth/token`. `x-permission` of an \
            operation names what the caller must hold.",
    }});
    Ok(document)
}

/// Examples of lists are written at their items; they belong to the list.
fn lift_examples(schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten() {
        let is_of_list = |examples: &Value| examples.get(0).is_some_and(Value::is_array);
        let Some(items) = property.get_mut("items").and_then(Value::as_object_mut) else {
            continue;
        };
        if items.get("examples").is_some_and(is_of_list)
            && let Some(examples) = items.remove("examples")
        {
            property["examples"] = examples;
        }
    }
}

fn complete(entry: &mut Value, route: &IdentityRoute) {
    if entry["operationId"].is_null() {
        // Answers of the whole server, described with its other pages.
        entry["operationId"] = route.operation.into();
        entry["summary"] = match route.operation {
            "check_health" => "Say whether the server runs.",
            _ => "Say whether the server can serve.",
        }
        .into();
        entry["responses"] = json!({"200": {"description": "It does"}});
    }
    tidy(entry);
    let tag = route.path.split('/').nth(1).unwrap_or_default();
    entry["tags"] = json!([tag]);
    if let Some(permission) = route.need.of_key() {
        entry["x-permission"] = permission.word().into();
    }
    if MAY_BE_EMPTY.contains(&route.operation) {
        entry["requestBody"]["required"] = false.into();
    }
    entry["x-credentials"] = credentials(route.credentials).into();
    if route.credentials == Credentials::None {
        entry["security"] = json!([]);
    }
    if entry["parameters"].is_null() && route.place == Place::Header {
        entry["parameters"] = json!([]);
    }
    if route.place == Place::Header
        && route.credentials != Credentials::None
        && let Some(parameters) = entry["parameters"].as_array_mut()
    {
        parameters.push(organization_header());
    }
    let statuses = statuses_of(route, entry["requestBody"].is_object());
    if let Some(responses) = entry["responses"].as_object_mut() {
        for status in statuses {
            let reference = json!({"$ref": format!("#/components/responses/E{status}")});
            responses.entry(status.to_string()).or_insert(reference);
        }
    }
    // Looking for what is not there leaves a null behind.
    if let Some(fields) = entry.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
}

fn credentials(credentials: Credentials) -> &'static str {
    match credentials {
        Credentials::None => "none",
        Credentials::Any => "api-key, access-token",
        Credentials::Key => "api-key",
        Credentials::Person => "access-token",
    }
}

fn organization_header() -> Value {
    json!({
        "name": ORGANIZATION_HEADER,
        "in": "header",
        "required": false,
        "description": "Which organization, for those who belong to several.",
        "schema": {"type": "string", "format": "uuid"},
    })
}

fn statuses_of(route: &IdentityRoute, has_body: bool) -> Vec<u16> {
    if route.credentials == Credentials::None {
        return vec![429, 500];
    }
    let mut statuses = vec![400, 401, 403, 404, 429, 500];
    if has_body {
        statuses.extend([408, 413]);
    }
    if route.method != Method::GET {
        statuses.push(409);
    }
    if is_not_there_yet(route) {
        statuses.push(501);
    }
    statuses
}

/// Sandboxes, and what they are made of, have no engine to make them; providers
/// are named in the configuration.
fn is_not_there_yet(route: &IdentityRoute) -> bool {
    let makes = route.operation.starts_with("create_") && matches!(route.need, Need::Holds(_));
    let is_of_providers = route.path.contains("/identity-providers");
    makes || (is_of_providers && route.method != Method::GET)
}

/// `components.responses`: each error with an example of the envelope.
fn responses() -> Value {
    let example = |error: ApiError| {
        let status = IdentityErrorBody::status_of(error.kind);
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let reason = reason.unwrap_or("Error");
        let at = UnixMillis::new(1_893_456_000_000);
        let body = IdentityErrorBody::new(&error, reason, "/api/api-keys", at);
        let content = json!({
            "schema": {"$ref": "#/components/schemas/IdentityErrorBody"},
            "example": body,
        });
        let entry = json!({"description": reason, "content": {"application/json": content}});
        (format!("E{status}"), entry)
    };
    let entries = [
        ApiError::missing_field("name"),
        ApiError::invalid_api_key(),
        ApiError::missing_permission(KeyPermission::ManageApiKeys),
        ApiError::api_key_not_found("ci"),
        ApiError::request_timeout(30),
        ApiError::api_key_exists("ci"),
        ApiError::payload_too_large(1_048_576),
        ApiError::rate_limited(10_000, 60, 2),
        ApiError::internal("7c1f-2a"),
        ApiError::not_implemented("making a sandbox"),
    ];
    entries.map(example).into_iter().collect::<Map<_, _>>().into()
}

/// The document as text. It never changes while the server runs.
static TEXT: LazyLock<Result<String, serde_json::Error>> =
    LazyLock::new(|| serde_json::to_string_pretty(&identity_document()?));

/// `GET /api/openapi.json`, without a credential.
pub(crate) async fn read_openapi() -> Response {
    match TEXT.as_deref() {
        Ok(text) => ([(CONTENT_TYPE, JSON)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the description of the identity face could not be serialised");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
