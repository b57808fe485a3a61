//! Call sockets: `GET /_parlor/call`, one WebSocket a stay. Each is a task
//! that turns text frames into messages for the worker of its room and writes
//! what the room says, with a limit on everything a client could let grow:
//! the time to the first message, the length and rate of messages, the bytes
//! that wait to be read, the time a write may take, and the number of sockets.

mod door;
mod frame;
mod pace;
mod places;
mod stay;

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use parlor_bus::SenderAddr;
use parlor_model::call::{MAX_MESSAGE_BYTES, RefusalReason, ServerMessage};
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::join::JoinRefusal;

use crate::node::Shared;

pub use door::HELLO_TIMEOUT;
pub use places::{MAX_AT_THE_DOOR, MAX_AT_THE_DOOR_PER_ADDRESS, MAX_CALL_SOCKETS};
pub(crate) use places::{NoPlace, Place, Places};

/// What a socket reads at a time. The default of the library is 128 KiB, for
/// each socket and at once.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Hard bound on a message. Those between the protocol's limit and this one
/// are still read, so that the close can say what was wrong.
const HARD_MESSAGE_BYTES: usize = 2 * MAX_MESSAGE_BYTES;

/// The route of call sockets.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/_parlor/call", get(open_call)).with_state(shared)
}

/// The refusal of a socket whose ticket or secret is not good.
pub(crate) fn refusal(info: &str) -> ServerMessage {
    ServerMessage::Refused { reason: RefusalReason::ConnectionError, info: info.to_owned() }
}

/// The refusal of a socket whose ticket is for a room that was deleted.
pub(crate) fn room_deleted() -> ServerMessage {
    ServerMessage::Refused {
        reason: RefusalReason::NoRoom,
        info: "the room was deleted".to_owned(),
    }
}

/// The refusal of a socket whose ticket is for one check too many.
pub(crate) fn too_many_checks() -> ServerMessage {
    ServerMessage::Refused {
        reason: RefusalReason::MeetingFull,
        info: "too many checks run now: try again in a minute".to_owned(),
    }
}

pub(crate) fn org_full(limit: u32) -> ServerMessage {
    let info = JoinRefusal::org_full_info(limit);
    ServerMessage::Refused { reason: RefusalReason::MeetingFull, info }
}

async fn open_call(
    State(shared): State<Arc<Shared>>,
    sender: Option<Extension<SenderAddr>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return not_a_socket(&rejection),
    };
    let sender = sender.map(|Extension(SenderAddr(address))| address);
    let place = match shared.places.take(sender) {
        Ok(place) => place,
        Err(reason) => return no_place(reason),
    };
    let tasks = shared.tasks.clone();
    upgrade
        .max_message_size(HARD_MESSAGE_BYTES)
        .max_frame_size(HARD_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .on_upgrade(move |socket| tasks.track_future(door::attend(shared, socket, place)))
}

fn not_a_socket(rejection: &WebSocketUpgradeRejection) -> Response {
    let info = format!("the call socket is a WebSocket: {}", rejection.body_text());
    answer(&ApiError::new(ErrorKind::InvalidRequest, info))
}

fn no_place(reason: NoPlace) -> Response {
    let info = match reason {
        NoPlace::Full => format!(
            "this node holds as many call sockets as it may: {MAX_CALL_SOCKETS} in all, of which \
             {MAX_AT_THE_DOOR} have not said yet who they are; try again in a few seconds"
        ),
        NoPlace::Share => format!(
            "{MAX_AT_THE_DOOR_PER_ADDRESS} call sockets from this address have not said yet who \
             they are; try again in a few seconds"
        ),
    };
    let mut response = answer(&ApiError::new(ErrorKind::Unavailable, info));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn answer(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, Json(error.to_body())).into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
