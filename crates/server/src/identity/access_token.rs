//! Access tokens: JSON Web Tokens that speak for a person at this server's API
//! (RFC 9068), and what must be true of one.
//!
//! A token says which key signed it and how; the key must be ours, and the
//! algorithm its own. Everything else is compared here and not by a library,
//! which would read the clock and allow a minute of leeway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use parlor_model::id::{GrantId, SessionId, UserId};
use parlor_model::oauth::{AccessTokenClaims, OauthClientId, Scopes, SigningAlg};
use parlor_store::oauth::grants;
use serde::Deserialize;
use serde_json::Value;

use crate::cx::{AppState, Shared};
use crate::failure::Failure;
use crate::identity::signing_keys::{Signer, Unsigned};
use crate::random;

/// For how long an access token is good. Longer spares clients requests, and
/// leaves more to whoever stole one in a place that does not ask us.
pub(crate) const LIFE_SECONDS: i64 = 15 * 60;

/// Longest token that is looked at, in bytes. Real ones stay under 2 KiB.
const MAX_BYTES: usize = 8 * 1024;

/// The `typ` of an access token, without which an ID token would be one.
pub(crate) const TYPE: &str = "at+jwt";

/// Whom a good access token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Who.
    pub(crate) user: UserId,
    /// Who asks in their name.
    pub(crate) client: OauthClientId,
    /// What the person let it know.
    pub(crate) scopes: Scopes,
    /// What they agreed to.
    pub(crate) grant: Option<GrantId>,
    /// The browser session it was made in.
    pub(crate) session: Option<SessionId>,
}

/// Why there is no person.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The token is not good. Everybody hears the same, whatever is wrong.
    NotGood,
    /// It could not be found out.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Refused {
    fn from(failure: E) -> Self {
        Self::Failed(failure.into())
    }
}

/// Whether a credential has the form of a token: three parts of base64url. Such
/// a one is never looked up as an API key.
#[must_use]
pub fn looks_like_jwt(credential: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let mut parts = 0;
    credential.split('.').all(|part| {
        parts += 1;
        !part.is_empty() && part.bytes().all(is_plain)
    }) && parts == 3
}

/// Checks a token: form, key, signature, issuer, audience, times, and that what
/// it hangs on was not revoked.
pub(crate) async fn verify(state: &AppState, token: &str) -> Result<Person, Refused> {
    let claims = read(state, token).await?.ok_or(Refused::NotGood)?;
    let now = state.now();
    let (grant, session) = (claims.grant, claims.sid);
    let store = &state.cx.store;
    if grant.is_none() && session.is_none() {
        // It could not be taken back; none is made like that.
        return Err(Refused::NotGood);
    }
    if !store.read(|c| grants::backs(c, claims.sub, grant, session, now)).map_err(Failure::Store)? {
        return Err(Refused::NotGood);
    }
    Ok(Person { user: claims.sub, client: claims.client_id, scopes: claims.scope, grant, session })
}

/// The claims of a token that we signed, for us, and that is good now.
async fn read(state: &Shared, token: &str) -> Result<Option<AccessTokenClaims>, Failure> {
    let Some(claims) = signed_claims(state, token, TYPE).await? else {
        return Ok(None);
    };
    let now = state.now().as_seconds();
    let not_before = claims.get("nbf").and_then(Value::as_i64);
    let Ok(claims) = serde_json::from_value::<AccessTokenClaims>(claims) else {
        return Ok(None);
    };
    let here = state.issuer();
    let is_ours = claims.iss == here && claims.aud == here;
    let is_now = now < claims.exp && not_before.is_none_or(|nbf| nbf <= now);
    Ok(Some(claims).filter(|_| is_ours && is_now))
}

/// The part of a header that decides. What is critical to its maker and unknown
/// to us makes a token bad (RFC 7515, section 4.1.11).
#[derive(Deserialize)]
struct Head {
    alg: SigningAlg,
    kid: String,
    #[serde(default)]
    typ: String,
    crit: Option<Value>,
}

