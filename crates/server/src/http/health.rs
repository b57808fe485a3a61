//! Whether the process is up, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use parlor_model::command::Command;
use parlor_model::id::RoomId;
use parlor_store::StoreError;
use serde_json::json;

use crate::cx::AppState;
use crate::http::error;

/// The process answers.
pub(crate) async fn healthz() -> Response {
    error::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// The records can be read and the live rooms answer.
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    let store = state
        .cx
        .store
        .read(|c| parlor_store::orgs::find(c, state.cx.settings.org));
    let store = match store {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err("the organization of this origin is missing".to_owned()),
        Err(error) => Err(StoreError::to_string(&error)),
    };
    // A room that cannot exist: the answer is empty, and cheap.
    let nowhere = Command::RoomPresence {
        room: RoomId::from_random([0; 16]),
    };
    let media = state
        .cx
        .bus
        .request(nowhere)
        .await
        .map_err(|error| error.to_string());
    let is_ready = store.is_ok() && media.is_ok();
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = |result: Result<(), String>| result.err().unwrap_or_else(|| "ok".to_owned());
    let body = json!({
        "status": if is_ready { "ok" } else { "unavailable" },
        "store": word(store),
        "media": word(media.map(drop)),
    });
    error::json(status, &body)
}
