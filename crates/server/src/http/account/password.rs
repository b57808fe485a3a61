//! `/account/password`: somebody chooses another password. Every other session
//! of theirs ends with it, and what applications were granted.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, RETRY_AFTER, SET_COOKIE};
use axum::response::{IntoResponse as _, Redirect, Response};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::users::{self, User};

use super::form::Form;
use super::frame::{AccountPage, Tab};
use super::markup::{hidden, text};
use super::sign_in::{problem_note, secret_field, wait_text, whence};
use super::way_on::WayOn;
use super::{Given, answer, is_fresh, signed_in_form};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::sender;
use crate::identity::audit::{self, Entry};
use crate::identity::password;
use crate::identity::session::{self, SignedIn};

const HERE: &str = Tab::Password.address();

/// How a form is answered that cannot be carried out, for the audit log.
const UNPROCESSABLE: u16 = StatusCode::UNPROCESSABLE_ENTITY.as_u16();

/// `GET /account/password`.
pub(super) async fn page(State(state): State<AppState>, headers: HeaderMap) -> Response {
    answer(show(&state, &headers).await)
}

async fn show(state: &AppState, headers: &HeaderMap) -> Result<Response, Failure> {
    let Some(signed_in) = session::current(state, headers).await? else {
        return Ok(Redirect::to(&WayOn::of(Some(HERE)).by_sign_in()).into_response());
    };
    let user = account(state, &signed_in)?;
    if !may_choose(state, &signed_in, &user) {
        return Ok(Redirect::to(&WayOn::of(Some(HERE)).by_signing_in_again()).into_response());
    }
    Ok(form(&signed_in, &user, None, StatusCode::OK))
}

fn account(state: &AppState, signed_in: &SignedIn) -> Result<User, Failure> {
    let id = signed_in.user;
    let user = state.cx.store.read(|c| users::find(c, id))?;
    Ok(user.ok_or_else(parlor_model::error::ApiError::session_ended)?)
}

/// Where there is a password to be shown first, that is proof enough; where
/// there is none, only a fresh sign-in is.
fn may_choose(state: &AppState, signed_in: &SignedIn, user: &User) -> bool {
    user.password_hash().is_some() || is_fresh(state, signed_in)
}

/// `POST /account/password`.
pub(super) async fn change(State(state): State<AppState>, request: Request) -> Response {
    answer(changed(&state, request).await)
}

async fn changed(state: &AppState, request: Request) -> Result<Response, Failure> {
    let address = sender::address(state, &request);
    let whence = whence(request.headers(), address);
    let (signed_in, sent, by) = match signed_in_form(state, request, HERE).await? {
        Given::Form(signed_in, form, by) => (signed_in, form, by),
        Given::Answer(response) => return Ok(response),
    };
    let user = account(state, &signed_in)?;
    if !may_choose(state, &signed_in, &user) {
        return Ok(Redirect::to(&WayOn::of(Some(HERE)).by_signing_in_again()).into_response());
    }
    let refused =
        |words: &str| Ok(form(&signed_in, &user, Some(words), StatusCode::UNPROCESSABLE_ENTITY));
    if let Some(words) = unfit(&sent) {
        return refused(&words);
    }
    let entry = Entry::new(by, None, AuditAction::Update, (AuditTarget::User, user.id.to_string()));
    let entry = entry.with("field", "password");
    if user.password_hash().is_some() {
        // As at the door: whoever found an open browser guesses as slowly.
        if let Err(seconds) = state.sign_ins.count(user.email.as_str(), address, state.now()) {
            let words = format!("Too many tries. Try again in {}.", wait_text(seconds));
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = form(&signed_in, &user, Some(&words), status);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            return Ok(response);
        }
        if !password::verify(user.password_hash(), sent.get("current")).await? {
            let intent = audit::intend(state, entry).await?;
            intent.done(UNPROCESSABLE, Some("another password")).await;
            return refused("The password you have now is another one. Check it and try again.");
        }
        state.sign_ins.welcome(user.email.as_str(), address, state.now());
    }
    let hash = password::hash(sent.get("password")).await?;
    let intent = audit::intend(state, entry).await?;
    let cookie = session::begin_alone(state, &signed_in, whence, hash).await?;
    intent.done(200, None).await;
    let lead = "Other browsers and applications are signed out.".to_owned();
    let way = r#"<div class="ways"><a class="btn filled" href="/dashboard">Go to the dashboard</a><a class="btn" href="/account/sessions">Your sessions</a></div>"#;
    let mut response = AccountPage::plain("Password changed", lead, way.to_owned()).answer();
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// What is wrong with the new password, if anything is.
fn unfit(sent: &Form) -> Option<String> {
    let new = sent.get("password");
    if let Err(wrong) = password::check(new) {
        return Some(format!("Choose another password: {wrong}."));
    }
    if new != sent.get("again") {
        return Some("The two new passwords differ. Type the same one twice.".to_owned());
    }
    (new == sent.get("current")).then(|| "That is the password you have now.".to_owned())
}

fn form(signed_in: &SignedIn, user: &User, problem: Option<&str>, status: StatusCode) -> Response {
    let lead = match user.password_hash() {
        Some(_) => "Other browsers and applications are signed out when you change it.",
        None => "You sign in without one so far. Choose one to sign in with it as well.",
    };
    let current = match user.password_hash() {
        Some(_) => {
            let field = secret_field(
                r#"id="current" name="current" autocomplete="current-password" required"#,
            );
            format!(r#"<div><label class="label" for="current">Password now</label>{field}</div>"#)
        }
        None => String::new(),
    };
    let body = format!(
        r#"{note}
<form class="card narrow" method="post" action="{HERE}">{csrf}
<input class="vh" type="email" autocomplete="username" value="{email}" aria-label="Email" tabindex="-1" readonly>
{current}
<div><label class="label" for="password">New password</label>
{new}
<p class="hint" id="password-hint">At least {min} characters.</p></div>
<div><label class="label" for="again">New password again</label>
{again}</div>
<button class="btn filled l" type="submit">Change password</button>
</form>"#,
        note = problem.map(problem_note).unwrap_or_default(),
        csrf = hidden("csrf", signed_in.csrf()),
        email = text(user.email.as_str()),
        new = secret_field(
            r#"id="password" name="password" autocomplete="new-password" required aria-describedby="password-hint""#
        ),
        again = secret_field(r#"id="again" name="again" autocomplete="new-password" required"#),
        min = password::MIN_CHARS,
    );
    let mut page = AccountPage::own(Tab::Password, lead.to_owned(), body);
    page.status = status;
    page.answer()
}
