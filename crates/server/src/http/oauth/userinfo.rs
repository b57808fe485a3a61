//! `/oauth/userinfo`: whom an access token speaks for (OpenID Connect Core,
//! section 5.3), with the errors of bearer tokens (RFC 6750).

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use parlor_model::oauth::{OauthErrorBody, Scope};

use super::reply::{fault, no_store};
use crate::cx::AppState;
use crate::http::error::json;
use crate::identity::access_token::{self, Refused};
use crate::oidc::{Fault, tokens};

/// `GET` and `POST`. The token is in the header and nowhere else: what stands in
/// addresses and forms gets into logs.
pub(super) async fn read(State(state): State<AppState>, request: Request) -> Response {
    let Some(token) = bearer(request.headers()) else {
        return refuse(StatusCode::UNAUTHORIZED, None, "send an access token as a bearer token");
    };
    let person = match access_token::verify(&state, token).await {
        Ok(person) => person,
        Err(Refused::NotGood) => return bad_token(),
        Err(Refused::Failed(failure)) => return fault(Fault::Failed(failure), false),
    };
    if !person.scopes.has(Scope::Openid) {
        let text = "the token was not granted the scope openid";
        return refuse(StatusCode::FORBIDDEN, Some("insufficient_scope"), text);
    }
    match tokens::user_info(&state, person.user, &person.scopes) {
        Ok(Some(info)) => no_store(json(StatusCode::OK, &info)),
        Ok(None) => bad_token(),
        Err(failure) => fault(Fault::Failed(failure), false),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn bad_token() -> Response {
    let text = "the access token is not valid, has expired or was revoked";
    refuse(StatusCode::UNAUTHORIZED, Some("invalid_token"), text)
}

/// Without an error code where there was no token to find fault with.
fn refuse(status: StatusCode, code: Option<&str>, text: &str) -> Response {
    let body = OauthErrorBody {
        error: code.unwrap_or("invalid_token").to_owned(),
        error_description: text.to_owned(),
    };
    let challenge = match code {
        Some(code) => format!("Bearer realm=\"parlor\", error=\"{code}\""),
        None => "Bearer realm=\"parlor\"".to_owned(),
    };
    let mut response = no_store(json(status, &body));
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
