//! `/v1/batch/rooms`.

use axum::extract::State;
use parlor_model::rest::batch_rooms::{CreateRooms, DeleteRooms, DeletedRooms};
use parlor_model::rest::rooms::Room;

use crate::app::batch_rooms;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::JsonObject;
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// Create up to 1,000 rooms: all of them, or none.
#[utoipa::path(
    post, path = "/batch/rooms", tag = "rooms",
    request_body(content = CreateRooms),
    responses((status = 200, description = "The rooms, in the order of the request", body = Vec<Room>), Errors),
)]
pub(crate) async fn create_rooms(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<Vec<Room>>, Refusal> {
    Ok(Answer(batch_rooms::create(&state, caller.room_maker(), &body).await?))
}

/// Delete up to 1,000 rooms by name. Names of no room are passed over;
/// everybody in the rooms is removed.
#[utoipa::path(
    delete, path = "/batch/rooms", tag = "rooms",
    request_body(content = DeleteRooms),
    responses((status = 200, description = "How many there were", body = DeletedRooms), Errors),
)]
pub(crate) async fn delete_rooms(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<DeletedRooms>, Refusal> {
    let deleted_count = batch_rooms::delete(&state, caller.org(), &body).await?;
    Ok(Answer(DeletedRooms { deleted_count }))
}
