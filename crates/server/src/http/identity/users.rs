//! `/users`: the caller's own account.

use axum::extract::State;
use serde_json::{Value, json};

use crate::app::users;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::openapi::Errors;
use crate::identity::Who;

/// Read your own account; with an API key, that of its owner.
#[utoipa::path(
    get, path = "/users/me",
    responses((status = 200, description = "The account", body = Object), Errors),
)]
pub(crate) async fn read_me(
    State(state): State<AppState>,
    who: Who,
) -> Result<Answer<Value>, Refusal> {
    Ok(Answer(users::read_me(&state, &who)?))
}

/// List the providers that an account can be linked to. There are none: who
/// signs in elsewhere is linked by doing so.
#[utoipa::path(
    get, path = "/users/account-providers",
    responses((status = 200, description = "None", body = Vec<Object>), Errors),
)]
pub(crate) async fn list_account_providers(_who: Who) -> Answer<Value> {
    Answer(json!([]))
}
