//! `/organizations`: the organizations themselves.

pub(crate) mod identity_providers;
pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod settings;

use axum::extract::State;
use parlor_model::error::ApiError;
use parlor_model::identity::organization::{CreateOrganization, Organization};
use serde_json::Value;

use super::body::{Created, Done, Typed};
use crate::app::organizations as app;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::openapi::Errors;
use crate::identity::{Caller, Who};

/// The account of a caller who must be a person.
pub(super) fn person(who: &Who) -> Result<parlor_model::id::UserId, ApiError> {
    match who {
        Who::Person(person) => Ok(person.user),
        Who::Key(_) => Err(ApiError::person_only()),
    }
}

/// List organizations: those that you belong to; with an API key, its own.
#[utoipa::path(
    get, path = "/organizations",
    responses((status = 200, description = "The organizations", body = Vec<Organization>), Errors),
)]
pub(crate) async fn list_organizations(
    State(state): State<AppState>,
    who: Who,
) -> Result<Answer<Vec<Organization>>, Refusal> {
    Ok(Answer(app::list(&state, &who).await?))
}

/// Create an organization. You are its owner.
#[utoipa::path(
    post, path = "/organizations",
    request_body(content = CreateOrganization),
    responses((status = 201, description = "The organization", body = Organization), Errors),
)]
pub(crate) async fn create_organization(
    State(state): State<AppState>,
    who: Who,
    Typed(body): Typed<CreateOrganization>,
) -> Result<Created<Organization>, Refusal> {
    Ok(Created(app::create(&state, person(&who)?, body).await?))
}

/// Read an organization.
#[utoipa::path(
    get, path = "/organizations/{organizationId}",
    params(("organizationId" = String, Path, description = "Its id")),
    responses((status = 200, description = "The organization", body = Organization), Errors),
)]
pub(crate) async fn read_organization(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Organization>, Refusal> {
    Ok(Answer(app::read(&state, &caller).await?))
}

/// Delete an organization, its memberships and its keys. A personal one cannot
/// be deleted.
#[utoipa::path(
    delete, path = "/organizations/{organizationId}",
    params(("organizationId" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), Errors),
)]
pub(crate) async fn delete_organization(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Done, Refusal> {
    app::delete(&state, &caller).await?;
    Ok(Done)
}

/// Leave an organization. Your keys for it go with you.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/leave",
    params(("organizationId" = String, Path, description = "Its id")),
    responses((status = 204, description = "You left"), Errors),
)]
pub(crate) async fn leave_organization(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Done, Refusal> {
    app::members::leave(&state, &caller, person(&caller.who)?).await?;
    Ok(Done)
}

/// Read what of the organization's resources for sandboxes is used.
#[utoipa::path(
    get, path = "/organizations/{organizationId}/usage",
    params(("organizationId" = String, Path, description = "Its id")),
    responses((status = 200, description = "What is used", body = Object), Errors),
)]
pub(crate) async fn read_organization_usage(_caller: Caller) -> Answer<Value> {
    Answer(app::usage())
}
