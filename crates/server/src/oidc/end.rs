//! Giving back: tokens (RFC 7009), and signing out at a client's wish (OpenID
//! Connect RP-Initiated Logout).

use parlor_model::id::{GrantId, UserId};
use parlor_model::oauth::{AccessTokenClaims, OauthClientId};
use parlor_store::oauth::clients::Client;
use parlor_store::oauth::grants::{self, Grant};
use parlor_store::oauth::refresh_tokens;
use parlor_store::secret_token::{TokenHash, TokenKind};

use super::tokens::ID_TOKEN_TYPE;
use super::{Fault, Form, clients, redirect};
use crate::cx::Shared;
use crate::failure::Failure;
use crate::identity::access_token;

/// What the token hangs on that `client` gives back. A token that is unknown, or
/// another client's, is no fault: there is nothing left to do.
pub(crate) async fn given_back(
    state: &Shared,
    client: &Client,
    form: &Form,
) -> Result<Option<Grant>, Fault> {
    let token = form.require("token")?;
    let of_access_token = access_grant(state, token).await?;
    let hash = TokenHash::of(TokenKind::RefreshToken, token);
    let found = state.cx.store.read(|c| match of_access_token {
        Some(grant) => grants::find(c, grant),
        None => refresh_tokens::find_grant(c, &hash),
    })?;
    Ok(found.filter(|grant| grant.client == client.id))
}

/// Revokes a grant, and with it everything that was given for it.
pub(crate) async fn revoke(state: &Shared, grant: GrantId) -> Result<(), Fault> {
    let now = state.now();
    state.cx.store.write(move |c| grants::revoke(c, grant, now)).await?;
    Ok(())
}

async fn access_grant(state: &Shared, token: &str) -> Result<Option<GrantId>, Failure> {
    if !access_token::looks_like_jwt(token) {
        return Ok(None);
    }
    let claims = access_token::signed_claims(state, token, access_token::TYPE).await?;
    let claims = claims.and_then(|claims| serde_json::from_value::<AccessTokenClaims>(claims).ok());
    Ok(claims.and_then(|claims| claims.grant))
}

/// A wish to sign out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Farewell {
    /// Of whom the client says that they want to; it showed an ID token.
    pub(crate) user: Option<UserId>,
    /// Where to then: an address registered for the client.
    pub(crate) location: Option<String>,
}

/// Reads a wish. An ID token of ours says who it is about and which client
/// asks, expired or not; an address that is not registered for that client is
/// passed over, so that nobody is sent there.
pub(crate) async fn read(state: &Shared, form: &Form) -> Result<Farewell, Failure> {
    let hint = match form.get("id_token_hint") {
        Some(token) => access_token::signed_claims(state, token, ID_TOKEN_TYPE).await?,
        None => None,
    };
    let text = |name: &str| hint.as_ref().and_then(|claims| claims.get(name)?.as_str());
    let hinted: Option<OauthClientId> = text("aud").and_then(|aud| aud.parse().ok());
    let user = match text("iss") == Some(&state.issuer()) {
        true => text("sub").and_then(|sub| sub.parse().ok()),
        false => None,
    };
    let named: Option<OauthClientId> = form.get("client_id").and_then(|id| id.parse().ok());
    let client = match (hinted, named) {
        (Some(hinted), Some(named)) if hinted != named => None,
        (hinted, named) => hinted.or(named),
    };
    let location = match (client, form.get("post_logout_redirect_uri")) {
        (Some(client), Some(uri)) => location(state, &client, uri, form.get("state"))?,
        _ => None,
    };
    Ok(Farewell { user, location })
}

fn location(
    state: &Shared,
    client: &OauthClientId,
    uri: &str,
    given: Option<&str>,
) -> Result<Option<String>, Failure> {
    let client = clients::find(state, client)?;
    let is_registered = client.is_some_and(|client| clients::may_redirect_to(&client, uri));
    let pairs: Vec<(&str, &str)> = given.map(|state| ("state", state)).into_iter().collect();
    Ok(is_registered.then(|| redirect::with_query(uri, &pairs)))
}
