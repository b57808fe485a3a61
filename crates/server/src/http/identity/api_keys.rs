//! `/api-keys`.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use parlor_model::error::ApiError;
use parlor_model::identity::api_key::{
    ApiKeyItem, ChangeApiKeyBody, CreateApiKeyBody, NewApiKeyValue, RotateApiKeyBody,
};

use super::body::{Created, Done};
use crate::app::api_keys;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, Segment, TwoSegments};
use crate::http::openapi::Errors;
use crate::identity::{Caller, Who};

/// A key that was just made. No cache may keep it.
pub(crate) struct ShownOnce(NewApiKeyValue);

impl IntoResponse for ShownOnce {
    fn into_response(self) -> Response {
        let mut response = Created(self.0).into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Make an API key. The answer shows its value, and nothing ever does again.
/// Nobody can give a key more than they hold themselves.
#[utoipa::path(
    post, path = "/api-keys",
    request_body(content = CreateApiKeyBody),
    responses((status = 201, description = "The key, with its value", body = NewApiKeyValue), Errors),
)]
pub(crate) async fn create_api_key(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<ShownOnce, Refusal> {
    Ok(ShownOnce(api_keys::create(&state, &caller, &body).await?))
}

/// List API keys, last used first. Whoever administers the organization sees
/// all of them, anybody else their own.
#[utoipa::path(
    get, path = "/api-keys",
    responses((status = 200, description = "The keys, expired ones included", body = Vec<ApiKeyItem>), Errors),
)]
pub(crate) async fn list_api_keys(
    State(state): State<AppState>,
    caller: Caller,
) -> Answer<Vec<ApiKeyItem>> {
    Answer(api_keys::list(&state, &caller))
}

/// Read the API key that the request carries.
#[utoipa::path(
    get, path = "/api-keys/current",
    responses((status = 200, description = "The key", body = ApiKeyItem), Errors),
)]
pub(crate) async fn read_current_api_key(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<ApiKeyItem>, Refusal> {
    match &caller.who {
        Who::Key(key) => Ok(Answer(api_keys::current(&state, key))),
        Who::Person(_) => Err(ApiError::key_only().into()),
    }
}

/// Read an API key.
#[utoipa::path(
    get, path = "/api-keys/{name}",
    params(("name" = String, Path, description = "The key's name", example = "ci")),
    responses((status = 200, description = "The key", body = ApiKeyItem), Errors),
)]
pub(crate) async fn read_api_key(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
) -> Result<Answer<ApiKeyItem>, Refusal> {
    Ok(Answer(api_keys::read(&state, &caller, &name)?))
}

/// Delete an API key. It is refused at once, and so are the meeting tokens
/// signed with it.
#[utoipa::path(
    delete, path = "/api-keys/{name}",
    params(("name" = String, Path, description = "The key's name", example = "ci")),
    responses((status = 204, description = "It is gone"), Errors),
)]
pub(crate) async fn delete_api_key(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
) -> Result<Done, Refusal> {
    api_keys::delete(&state, &caller, &name).await?;
    Ok(Done)
}

/// Delete the API key of somebody. Of another user's only who administers the
/// organization; keys made at the server's machine are `operator`'s.
#[utoipa::path(
    delete, path = "/api-keys/{userId}/{name}",
    params(
        ("userId" = String, Path, description = "Whose key", example = "operator"),
        ("name" = String, Path, description = "The key's name", example = "ci"),
    ),
    responses((status = 204, description = "It is gone"), Errors),
)]
pub(crate) async fn delete_api_key_of_user(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(user, name): TwoSegments,
) -> Result<Done, Refusal> {
    api_keys::delete_of_user(&state, &caller, &user, &name).await?;
    Ok(Done)
}

/// Change what an API key is held to beside its organization. It is in force
/// with the next request.
#[utoipa::path(
    patch, path = "/api-keys/{name}",
    params(("name" = String, Path, description = "The key's name", example = "ci")),
    request_body(content = ChangeApiKeyBody),
    responses((status = 200, description = "The key", body = ApiKeyItem), Errors),
)]
pub(crate) async fn change_api_key(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<ApiKeyItem>, Refusal> {
    Ok(Answer(api_keys::change_limits(&state, &caller, &name, &body).await?))
}

/// Rotate an API key. Its successor takes its name and permissions; the old
/// one is called `<name>-old-<n>` and works on for the overlap, and so do the
/// meeting tokens signed with it.
#[utoipa::path(
    post, path = "/api-keys/{name}/rotate",
    params(("name" = String, Path, description = "The key's name", example = "ci")),
    request_body(content = RotateApiKeyBody, description = "May be empty"),
    responses((status = 201, description = "The successor, with its value", body = NewApiKeyValue), Errors),
)]
pub(crate) async fn rotate_api_key(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<ShownOnce, Refusal> {
    Ok(ShownOnce(api_keys::rotate(&state, &caller, &name, &body).await?))
}
