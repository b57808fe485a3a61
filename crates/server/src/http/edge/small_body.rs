//! Reads a small body before anybody decides whether it is wanted. An answer
//! that is given with the body still unread (no key, no such route, too many
//! requests, a GET with a body) makes hyper close the connection, and the
//! client's next request on it is lost. A small body costs less than that.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use parlor_model::error::ApiError;

/// Largest body that is read ahead, in bytes. More saves the connection of
/// larger requests that are refused, and lets strangers hold more memory.
const SMALL_BYTES: u64 = 64 * 1024;

/// Marks a request of which nothing is outstanding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HasArrived;

/// The request with its body in memory, if it is announced and small.
///
/// # Errors
/// 408 when it does not arrive within `limit`, 400 when it breaks off.
pub(super) async fn read_ahead(mut request: Request, limit: Duration) -> Result<Request, ApiError> {
    let announced = request.body().size_hint().upper();
    if announced.is_none_or(|bytes| bytes > SMALL_BYTES) {
        return Ok(request);
    }
    request.extensions_mut().insert(HasArrived);
    if announced == Some(0) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(limit, body.collect()).await {
        Ok(Ok(whole)) => Ok(Request::from_parts(parts, Body::from(whole.to_bytes()))),
        Ok(Err(error)) => Err(ApiError::body_not_json(&error.to_string())),
        Err(_elapsed) => Err(ApiError::request_timeout(limit.as_secs().max(1))),
    }
}
