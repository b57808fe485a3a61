//! `/account/passkeys`: the list, and how one is added and removed. Adding one
//! is two requests of the page's script; the rest are forms.

use std::fmt::Write as _;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::Connection;
use parlor_store::passkeys::{self as records, Passkey};
use parlor_store::users::{self, User};
use serde_json::{Value, json};

use super::form::is_from_here;
use super::frame::{AccountPage, Tab};
use super::icons::PASSKEY;
use super::markup::{hidden, text};
use super::passkey_sign_in::{csrf_of, json_of, object, said, stale};
use super::sessions::ago;
use super::sign_in::problem_note;
use super::way_on::WayOn;
use super::{Given, SEE_OTHER, answer, by, is_fresh, see_other, signed_in_form};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::audit::{self, Entry};
use crate::identity::passkeys::{self, MAX_NAME_CHARS};
use crate::identity::session::{self, SignedIn};
use crate::identity::ways_in::{self, Way};

const HERE: &str = Tab::Passkeys.address();

/// `GET /account/passkeys`. Whoever signed in long ago does so again.
pub(super) async fn page(State(state): State<AppState>, headers: HeaderMap) -> Response {
    answer(show(&state, &headers).await)
}

async fn show(state: &AppState, headers: &HeaderMap) -> Result<Response, Failure> {
    let Some(signed_in) = session::current(state, headers).await? else {
        return Ok(Redirect::to(&WayOn::of(Some(HERE)).by_sign_in()).into_response());
    };
    listed(state, &signed_in, None)
}

