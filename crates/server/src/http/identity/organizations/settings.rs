//! `/organizations/{id}/…`: settings, and what the operator decides.

use axum::extract::State;
use parlor_model::error::ApiError;
use parlor_model::identity::limits::UsageLimits;
use serde_json::Value;

use crate::app::organizations::settings::{
    self, DEFAULT_REGION, EXPERIMENTAL, LIMITED_EGRESS, OTEL, PREVIEW_WARNING,
};
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, Segment, TwoSegments};
use crate::http::identity::body::Done;
use crate::http::openapi::Errors;
use crate::identity::Caller;

macro_rules! setters {
    ($($method:ident $path:literal $name:ident($setting:ident) = $doc:literal;)+) => {$(
        #[doc = $doc]
        #[utoipa::path(
            $method, path = $path,
            params(("organizationId" = String, Path, description = "The organization's id")),
            request_body(content = Object),
            responses((status = 204, description = "It is set"), Errors),
        )]
        pub(crate) async fn $name(
            State(state): State<AppState>,
            caller: Caller,
            JsonObject(body): JsonObject,
        ) -> Result<Done, Refusal> {
            settings::set(&state, &caller, $setting, body).await?;
            Ok(Done)
        }
    )+};
}

setters! {
    post "/organizations/{organizationId}/sandbox-default-limited-network-egress"
        set_limited_egress(LIMITED_EGRESS)
        = "Say whether new sandboxes reach only what they were allowed to.";
    post "/organizations/{organizationId}/preview-warning"
        set_preview_warning(PREVIEW_WARNING)
        = "Say whether previews of sandboxes warn first.";
    patch "/organizations/{organizationId}/default-region"
        set_default_region(DEFAULT_REGION)
        = "Say where sandboxes are made.";
    put "/organizations/{organizationId}/otel-config"
        set_otel_config(OTEL)
        = "Say where sandboxes send their telemetry.";
    put "/organizations/{organizationId}/experimental-config"
        set_experimental_config(EXPERIMENTAL)
        = "Set what is tried out.";
}

/// Read where sandboxes send their telemetry.
#[utoipa::path(
    get, path = "/organizations/{organizationId}/otel-config",
    params(("organizationId" = String, Path, description = "The organization's id")),
    responses((status = 200, description = "As it was set", body = Object), Errors),
)]
pub(crate) async fn read_otel_config(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Value>, Refusal> {
    Ok(Answer(settings::read(&state, &caller, OTEL)?))
}

/// Send no telemetry of sandboxes any more.
#[utoipa::path(
    delete, path = "/organizations/{organizationId}/otel-config",
    params(("organizationId" = String, Path, description = "The organization's id")),
    responses((status = 204, description = "It is gone"), Errors),
)]
pub(crate) async fn delete_otel_config(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Done, Refusal> {
    settings::clear(&state, &caller, OTEL).await?;
    Ok(Done)
}

/// Suspend an organization: it starts nothing any more. For the operator.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/suspend",
    params(("organizationId" = String, Path, description = "The organization's id")),
    request_body(content = Object),
    responses((status = 204, description = "It is suspended"), Errors),
)]
pub(crate) async fn suspend_organization(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(id): Segment,
    JsonObject(body): JsonObject,
) -> Result<Done, Refusal> {
    settings::suspend(&state, &id, &body).await?;
    Ok(Done)
}

/// Set what an organization may use: rooms, people at once, recorded minutes,
/// and rates. `null` takes a limit back; what is not named stays. For the
/// operator.
#[utoipa::path(
    patch, path = "/organizations/{organizationId}/quota",
    params(("organizationId" = String, Path, description = "The organization's id")),
    request_body(content = UsageLimits),
    responses((status = 204, description = "It is in force"), Errors),
)]
pub(crate) async fn set_quota(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(id): Segment,
    JsonObject(body): JsonObject,
) -> Result<Done, Refusal> {
    settings::set_quota(&state, &id, &body).await?;
    Ok(Done)
}

/// Set what an organization may use in a region. There are none: sandboxes,
/// which have them, have no engine in this release. For the operator.
#[utoipa::path(
    patch, path = "/organizations/{organizationId}/quota/{regionId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("regionId" = String, Path, description = "The region's id", example = "eu"),
    ),
    request_body(content = Object),
    responses((status = 204, description = "It is in force"), Errors),
)]
pub(crate) async fn set_region_quota(
    _caller: Caller,
    TwoSegments(_organization, region): TwoSegments,
) -> Result<Done, Refusal> {
    Err(ApiError::not_found("region", &region).into())
}

/// Let a suspended organization go on. For the operator.
#[utoipa::path(
    post, path = "/organizations/{organizationId}/unsuspend",
    params(("organizationId" = String, Path, description = "The organization's id")),
    responses((status = 204, description = "It goes on"), Errors),
)]
pub(crate) async fn unsuspend_organization(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Done, Refusal> {
    settings::unsuspend(&state, &id).await?;
    Ok(Done)
}
