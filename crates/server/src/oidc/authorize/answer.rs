//! What the client is answered: a code, or a no.

use parlor_model::oauth::OauthErrorCode;
use parlor_store::StoreError;
use parlor_store::oauth::{codes, consents, grants};
use parlor_store::secret_token::{SecretToken, TokenKind};

use super::{Asked, Stop, Visitor};
use crate::cx::Shared;
use crate::failure::Failure;
use crate::oidc::tokens::{self, Agreement};

/// For how long a code is good, in seconds. The client uses it at once; a
/// longer life is for thieves alone.
const CODE_LIFE_SECONDS: i64 = 60;

/// Writes down that `visitor` agrees, and gives the client's address with a
/// code. `None`: their session has ended.
pub(crate) async fn allow(
    state: &Shared,
    asked: &Asked,
    visitor: Visitor,
) -> Result<Option<String>, Failure> {
    let now = state.now();
    let ends_at = now.plus_seconds(CODE_LIFE_SECONDS);
    let agreement = Agreement {
        user: visitor.user,
        client: asked.client.id.clone(),
        scopes: asked.scopes.clone(),
        nonce: asked.nonce.clone(),
        signed_in_at: visitor.signed_in_at,
    };
    let grant = tokens::grant(agreement, now, ends_at)?;
    let code = SecretToken::generate()?;
    let row = codes::NewCode {
        hash: code.hash(TokenKind::OauthCode),
        grant: grant.id,
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
        expires_at: ends_at,
    };
    let is_of_others = !asked.client.is_own;
    let written: Result<bool, StoreError> = state
        .cx
        .store
        .write(move |c| {
            if !visitor.is_here(c, now)? {
                return Ok(false);
            }
            if is_of_others {
                consents::add(c, grant.user, &grant.client, &grant.scopes, now)?;
            }
            grants::create(c, &grant)?;
            codes::create(c, &row)?;
            Ok(true)
        })
        .await;
    Ok(written?.then(|| asked.location(code.expose())))
}

/// The client's address with the person's no.
pub(crate) fn deny(asked: &Asked) -> Stop {
    asked.stop(OauthErrorCode::AccessDenied, "the person did not agree")
}
