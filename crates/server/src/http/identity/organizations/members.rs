//! `/organizations/{id}/users` and `/organizations/{id}/roles`.

use axum::extract::State;
use parlor_model::identity::member::{Member, SetAccess};
use parlor_model::identity::role::{Role, SaveRole};

use crate::app::organizations::{members, roles};
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::TwoSegments;
use crate::http::identity::body::{Created, Done, Typed};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// List the members of an organization.
#[utoipa::path(
    get, path = "/organizations/{organizationId}/users",
    params(("organizationId" = String, Path, description = "The organization's id")),
    responses((status = 200, description = "The members", body = Vec<Member>), Errors),
)]
pub(crate) async fn list_members(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Vec<Member>>, Refusal> {
    Ok(Answer(members::list(&state, &caller)?))
}

/// Change what somebody is in an organization. The keys that hold what they
/// lose are deleted.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/users/{userId}/access",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("userId" = String, Path, description = "The member's id"),
    ),
    request_body(content = SetAccess),
    responses((status = 200, description = "The member", body = Member), Errors),
)]
pub(crate) async fn set_member_access(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(_, user): TwoSegments,
    Typed(body): Typed<SetAccess>,
) -> Result<Answer<Member>, Refusal> {
    Ok(Answer(members::set_access(&state, &caller, &user, body).await?))
}

/// Take somebody out of an organization. Their keys for it are deleted.
#[utoipa::path(
    delete, path = "/organizations/{organizationId}/users/{userId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("userId" = String, Path, description = "The member's id"),
    ),
    responses((status = 204, description = "They are out"), Errors),
)]
pub(crate) async fn remove_member(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(_, user): TwoSegments,
) -> Result<Done, Refusal> {
    members::remove(&state, &caller, &user).await?;
    Ok(Done)
}

/// List the roles of an organization, built-in ones first.
#[utoipa::path(
    get, path = "/organizations/{organizationId}/roles",
    params(("organizationId" = String, Path, description = "The organization's id")),
    responses((status = 200, description = "The roles", body = Vec<Role>), Errors),
)]
pub(crate) async fn list_roles(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Vec<Role>>, Refusal> {
    Ok(Answer(roles::list(&state, &caller)?))
}

/// Create a role. Nobody can give more than they hold.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/roles",
    params(("organizationId" = String, Path, description = "The organization's id")),
    request_body(content = SaveRole),
    responses((status = 201, description = "The role", body = Role), Errors),
)]
pub(crate) async fn create_role(
    State(state): State<AppState>,
    caller: Caller,
    Typed(body): Typed<SaveRole>,
) -> Result<Created<Role>, Refusal> {
    Ok(Created(roles::create(&state, &caller, body).await?))
}

/// Change a role. The keys of members that hold what they lose are deleted.
#[utoipa::path(
    put, path = "/organizations/{organizationId}/roles/{roleId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("roleId" = String, Path, description = "The role's id"),
    ),
    request_body(content = SaveRole),
    responses((status = 200, description = "The role", body = Role), Errors),
)]
pub(crate) async fn update_role(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(_, role): TwoSegments,
    Typed(body): Typed<SaveRole>,
) -> Result<Answer<Role>, Refusal> {
    Ok(Answer(roles::update(&state, &caller, &role, body).await?))
}

/// Delete a role. Members lose what it gave, and the keys that hold it.
#[utoipa::path(
    delete, path = "/organizations/{organizationId}/roles/{roleId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("roleId" = String, Path, description = "The role's id"),
    ),
    responses((status = 204, description = "It is gone"), Errors),
)]
pub(crate) async fn delete_role(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(_, role): TwoSegments,
) -> Result<Done, Refusal> {
    roles::delete(&state, &caller, &role).await?;
    Ok(Done)
}
