//! Whether the process is up, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use parlor_model::command::{Command, Reply};
use parlor_model::id::{OrgId, RoomId};
use parlor_model::time::UnixMillis;
use parlor_store::StoreError;
use serde::Serialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::cx::{AppState, Shared};
use crate::http::error;

/// How long an answer about readiness holds. Anybody may ask, and each look
/// takes a place in the queue of the live rooms.
const FRESH_MILLIS: i64 = 1000;

/// What was found out last. Those who ask meanwhile wait for the one look.
#[derive(Debug, Default)]
pub(crate) struct LastReadiness(Mutex<Option<(UnixMillis, Readiness)>>);

#[derive(Clone, Debug, Serialize)]
struct Readiness {
    status: &'static str,
    store: String,
    media: String,
    /// The share of its time that the least busy media thread works, in percent.
    /// `None`: it did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_load: Option<u8>,
}

/// The process answers.
pub(crate) async fn healthz() -> Response {
    error::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// The records can be read and the live rooms answer.
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    let mut last = state.readiness.0.lock().await;
    let now = state.now();
    let fresh = last.as_ref().filter(|(at, _)| (0..FRESH_MILLIS).contains(&now.millis_since(*at)));
    let readiness = match fresh {
        Some((_, readiness)) => readiness.clone(),
        None => look(&state).await,
    };
    if fresh.is_none() {
        *last = Some((now, readiness.clone()));
    }
    drop(last);
    let status = match readiness.status {
        "ok" => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    error::json(status, &readiness)
}

async fn look(state: &Shared) -> Readiness {
    // An organization that cannot exist: the answer is empty and cheap, but
    // every media thread has to give its part.
    let nowhere = Command::OrgPresence { org: OrgId::from_random([0; 16]) };
    let media = state.cx.bus.request(nowhere).await;
    let media = media.map(drop).map_err(|error| error.to_string());
    let any_room = Command::Load { room: RoomId::from_random([0; 16]) };
    let media_load = match &media {
        Ok(()) => state.cx.bus.request(any_room).await.ok(),
        Err(_) => None,
    };
    let media_load = media_load.and_then(|reply| match reply {
        Reply::Load { percent, .. } => Some(percent),
        _ => None,
    });
    let store = look_at_store(state);
    let is_ready = store.is_ok() && media.is_ok();
    let word = |result: Result<(), String>| result.err().unwrap_or_else(|| "ok".to_owned());
    Readiness {
        status: if is_ready { "ok" } else { "unavailable" },
        store: word(store),
        media: word(media),
        media_load,
    }
}

fn look_at_store(state: &Shared) -> Result<(), String> {
    let org = state.cx.settings.org;
    let found = state
        .cx
        .store
        .read(|c| parlor_store::orgs::find(c, org))
        .map_err(|error: StoreError| error.to_string())?;
    match found {
        Some(_) => Ok(()),
        None => Err("the organization of this origin is missing".to_owned()),
    }
}
