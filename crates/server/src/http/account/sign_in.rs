//! `/account/sign-in`: e-mail and password.
//!
//! The answer to a wrong password and to an account that there is not are the
//! same, and take the same time. Attempts are counted before they are looked
//! at.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, RETRY_AFTER, SET_COOKIE, USER_AGENT};
use axum::response::{IntoResponse as _, Redirect, Response};
use parlor_model::identity::Email;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::audit::{AuditActor, AuditOrigin};
use parlor_store::users::{self, User};

use super::form::{Form, is_from_here};
use super::frame::{AccountPage, FormLeads};
use super::icons::{ATTENTION, SHOW};
use super::markup::{hidden, text};
use super::{answer, other_ways, see_other, stale_form};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::extract::QueryPairs;
use crate::http::sender;
use crate::identity::audit::{self, Entry};
use crate::identity::password;
use crate::identity::session::{self, Proof, Visit, Whence};
use crate::oidc::authorize;

use super::way_on::WayOn;

/// What the form shows besides its fields.
#[derive(Debug, Default)]
struct Shown<'a> {
    email: &'a str,
    problem: Option<String>,
    status: StatusCode,
    /// Whether they are signed in, and are to prove again who they are.
    is_again: bool,
}

/// `GET /account/sign-in`.
pub(super) async fn page(
    State(state): State<AppState>,
    headers: HeaderMap,
    query: QueryPairs,
) -> Response {
    let way = WayOn::of(query.get("continue"));
    answer(show(&state, &headers, &way, query.get("again").is_some()).await)
}

async fn show(
    state: &AppState,
    headers: &HeaderMap,
    way: &WayOn,
    is_again: bool,
) -> Result<Response, Failure> {
    if !is_again && session::current(state, headers).await?.is_some() {
        return Ok(Redirect::to(way.as_str()).into_response());
    }
    form(state, headers, way, &Shown { is_again, ..Shown::default() })
}

/// `POST /account/sign-in`.
pub(super) async fn submit(State(state): State<AppState>, request: Request) -> Response {
    answer(sign_in(&state, request).await)
}

