//! Failures as answers. The one place where an error becomes a status and a
//! body, and where what went wrong on our side is logged.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use parlor_bus::BusError;
use parlor_model::error::{ApiError, ErrorKind};
use parlor_store::StoreError;
use serde::Serialize;

use crate::failure::Failure;
use crate::http::request_log;

/// The content type of every JSON answer. Some clients decode nothing else.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// When to try again where media have no time: load is known anew each second,
/// and a crowd that comes back at once is no help.
const OVERLOADED_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// A 200 with a JSON body.
#[derive(Clone, Debug)]
pub(crate) struct Answer<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

/// A JSON answer of any status.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(text) => (status, [(CONTENT_TYPE, JSON)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be serialised");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A failure on its way out: axum's traits cannot be implemented for types of
/// other crates.
#[derive(Debug)]
pub(crate) struct Refusal(Failure);

impl<E: Into<Failure>> From<E> for Refusal {
    fn from(failure: E) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        api_error(&to_api_error(self.0))
    }
}

/// The answer to an [`ApiError`].
pub(crate) fn api_error(error: &ApiError) -> Response {
    let status =
        StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, &error.to_body());
    if error.kind == ErrorKind::Overloaded {
        response.headers_mut().insert(RETRY_AFTER, OVERLOADED_SECONDS);
    }
    response.extensions_mut().insert(error.kind);
    // The identity face says it in an envelope of its own.
    response.extensions_mut().insert(error.clone());
    response
}

/// A failure in the words of the API; what went wrong on our side is logged.
pub(crate) fn to_api_error(failure: Failure) -> ApiError {
    match failure {
        Failure::Api(error) => error,
        Failure::Store(StoreError::TooMany { what, limit }) => {
            let info = format!("there may be at most {limit} {what}: delete some first");
            ApiError::new(ErrorKind::InvalidRequest, info)
        }
        Failure::Store(StoreError::Full) => unavailable(&failure, "storage is full"),
        Failure::Store(StoreError::Busy(_)) => unavailable(&failure, "the store is busy"),
        Failure::Bus(BusError::Busy) => unavailable(&failure, "the live rooms are busy"),
        Failure::Bus(BusError::Timeout | BusError::Closed) => {
            unavailable(&failure, "the live rooms do not answer")
        }
        Failure::Store(_)
        | Failure::UnexpectedReply
        | Failure::Record { .. }
        | Failure::Signing(_)
        | Failure::SigningKeys(_)
        | Failure::Password(_)
        | Failure::Random => unexpected(&failure),
    }
}

fn unavailable(failure: &Failure, what: &str) -> ApiError {
    tracing::warn!(error = chain(failure), "a request could not be served now");
    ApiError::unavailable(what)
}

fn unexpected(failure: &Failure) -> ApiError {
    let request = request_log::current_request();
    tracing::error!(error = chain(failure), "a request failed unexpectedly");
    request.map_or_else(
        || ApiError::new(ErrorKind::Server, "unexpected failure"),
        |id| ApiError::internal(&id),
    )
}

/// The whole chain of causes; each error's own text leaves its cause out.
fn chain(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut source = std::error::Error::source(failure);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
