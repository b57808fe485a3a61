//! `/_dev`: the routes of the emulator. They exist in `parlor dev` only, and
//! want an API key, since any web page can reach loopback. They are not
//! limited, and no fault applies to them.

mod faults;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use parlor_model::error::ApiError;
use parlor_model::key_permission::KeyPermission;
use parlor_model::rest::dev::ClockState;
use serde_json::Value;

use crate::app;
use crate::cx::AppState;
use crate::dev::Dev;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::JsonObject;
use crate::identity::caller::Named;
use crate::identity::{Caller, Who};

pub(crate) use faults::faulty;

/// The routes, behind their door.
pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/_dev/clock", get(read_clock).post(advance_clock))
        .route("/_dev/reset", post(start_over))
        .route("/_dev/crash", post(crash))
        .route("/_dev/faults", get(read_faults).post(set_faults).delete(clear_faults))
        .route_layer(from_fn_with_state(Arc::clone(state), door))
}

/// Whoever may do everything in the organization may do this.
async fn door(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let named = Named::in_header(request.headers());
    let admitted = Who::authenticate(&state, request.headers())
        .await
        .and_then(|who| Caller::choose(&state, who, named))
        .and_then(|caller| Ok(caller.demand(KeyPermission::AdminOrganization)?));
    match admitted {
        Ok(()) => next.run(request).await,
        Err(failure) => Refusal::from(failure).into_response(),
    }
}

impl FromRequestParts<AppState> for Dev {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let missing = || Refusal::from(ApiError::unknown_route(parts.uri.path()));
        state.cx.dev.clone().ok_or_else(missing)
    }
}

async fn read_clock(dev: Dev) -> Answer<ClockState> {
    Answer(app::dev::clock(&dev))
}

async fn advance_clock(
    State(state): State<AppState>,
    dev: Dev,
    JsonObject(body): JsonObject,
) -> Result<Answer<ClockState>, Refusal> {
    Ok(Answer(app::dev::advance_clock(&state, &dev, &body).await?))
}

async fn start_over(
    State(state): State<AppState>,
    dev: Dev,
    JsonObject(body): JsonObject,
) -> Result<Answer<Value>, Refusal> {
    Ok(Answer(app::dev::start_over(&state, &dev, &body).await?))
}

async fn crash(
    State(state): State<AppState>,
    _dev: Dev,
    JsonObject(body): JsonObject,
) -> Result<Answer<Value>, Refusal> {
    Ok(Answer(app::dev::crash(&state, &body).await?))
}

async fn read_faults(dev: Dev) -> Answer<Value> {
    Answer(dev.faults.to_json())
}

async fn set_faults(dev: Dev, JsonObject(body): JsonObject) -> Result<Answer<Value>, Refusal> {
    Ok(Answer(app::dev::set_faults(&dev, &body)?))
}

async fn clear_faults(dev: Dev) -> Answer<Value> {
    dev.faults.clear();
    Answer(dev.faults.to_json())
}