fn listed(
    state: &AppState,
    signed_in: &SignedIn,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let user = signed_in.user;
    let all = state.cx.store.read(|c| records::list_of_user(c, user))?;
    let lead = "A passkey lives in your phone, your computer or a security key, and opens your \
                account with a finger, a face or a PIN. There is nothing to type and nothing \
                to steal.";
    let note = problem.map(problem_note).unwrap_or_default();
    let rows: String = all.iter().map(|one| row(state, signed_in, one)).collect();
    let list = match rows.is_empty() {
        true => r#"<p class="empty">No passkeys yet.</p>"#.to_owned(),
        false => format!(r#"<ul class="list">{rows}</ul>"#),
    };
    let body = format!("{note}{list}\n{}", way_to_add(state, signed_in));
    let mut page = AccountPage::own(Tab::Passkeys, lead.to_owned(), body);
    page.may_ask = true;
    if problem.is_some() {
        page.status = StatusCode::CONFLICT;
    }
    Ok(page.answer())
}

fn row(state: &AppState, signed_in: &SignedIn, passkey: &Passkey) -> String {
    let mut facts = format!("Added {}", ago(state.now(), passkey.created_at));
    // Writing into a String cannot fail.
    match passkey.last_used_at {
        Some(at) => write!(facts, "&nbsp;· last used {}", ago(state.now(), at)).ok(),
        None => write!(facts, "&nbsp;· never used").ok(),
    };
    format!(
        r#"<li><span class="sign">{PASSKEY}</span><div><b>{name}</b><small>{facts}</small></div><form method="post" action="{HERE}/remove">{csrf}{id}<button class="btn s" type="submit" aria-label="Remove {name}">Remove</button></form></li>"#,
        name = text(&passkey.name),
        csrf = hidden("csrf", signed_in.csrf()),
        id = hidden("passkey", &passkey.id),
    )
}

fn way_to_add(state: &AppState, signed_in: &SignedIn) -> String {
    let Some(origin) = state.passkeys.origin() else {
        let words = format!(
            "Browsers keep passkeys for names on https, and {} is none. Whoever runs this server \
             sets its public_url.",
            state.origin().own()
        );
        return format!(r#"<div class="note warn"><p>{}</p></div>"#, text(&words));
    };
    if !is_fresh(state, signed_in) {
        let again = WayOn::of(Some(HERE)).by_signing_in_again();
        return format!(
            r#"<p class="hint">You signed in a while ago. To add a passkey, show once more that it is you.</p>
<div class="ways"><a class="btn filled" href="{}">Sign in again</a></div>"#,
            text(&again)
        );
    }
    format!(
        r#"<div class="note" data-no-passkeys><p>Passkeys work in browsers that have them and run scripts, at <a href="{origin}{HERE}">{origin}</a>.</p></div>
<form class="card" method="post" data-passkeys="{origin}" hidden>{csrf}
<div><label class="label" for="name">Name of the new passkey</label>
<input class="input" id="name" name="name" autocomplete="off" maxlength="{MAX_NAME_CHARS}" placeholder="Phone" aria-describedby="name-hint">
<p class="hint" id="name-hint">So that you know it again in this list.</p></div>
<p class="note bad" role="alert" data-passkey-problem hidden></p>
<button class="btn filled l" type="submit" data-passkey="make">{PASSKEY}Add a passkey</button>
</form>"#,
        origin = text(&origin),
        csrf = hidden("csrf", signed_in.csrf()),
    )
}

/// `POST /account/passkeys/begin`.
pub(super) async fn begin(State(state): State<AppState>, request: Request) -> Response {
    json_of(begun(&state, request.headers()).await)
}

async fn begun(state: &AppState, headers: &HeaderMap) -> Result<Value, Failure> {
    let (signed_in, user) = allowed(state, headers).await?;
    let begun = passkeys::begin_registration(state, &user, signed_in.csrf())?;
    Ok(json!({ "ceremony": begun.ceremony, "options": begun.options }))
}

/// `POST /account/passkeys/finish`.
pub(super) async fn finish(State(state): State<AppState>, request: Request) -> Response {
    json_of(finished(&state, request).await)
}

async fn finished(state: &AppState, request: Request) -> Result<Value, Failure> {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    // The body comes first: it may be long in coming.
    let mut sent = object(state, request).await?;
    let (signed_in, user) = allowed(state, &headers).await?;
    let by = by(state, user.id, &extensions, &headers)?;
    let made = sent.remove("credential").unwrap_or_default();
    let (ceremony, name) = (said(&sent, "ceremony"), said(&sent, "name"));
    let target = (AuditTarget::Passkey, "");
    let intent = audit::intend(state, Entry::new(by, None, AuditAction::Create, target)).await?;
    let added = passkeys::finish_registration(state, &signed_in, ceremony, name, made).await;
    match &added {
        Ok(()) => intent.done(200, None).await,
        Err(failure) => intent.done(400, Some(&failure.to_string())).await,
    }
    added.map(|()| json!({}))
}

/// Who may add a passkey: somebody who signed in lately, from our page.
async fn allowed(state: &AppState, headers: &HeaderMap) -> Result<(SignedIn, User), Failure> {
    let signed_in = session::current(state, headers).await?.filter(|one| {
        is_from_here(headers) && one.csrf_matches(state, csrf_of(headers)) && is_fresh(state, one)
    });
    let Some(signed_in) = signed_in else {
        return Err(stale().into());
    };
    let id = signed_in.user;
    let user = state.cx.store.read(|c| users::find(c, id))?;
    Ok((signed_in, user.ok_or_else(stale)?))
}

/// `POST /account/passkeys/remove`.
pub(super) async fn remove(State(state): State<AppState>, request: Request) -> Response {
    answer(removed(&state, request).await)
}

async fn removed(state: &AppState, request: Request) -> Result<Response, Failure> {
    let (signed_in, form, by) = match signed_in_form(state, request, HERE).await? {
        Given::Form(signed_in, form, by) => (signed_in, form, by),
        Given::Answer(response) => return Ok(response),
    };
    let (user, id) = (signed_in.user, form.get("passkey").to_owned());
    let shared = AppState::clone(state);
    let take = move |c: &mut dyn Connection| {
        if !ways_in::is_another_left(&shared, c, user, Way::Passkey(&id))? {
            return Ok(false);
        }
        // One that is gone already, or never was theirs, is as good as removed.
        records::delete(c, user, &id)?;
        Ok::<_, Failure>(true)
    };
    let target = (AuditTarget::Passkey, form.get("passkey"));
    let intent = audit::intend(state, Entry::new(by, None, AuditAction::Delete, target)).await?;
    if state.cx.store.write(take).await? {
        intent.done(SEE_OTHER, None).await;
        return Ok(see_other(HERE));
    }
    intent.done(StatusCode::CONFLICT.as_u16(), Some("the last way in")).await;
    let words = "Without this passkey you could not sign in any more. Choose a password first, or \
                 add another passkey.";
    listed(state, &signed_in, Some(words))
}
