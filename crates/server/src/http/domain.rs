//! `/v1`: the domain itself.

use axum::extract::State;
use parlor_model::rest::domain::{Domain, UpdateDomain};

use crate::app::domain;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::JsonObject;
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// Read the domain: its name, its id and its properties.
#[utoipa::path(get, path = "/", tag = "domain", responses((status = 200, description = "The domain", body = Domain), Errors))]
pub(crate) async fn read_domain(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Domain>, Refusal> {
    Ok(Answer(domain::read(&state, caller.org())?))
}

/// Change the domain's properties. What is not named stays; `null` resets a
/// property.
#[utoipa::path(
    post, path = "/", tag = "domain",
    request_body(content = UpdateDomain, description = "May be empty"),
    responses((status = 200, description = "The domain", body = Domain), Errors),
)]
pub(crate) async fn update_domain(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<Domain>, Refusal> {
    Ok(Answer(domain::update(&state, caller.org(), &body).await?))
}
