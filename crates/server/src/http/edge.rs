//! The outermost layer: what happens to a request before a route is chosen,
//! and to every answer. It wraps the router from outside, since inside a route
//! has already been chosen:
//!
//! request id → span → size of the head → address → small body → CORS → router →
//! envelope of the identity face → log.

mod address;
mod cors;
mod small_body;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt as _;
use parlor_model::error::ApiError;
use tower::Service;
use tracing::Instrument as _;

use crate::clock::Clock;
use crate::cx::AppState;
use crate::http::error::api_error;
use crate::http::identity;
use crate::http::listen::ListenLimits;
use crate::http::request_log::{self, REQUEST_ID, RequestId, RequestIds};

pub(crate) use small_body::HasArrived;

/// Marks a request of the REST API whose address was not percent-encoded UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BadAddress;

/// The whole HTTP application. Cheap to clone; a tower service.
#[derive(Clone)]
pub struct App {
    router: Router,
    shared: Arc<EdgeState>,
}

struct EdgeState {
    ids: RequestIds,
    head_bytes: usize,
    body_time: Duration,
    listen: ListenLimits,
    clock: Arc<dyn Clock>,
}

impl App {
    pub(crate) fn new(router: Router, state: &AppState, process: [u8; 8]) -> Self {
        let limits = &state.cx.settings.limits;
        let shared = EdgeState {
            ids: RequestIds::of_process(process),
            head_bytes: limits.head_bytes,
            body_time: limits.body_time,
            listen: limits.listen,
            clock: Arc::clone(&state.cx.clock),
        };
        Self { router, shared: Arc::new(shared) }
    }

    /// The bounds of the connections that carry requests here.
    pub(crate) fn listen_limits(&self) -> ListenLimits {
        self.shared.listen
    }

    async fn answer(mut self, mut request: Request) -> Response {
        if head_bytes(&request) > self.shared.head_bytes {
            return api_error(&ApiError::headers_too_large(self.shared.head_bytes));
        }
        if let Err(error) = address::normalise(request.uri_mut()) {
            let is_rest = address::is_rest(request.uri().path());
            if !is_rest || address::mend(request.uri_mut()).is_err() {
                return api_error(&error);
            }
            // The route's guard says so, to those who may know.
            request.extensions_mut().insert(BadAddress);
        }
        let request = match small_body::read_ahead(request, self.shared.body_time).await {
            Ok(request) => request,
            Err(error) => return api_error(&error),
        };
        let Some(policy) = cors::policy_of(request.uri().path()) else {
            return self.route(request).await;
        };
        let mut response = match policy.preflight(&request) {
            Some(response) => response,
            None => self.route(request).await,
        };
        policy.apply(&mut response);
        response
    }

    async fn route(&mut self, request: Request) -> Response {
        match self.router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Service<Request<Body>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let started = Instant::now();
        let id = self.shared.ids.next();
        let span = request_log::span(id, request.method());
        let app = self.clone();
        let clock = Arc::clone(&self.shared.clock);
        let envelope = identity::Envelope::of(request.uri().path());
        let work = async move {
            let answered = AssertUnwindSafe(app.answer(request)).catch_unwind().await;
            let mut response = answered.unwrap_or_else(|_panic| panicked(id));
            if let Some(envelope) = envelope {
                response = envelope.apply(response, clock.now());
            }
            if let Some(name) = id.to_header() {
                response.headers_mut().insert(REQUEST_ID, name);
            }
            request_log::record(&response, started);
            Ok(response)
        };
        Box::pin(request_log::within(id, work.instrument(span)))
    }
}

/// A defect of ours. The panic hook has written where; the client still gets
/// an answer. Nothing is left half-done: records change in transactions.
fn panicked(id: RequestId) -> Response {
    tracing::error!("a request failed with a panic");
    api_error(&ApiError::internal(&id.to_text()))
}

/// Request line and headers as they were on the wire, give or take a few bytes.
fn head_bytes(request: &Request) -> usize {
    let address = request.uri().path_and_query().map_or(0, |text| text.as_str().len());
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    address + headers
}
