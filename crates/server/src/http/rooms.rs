//! `/v1/rooms`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use parlor_model::error::ErrorBody;
use parlor_model::rest::rooms::{
    CreateRoom, DeletedExpiredRoom, DeletedRoom, Room, RoomList, UpdateRoom,
};

use crate::app::rooms;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal, json};
use crate::http::extract::{JsonObject, QueryPairs, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// List rooms, newest first.
#[utoipa::path(
    get, path = "/rooms", tag = "rooms",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, description = "Most rooms in the page, 1 to 100; 100 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "Room id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Room id: the page ends just before it; `OLDEST` for the last page"),
    ),
    responses((status = 200, description = "One page", body = RoomList), Errors),
)]
pub(crate) async fn list_rooms(
    State(state): State<AppState>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Answer<RoomList>, Refusal> {
    Ok(Answer(rooms::list(&state, caller.org(), query.page()).await?))
}

/// Create a room. Every field is optional; without a name one is made up.
#[utoipa::path(
    post, path = "/rooms", tag = "rooms",
    request_body(content = CreateRoom, description = "May be empty"),
    responses((status = 200, description = "The room", body = Room), Errors),
)]
pub(crate) async fn create_room(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<Room>, Refusal> {
    Ok(Answer(rooms::create(&state, caller.room_maker(), &body).await?))
}

/// Read a room.
#[utoipa::path(
    get, path = "/rooms/{name}", tag = "rooms",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    responses((status = 200, description = "The room", body = Room), Errors),
)]
pub(crate) async fn read_room(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
) -> Result<Answer<Room>, Refusal> {
    Ok(Answer(rooms::read(&state, caller.org(), &name)?))
}

/// Change a room's privacy and properties. What is not named stays; `null`
/// resets a property.
#[utoipa::path(
    post, path = "/rooms/{name}", tag = "rooms",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    request_body(content = UpdateRoom, description = "May be empty"),
    responses((status = 200, description = "The room", body = Room), Errors),
)]
pub(crate) async fn update_room(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Room>, Refusal> {
    Ok(Answer(rooms::update(&state, caller.org(), &name, &body).await?))
}

/// Delete a room. Everybody in it is removed.
#[utoipa::path(
    delete, path = "/rooms/{name}", tag = "rooms",
    params(("name" = String, Path, description = "The room's name", example = "standup")),
    responses(
        (status = 200, description = "It is gone", body = DeletedRoom),
        (status = 404, description = "There is no such room. With `deleted: true` beside the error: it had expired, and now it is gone", body = ErrorBody),
        Errors,
    ),
)]
pub(crate) async fn delete_room(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
) -> Result<Response, Refusal> {
    let deleted = rooms::delete(&state, caller.org(), &name).await?;
    if deleted.was_expired {
        return Ok(json(StatusCode::NOT_FOUND, &DeletedExpiredRoom::new(&name)));
    }
    Ok(Answer(DeletedRoom { deleted: true, name }).into_response())
}
