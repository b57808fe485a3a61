//! The form that a client posts, and how it says who it is.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parlor_model::oauth::OauthErrorCode;
use percent_encoding::percent_decode_str;

use crate::cx::AppState;
use crate::http::extract::read_body;
use crate::http::rate_limit::{Budget, Door};
use crate::http::sender;
use crate::oidc::clients::BasicAuth;
use crate::oidc::{Fault, Form};

/// How forms are written.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// What a client posted.
pub(super) struct Given {
    pub(super) basic: Option<BasicAuth>,
    pub(super) form: Form,
}

/// Counts and reads a client's request.
pub(super) async fn read_form(state: &AppState, request: Request) -> Result<Given, Fault> {
    let budget = sender::budget(state, Door::Oauth, request.extensions(), request.headers());
    if let Some(Err(error)) = budget.map(Budget::admit) {
        return Err(error.into());
    }
    let basic = basic_auth(request.headers())?;
    let form = form_of(state, request).await?;
    Ok(Given { basic, form })
}

/// Reads a form, and nothing that is not one.
pub(super) async fn form_of(state: &AppState, request: Request) -> Result<Form, Fault> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_form = kind.is_some_and(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM)
    });
    let bytes = read_body(request, &state.cx.settings.limits).await?;
    if !is_form && !bytes.is_empty() {
        let text = format!("the body must be a form, with the content type {FORM}");
        return Err(Fault::new(OauthErrorCode::InvalidRequest, text));
    }
    Form::parse(&bytes)
}

/// Id and secret in the header, each encoded as in a form (RFC 6749, section
/// 2.3.1).
fn basic_auth(headers: &HeaderMap) -> Result<Option<BasicAuth>, Fault> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let read = || {
        let (scheme, rest) = header.to_str().ok()?.trim().split_once(' ')?;
        let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        let is_basic = scheme.eq_ignore_ascii_case("basic");
        let basic = BasicAuth { id: decoded(id)?, secret: decoded(secret)? };
        is_basic.then_some(basic)
    };
    read().map(Some).ok_or_else(|| {
        Fault::new(OauthErrorCode::InvalidClient, "the Authorization header is not Basic")
    })
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
