//! Answers of the provider.

use axum::http::header::{
    CACHE_CONTROL, LOCATION, PRAGMA, REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use parlor_model::error::ErrorKind;
use parlor_model::oauth::{OauthError, OauthErrorCode};

use crate::failure::Failure;
use crate::http::error::{json, to_api_error};
use crate::oidc::Fault;

/// What a client that proved itself in the header is asked for.
const BASIC: HeaderValue = HeaderValue::from_static("Basic realm=\"parlor\"");

/// When to come again where there is no time now, in seconds.
const LATER: HeaderValue = HeaderValue::from_static("5");

/// The answer to a fault. `is_in_header`: the client proved itself there, and
/// is told that it may do so again (RFC 6749, section 5.2).
pub(super) fn fault(fault: Fault, is_in_header: bool) -> Response {
    let error = match fault {
        Fault::Client(error) => error,
        Fault::Failed(failure) => of_failure(failure),
    };
    let mut response = oauth_error(&error);
    if error.code == OauthErrorCode::InvalidClient && is_in_header {
        response.headers_mut().insert(WWW_AUTHENTICATE, BASIC);
    }
    response
}

/// What happened to us, logged and told like every failure, in OAuth's words.
fn of_failure(failure: Failure) -> OauthError {
    let error = to_api_error(failure);
    let code = match error.kind {
        ErrorKind::Unavailable | ErrorKind::Overloaded => OauthErrorCode::TemporarilyUnavailable,
        _ => OauthErrorCode::ServerError,
    };
    OauthError::new(code, error.info)
}

/// The answer to an OAuth error.
pub(super) fn oauth_error(error: &OauthError) -> Response {
    let status =
        StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = no_store(json(status, &error.to_body()));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, LATER);
    }
    response
}

/// Nobody on the way may keep it.
pub(super) fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Sends the browser on, with a GET whatever it came with. The address may
/// carry a code: it is told to nobody.
pub(super) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        let text = "the address to go on to fits into no header";
        return oauth_error(&OauthError::new(OauthErrorCode::InvalidRequest, text));
    };
    let mut response = no_store(Response::default());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
