//! The tokens of a grant.

use parlor_model::id::{GrantId, UserId};
use parlor_model::oauth::UserInfo;
use parlor_model::oauth::{IdTokenClaims, OauthClientId, Scope, Scopes, SigningAlg, TokenAnswer};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::clients::Client;
use parlor_store::oauth::grants::Grant;
use parlor_store::secret_token::SecretToken;
use parlor_store::users::{self, User};

use crate::cx::Shared;
use crate::failure::Failure;
use crate::identity::access_token::{self, LIFE_SECONDS, NewToken};
use crate::identity::signing_keys::{Signer, Unsigned};
use crate::random;

/// The `typ` of an ID token, which is no access token.
pub(crate) const ID_TOKEN_TYPE: &str = "JWT";

/// For how long a refresh token waits to be used, in seconds: 30 days. Longer
/// spares people signing in; a lost one is good for as long.
pub(crate) const REFRESH_LIFE_SECONDS: i64 = 30 * 24 * 3600;

/// A person at a client, as it was agreed.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    pub(crate) user: UserId,
    pub(crate) client: OauthClientId,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) signed_in_at: UnixMillis,
}

/// The record of an agreement, good until `ends_at` unless tokens put that off.
pub(crate) fn grant(
    agreement: Agreement,
    now: UnixMillis,
    ends_at: UnixMillis,
) -> Result<Grant, Failure> {
    Ok(Grant {
        id: GrantId::from_random(random::bytes()?),
        user: agreement.user,
        client: agreement.client,
        scopes: agreement.scopes,
        nonce: agreement.nonce,
        signed_in_at: agreement.signed_in_at,
        created_at: now,
        ends_at,
        revoked_at: None,
    })
}

/// When the last of a grant's tokens that are made now expires.
pub(crate) fn end_of(scopes: &Scopes, now: UnixMillis) -> UnixMillis {
    let life = match scopes.has(Scope::OfflineAccess) {
        true => REFRESH_LIFE_SECONDS,
        false => LIFE_SECONDS,
    };
    now.plus_seconds(life)
}

/// What was agreed to, and who agreed: all that tokens say. Read in the
/// transaction that spends something for them: if that fails, nothing is spent.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) grant: Grant,
    pub(crate) user: Option<User>,
}

/// What signs the tokens of somebody who presents something for them. Had before
/// that is spent: whoever gets no answer tries again, and would look like a thief.
pub(crate) async fn signer(state: &Shared) -> Result<Signer, Failure> {
    state.signing_keys.signer(&state.cx.store, state.now()).await
}

/// Makes the tokens of what was granted, and reads nothing more for it. `refresh`
/// is in the records already.
pub(crate) fn make(
    state: &Shared,
    signer: &Signer,
    client: &Client,
    granted: &Granted,
    refresh: Option<&SecretToken>,
) -> Result<TokenAnswer, Failure> {
    let grant = &granted.grant;
    let new = NewToken {
        user: grant.user,
        client: client.id.clone(),
        scopes: grant.scopes.clone(),
        alg: client.alg,
        grant: Some(grant.id),
        session: None,
    };
    let access = access_token::issue_with(state, signer, &new)?;
    let id_token = match grant.scopes.has(Scope::Openid) {
        true => Some(id_token(state, signer, client.alg, granted)?),
        false => None,
    };
    Ok(TokenAnswer {
        access_token: access.token,
        token_type: "Bearer".to_owned(),
        expires_in: access.expires_in,
        scope: grant.scopes.to_string(),
        refresh_token: refresh.map(|token| token.expose().to_owned()),
        id_token,
    })
}

fn id_token(
    state: &Shared,
    signer: &Signer,
    alg: SigningAlg,
    granted: &Granted,
) -> Result<String, Failure> {
    let (now, grant) = (state.now(), &granted.grant);
    let info = granted.user.as_ref().map(|user| info_of(user, &grant.scopes));
    let (name, email, email_verified) =
        info.map_or((None, None, None), |info| (info.name, info.email, info.email_verified));
    let claims = IdTokenClaims {
        iss: state.issuer(),
        sub: grant.user,
        aud: grant.client.clone(),
        exp: now.as_seconds() + LIFE_SECONDS,
        iat: now.as_seconds(),
        auth_time: grant.signed_in_at.as_seconds(),
        nonce: grant.nonce.clone(),
        name,
        email,
        email_verified,
    };
    let unsigned = Unsigned { typ: ID_TOKEN_TYPE, alg, claims: &claims };
    signer.sign(&unsigned)
}

/// What `scopes` let somebody know of `user`. `None`: there is no such account.
pub(crate) fn user_info(
    state: &Shared,
    user: UserId,
    scopes: &Scopes,
) -> Result<Option<UserInfo>, Failure> {
    let found = state.cx.store.read(|c| users::find(c, user))?;
    Ok(found.map(|user| info_of(&user, scopes)))
}

fn info_of(user: &User, scopes: &Scopes) -> UserInfo {
    let has_email = scopes.has(Scope::Email);
    UserInfo {
        sub: user.id.to_string(),
        name: scopes.has(Scope::Profile).then(|| user.name.clone()),
        email: has_email.then(|| user.email.as_str().to_owned()),
        email_verified: has_email.then_some(user.is_email_verified),
    }
}
