//! `/account/device`: somebody types the code that a program shows them, sees
//! what it asks for, and lets it in or not.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use parlor_model::identity::audit::{AuditAction, AuditTarget};

use super::consent::{UNDONE, account, list};
use super::frame::AccountPage;
use super::markup::{hidden, text};
use super::sign_in::{problem_note, wait_text};
use super::way_on::WayOn;
use super::{Given, answer, signed_in_form};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::extract::QueryPairs;
use crate::http::rate_limit::Limit;
use crate::identity::audit::{self, Entry};
use crate::identity::session::{self, SignedIn};
use crate::oidc::authorize::Visitor;
use crate::oidc::device::{self, Decision, DeviceRequest};

const HERE: &str = "/account/device";

/// How many codes one person may try. A code lives ten minutes and has 34 bits:
/// higher helps who mistypes, and who guesses.
const TRIES: Limit = Limit::per_seconds(10, 600);

/// `GET /account/device`.
pub(super) async fn page(
    State(state): State<AppState>,
    headers: HeaderMap,
    query: QueryPairs,
) -> Response {
    answer(show(&state, &headers, query.get("user_code").unwrap_or_default()).await)
}

async fn show(state: &AppState, headers: &HeaderMap, code: &str) -> Result<Response, Failure> {
    let Some(signed_in) = session::current(state, headers).await? else {
        // The code is the person's to type again: it does not travel further.
        return Ok(Redirect::to(&WayOn::of(Some(HERE)).by_sign_in()).into_response());
    };
    Ok(ask_code(&signed_in, code, None, StatusCode::OK))
}

/// `POST /account/device`: first with the code alone, then with a decision.
pub(super) async fn submit(State(state): State<AppState>, request: Request) -> Response {
    answer(go_on(&state, request).await)
}

async fn go_on(state: &AppState, request: Request) -> Result<Response, Failure> {
    let (signed_in, form, by) = match signed_in_form(state, request, HERE).await? {
        Given::Form(signed_in, form, by) => (signed_in, form, by),
        Given::Answer(response) => return Ok(response),
    };
    let code = form.get("user_code");
    let budget = state.device_codes.check(signed_in.user, TRIES, state.now());
    if let Some(seconds) = budget.retry_after {
        let words = format!("Too many tries. Try again in {}.", wait_text(seconds));
        return Ok(ask_code(&signed_in, code, Some(&words), StatusCode::TOO_MANY_REQUESTS));
    }
    let Some(asked) = device::look(state, code)? else {
        return Ok(unknown(&signed_in, code));
    };
    let decision = match form.get("decision") {
        "allow" => Decision::Allow,
        "deny" => Decision::Deny,
        _ => return confirm(state, &signed_in, code, &asked),
    };
    let target = (AuditTarget::OauthClient, asked.client.as_str());
    let entry = Entry::new(by, None, AuditAction::Authorize, target).with("method", "device");
    let intent = audit::intend(state, entry.with("scope", asked.scopes.to_string())).await?;
    let is_decided = device::decide(state, code, Visitor::of(&signed_in), decision).await?;
    let (status, why) = match (is_decided, decision) {
        (true, Decision::Allow) => (StatusCode::OK, None),
        (true, Decision::Deny) => (StatusCode::FORBIDDEN, Some("the person did not agree")),
        (false, _) => (StatusCode::NOT_FOUND, Some("nothing waits for the code any more")),
    };
    intent.done(status.as_u16(), why).await;
    if !is_decided {
        return Ok(unknown(&signed_in, code));
    }
    let lead = text(&asked.client_name).to_string();
    let (title, lead, body) = match decision {
        Decision::Allow => (
            "You are signed in there",
            format!("{lead} goes on by itself. You can close this page."),
            format!(r#"<p class="hint">{UNDONE}</p>"#),
        ),
        Decision::Deny => (
            "You said no",
            format!("{lead} was not let in. You can close this page."),
            String::new(),
        ),
    };
    Ok(AccountPage::plain(title, lead, body).answer())
}

fn unknown(signed_in: &SignedIn, code: &str) -> Response {
    let words = "Nothing waits for this code. Codes last ten minutes: check it, or start again on \
                 the device.";
    ask_code(signed_in, code, Some(words), StatusCode::FORBIDDEN)
}

fn ask_code(
    signed_in: &SignedIn,
    code: &str,
    problem: Option<&str>,
    status: StatusCode,
) -> Response {
    let body = format!(
        r#"{note}
<form method="post" action="{HERE}">{csrf}
<div><label class="label" for="code">Code</label>
<input class="input code" id="code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="20" value="{code}" autofocus></div>
<button class="btn filled l wide" type="submit">Go on</button>
</form>"#,
        note = problem.map(problem_note).unwrap_or_default(),
        csrf = hidden("csrf", signed_in.csrf()),
        code = text(code),
    );
    let lead = "Type the code that the device or the program shows. Nobody else should have \
                given it to you.";
    let mut page = AccountPage::door("Sign in a device", lead.to_owned(), body);
    page.status = status;
    page.answer()
}

fn confirm(
    state: &AppState,
    signed_in: &SignedIn,
    code: &str,
    asked: &DeviceRequest,
) -> Result<Response, Failure> {
    let body = format!(
        r#"<p class="label">It will</p>
{scopes}
<p class="hint">{UNDONE}</p>
<form method="post" action="{HERE}">{csrf}{code}
<button class="btn filled l wide" type="submit" name="decision" value="allow">Let it in</button>
<button class="btn l wide" type="submit" name="decision" value="deny">Deny</button>
</form>"#,
        scopes = list(&asked.scopes),
        csrf = hidden("csrf", signed_in.csrf()),
        code = hidden("user_code", code),
    );
    let lead = format!(
        "{} asked {} to act for {} on {}. Go on only if that was you.",
        text(&asked.client_name),
        super::sessions::ago(state.now(), asked.created_at),
        account(state, signed_in)?,
        text(state.origin().host())
    );
    Ok(AccountPage::door(&format!("Let {} in?", asked.client_name), lead, body).answer())
}
