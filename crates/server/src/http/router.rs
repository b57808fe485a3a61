//! Every address of the server, on one page: the REST operations with the
//! permission and the limit class of each, the operations that are not there
//! yet, and what needs no key.

mod engines;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on, post};
use parlor_model::error::ApiError;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::key_permission::KeyPermission::{
    self, CreateTokens, DeleteRooms, ReadDomain, ReadLogs, ReadMeetings, ReadRooms, WriteCalls,
    WriteDomain, WriteRooms,
};
use tower_http::compression::CompressionLayer;

use crate::cx::AppState;
use crate::http::error::api_error;
use crate::http::guard::{Rule, guard};
use crate::http::rate_limit::LimitClass::{self, Batch, Heavy, Standard};
use crate::http::{
    account, act, batch_rooms, client, dev, domain, health, identity, live_actions, logs,
    meeting_tokens, meetings, oauth, openapi, pages, presence, rooms, sender,
};

/// Where the REST API is mounted: the documented base, and the one of the
/// older documentation.
pub(crate) const BASES: [&str; 2] = ["/v1", "/api/v1"];

/// One REST operation.
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// Below the base.
    pub(crate) path: &'static str,
    pub(crate) rule: Rule,
    state: RouteState,
    handler: MethodRouter<AppState>,
}

impl Operation {
    /// Writes it down in the audit log: what cannot be undone, and what changes
    /// who gets in and where data goes.
    fn noted(self, action: AuditAction, target: AuditTarget) -> Self {
        Self { rule: Rule { noted: Some((action, target)), ..self.rule }, ..self }
    }

    /// Checks the request and the state of things, and then answers 501:
    /// `lack` says what this server has not got.
    fn without_engine(self, lack: &'static str) -> Self {
        Self { state: RouteState::NoEngine(lack), ..self }
    }

    /// Checks the request and the state of things, and then answers 400: what
    /// it changes or stops can never have been started, for there is `lack`.
    fn of_nothing(self, lack: &'static str) -> Self {
        Self { state: RouteState::NothingRuns(lack), ..self }
    }
}

/// What becomes of a request that is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteState {
    /// It is carried out.
    Works,
    /// 501: this is what the server has not got.
    NoEngine(&'static str),
    /// 400: nothing can be running, since the server has not got this.
    NothingRuns(&'static str),
}

impl RouteState {
    /// What the server has not got; `None` if the operation works.
    #[must_use]
    pub const fn lack(self) -> Option<&'static str> {
        match self {
            Self::Works => None,
            Self::NoEngine(lack) | Self::NothingRuns(lack) => Some(lack),
        }
    }

    /// Whether a request that is as it should be is answered with 501.
    #[must_use]
    pub const fn ends_in_501(self) -> bool {
        matches!(self, Self::NoEngine(_))
    }
}

/// The REST operations.
pub(crate) fn operations() -> Vec<Operation> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const DELETE: Method = Method::DELETE;
    let mut all = vec![
        op(GET, "/rooms", "list_rooms", ReadRooms, Standard, rooms::list_rooms),
        op(POST, "/rooms", "create_room", WriteRooms, Standard, rooms::create_room),
        op(GET, "/rooms/{name}", "read_room", ReadRooms, Standard, rooms::read_room),
        op(POST, "/rooms/{name}", "update_room", WriteRooms, Standard, rooms::update_room)
            .noted(AuditAction::Update, AuditTarget::Room),
        op(DELETE, "/rooms/{name}", "delete_room", DeleteRooms, Heavy, rooms::delete_room)
            .noted(AuditAction::Delete, AuditTarget::Room),
        op(
            GET,
            "/rooms/{name}/presence",
            "list_room_presence",
            ReadRooms,
            Standard,
            presence::list_room_presence,
        ),
        op(
            POST,
            "/rooms/{name}/send-app-message",
            "send_app_message",
            WriteCalls,
            Standard,
            live_actions::send_app_message,
        ),
        op(
            GET,
            "/rooms/{name}/get-session-data",
            "read_session_data",
            ReadRooms,
            Standard,
            live_actions::read_session_data,
        ),
        op(
            POST,
            "/rooms/{name}/set-session-data",
            "set_session_data",
            WriteCalls,
            Standard,
            live_actions::set_session_data,
        ),
        op(POST, "/rooms/{name}/eject", "eject", WriteCalls, Standard, live_actions::eject),
        op(
            POST,
            "/rooms/{name}/update-permissions",
            "update_permissions",
            WriteCalls,
            Standard,
            live_actions::update_permissions,
        ),
        op(GET, "/presence", "list_presence", ReadRooms, Standard, presence::list_presence),
        op(
            POST,
            "/meeting-tokens",
            "create_meeting_token",
            CreateTokens,
            Standard,
            meeting_tokens::create_meeting_token,
        ),
        op(
            GET,
            "/meeting-tokens/{token}",
            "read_meeting_token",
            CreateTokens,
            Standard,
            meeting_tokens::read_meeting_token,
        ),
        op(GET, "/logs", "list_logs", ReadLogs, Standard, logs::list_logs),
        op(GET, "/logs/api", "list_api_logs", ReadLogs, Standard, logs::list_api_logs),
        op(GET, "/meetings", "list_meetings", ReadMeetings, Standard, meetings::list_meetings),
        op(GET, "/meetings/{id}", "read_meeting", ReadMeetings, Standard, meetings::read_meeting),
        op(
            GET,
            "/meetings/{id}/participants",
            "list_meeting_participants",
            ReadMeetings,
            Standard,
            meetings::list_meeting_participants,
        ),
        op(GET, "/", "read_domain", ReadDomain, Standard, domain::read_domain),
        op(POST, "/", "update_domain", WriteDomain, Standard, domain::update_domain)
            .noted(AuditAction::Update, AuditTarget::Domain),
        op(POST, "/batch/rooms", "create_rooms", WriteRooms, Batch, batch_rooms::create_rooms),
        op(DELETE, "/batch/rooms", "delete_rooms", DeleteRooms, Batch, batch_rooms::delete_rooms)
            .noted(AuditAction::Delete, AuditTarget::Room),
    ];
    all.extend(webhooks::operations());
    all.extend(engines::operations());
    all
}

