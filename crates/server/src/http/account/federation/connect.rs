//! `/account/sign-in/{provider}/connect`: whether somebody at a provider can
//! sign in to the account of whoever is signed in here. That is as good as a
//! password, so only somebody who just signed in may say so, with a form.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use parlor_model::id::UserId;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::Connection;
use parlor_store::oauth::federation;
use parlor_store::users::{self, User};

use super::{pages, send_out};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::account::frame::{AccountPage, FormLeads, Tab};
use crate::http::account::markup::{hidden, text};
use crate::http::account::{
    Given, SEE_OTHER, answer, error_page, is_fresh, see_other, signed_in_form,
};
use crate::identity::audit::{self, Entry};
use crate::identity::session::{self, SignedIn};
use crate::identity::ways_in::{self, Way};
use crate::oidc::federation::IdentityProvider;
use crate::oidc::federation::attempt::Attempt;

/// Where it is shown what came of it.
const SESSIONS: &str = Tab::Sessions.address();

/// What is known of an account and a provider.
struct Facts {
    user: User,
    is_linked: bool,
}

/// `GET`.
pub(in crate::http::account) async fn page(
    State(state): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(show(&state, &name, &headers).await)
}

async fn show(state: &AppState, name: &str, headers: &HeaderMap) -> Result<Response, Failure> {
    let Some(provider) = state.federation.find(name) else {
        return Ok(pages::no_such_provider());
    };
    let recent = match session::current(state, headers).await? {
        Some(signed_in) if is_fresh(state, &signed_in) => signed_in,
        _ => return Ok(sign_in_first(provider.settings())),
    };
    let Some(facts) = facts(state, provider.settings(), recent.user)? else {
        return Ok(sign_in_first(provider.settings()));
    };
    let leads = FormLeads::here_or(provider.origin(state.now()).await);
    Ok(form(provider.settings(), &recent, &facts, leads))
}

/// `POST`.
pub(in crate::http::account) async fn submit(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    answer(carry_out(&state, &name, request).await)
}

async fn carry_out(state: &AppState, name: &str, request: Request) -> Result<Response, Failure> {
    let Some(provider) = state.federation.find(name) else {
        return Ok(pages::no_such_provider());
    };
    let settings = provider.settings();
    let here = connect_path(settings);
    let origin = audit::origin(state, request.extensions(), request.headers());
    let (signed_in, form) = match signed_in_form(state, request, &here).await? {
        Given::Form(signed_in, form, _by) => (signed_in, form),
        Given::Answer(response) => return Ok(response),
    };
    if !is_fresh(state, &signed_in) {
        return Ok(sign_in_first(settings));
    }
    if form.get("decision") != "disconnect" {
        let attempt = Attempt::begin(name, Some(signed_in.user), SESSIONS, state.now())?;
        return Ok(send_out(state, provider, &attempt, true).await);
    }
    let Some(facts) = facts(state, settings, signed_in.user)? else {
        return Ok(sign_in_first(settings));
    };
    let entry = Entry::new(
        (audit::person(&facts.user), origin),
        None,
        AuditAction::Update,
        (AuditTarget::User, facts.user.id.to_string()),
    )
    .with("provider", settings.name.as_str())
    .with("account", "unlinked");
    let intent = audit::intend(state, entry).await?;
    let (issuer, user) = (settings.issuer.clone(), facts.user.id);
    let shared = AppState::clone(state);
    let take = move |c: &mut dyn Connection| {
        if !ways_in::is_another_left(&shared, c, user, Way::Provider(&issuer))? {
            return Ok(false);
        }
        federation::unlink(c, &issuer, user)?;
        Ok::<_, Failure>(true)
    };
    if state.cx.store.write(take).await? {
        intent.done(SEE_OTHER, None).await;
        return Ok(see_other(SESSIONS));
    }
    intent.done(StatusCode::CONFLICT.as_u16(), Some("the last way in")).await;
    let words = "Without this provider you could not sign in any more. Choose a password or add a \
                 passkey first.";
    Ok(error_page(state, StatusCode::CONFLICT, "That is your only way in", words))
}

/// Where an account and a provider are connected, and disconnected.
pub(super) fn connect_path(provider: &IdentityProvider) -> String {
    format!("{}/connect", provider.path())
}

fn sign_in_first(provider: &IdentityProvider) -> Response {
    let way = format!("/account/sign-in?again=1&continue={}", connect_path(provider));
    Redirect::to(&way).into_response()
}

fn facts(
    state: &AppState,
    provider: &IdentityProvider,
    user: UserId,
) -> Result<Option<Facts>, Failure> {
    let found = state.cx.store.read(|c| {
        let is_linked = federation::is_linked(c, &provider.issuer, user)?;
        Ok::<_, Failure>(users::find(c, user)?.map(|user| Facts { user, is_linked }))
    })?;
    Ok(found)
}

fn form(
    provider: &IdentityProvider,
    signed_in: &SignedIn,
    facts: &Facts,
    leads: FormLeads,
) -> Response {
    let title = text(&provider.title);
    let account = text(facts.user.email.as_str());
    let (lead, decision, button) = if facts.is_linked {
        let lead = format!(
            "Whoever you are at {title} opens your account, <b>{account}</b>. You can \
             connect it again at any time."
        );
        (lead, "disconnect", "Disconnect")
    } else {
        let lead = format!(
            "You prove there who you are. From then on whoever you are at {title} opens your \
             account, <b>{account}</b>."
        );
        (lead, "connect", "Connect")
    };
    let body = format!(
        r#"<form method="post" action="{here}">
{csrf}
<button class="btn filled l wide" type="submit" name="decision" value="{decision}">{button}</button>
<a class="btn l wide" href="{SESSIONS}">Keep it as it is</a>
</form>"#,
        here = text(&connect_path(provider)),
        csrf = hidden("csrf", signed_in.csrf()),
    );
    let mut page = AccountPage::door(&format!("{button} {}?", provider.title), lead, body);
    page.form_leads = leads;
    page.answer()
}