async fn sign_in(state: &AppState, request: Request) -> Result<Response, Failure> {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let address = sender::address(state, &request);
    let whence = whence(&headers, address);
    let sent = Form::read(request, state).await?;
    let way = WayOn::of(Some(sent.get("continue")));
    let (email, password) = (sent.get("email"), sent.get("password"));
    let visit = Visit::of(state, &headers)?;
    if !is_from_here(&headers) || !visit.csrf_matches(sent.get("csrf")) {
        let shown = Shown {
            email,
            problem: Some(stale_form()),
            status: StatusCode::FORBIDDEN,
            ..Shown::default()
        };
        return form(state, &headers, &way, &shown);
    }
    if let Err(seconds) = state.sign_ins.count(email, address, state.now()) {
        return throttled(state, &headers, &way, email, seconds);
    }
    let found = account(state, email)?;
    let origin = audit::origin(state, &extensions, &headers);
    let intent = audit::intend(state, login(found.as_ref(), email, origin)).await?;
    let hash = found.as_ref().and_then(User::password_hash).map(str::to_owned);
    let is_right = password::verify(hash.as_deref(), password).await?;
    let begun = match (found, hash) {
        (Some(user), Some(hash)) if is_right => {
            session::begin(state, user.id, Proof::Password(hash), whence).await?
        }
        _ => None,
    };
    let Some(cookie) = begun else {
        intent.done(StatusCode::FORBIDDEN.as_u16(), Some("wrong email or password")).await;
        let problem = Some("The email or the password is wrong. Check both and try again.".into());
        let shown = Shown { email, problem, status: StatusCode::FORBIDDEN, ..Shown::default() };
        return form(state, &headers, &way, &shown);
    };
    state.sign_ins.welcome(email, address, state.now());
    intent.done(StatusCode::SEE_OTHER.as_u16(), None).await;
    let mut response = see_other(way.as_str());
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// The account of that address. One that there is not, and one without a
/// password, take as long as any other.
fn account(state: &AppState, email: &str) -> Result<Option<User>, Failure> {
    Ok(match Email::parse(email) {
        Ok(email) => state.cx.store.read(|c| users::find_by_email(c, &email))?,
        Err(_no_address) => None,
    })
}

/// For the audit log: who it is, or else the address that was typed, if it is
/// one. Anything else in that field may be a password.
fn login(user: Option<&User>, typed: &str, origin: AuditOrigin) -> Entry {
    let actor = user.map_or_else(
        || AuditActor {
            email: Email::parse(typed).map(|email| email.as_str().to_owned()).unwrap_or_default(),
            ..AuditActor::default()
        },
        audit::person,
    );
    let target = (AuditTarget::Session, "");
    Entry::new((actor, origin), None, AuditAction::Login, target).with("method", "password")
}

/// From where, for the list of sessions.
pub(super) fn whence(headers: &HeaderMap, address: Option<IpAddr>) -> Whence {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    Whence {
        ip: address.map(|ip| ip.to_string()).unwrap_or_default(),
        user_agent: agent.unwrap_or_default().to_owned(),
    }
}

fn throttled(
    state: &AppState,
    headers: &HeaderMap,
    way: &WayOn,
    email: &str,
    seconds: u32,
) -> Result<Response, Failure> {
    let problem = format!("Too many tries. Try again in {}.", wait_text(seconds));
    let shown = Shown {
        email,
        problem: Some(problem),
        status: StatusCode::TOO_MANY_REQUESTS,
        ..Shown::default()
    };
    let mut response = form(state, headers, way, &shown)?;
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    Ok(response)
}

/// How long to wait, in words.
pub(super) fn wait_text(seconds: u32) -> String {
    match seconds {
        0..=1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn form(
    state: &AppState,
    headers: &HeaderMap,
    way: &WayOn,
    shown: &Shown<'_>,
) -> Result<Response, Failure> {
    let visit = Visit::of(state, headers)?;
    let problem = shown.problem.as_deref().map(problem_note).unwrap_or_default();
    let invalid = match shown.status {
        StatusCode::FORBIDDEN => r#" aria-describedby="problem""#,
        _ => "",
    };
    // Whoever typed an address already goes on at the password.
    let (at_email, at_password) =
        if shown.email.is_empty() { (" autofocus", "") } else { ("", " autofocus") };
    let others = other_ways::shown(state, way, shown.is_again);
    let body = format!(
        r#"{problem}
<form method="post" action="/account/sign-in">
{csrf}{way_on}
<div><label class="label" for="email">Email</label>
<input class="input" id="email" name="email" type="email" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" required maxlength="254" value="{email}"{invalid}{at_email}></div>
<div><div class="split"><label class="label" for="password">Password</label><a class="aside" href="/account/forgotten">Forgot it?</a></div>
{password}</div>
<button class="btn filled l wide" type="submit">Sign in</button>
</form>
{others}"#,
        password = secret_field(&format!(
            r#"id="password" name="password" autocomplete="current-password" required{invalid}{at_password}"#
        )),
        csrf = hidden("csrf", visit.csrf()),
        way_on = hidden("continue", way.as_str()),
        email = text(shown.email),
    );
    let lead = text(state.origin().host()).to_string();
    let mut page = AccountPage::door("Sign in to Parlor", lead, body);
    page.status = shown.status;
    page.form_leads = FormLeads::here_or(authorize::redirect_origin(state, way.as_str()));
    page.set_cookie = visit.set_cookie;
    page.may_ask = state.passkeys.origin().is_some();
    Ok(page.answer())
}

/// A password's field, with the eye that the script brings to life.
pub(super) fn secret_field(attributes: &str) -> String {
    let id = attributes.split('"').nth(1).unwrap_or_default();
    format!(
        r#"<div class="secret"><input class="input" type="password" {attributes}><button class="ib s" type="button" data-shows="{id}" aria-label="Show what you type" aria-pressed="false" hidden>{SHOW}</button></div>"#
    )
}

/// `GET /account/forgotten`. No mail is sent by this server, so that nobody
/// takes an account over by a mailbox.
pub(super) async fn forgotten() -> Response {
    let lead = "This server sends no mail. Whoever runs it can set a new password for you, with \
                this command:";
    let body = r#"<pre class="code" tabindex="0">parlor user set-password you@example.org</pre>
<p class="hint">All of your sessions end with that, and your passkeys and other providers open your account no more. With <code>--keep-other-ways</code> they do.</p>
<div class="ways"><a class="btn" href="/account/sign-in">Back to sign-in</a></div>"#;
    AccountPage::plain("A new password", lead.to_owned(), body.to_owned()).answer()
}

/// What went wrong, above the form.
pub(super) fn problem_note(words: &str) -> String {
    format!(
        r#"<div class="note bad" id="problem" role="alert">{ATTENTION}<p>{}</p></div>"#,
        text(words)
    )
}
