//! Names each request, and says once how it ended. What is logged is what an
//! operator needs to find a request, never keys, tokens, bodies or names.

use std::fmt::Write as _;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::http::{HeaderName, HeaderValue, Method};
use axum::response::Response;
use parlor_model::error::ErrorKind;
use parlor_model::id::OrgId;
use tokio::task_local;
use tracing::Span;

use crate::identity::CallerId;

/// The header that carries a request's name to the client.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

task_local! {
    static CURRENT: RequestId;
}

/// The name of one request: unique among all requests of all processes, for
/// practical purposes, without drawing randomness for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId {
    process: u64,
    number: u64,
}

impl RequestId {
    pub(crate) fn to_text(self) -> String {
        let mut text = String::with_capacity(29);
        // Writing into a String cannot fail.
        write!(text, "{:016x}-{:x}", self.process, self.number).ok();
        text
    }

    pub(crate) fn to_header(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.to_text()).ok()
    }
}

/// Hands out request names.
#[derive(Debug)]
pub(crate) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// Names that start with 8 bytes drawn once for the process.
    pub(crate) fn of_process(random: [u8; 8]) -> Self {
        Self { process: u64::from_be_bytes(random), next: AtomicU64::new(1) }
    }

    pub(crate) fn next(&self) -> RequestId {
        RequestId { process: self.process, number: self.next.fetch_add(1, Ordering::Relaxed) }
    }
}

/// The name of the request that the current task answers.
pub(crate) fn current_request() -> Option<String> {
    CURRENT.try_with(|id| id.to_text()).ok()
}

/// Runs `work` as the answering of request `id`.
pub(crate) fn within<F: Future>(id: RequestId, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(id, work)
}

/// Who called what, as far as it was found out; travels with the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Called {
    pub(crate) operation: &'static str,
    pub(crate) who: CallerId,
    pub(crate) org: OrgId,
}

impl Called {
    /// Notes it on the response, if anybody is going to read it.
    pub(crate) fn note_on(self, response: &mut Response) {
        if tracing::enabled!(tracing::Level::DEBUG) {
            response.extensions_mut().insert(self);
        }
    }
}

/// The span of one request.
pub(crate) fn span(id: RequestId, method: &Method) -> Span {
    let span = tracing::info_span!(
        "request",
        request.id = tracing::field::Empty,
        http.method = %method
    );
    if !span.is_disabled() {
        span.record("request.id", id.to_text());
    }
    span
}

/// Says how a request ended.
pub(crate) fn record(response: &Response, started: Instant) {
    let status = response.status().as_u16();
    let error = response.extensions().get::<ErrorKind>().map_or("", |kind| kind.wire());
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    match response.extensions().get::<Called>() {
        Some(Called { operation, who, org }) => tracing::debug!(
            operation, caller = %who, org.id = %org, status, error, duration_ms,
            "{operation} answered {status}"
        ),
        None => tracing::debug!(status, error, duration_ms, "answered {status}"),
    }
}
