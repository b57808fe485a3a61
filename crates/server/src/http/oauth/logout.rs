//! `/oauth/logout`: signing out at a client's wish (OpenID Connect RP-Initiated
//! Logout). A link must not be able to sign anybody out: without an ID token
//! of theirs, people are asked.

use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::audit::{AuditActor, AuditOrigin};

use super::client_auth::form_of;
use super::pages;
use super::reply::{fault, see_other};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::audit::{self, Entry};
use crate::identity::session::{self, SignedIn};
use crate::oidc::Form;
use crate::oidc::end::{self, Farewell};

/// `GET`.
pub(super) async fn show(State(state): State<AppState>, request: Request) -> Response {
    match Form::of_query(request.uri().query()) {
        Ok(form) => {
            let asker = Asker::of(&state, &request);
            answer(&state, asker, form.without(&["csrf"])).await
        }
        Err(error) => fault(error, false),
    }
}

/// `POST`: the same from a client, or somebody's answer.
pub(super) async fn carry_out(State(state): State<AppState>, request: Request) -> Response {
    let asker = Asker::of(&state, &request);
    match form_of(&state, request).await {
        Ok(form) => answer(&state, asker, form).await,
        Err(error) => fault(error, false),
    }
}

/// Whose browser asks, and from where.
struct Asker {
    headers: HeaderMap,
    origin: AuditOrigin,
}

impl Asker {
    fn of(state: &AppState, request: &Request) -> Self {
        let headers = request.headers().clone();
        let origin = audit::origin(state, request.extensions(), &headers);
        Self { headers, origin }
    }
}

async fn answer(state: &AppState, asker: Asker, form: Form) -> Response {
    let done = async {
        let farewell = end::read(state, &form).await?;
        let Some(person) = session::current(state, &asker.headers).await? else {
            return Ok(gone(&farewell));
        };
        let csrf = form.get("csrf").unwrap_or_default();
        if farewell.user == Some(person.user) || person.csrf_matches(state, csrf) {
            return end_session(state, &person, asker.origin, &farewell).await;
        }
        Ok::<_, Failure>(pages::ask_to_sign_out(&person, form.without(&["csrf"])))
    };
    done.await.unwrap_or_else(|failure| fault(failure.into(), false))
}

async fn end_session(
    state: &AppState,
    person: &SignedIn,
    origin: AuditOrigin,
    farewell: &Farewell,
) -> Result<Response, Failure> {
    let actor = AuditActor { id: person.user.to_string(), ..AuditActor::default() };
    let target = (AuditTarget::Session, person.session.to_string());
    let entry = Entry::new((actor, origin), None, AuditAction::Logout, target);
    let intent = audit::intend(state, entry).await?;
    let cookie = session::end(state, person).await?;
    intent.done(StatusCode::OK.as_u16(), None).await;
    let mut response = gone(farewell);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

fn gone(farewell: &Farewell) -> Response {
    match &farewell.location {
        Some(location) => see_other(location),
        None => pages::error(StatusCode::OK, "You are signed out", "You can close this page."),
    }
}
