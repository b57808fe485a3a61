//! `/oauth/authorize`: where a client sends people, and where they answer.

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use parlor_model::identity::audit::{AuditAction, AuditTarget};

use super::client_auth::form_of;
use super::pages;
use super::reply::{fault, see_other};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::account::{By, by, consent};
use crate::http::rate_limit::{Budget, Door};
use crate::http::sender;
use crate::identity::audit::{self, Entry, Intent};
use crate::identity::session::{self, SignedIn};
use crate::oidc::authorize::{self, Asked, Next, Stop, Visitor};
use crate::oidc::form::escaped;
use crate::oidc::{Fault, Form};

/// What a decision adds to a request.
const DECISION: &str = "decision";
const CSRF: &str = "csrf";

/// Whose browser asks.
struct Person {
    signed_in: SignedIn,
    /// For the audit log.
    by: By,
}

impl Person {
    /// `None`: nobody is signed in.
    async fn of(
        state: &AppState,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Option<Self>, Failure> {
        let Some(signed_in) = session::current(state, headers).await? else {
            return Ok(None);
        };
        let by = by(state, signed_in.user, extensions, headers)?;
        Ok(Some(Self { signed_in, by }))
    }
}

/// `GET`: a client sends somebody.
pub(super) async fn show(State(state): State<AppState>, request: Request) -> Response {
    if let Some(refused) = too_many(&state, &request) {
        return refused;
    }
    let form = match Form::of_query(request.uri().query()) {
        Ok(form) => form.without(&[DECISION, CSRF]),
        Err(error) => return stopped(error.into()),
    };
    match Person::of(&state, request.headers(), request.extensions()).await {
        Ok(person) => go_on(&state, form, person, false).await,
        Err(failure) => stopped(failure.into()),
    }
}

/// `POST`: somebody answers our question; or a client sends them here with a
/// form, which is as good as a link (OpenID Connect Core, section 3.1.2.1).
pub(super) async fn decide(State(state): State<AppState>, request: Request) -> Response {
    if let Some(refused) = too_many(&state, &request) {
        return refused;
    }
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let form = match form_of(&state, request).await {
        Ok(form) => form,
        Err(error) => return stopped(error.into()),
    };
    // After the form, which may be long in coming.
    let person = match Person::of(&state, &headers, &extensions).await {
        Ok(person) => person,
        Err(failure) => return stopped(failure.into()),
    };
    let decision = form.get(DECISION).map(str::to_owned);
    let csrf = form.get(CSRF).unwrap_or_default().to_owned();
    let form = form.without(&[DECISION, CSRF]);
    let (decision, person) = match (decision, person) {
        (Some(decision), Some(person)) => (decision, person),
        (_, person) => return go_on(&state, form, person, false).await,
    };
    if !person.signed_in.csrf_matches(&state, &csrf) {
        let title = "This answer did not come from our page";
        let text = "Go back to the application and begin again.";
        return pages::error(StatusCode::FORBIDDEN, title, text);
    }
    if decision == "allow" {
        return go_on(&state, form, Some(person), true).await;
    }
    match denied(&state, &form, person).await {
        Ok(stop) | Err(stop) => stopped(stop),
    }
}

async fn denied(state: &AppState, form: &Form, person: Person) -> Result<Stop, Stop> {
    let asked = authorize::read(state, form)?;
    let intent = intend(state, &asked, person.by).await?;
    intent.done(StatusCode::FORBIDDEN.as_u16(), Some("the person did not agree")).await;
    Ok(authorize::deny(&asked))
}

/// Writes down that somebody is about to let an application act for them.
async fn intend(state: &AppState, asked: &Asked, by: By) -> Result<Intent, Failure> {
    let target = (AuditTarget::OauthClient, asked.client.id.as_str());
    let entry = Entry::new(by, None, AuditAction::Authorize, target);
    audit::intend(state, entry.with("scope", asked.scopes.to_string())).await
}

async fn go_on(state: &AppState, form: Form, person: Option<Person>, has_agreed: bool) -> Response {
    step(state, form, person, has_agreed).await.unwrap_or_else(stopped)
}

async fn step(
    state: &AppState,
    form: Form,
    person: Option<Person>,
    has_agreed: bool,
) -> Result<Response, Stop> {
    let asked = authorize::read(state, &form)?;
    let visitor = person.as_ref().map(|person| Visitor::of(&person.signed_in));
    match (authorize::next(state, &asked, visitor, has_agreed)?, person) {
        (Next::Stop(stop), _) => Err(stop),
        (Next::Allowed(visitor), Some(person)) => {
            let intent = intend(state, &asked, person.by).await?;
            let Some(location) = authorize::allow(state, &asked, visitor).await? else {
                intent.done(StatusCode::FORBIDDEN.as_u16(), Some("the session has ended")).await;
                return Ok(sign_in(&asked.path_after_sign_in(state.now()), false));
            };
            intent.done(StatusCode::SEE_OTHER.as_u16(), None).await;
            Ok(see_other(&location))
        }
        (Next::Consent(request), Some(person)) => {
            Ok(consent::page(state, &person.signed_in, &request)?)
        }
        (Next::SignIn { back, again }, _) => Ok(sign_in(&back, again)),
        (Next::Allowed(_) | Next::Consent(_), None) => Ok(sign_in("/dashboard", false)),
    }
}

fn sign_in(back: &str, again: bool) -> Response {
    let again = if again { "again=1&" } else { "" };
    see_other(&format!("/account/sign-in?{again}continue={}", escaped(back)))
}

fn stopped(stop: Stop) -> Response {
    match stop {
        Stop::Redirect(location) => see_other(&location),
        Stop::Page(text) => {
            let whose = "Tell whoever runs the application that sent you here.";
            let words = format!("{text} {whose}");
            pages::error(StatusCode::BAD_REQUEST, "This sign-in cannot go on", &words)
        }
        Stop::Failed(failure) => fault(Fault::Failed(failure), false),
    }
}

fn too_many(state: &AppState, request: &Request) -> Option<Response> {
    let budget = sender::budget(state, Door::Oauth, request.extensions(), request.headers());
    let error = budget.map(Budget::admit)?.err()?;
    Some(fault(error.into(), false))
}
