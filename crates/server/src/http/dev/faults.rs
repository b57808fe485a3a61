//! Where faults are injected: behind the guard of each REST operation, in
//! front of its handler. A router without `/_dev` does not have this layer.

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodRouter;
use parlor_model::error::{ApiError, ErrorBody, ErrorKind};

use crate::cx::AppState;
use crate::dev::{Dev, FaultInjector, Refusal, Strike};
use crate::http::error::{api_error, json};

/// `handler`, with the faults of its operation in front.
pub(crate) fn faulty(
    handler: MethodRouter<AppState>,
    dev: &Dev,
    operation: &'static str,
) -> MethodRouter<AppState> {
    let state = (dev.faults.clone(), operation);
    handler.route_layer(from_fn_with_state(state, inject))
}

async fn inject(
    State((faults, operation)): State<(FaultInjector, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let Strike { latency, refusal } = faults.strike(operation);
    if !latency.is_zero() {
        // Real time: it is a real client that waits.
        tokio::time::sleep(latency).await;
    }
    match refusal {
        None => next.run(request).await,
        Some(refusal) => refuse(refusal),
    }
}

fn refuse(refusal: Refusal) -> Response {
    let Refusal { status, retry_after } = refusal;
    let again = format!("try again in {retry_after} s");
    let info = format!("this request fails on purpose, as POST /_dev/faults asked for; {again}");
    let mut response = match status.is_rate_limit() {
        true => api_error(&ApiError::new(ErrorKind::RateLimit, info)),
        false => server_error(status.code(), info),
    };
    if [429, 503].contains(&status.code()) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
    }
    response
}

fn server_error(code: u16, info: String) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = match code {
        501 => ErrorKind::NotImplemented,
        503 => ErrorKind::Unavailable,
        _ => ErrorKind::Server,
    };
    let mut response = json(status, &ErrorBody { error: kind.wire().to_owned(), info });
    response.extensions_mut().insert(kind);
    response
}
