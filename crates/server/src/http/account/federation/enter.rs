//! From a provider's word to a session.

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::Response;
use parlor_model::id::UserId;
use parlor_model::identity::audit::{AuditAction, AuditTarget};

use super::pages;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::account::see_other;
use crate::http::account::sign_in::whence;
use crate::http::account::way_on::WayOn;
use crate::http::sender;
use crate::identity::audit::{self, Entry};
use crate::identity::session::{self, Proof};
use crate::oidc::federation::account::{self, Refusal};
use crate::oidc::federation::attempt::Attempt;
use crate::oidc::federation::{IdentityProvider, Provider, Vouched};

/// Signs somebody in, or connects their account, and sends them on.
pub(super) async fn enter(
    state: &AppState,
    provider: &Provider,
    attempt: &Attempt,
    vouched: &Vouched,
    request: &Parts,
) -> Result<Response, Failure> {
    let settings = provider.settings();
    let planned = match attempt.connects {
        None => account::plan(state, settings, vouched)?,
        Some(user) => {
            let signed_in = session::current(state, &request.headers).await?;
            let Some(signed_in) = signed_in.filter(|signed_in| signed_in.user == user) else {
                return Ok(pages::not_begun_here());
            };
            account::connection(state, settings, vouched, &signed_in)?
        }
    };
    let origin = audit::origin(state, &request.extensions, &request.headers);
    let plan = match planned {
        Ok(plan) => plan,
        Err(refusal) => {
            let target = (AuditTarget::IdentityProvider, settings.name.as_str());
            let entry = Entry::new((Default::default(), origin), None, AuditAction::Login, target)
                .with("subject", vouched.subject.as_str());
            let refused = pages::refused(settings, attempt, refusal);
            let intent = audit::intend(state, entry).await?;
            intent.done(refused.status().as_u16(), Some(words(refusal))).await;
            return Ok(refused);
        }
    };
    // To connect an account is to change it.
    let (action, target) = match attempt.connects {
        Some(user) => (AuditAction::Update, (AuditTarget::User, user.to_string())),
        None => (AuditAction::Login, (AuditTarget::Session, String::new())),
    };
    let entry = Entry::new((audit::person(&plan.user), origin), None, action, target)
        .with("method", "federated")
        .with("provider", settings.name.as_str())
        .with("account", plan.step.word());
    let intent = audit::intend(state, entry).await?;
    let user = plan.user.id;
    let mut response = see_other(WayOn::of(Some(&attempt.way)).as_str());
    let mut is_done = account::carry_out(state, settings, vouched, plan).await?;
    if is_done && attempt.connects.is_none() {
        let cookie = begin(state, settings, vouched, user, request).await?;
        is_done = cookie.is_some();
        response.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    }
    if !is_done {
        response = pages::changed_meanwhile(attempt);
    }
    let problem = (!is_done).then_some("the account changed meanwhile");
    intent.done(response.status().as_u16(), problem).await;
    Ok(response)
}

/// Begins a session of somebody who came this way, if it still leads here.
async fn begin(
    state: &AppState,
    provider: &IdentityProvider,
    vouched: &Vouched,
    user: UserId,
    request: &Parts,
) -> Result<Option<HeaderValue>, Failure> {
    let address = sender::address_of(state, &request.extensions, &request.headers);
    let whence = whence(&request.headers, address);
    let (issuer, subject) = (provider.issuer.clone(), vouched.subject.clone());
    session::begin(state, user, Proof::Link { issuer, subject }, whence).await
}

/// Why nobody was signed in, for the audit log.
fn words(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoAddress => "the provider vouches for no address",
        Refusal::Domain => "the address has another domain than those that may sign in",
        Refusal::NoAccount => "there is no account, and the provider makes none",
        Refusal::NobodyYet => "there is no account at all yet",
        Refusal::Exists => "an account has the address, and is not connected",
        Refusal::Taken => "the person of the provider has another account",
    }
}
