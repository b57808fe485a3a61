//! What applications somebody let in, on the page of their sessions, and the
//! way to end each.

use axum::extract::{Request, State};
use axum::response::Response;
use parlor_model::id::GrantId;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::Connection;
use parlor_store::oauth::consents;
use parlor_store::oauth::grants::{self, Grant};

use super::frame::Tab;
use super::markup::{hidden, text};
use super::sessions::ago;
use super::{Given, SEE_OTHER, answer, see_other, signed_in_form};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::audit::{self, Entry};
use crate::identity::session::SignedIn;
use crate::oidc::clients;

const HERE: &str = Tab::Sessions.address();

/// The section, where there is anything to be in it.
pub(super) fn section(
    state: &AppState,
    signed_in: &SignedIn,
    all: &[Grant],
) -> Result<String, Failure> {
    let mut rows = String::new();
    for grant in all {
        rows.push_str(&row(state, signed_in, grant)?);
    }
    Ok(match rows.is_empty() {
        true => String::new(),
        false => format!(r#"<h2 class="sub">Applications</h2><ul class="list">{rows}</ul>"#),
    })
}

fn row(state: &AppState, signed_in: &SignedIn, grant: &Grant) -> Result<String, Failure> {
    // A client that was taken out of the configuration keeps its id.
    let known = clients::find(state, &grant.client)?.map(|client| client.name);
    let name = known.unwrap_or_else(|| grant.client.as_str().to_owned());
    Ok(format!(
        r#"<li><div><b>{name}</b><small>Let in {since}</small></div><form method="post" action="/account/applications/end">{csrf}{id}<button class="btn s" type="submit" aria-label="Sign out {name}">Sign out</button></form></li>"#,
        name = text(&name),
        since = ago(state.now(), grant.created_at),
        csrf = hidden("csrf", signed_in.csrf()),
        id = hidden("grant", &grant.id.to_string()),
    ))
}

/// `POST /account/applications/end`.
pub(super) async fn end(State(state): State<AppState>, request: Request) -> Response {
    answer(ended(&state, request).await)
}

async fn ended(state: &AppState, request: Request) -> Result<Response, Failure> {
    let (signed_in, form, by) = match signed_in_form(state, request, HERE).await? {
        Given::Form(signed_in, form, by) => (signed_in, form, by),
        Given::Answer(response) => return Ok(response),
    };
    let (user, now) = (signed_in.user, state.now());
    // One that is over already, or somebody else's, is not theirs to end.
    if let Ok(id) = form.get("grant").parse::<GrantId>() {
        let end = move |c: &mut dyn Connection| {
            if let Some(grant) = grants::find(c, id)?.filter(|grant| grant.user == user) {
                grants::revoke(c, id, now)?;
                // Whoever throws an application out is asked before it is back.
                consents::forget(c, user, &grant.client)?;
            }
            Ok::<(), Failure>(())
        };
        let target = (AuditTarget::OauthToken, id.to_string());
        let intent =
            audit::intend(state, Entry::new(by, None, AuditAction::Revoke, target)).await?;
        state.cx.store.write(end).await?;
        intent.done(SEE_OTHER, None).await;
    }
    Ok(see_other(HERE))
}
