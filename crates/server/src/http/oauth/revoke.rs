//! `/oauth/revoke`: a client gives a token back (RFC 7009).

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::audit::{AuditActor, AuditOrigin};

use super::client_auth::{Given, read_form};
use super::reply::{fault, no_store};
use crate::cx::AppState;
use crate::identity::audit::{self, Entry};
use crate::oidc::{Fault, clients, end};

/// `POST`.
pub(super) async fn revoke_token(State(state): State<AppState>, request: Request) -> Response {
    let origin = audit::origin(&state, request.extensions(), request.headers());
    let given = match read_form(&state, request).await {
        Ok(given) => given,
        Err(error) => return fault(error, false),
    };
    let is_in_header = given.basic.is_some();
    match revoke(&state, given, origin).await {
        Ok(()) => no_store(Response::default()),
        Err(error) => fault(error, is_in_header),
    }
}

async fn revoke(state: &AppState, given: Given, origin: AuditOrigin) -> Result<(), Fault> {
    let client = clients::authenticate(state, given.basic, &given.form)?;
    let Some(grant) = end::given_back(state, &client, &given.form).await? else {
        return Ok(());
    };
    // The client does it, in the person's name.
    let actor = AuditActor { id: grant.user.to_string(), ..AuditActor::default() };
    let target = (AuditTarget::OauthToken, grant.id.to_string());
    let entry = Entry::new((actor, origin), None, AuditAction::Revoke, target);
    let intent = audit::intend(state, entry.with("client", client.id.as_str())).await?;
    end::revoke(state, grant.id).await?;
    intent.done(StatusCode::OK.as_u16(), None).await;
    Ok(())
}
