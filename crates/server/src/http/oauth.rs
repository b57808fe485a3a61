//! `/oauth/*` and the two `.well-known` documents: this server as an OpenID
//! provider. Programs are answered in OAuth's own error object; people, as long
//! as nobody may be redirected, with a page.

mod authorize;
mod client_auth;
mod logout;
pub(crate) mod openapi;
mod pages;
mod reply;
mod revoke;
mod userinfo;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{any, get, post};
use parlor_model::oauth::{OauthError, OauthErrorCode, ProviderMetadata};

use crate::cx::AppState;
use crate::http::error::json;
use crate::identity::audit;
use crate::oidc::{Fault, clients, device, token};

use client_auth::read_form;
use reply::{fault, no_store, oauth_error};

/// For how long everybody may keep the provider's documents. Longer spares
/// requests; the next key is published far longer before it signs.
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Every address of the provider. A known one with another method, and an
/// unknown one below `/oauth`, answer in OAuth's words, too.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/.well-known/openid-configuration", get(read_metadata))
        .route("/.well-known/jwks.json", get(read_keys))
        .route("/oauth/authorize", get(authorize::show).post(authorize::decide).fallback(wrong))
        .route("/oauth/token", post(create_token).fallback(wrong))
        .route("/oauth/userinfo", get(userinfo::read).post(userinfo::read).fallback(wrong))
        .route("/oauth/revoke", post(revoke::revoke_token).fallback(wrong))
        .route("/oauth/device", post(begin_device).fallback(wrong))
        .route("/oauth/logout", get(logout::show).post(logout::carry_out).fallback(wrong))
        .route("/oauth/openapi.json", get(openapi::read_openapi))
        .route("/oauth/{*rest}", any(unknown))
}

async fn read_metadata(State(state): State<AppState>) -> Response {
    let mut response = json(StatusCode::OK, &ProviderMetadata::of(&state.issuer()));
    response.headers_mut().insert(CACHE_CONTROL, KEEP);
    response
}

async fn read_keys(State(state): State<AppState>) -> Response {
    let keys = state.signing_keys.published(&state.cx.store, state.now()).await;
    match keys {
        Ok(keys) => {
            let mut response = json(StatusCode::OK, &keys);
            response.headers_mut().insert(CACHE_CONTROL, KEEP);
            response
        }
        Err(failure) => fault(failure.into(), false),
    }
}

async fn create_token(State(state): State<AppState>, request: Request) -> Response {
    let origin = audit::origin(&state, request.extensions(), request.headers());
    let given = match read_form(&state, request).await {
        Ok(given) => given,
        Err(error) => return fault(error, false),
    };
    let is_in_header = given.basic.is_some();
    let answered = async {
        let client = clients::authenticate(&state, given.basic, &given.form)?;
        token::answer(&state, &client, &given.form, origin).await
    };
    match answered.await {
        Ok(answer) => no_store(json(StatusCode::OK, &answer)),
        Err(error) => fault(error, is_in_header),
    }
}

async fn begin_device(State(state): State<AppState>, request: Request) -> Response {
    let given = match read_form(&state, request).await {
        Ok(given) => given,
        Err(error) => return fault(error, false),
    };
    let is_in_header = given.basic.is_some();
    let begun = async {
        let client = clients::authenticate(&state, given.basic, &given.form)?;
        device::begin(&state, &client, &given.form).await
    };
    match begun.await {
        Ok(codes) => no_store(json(StatusCode::OK, &codes)),
        Err(error) => fault(error, is_in_header),
    }
}

async fn wrong(request: Request) -> Response {
    let text = format!("{} is not one of the methods of this address", request.method());
    oauth_error(&OauthError::new(OauthErrorCode::MethodNotAllowed, text))
}

async fn unknown(request: Request) -> Response {
    let path = request.uri().path();
    fault(Fault::new(OauthErrorCode::NotFound, format!("there is no {path} here")), false)
}
