//! `/organizations/{id}/identity-providers`: through whom people may sign in.
//! The operator names them in the configuration, for the whole server; here
//! they can be read, and who wants to change one is told where.

use axum::extract::State;
use parlor_model::error::{ApiError, ErrorKind};
use serde_json::{Value, json};

use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, TwoSegments};
use crate::http::openapi::Errors;
use crate::identity::Caller;
use crate::oidc::federation::IdentityProvider;

/// List the providers that people may sign in through. The server's
/// configuration names them.
#[utoipa::path(
    get, path = "/organizations/{organizationId}/identity-providers",
    params(("organizationId" = String, Path, description = "The organization's id")),
    responses((status = 200, description = "The providers", body = Vec<Object>), Errors),
)]
pub(crate) async fn list_identity_providers(
    State(state): State<AppState>,
    _caller: Caller,
) -> Answer<Value> {
    let all = state.cx.settings.identity_providers.iter();
    Answer(all.map(shown).collect())
}

/// Read one of the providers that people may sign in through.
#[utoipa::path(
    get, path = "/organizations/{organizationId}/identity-providers/{identityProviderId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("identityProviderId" = String, Path, description = "The provider's name"),
    ),
    responses((status = 200, description = "The provider", body = Object), Errors),
)]
pub(crate) async fn read_identity_provider(
    State(state): State<AppState>,
    _caller: Caller,
    TwoSegments(_, name): TwoSegments,
) -> Result<Answer<Value>, Refusal> {
    Ok(Answer(shown(find(&state, &name)?)))
}

/// Name a provider that people may sign in through. Not implemented: the
/// server's configuration names them.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/identity-providers",
    params(("organizationId" = String, Path, description = "The organization's id")),
    request_body(content = Object),
    responses((status = 201, description = "The provider", body = Object), Errors),
)]
pub(crate) async fn create_identity_provider(
    _caller: Caller,
    JsonObject(_body): JsonObject,
) -> Result<Answer<Value>, Refusal> {
    Err(in_configuration("naming an identity provider over the API"))
}

/// Change a provider. Not implemented: the server's configuration names them.
#[utoipa::path(
    patch, path = "/organizations/{organizationId}/identity-providers/{identityProviderId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("identityProviderId" = String, Path, description = "The provider's name"),
    ),
    request_body(content = Object),
    responses((status = 200, description = "The provider", body = Object), Errors),
)]
pub(crate) async fn update_identity_provider(
    State(state): State<AppState>,
    _caller: Caller,
    TwoSegments(_, name): TwoSegments,
    JsonObject(_body): JsonObject,
) -> Result<Answer<Value>, Refusal> {
    find(&state, &name)?;
    Err(in_configuration("changing an identity provider over the API"))
}

/// Remove a provider. Not implemented: the server's configuration names them.
#[utoipa::path(
    delete, path = "/organizations/{organizationId}/identity-providers/{identityProviderId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("identityProviderId" = String, Path, description = "The provider's name"),
    ),
    responses((status = 204, description = "It is gone"), Errors),
)]
pub(crate) async fn delete_identity_provider(
    State(state): State<AppState>,
    _caller: Caller,
    TwoSegments(_, name): TwoSegments,
) -> Result<Answer<Value>, Refusal> {
    find(&state, &name)?;
    Err(in_configuration("removing an identity provider over the API"))
}

/// Try a provider out before it is named. Not implemented: the server tries
/// those of its configuration when somebody signs in.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/identity-providers/test-connection",
    params(("organizationId" = String, Path, description = "The organization's id")),
    request_body(content = Object),
    responses((status = 200, description = "What came of it", body = Object), Errors),
)]
pub(crate) async fn test_identity_provider(
    _caller: Caller,
    JsonObject(_body): JsonObject,
) -> Result<Answer<Value>, Refusal> {
    Err(in_configuration("trying an identity provider over the API"))
}

fn in_configuration(what: &str) -> Refusal {
    let way = "the operator names providers in the configuration, as [[identity_provider]]";
    ApiError::new(ErrorKind::NotImplemented, format!("{what} is not implemented: {way}")).into()
}

fn find<'a>(state: &'a AppState, name: &str) -> Result<&'a IdentityProvider, ApiError> {
    let mut all = state.cx.settings.identity_providers.iter();
    all.find(|provider| provider.name == name).ok_or_else(|| {
        let text = "no identity provider has that name; the server's configuration names them";
        ApiError::new(ErrorKind::NotFound, text)
    })
}

/// Its secret is nobody's to read.
fn shown(provider: &IdentityProvider) -> Value {
    json!({
        "id": provider.name,
        "name": provider.title,
        "oidcConfig": {
            "issuerUrl": provider.issuer,
            "clientId": provider.client_id,
            "scope": "openid email profile",
        },
        "emailDomains": provider.email_domains,
        "allowAnyDomain": provider.email_domains.is_empty(),
        "trustEmailVerified": !provider.email_domains.is_empty(),
        "defaultAssignedRoleIds": [],
        "enabled": true,
    })
}
