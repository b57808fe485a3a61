//! `/_parlor/*`: what our bundle and our pages call. No key: who may enter is
//! decided by the room and the meeting token.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use parlor_model::call::RefusalReason;
use parlor_model::error::ApiError;
use parlor_model::join::{JoinPurpose, JoinRequest};
use parlor_model::rest::body::parse_object;
use serde_json::{Map, Value};

use crate::app::join;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal, api_error, json};
use crate::http::extract::read_body;
use crate::http::guard::say_budget;
use crate::http::rate_limit::{Budget, Door};
use crate::http::sender;

/// `POST /_parlor/join`: from a room's name and perhaps a token to a ticket
/// and the address of the call socket.
pub(crate) async fn join(State(state): State<AppState>, request: Request) -> Response {
    let budget = sender::budget(&state, Door::Join, request.extensions(), request.headers());
    if let Some(Err(error)) = budget.map(Budget::admit) {
        let mut response = api_error(&error);
        if let Some(budget) = budget {
            say_budget(response.headers_mut(), budget);
        }
        return response;
    }
    match enter(&state, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn enter(state: &AppState, request: Request) -> Result<Response, Refusal> {
    let Some(org) = state.org_of_host(request.headers())? else {
        let refused = join::no_organization();
        return Ok(json(status(refused.reason), &refused));
    };
    let bytes = read_body(request, &state.cx.settings.limits).await?;
    let wanted = parse_request(&bytes)?;
    Ok(match join::join(state, org, wanted).await? {
        Ok(answer) => Answer(answer).into_response(),
        Err(refused) => json(status(refused.reason), &refused),
    })
}

fn parse_request(bytes: &[u8]) -> Result<JoinRequest, ApiError> {
    let mut object = parse_object(bytes)?;
    let room = text(&mut object, "room")?.ok_or_else(|| ApiError::missing_field("room"))?;
    let token = text(&mut object, "token")?;
    Ok(JoinRequest {
        room,
        token,
        user_name: text(&mut object, "user_name")?,
        purpose: purpose(&mut object)?,
        pass: text(&mut object, "pass")?,
    })
}

fn purpose(object: &mut Map<String, Value>) -> Result<JoinPurpose, ApiError> {
    match text(object, "purpose")?.as_deref() {
        None | Some("call") => Ok(JoinPurpose::Call),
        Some("check") => Ok(JoinPurpose::Check),
        Some(other) => Err(ApiError::wrong_value("purpose", &other.into(), "`call` or `check`")),
    }
}

/// A field that is a string; `null` counts as absent.
fn text(object: &mut Map<String, Value>, key: &str) -> Result<Option<String>, ApiError> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(ApiError::wrong_value(key, &other, "a string")),
    }
}

/// The statuses that `model::join` documents.
fn status(reason: RefusalReason) -> StatusCode {
    match reason {
        RefusalReason::NoRoom => StatusCode::NOT_FOUND,
        RefusalReason::ExpRoom => StatusCode::GONE,
        RefusalReason::MeetingFull => StatusCode::SERVICE_UNAVAILABLE,
        RefusalReason::NotAllowed
        | RefusalReason::NbfRoom
        | RefusalReason::NbfToken
        | RefusalReason::ExpToken
        | RefusalReason::ConnectionError => StatusCode::FORBIDDEN,
    }
}
