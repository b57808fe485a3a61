//! Watches one request of a caller pass by, for the log of requests: what was
//! asked, what was answered, and the beginning of both bodies.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use parlor_model::error::ErrorKind;
use parlor_model::id::OrgId;

use crate::api_log::{Actor, KEPT_BYTES, KEPT_URL_BYTES, Noted};
use crate::cx::AppState;
use crate::http::sender;
use crate::identity::{Caller, CallerId};

/// Operations whose answers are logs. They are not kept a second time.
const LOGS: [&str; 2] = ["list_logs", "list_api_logs"];

/// A request on its way.
#[derive(Debug)]
pub(super) struct Watch {
    org: OrgId,
    actor: Actor,
    ip: Option<IpAddr>,
    method: Method,
    url: String,
    body: Option<Tap>,
}

impl Watch {
    /// Watches a request of `caller`, where requests are logged.
    pub(super) fn on(
        state: &AppState,
        caller: &Caller,
        request: Request,
    ) -> (Request, Option<Self>) {
        if !state.cx.request_log.is_on() {
            return (request, None);
        }
        let url = beginning_of(request.uri().path_and_query().map_or("", |url| url.as_str()));
        let (ip, method) = (sender::address(state, &request), request.method().clone());
        let (request, body) = Tap::on(request);
        let actor = match caller.who.id() {
            CallerId::Key(key) => Actor::Key(key),
            CallerId::User(user) => Actor::Person(user),
        };
        (request, Some(Self { org: caller.org(), actor, ip, method, url, body }))
    }

    /// Notes how it was answered.
    pub(super) async fn note(
        self,
        state: &AppState,
        operation: &str,
        response: Response,
    ) -> Response {
        let (response, answered) = beginning(response).await;
        // What is no JSON cannot be searched for secrets.
        let was_json = response.extensions().get() != Some(&ErrorKind::JsonParsing);
        state.cx.request_log.note(Noted {
            org: self.org,
            actor: self.actor,
            ip: self.ip,
            method: self.method,
            url: self.url,
            status: response.status().as_u16(),
            at: state.now(),
            request: self.body.and_then(|body| body.seen()).filter(|_| was_json),
            response: answered.filter(|_| !LOGS.contains(&operation)),
        });
        response
    }
}

/// The beginning of a request's body, as far as somebody has read it.
#[derive(Clone, Debug, Default)]
struct Tap(Arc<Mutex<Vec<u8>>>);

impl Tap {
    /// A request whose body is looked at while it is read; unchanged when it
    /// has none.
    fn on(request: Request) -> (Request, Option<Self>) {
        if request.body().is_end_stream() {
            return (request, None);
        }
        let tap = Self::default();
        let seen = tap.clone();
        let request = request.map(|body| {
            Body::new(body.map_frame(move |frame| {
                if let Some(data) = frame.data_ref() {
                    seen.add(data);
                }
                frame
            }))
        });
        (request, Some(tap))
    }

    fn add(&self, data: &Bytes) {
        // Bytes stay bytes even if a thread panicked while holding them.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let more = (KEPT_BYTES - kept.len()).min(data.len());
        kept.extend_from_slice(&data[..more]);
    }

    /// What was read; `None` when nobody read anything.
    fn seen(&self) -> Option<Vec<u8>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(std::mem::take(&mut *kept)).filter(|kept| !kept.is_empty())
    }
}

/// The beginning of an address. Cut in the middle of a character, it loses
/// that.
fn beginning_of(url: &str) -> String {
    url[..url.floor_char_boundary(KEPT_URL_BYTES)].to_owned()
}

/// The beginning of an answer's body. Every answer of an operation is in
/// memory already.
async fn beginning(response: Response) -> (Response, Option<Vec<u8>>) {
    if response.body().size_hint().exact().is_none_or(|bytes| bytes == 0) {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let kept = bytes[..bytes.len().min(KEPT_BYTES)].to_vec();
    (Response::from_parts(parts, Body::from(bytes)), Some(kept))
}
