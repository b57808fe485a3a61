//! `/_parlor/*`: what our bundle and our pages call. No key: who may enter is
//! decided by the room and the meeting token.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use parlor_model::call::RefusalReason;
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::join::JoinRequest;
use parlor_model::rest::body::parse_object;
use serde_json::Value;

use crate::app::join;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal, api_error, json};
use crate::http::extract::read_body;
use crate::http::guard::say_budget;
use crate::http::listen::PeerAddr;
use crate::http::rate_limit::Budget;

/// For whom a proxy asks.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// `POST /_parlor/join`: from a room's name and perhaps a token to a ticket
/// and the address of the call socket.
pub(crate) async fn join(State(state): State<AppState>, request: Request) -> Response {
    let budget = budget(&state, &request);
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

/// Counts the request against its sender's address, where requests are counted
/// and the address is known.
fn budget(state: &AppState, request: &Request) -> Option<Budget> {
    let settings = &state.cx.settings;
    let PeerAddr(peer) = *request.extensions().get::<PeerAddr>()?;
    settings.has_rate_limits.then(|| {
        let sender = sender(peer.ip(), request.headers());
        state
            .by_address
            .check(sender, settings.limits.rate.join, state.now())
    })
}

/// Whose request this is. A peer on this very machine is taken for a proxy
/// when it says for whom it asks: its own entry is the last one, and what the
/// client itself may have written stands before it.
fn sender(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !peer.is_loopback() {
        return peer;
    }
    let forwarded = headers.get_all(FORWARDED_FOR).iter().next_back();
    let last = forwarded.and_then(|list| list.to_str().ok()?.rsplit(',').next());
    last.and_then(|address| address.trim().parse().ok())
        .unwrap_or(peer)
}

async fn enter(state: &AppState, request: Request) -> Result<Response, Refusal> {
    let org = state.org_of_host(request.headers())?;
    let bytes = read_body(request, &state.cx.settings.limits).await?;
    let wanted = parse_request(&bytes)?;
    Ok(match join::join(state, org, wanted).await? {
        Ok(answer) => Answer(answer).into_response(),
        Err(refused) => json(status(refused.reason), &refused),
    })
}

fn parse_request(bytes: &[u8]) -> Result<JoinRequest, ApiError> {
    let object = parse_object(bytes)?;
    if !object.contains_key("room") {
        return Err(ApiError::missing_field("room"));
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|error| ApiError::new(ErrorKind::InvalidRequest, error.to_string()))
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

#[cfg(test)]
mod tests {
    use super::{FORWARDED_FOR, HeaderMap, IpAddr, sender};

    #[test]
    fn only_a_peer_on_this_machine_may_say_for_whom_it_asks() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let forwarded = |list: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, list.parse().unwrap());
            headers
        };
        let (near, far) = (ip("127.0.0.1"), ip("198.51.100.7"));
        assert_eq!(sender(near, &forwarded("203.0.113.9")), ip("203.0.113.9"));
        assert_eq!(
            sender(near, &forwarded("10.1.1.1, 203.0.113.9")),
            ip("203.0.113.9")
        );
        assert_eq!(sender(far, &forwarded("203.0.113.9")), far);
        assert_eq!(sender(near, &forwarded("unknown")), near);
        assert_eq!(sender(near, &HeaderMap::new()), near);
    }
}
