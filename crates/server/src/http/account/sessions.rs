//! `/account/sessions`: where somebody is signed in, and the way out of each.

use std::fmt::Write as _;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, SET_COOKIE};
use axum::response::{IntoResponse as _, Redirect, Response};
use parlor_model::id::SessionId;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::time::UnixMillis;
use parlor_store::Connection;
use parlor_store::oauth::grants;
use parlor_store::sessions::{self, Method, Session};
use parlor_store::users;

use super::frame::{AccountPage, Tab};
use super::markup::{hidden, text};
use super::way_on::WayOn;
use super::{By, Given, SEE_OTHER, answer, see_other, signed_in_form};
use super::{applications, federation};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::audit::{self, Entry, Intent};
use crate::identity::session::{self, SignedIn};

const HERE: &str = Tab::Sessions.address();

/// `GET /account`.
pub(super) async fn home() -> Redirect {
    Redirect::to(HERE)
}

/// `GET /account/sessions`.
pub(super) async fn page(State(state): State<AppState>, headers: HeaderMap) -> Response {
    answer(show(&state, &headers).await)
}

async fn show(state: &AppState, headers: &HeaderMap) -> Result<Response, Failure> {
    let Some(signed_in) = session::current(state, headers).await? else {
        return Ok(Redirect::to(&WayOn::of(Some(HERE)).by_sign_in()).into_response());
    };
    let (user_id, now) = (signed_in.user, state.now());
    let look = move |c: &mut dyn Connection| {
        let sessions = sessions::list_of_user(c, user_id)?;
        let grants = grants::list_of_user(c, user_id, now)?;
        Ok::<_, Failure>((users::find(c, user_id)?, sessions, grants))
    };
    let (user, mut all, granted) = state.cx.store.scan(look).await?;
    all.retain(|session| session.is_active(now));
    all.sort_by_key(|session| (session.id != signed_in.session, -session.last_seen_at.as_millis()));
    let email = user.map(|user| user.email.as_str().to_owned()).unwrap_or_default();
    let applications = applications::section(state, &signed_in, &granted)?;
    let is_alone = all.len() < 2 && granted.is_empty();
    let body = format!(
        "{}{applications}{}{}",
        list(&all, &signed_in, now),
        ways(&signed_in, is_alone),
        federation::section(state, &signed_in)?
    );
    Ok(AccountPage::own(Tab::Sessions, lead(&email), body).answer())
}

fn lead(email: &str) -> String {
    format!(
        "You are signed in as <b>{}</b>. A session ends by itself after a day without use, and \
         after 14 days.",
        text(email)
    )
}

