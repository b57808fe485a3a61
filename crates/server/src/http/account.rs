//! `/account/*`: signing in and out, sessions, passwords, passkeys, invitations,
//! devices, consent. Forms that browsers send without any script (passkeys need
//! one), and the one address at which a page of ours gets an access token for
//! its session.

mod applications;
pub(crate) mod consent;
mod dashboard;
mod device;
mod federation;
mod form;
pub(crate) mod frame;
mod icons;
mod invitation;
pub(crate) mod markup;
mod other_ways;
mod passkey_sign_in;
mod passkeys;
mod password;
mod sessions;
mod sign_in;
mod token;
mod way_on;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use parlor_model::id::UserId;
use parlor_store::audit::{AuditActor, AuditOrigin};
use parlor_store::users;
use tower_http::compression::CompressionLayer;

use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::error::Refusal;
use crate::identity::audit;
use crate::identity::session::{self, SignedIn};

use form::{Form, is_from_here};
use frame::AccountPage;
use markup::text;
use way_on::WayOn;

/// The account pages, the dashboard and their files.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/account", get(sessions::home))
        .route("/account/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/account/sign-in/passkey/begin", post(passkey_sign_in::begin))
        .route("/account/sign-in/passkey/finish", post(passkey_sign_in::finish))
        .route("/account/forgotten", get(sign_in::forgotten))
        .route("/account/sign-in/{provider}", get(federation::begin))
        .route("/account/sign-in/{provider}/callback", get(federation::callback))
        .route(
            "/account/sign-in/{provider}/connect",
            get(federation::connection).post(federation::connect),
        )
        .route("/account/sign-out", post(sessions::sign_out))
        .route("/account/sessions", get(sessions::page))
        .route("/account/sessions/end", post(sessions::end))
        .route("/account/sessions/end-others", post(sessions::end_others))
        .route("/account/applications/end", post(applications::end))
        .route("/account/password", get(password::page).post(password::change))
        .route("/account/passkeys", get(passkeys::page))
        .route("/account/passkeys/begin", post(passkeys::begin))
        .route("/account/passkeys/finish", post(passkeys::finish))
        .route("/account/passkeys/remove", post(passkeys::remove))
        .route("/account/invitations/{secret}", get(invitation::page).post(invitation::submit))
        .route("/account/device", get(device::page).post(device::submit))
        .route("/account/token", post(token::issue))
        .route("/dashboard", get(dashboard::page))
        .route("/dashboard/{*page}", get(dashboard::page))
        .merge(files())
}

/// What the pages load. Pages themselves are not compressed: their length would
/// tell whoever watches the wire how much of the value in their forms a text in
/// the address repeats.
fn files() -> Router<AppState> {
    Router::new()
        .route("/static/account.css", get(style))
        .route("/static/account.js", get(script))
        .route("/static/parlor.svg", get(room))
        .layer(CompressionLayer::new())
}

const TOKENS: &str = include_str!("../../../../web/packages/ui/src/tokens.css");
const KIT: &str = include_str!("../../../../web/packages/ui/src/kit.css");
const STYLE: &str = include_str!("../../assets/account.css");
const SCRIPT: &str = include_str!("../../assets/account.js");
const ROOM: &str = include_str!("../../assets/parlor.svg");

/// The kit's own import is the tokens, which come first here.
async fn style() -> Response {
    let kit = KIT.replace(r#"@import "./tokens.css";"#, "");
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (headers, [TOKENS, &kit, STYLE].concat()).into_response()
}

async fn script() -> Response {
    let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (headers, SCRIPT).into_response()
}

async fn room() -> Response {
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "no-cache")];
    (headers, ROOM).into_response()
}

/// An address below `/account/` that leads nowhere.
pub(crate) fn nothing_here(state: &AppState) -> Response {
    error_page(
        state,
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "The address may be mistyped, or a part of it may be missing.",
    )
}

/// A page that says what is wrong.
pub(crate) fn error_page(_: &AppState, status: StatusCode, title: &str, words: &str) -> Response {
    let lead = text(words).to_string();
    let way = r#"<div class="ways"><a class="btn" href="/dashboard">Go to the dashboard</a></div>"#;
    let mut page = AccountPage::plain(title, lead, way.to_owned());
    page.status = status;
    page.answer()
}

/// What a handler came to. A failure of ours is a page, too.
fn answer(outcome: Result<Response, Failure>) -> Response {
    match outcome {
        Ok(response) => response,
        Err(failure) => {
            // Logged, and given its status, where all failures are.
            let refused = Refusal::from(failure).into_response();
            let (title, words) = match refused.status() {
                StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                    ("The form did not arrive", "It was too large or too slow. Try again.")
                }
                _ => {
                    ("Something went wrong", "The server could not do this. Try again in a moment.")
                }
            };
            let mut page = AccountPage::plain(title, words.to_owned(), String::new());
            page.status = refused.status();
            page.answer()
        }
    }
}

/// What is said of a form that this browser was not given, or not lately.
fn stale_form() -> String {
    "This form was open for too long, or cookies are off. Try again.".to_owned()
}

/// How forms are answered that did what they ask for, for the audit log.
const SEE_OTHER: u16 = StatusCode::SEE_OTHER.as_u16();

/// On to another page after a form.
fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}

/// What a request of somebody signed in came to.
enum Given {
    /// A form that their session was given; and by whom and from where what it
    /// asks for is done, for the audit log.
    Form(SignedIn, Form, By),
    /// What to answer instead.
    Answer(Response),
}

/// How long after signing in somebody may add ways into their account, in
/// seconds. Longer asks people less often to sign in again, and lets who finds
/// an open browser keep the account.
const FRESH_SECONDS: i64 = 900;

/// Whether somebody signed in so lately that it is still they.
fn is_fresh(state: &AppState, signed_in: &SignedIn) -> bool {
    state.now() < signed_in.signed_in_at.plus_seconds(FRESH_SECONDS)
}

/// Who does something, and from where.
pub(crate) type By = (AuditActor, AuditOrigin);

/// Somebody in whose name a request is sent.
pub(crate) fn by(
    state: &AppState,
    user: UserId,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<By, Failure> {
    let found = state.cx.store.read(|c| users::find(c, user))?;
    let gone = || AuditActor { id: user.to_string(), ..AuditActor::default() };
    let actor = found.as_ref().map_or_else(gone, audit::person);
    Ok((actor, audit::origin(state, extensions, headers)))
}

/// Reads a form that only somebody signed in may send; `here` is where they go
/// on after signing in, or after a form that is out of date.
async fn signed_in_form(state: &AppState, request: Request, here: &str) -> Result<Given, Failure> {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    // The form comes first: it may be long in coming, and the session may have
    // been ended by then.
    let form = Form::read(request, state).await?;
    let Some(signed_in) = session::current(state, &headers).await? else {
        let way = WayOn::of(Some(here)).by_sign_in();
        return Ok(Given::Answer(Redirect::to(&way).into_response()));
    };
    let by = by(state, signed_in.user, &extensions, &headers)?;
    if !is_from_here(&headers) || !signed_in.csrf_matches(state, form.get("csrf")) {
        let page = error_page(state, StatusCode::FORBIDDEN, "Try that again", &stale_form());
        return Ok(Given::Answer(page));
    }
    Ok(Given::Form(signed_in, form, by))
}