/// What a token of type `typ` says, if one of our keys signed it.
pub(crate) async fn signed_claims(
    state: &Shared,
    token: &str,
    typ: &str,
) -> Result<Option<Value>, Failure> {
    if token.len() > MAX_BYTES {
        return Ok(None);
    }
    let Some((message, signature)) = token.rsplit_once('.') else {
        return Ok(None);
    };
    let Some((head, claims)) = message.split_once('.') else {
        return Ok(None);
    };
    let Some(head) = decoded::<Head>(head) else {
        return Ok(None);
    };
    if head.crit.is_some() || !is_type(&head.typ, typ) {
        return Ok(None);
    }
    let key = state.signing_keys.find(&state.cx.store, &head.kid, &*state.cx.clock).await?;
    let is_signed = key.is_some_and(|key| key.has_signed(head.alg, message, signature));
    Ok(if is_signed { decoded(claims) } else { None })
}

/// Types are compared without regard to case, and with or without the
/// `application/` that they have as media types (RFC 7515, section 4.1.9).
fn is_type(given: &str, wanted: &str) -> bool {
    let given = given.to_ascii_lowercase();
    given.strip_prefix("application/").unwrap_or(&given).eq_ignore_ascii_case(wanted)
}

fn decoded<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
}

/// A token to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewToken {
    pub(crate) user: UserId,
    pub(crate) client: OauthClientId,
    pub(crate) scopes: Scopes,
    pub(crate) alg: SigningAlg,
    pub(crate) grant: Option<GrantId>,
    pub(crate) session: Option<SessionId>,
}

impl NewToken {
    /// For a page of ours that somebody is signed in to: good as long as the
    /// session is, and for no more than fifteen minutes.
    pub(crate) fn of_session(user: UserId, session: SessionId) -> Self {
        Self {
            user,
            client: OauthClientId::dashboard(),
            scopes: Scopes::default(),
            alg: SigningAlg::default(),
            grant: None,
            session: Some(session),
        }
    }
}

/// A token that was made.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// For `Authorization: Bearer`.
    pub(crate) token: String,
    /// Seconds until it expires.
    pub(crate) expires_in: i64,
}

/// Makes a token.
pub(crate) async fn issue(state: &Shared, new: &NewToken) -> Result<Issued, Failure> {
    let signer = state.signing_keys.signer(&state.cx.store, state.now()).await?;
    issue_with(state, &signer, new)
}

/// Makes a token with keys that are ready.
pub(crate) fn issue_with(
    state: &Shared,
    signer: &Signer,
    new: &NewToken,
) -> Result<Issued, Failure> {
    let now = state.now();
    let id = SessionId::from_random(random::bytes()?);
    let claims = AccessTokenClaims {
        iss: state.issuer(),
        aud: state.issuer(),
        sub: new.user,
        client_id: new.client.clone(),
        scope: new.scopes.clone(),
        iat: now.as_seconds(),
        exp: now.as_seconds() + LIFE_SECONDS,
        jti: id.to_string(),
        grant: new.grant,
        sid: new.session,
    };
    let unsigned = Unsigned { typ: TYPE, alg: new.alg, claims: &claims };
    let token = signer.sign(&unsigned)?;
    Ok(Issued { token, expires_in: LIFE_SECONDS })
}

#[cfg(test)]
mod tests {
    use super::{is_type, looks_like_jwt};

    #[test]
    fn token_is_three_parts_of_base64url() {
        assert!(looks_like_jwt("eyJh.eyJp.c2ln-_"));
        for other in ["", "a.b", "a.b.c.d", "a..c", "a.b.", "a.b.c=", "a.b c.d", "parlor_x"] {
            assert!(!looks_like_jwt(other), "{other}");
        }
    }

    #[test]
    fn id_token_has_another_type() {
        assert!(is_type("at+jwt", "at+jwt") && is_type("application/AT+JWT", "at+jwt"));
        assert!(!is_type("JWT", "at+jwt") && !is_type("", "at+jwt"));
    }
}
