//! `/organizations/{id}/invitations`, and those of whoever is invited.

use axum::extract::State;
use parlor_model::identity::invitation::{CreateInvitation, Invitation, UpdateInvitation};

use super::person;
use crate::app::organizations::invitations as app;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{Segment, TwoSegments};
use crate::http::identity::body::{Created, Done, Typed};
use crate::http::openapi::Errors;
use crate::identity::{Caller, Who};

/// List the invitations of an organization.
#[utoipa::path(
    get, path = "/organizations/{organizationId}/invitations",
    params(("organizationId" = String, Path, description = "The organization's id")),
    responses((status = 200, description = "The invitations", body = Vec<Invitation>), Errors),
)]
pub(crate) async fn list_invitations(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Vec<Invitation>>, Refusal> {
    Ok(Answer(app::list(&state, &caller)?))
}

/// Invite somebody. The answer has the page on which they accept: pass it on,
/// for this server sends no mail.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/invitations",
    params(("organizationId" = String, Path, description = "The organization's id")),
    request_body(content = CreateInvitation),
    responses((status = 201, description = "The invitation", body = Invitation), Errors),
)]
pub(crate) async fn create_invitation(
    State(state): State<AppState>,
    caller: Caller,
    Typed(body): Typed<CreateInvitation>,
) -> Result<Created<Invitation>, Refusal> {
    Ok(Created(app::create(&state, &caller, body).await?))
}

/// Change an invitation that was not answered yet.
#[utoipa::path(
    put, path = "/organizations/{organizationId}/invitations/{invitationId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("invitationId" = String, Path, description = "The invitation's id"),
    ),
    request_body(content = UpdateInvitation),
    responses((status = 200, description = "The invitation", body = Invitation), Errors),
)]
pub(crate) async fn update_invitation(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(_, invitation): TwoSegments,
    Typed(body): Typed<UpdateInvitation>,
) -> Result<Answer<Invitation>, Refusal> {
    Ok(Answer(app::update(&state, &caller, &invitation, body).await?))
}

/// Take an invitation back.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/invitations/{invitationId}/cancel",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("invitationId" = String, Path, description = "The invitation's id"),
    ),
    responses((status = 204, description = "It is taken back"), Errors),
)]
pub(crate) async fn cancel_invitation(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(_, invitation): TwoSegments,
) -> Result<Done, Refusal> {
    app::cancel(&state, &caller, &invitation).await?;
    Ok(Done)
}

/// List the invitations that wait for your answer.
#[utoipa::path(
    get, path = "/organizations/invitations",
    responses((status = 200, description = "The invitations", body = Vec<Invitation>), Errors),
)]
pub(crate) async fn list_my_invitations(
    State(state): State<AppState>,
    who: Who,
) -> Result<Answer<Vec<Invitation>>, Refusal> {
    Ok(Answer(app::list_mine(&state, person(&who)?)?))
}

/// Count the invitations that wait for your answer.
#[utoipa::path(
    get, path = "/organizations/invitations/count",
    responses((status = 200, description = "How many", body = usize), Errors),
)]
pub(crate) async fn count_my_invitations(
    State(state): State<AppState>,
    who: Who,
) -> Result<Answer<usize>, Refusal> {
    Ok(Answer(app::count_mine(&state, person(&who)?)?))
}

/// Accept an invitation: join the organization.
#[utoipa::path(
    post, path = "/organizations/invitations/{invitationId}/accept",
    params(("invitationId" = String, Path, description = "The invitation's id")),
    responses((status = 200, description = "The invitation", body = Invitation), Errors),
)]
pub(crate) async fn accept_invitation(
    State(state): State<AppState>,
    who: Who,
    Segment(invitation): Segment,
) -> Result<Answer<Invitation>, Refusal> {
    Ok(Answer(app::accept(&state, person(&who)?, &invitation).await?))
}

/// Decline an invitation.
#[utoipa::path(
    post, path = "/organizations/invitations/{invitationId}/decline",
    params(("invitationId" = String, Path, description = "The invitation's id")),
    responses((status = 204, description = "It is declined"), Errors),
)]
pub(crate) async fn decline_invitation(
    State(state): State<AppState>,
    who: Who,
    Segment(invitation): Segment,
) -> Result<Done, Refusal> {
    app::decline(&state, person(&who)?, &invitation).await?;
    Ok(Done)
}