fn list(all: &[Session], signed_in: &SignedIn, now: UnixMillis) -> String {
    let rows: String = all.iter().map(|session| row(session, signed_in, now)).collect();
    format!(r#"<ul class="list">{rows}</ul>"#)
}

fn ways(signed_in: &SignedIn, is_alone: bool) -> String {
    if is_alone {
        return String::new();
    }
    format!(
        r#"<form class="ways" method="post" action="/account/sessions/end-others">{}<button class="btn" type="submit">Sign out everywhere else</button></form>"#,
        hidden("csrf", signed_in.csrf())
    )
}

fn row(session: &Session, signed_in: &SignedIn, now: UnixMillis) -> String {
    let is_this = session.id == signed_in.session;
    let browser = browser_words(&session.user_agent);
    let csrf = hidden("csrf", signed_in.csrf());
    let (tag, form) = if is_this {
        let form = format!(
            r#"<form method="post" action="/account/sign-out">{csrf}<button class="btn s" type="submit">Sign out</button></form>"#
        );
        (r#" <span class="tag">This browser</span>"#, form)
    } else {
        let id = hidden("session", &session.id.to_string());
        let name = format!("Sign out {browser}, {}", session.ip);
        let form = format!(
            r#"<form method="post" action="/account/sessions/end">{csrf}{id}<button class="btn s" type="submit" aria-label="{}">Sign out</button></form>"#,
            text(&name)
        );
        ("", form)
    };
    let mut facts = how(session.method).to_owned();
    if !session.ip.is_empty() {
        // Writing into a String cannot fail.
        write!(facts, " from {}", text(&session.ip)).ok();
    }
    format!(
        r#"<li><div><b>{}</b>{tag}<small>{facts}&nbsp;· used {}</small></div>{form}</li>"#,
        text(&browser),
        ago(now, session.last_seen_at)
    )
}

const fn how(method: Method) -> &'static str {
    match method {
        Method::Password => "With the password",
        Method::Passkey => "With a passkey",
        Method::Federated => "Through another provider",
    }
}

/// How long ago, in words, within a day; older moments exactly. The exact one
/// is always there to be pointed at.
pub(super) fn ago(now: UnixMillis, at: UnixMillis) -> String {
    let minutes = now.millis_since(at) / 60_000;
    let words = match minutes {
        ..=0 => "just now".to_owned(),
        1 => "1 minute ago".to_owned(),
        2..=59 => format!("{minutes} minutes ago"),
        60..=119 => "1 hour ago".to_owned(),
        120..=1439 => format!("{} hours ago", minutes / 60),
        _ => return moment(at),
    };
    let iso = at.to_iso8601();
    format!(r#"<time datetime="{iso}" title="{}">{words}</time>"#, shown(&iso))
}

/// A time, exactly and in UTC: the page knows nobody's zone.
pub(super) fn moment(at: UnixMillis) -> String {
    let iso = at.to_iso8601();
    format!(r#"<time datetime="{iso}">{}</time>"#, shown(&iso))
}

fn shown(iso: &str) -> String {
    format!("{} UTC", iso.get(..16).unwrap_or(iso).replace('T', " "))
}

/// What a browser calls itself, in words: the more particular names come
/// first, since each browser also names those it is like.
fn browser_words(user_agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let named = |table: &[(&str, &'static str)]| {
        table.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => {
            let first = user_agent.split([' ', '/']).next().unwrap_or_default();
            if first.is_empty() { "A browser".to_owned() } else { first.chars().take(40).collect() }
        }
    }
}

/// `POST /account/sessions/end`.
pub(super) async fn end(State(state): State<AppState>, request: Request) -> Response {
    answer(end_one(&state, request).await)
}

async fn end_one(state: &AppState, request: Request) -> Result<Response, Failure> {
    let (signed_in, form, by) = match signed_in_form(state, request, HERE).await? {
        Given::Form(signed_in, form, by) => (signed_in, form, by),
        Given::Answer(response) => return Ok(response),
    };
    // A session that is gone already, or never was, is as good as ended.
    if let Ok(id) = form.get("session").parse::<SessionId>() {
        let user = signed_in.user;
        let intent = intend(state, by, AuditAction::Revoke, &id.to_string()).await?;
        state.cx.store.write(move |c| sessions::revoke(c, user, id)).await?;
        intent.done(SEE_OTHER, None).await;
    }
    Ok(see_other(HERE))
}

/// `POST /account/sessions/end-others`.
pub(super) async fn end_others(State(state): State<AppState>, request: Request) -> Response {
    answer(end_all_others(&state, request).await)
}

async fn end_all_others(state: &AppState, request: Request) -> Result<Response, Failure> {
    let (signed_in, by) = match signed_in_form(state, request, HERE).await? {
        Given::Form(signed_in, _, by) => (signed_in, by),
        Given::Answer(response) => return Ok(response),
    };
    let (user, own, now) = (signed_in.user, signed_in.session, state.now());
    let end_each = move |c: &mut dyn Connection| {
        // What is being granted now comes before, and ends, or finds nobody here.
        users::hold(c, user)?;
        grants::revoke_all_of_user(c, user, now)?;
        for session in sessions::list_of_user(c, user)? {
            if session.id != own {
                sessions::revoke(c, user, session.id)?;
            }
        }
        Ok::<(), Failure>(())
    };
    let intent = intend(state, by, AuditAction::Revoke, "all others").await?;
    state.cx.store.write(end_each).await?;
    intent.done(SEE_OTHER, None).await;
    Ok(see_other(HERE))
}

/// Writes down what is about to become of a session, or of `which`.
async fn intend(
    state: &AppState,
    by: By,
    action: AuditAction,
    which: &str,
) -> Result<Intent, Failure> {
    audit::intend(state, Entry::new(by, None, action, (AuditTarget::Session, which))).await
}

/// `POST /account/sign-out`.
pub(super) async fn sign_out(State(state): State<AppState>, request: Request) -> Response {
    answer(leave(&state, request).await)
}

async fn leave(state: &AppState, request: Request) -> Result<Response, Failure> {
    let (signed_in, by) = match signed_in_form(state, request, HERE).await? {
        Given::Form(signed_in, _, by) => (signed_in, by),
        Given::Answer(response) => return Ok(response),
    };
    let id = signed_in.session.to_string();
    let intent = intend(state, by, AuditAction::Logout, &id).await?;
    let cookie = session::end(state, &signed_in).await?;
    intent.done(SEE_OTHER, None).await;
    let mut response = (StatusCode::SEE_OTHER, Redirect::to("/account/sign-in")).into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use parlor_model::time::UnixMillis;

    use super::{ago, browser_words};

    #[test]
    fn moments_are_told_in_words_within_a_day() {
        let at = UnixMillis::new(1_893_456_000_000);
        let words = |minutes: i64| ago(at.plus_seconds(minutes * 60), at);
        assert_eq!(
            words(5),
            r#"<time datetime="2030-01-01T00:00:00.000Z" title="2030-01-01 00:00 UTC">5 minutes ago</time>"#
        );
        for (minutes, said) in [
            (-3, "just now"),
            (0, "just now"),
            (1, ">1 minute ago"),
            (119, ">1 hour ago"),
            (1439, ">23 hours ago"),
        ] {
            assert!(words(minutes).contains(said), "{minutes}");
        }
        assert!(words(1440).contains(">2030-01-01 00:00 UTC<"));
    }

    #[test]
    fn browsers_are_called_by_their_names() {
        let mozilla = "Mozilla/5.0 (X11; Linux x86_64)";
        let cases = [
            (format!("{mozilla} AppleWebKit/537.36 Chrome/140.0 Safari/537.36"), "Chrome on Linux"),
            (format!("{mozilla} Gecko/20100101 Firefox/143.0"), "Firefox on Linux"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/1 Safari/1 Edg/1".to_owned(), "Edge on Windows"),
            ("Mozilla/5.0 (iPhone; like Mac OS X) Safari/604".to_owned(), "Safari on iPhone"),
            ("curl/8.5.0".to_owned(), "curl"),
            (String::new(), "A browser"),
        ];
        for (agent, words) in cases {
            assert_eq!(browser_words(&agent), words);
        }
    }
}