/// A REST operation as tests and documents see it.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path below `/v1`.
    pub path: &'static str,
    /// Its name: the handler's, and the `operationId` of the document.
    pub operation: &'static str,
    /// What a key needs for it.
    pub permission: KeyPermission,
    /// Which limit it counts against.
    pub class: LimitClass,
    /// Whether the audit log has it.
    pub is_noted: bool,
    /// Whether it works.
    pub state: RouteState,
}

/// The REST operations.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |Operation { method, path, rule, state, .. }| Route {
        method,
        path,
        operation: rule.operation,
        permission: rule.permission,
        class: rule.class,
        is_noted: rule.noted.is_some(),
        state,
    };
    operations().into_iter().map(route).collect()
}

/// The operation at `method` and `path`, whatever its variable segments are
/// called (`:name`, `{name}`), with or without the base.
pub(crate) fn find_operation(method: &str, path: &str) -> Option<&'static str> {
    let path = BASES.iter().find_map(|base| path.strip_prefix(base)).unwrap_or(path);
    let mut fitting =
        operations().into_iter().filter(|one| one.method == method && is_same_path(one.path, path));
    fitting.next().map(|operation| operation.rule.operation)
}

fn is_same_path(own: &str, asked: &str) -> bool {
    let segments = |path: &str| path.trim_matches('/').split('/').count();
    let is_variable = |segment: &str| segment.starts_with([':', '{']);
    segments(own) == segments(asked)
        && own
            .trim_matches('/')
            .split('/')
            .zip(asked.trim_matches('/').split('/'))
            .all(|(own, asked)| own == asked || (is_variable(own) && is_variable(asked)))
}

/// The whole router, without the edge around it. `call_routes` are the media
/// node's.
pub(crate) fn router(state: &AppState, call_routes: Router) -> Router {
    let mut router = Router::new()
        .route("/_parlor/join", post(client::join))
        .route("/_parlor/act", post(act::act))
        .route("/_parlor/logs", post(logs::report))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .merge(account::routes())
        .merge(oauth::routes())
        .merge(pages::routes());
    for base in BASES {
        router = router.merge(rest(state, base));
    }
    router = router.merge(identity::router::routes(state));
    if state.cx.dev.is_some() {
        router = router.merge(dev::routes(state));
    }
    let mark = from_fn_with_state(Arc::clone(state), sender::mark);
    router
        .merge(call_routes.layer(mark).with_state(()))
        .fallback(pages::room_page)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Arc::clone(state))
}

/// The REST API below `base`.
fn rest(state: &AppState, base: &str) -> Router<AppState> {
    let document = get(openapi::read_openapi).layer(CompressionLayer::new());
    let mut router = Router::new().route(&format!("{base}/openapi.json"), document);
    for operation in operations() {
        let guarded = Arc::new((Arc::clone(state), operation.rule));
        let handler = match &state.cx.dev {
            None => operation.handler,
            Some(parts) => dev::faulty(operation.handler, parts, operation.rule.operation),
        };
        let handler = handler.route_layer(from_fn_with_state(guarded, guard));
        router = router.route(&join_path(base, operation.path), handler);
    }
    router
}

/// `/v1` and `/` are `/v1`: a trailing slash never reaches the router.
pub(crate) fn join_path(base: &str, path: &str) -> String {
    format!("{base}{}", path.trim_end_matches('/'))
}

fn op<H, T>(
    method: Method,
    path: &'static str,
    operation: &'static str,
    permission: KeyPermission,
    class: LimitClass,
    handler: H,
) -> Operation
where
    H: Handler<T, AppState>,
    T: 'static,
{
    let handler = on(filter(&method), handler);
    let rule = Rule { operation, permission, class, noted: None };
    Operation { method, path, rule, state: RouteState::Works, handler }
}

fn filter(method: &Method) -> MethodFilter {
    match *method {
        Method::POST => MethodFilter::POST,
        Method::PUT => MethodFilter::PUT,
        Method::DELETE => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// A known path with another method. axum adds `Allow`; OPTIONS asks for just
/// that and is answered with it.
async fn method_not_allowed(request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let (method, path) = (request.method().as_str(), request.uri().path());
    api_error(&ApiError::method_not_allowed(method, path, "the methods in the Allow header"))
}
