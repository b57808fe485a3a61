//! The token endpoint: codes, refresh tokens and devices to tokens. Each
//! spending is one transaction with its check, so of two who come at once only
//! one succeeds, and the other gives itself away. Whatever may fail comes before
//! it or belongs to it: who tries again after a failure is no thief.

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::oauth::{DEVICE_CODE_GRANT, OauthErrorCode, Scope, Scopes, TokenAnswer};
use parlor_model::time::UnixMillis;
use parlor_store::audit::{AuditActor, AuditOrigin};
use parlor_store::oauth::Spending;
use parlor_store::oauth::clients::Client;
use parlor_store::oauth::codes::{self, SpentCode};
use parlor_store::oauth::device_codes::{self, Answer};
use parlor_store::oauth::grants::{self, Grant};
use parlor_store::oauth::refresh_tokens;
use parlor_store::secret_token::{SecretToken, TokenHash, TokenKind};
use parlor_store::{Connection, StoreError, users};

use super::tokens::{self, Granted};
use super::{Fault, Form};
use crate::cx::{AppState, Shared};
use crate::identity::audit::{self, Entry};
use crate::identity::signing_keys::Signer;

/// Answers one request of `client`, which came from `origin`.
pub(crate) async fn answer(
    state: &AppState,
    client: &Client,
    form: &Form,
    origin: AuditOrigin,
) -> Result<TokenAnswer, Fault> {
    match form.require("grant_type")? {
        "authorization_code" => of_code(state, client, form, origin).await,
        "refresh_token" => of_refresh_token(state, client, form, origin).await,
        DEVICE_CODE_GRANT => of_device_code(state, client, form).await,
        _ => Err(Fault::new(
            OauthErrorCode::UnsupportedGrantType,
            format!("grant_type must be authorization_code, refresh_token or {DEVICE_CODE_GRANT}"),
        )),
    }
}

async fn of_code(
    state: &AppState,
    client: &Client,
    form: &Form,
    origin: AuditOrigin,
) -> Result<TokenAnswer, Fault> {
    let hash = TokenHash::of(TokenKind::OauthCode, form.require("code")?);
    let presented = Presented {
        client: client.clone(),
        redirect_uri: form.require("redirect_uri")?.to_owned(),
        challenge: challenge_of(form.require("code_verifier")?)?,
    };
    let (refresh, now) = (SecretToken::generate()?, state.now());
    let refresh_hash = refresh.hash(TokenKind::RefreshToken);
    let signer = tokens::signer(state).await?;
    let spending: Spending<Granted> = state
        .cx
        .store
        .write(move |c| {
            let code = match codes::spend(c, &hash, now)? {
                Spending::Spent(code) => code,
                Spending::Revoked(grant) => return Ok::<_, StoreError>(Spending::Revoked(grant)),
                Spending::Refused => return Ok(Spending::Refused),
            };
            if !presented.fits(&code) {
                // Somebody has a code that was not made for them.
                return grants::revoke_stolen(c, code.grant, now);
            }
            prolong(c, &code.grant, &refresh_hash, now)?;
            let user = users::find(c, code.grant.user)?;
            Ok(Spending::Spent(Granted { grant: code.grant, user }))
        })
        .await?;
    let text = "the code is unknown, used or expired, or was made for another request";
    let granted = spent(state, (client, origin), spending, text).await?;
    finish(state, &signer, client, &granted, &refresh)
}

/// What must be the same as when the code was asked for.
struct Presented {
    client: Client,
    redirect_uri: String,
    challenge: String,
}

impl Presented {
    fn fits(&self, code: &SpentCode) -> bool {
        let (own, given) = (code.challenge.as_bytes(), self.challenge.as_bytes());
        code.grant.client == self.client.id
            && code.redirect_uri == self.redirect_uri
            && constant_time::verify_slices_are_equal(own, given).is_ok()
    }
}

/// The challenge of a verifier: 43 to 128 unreserved characters (RFC 7636,
/// section 4.1).
fn challenge_of(verifier: &str) -> Result<String, Fault> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(is_plain) {
        return Err(Fault::new(
            OauthErrorCode::InvalidRequest,
            "code_verifier must have 43 to 128 characters, letters, digits and '-._~'",
        ));
    }
    Ok(BASE64.encode(digest::digest(&digest::SHA256, verifier.as_bytes())))
}

async fn of_refresh_token(
    state: &AppState,
    client: &Client,
    form: &Form,
    origin: AuditOrigin,
) -> Result<TokenAnswer, Fault> {
    let hash = TokenHash::of(TokenKind::RefreshToken, form.require("refresh_token")?);
    let asked = form.get("scope").map(Scopes::known_in);
    let (refresh, now) = (SecretToken::generate()?, state.now());
    let new_hash = refresh.hash(TokenKind::RefreshToken);
    let (id, narrower) = (client.id.clone(), asked.clone());
    let signer = tokens::signer(state).await?;
    let spending: Result<Spending<Granted>, TooWide> = state
        .cx
        .store
        .write(move |c| {
            // Looked at first: a token is not lost to a request that is wrong.
            let grant = refresh_tokens::find_grant(c, &hash)?;
            let is_within = |grant: &Grant| {
                narrower.as_ref().is_none_or(|asked| asked.are_within(&grant.scopes))
            };
            if grant.is_some_and(|grant| grant.client == id && !is_within(&grant)) {
                return Ok::<_, StoreError>(Err(TooWide));
            }
            let grant = match refresh_tokens::spend(c, &hash, &id, now)? {
                Spending::Spent(grant) => grant,
                Spending::Revoked(grant) => return Ok(Ok(Spending::Revoked(grant))),
                Spending::Refused => return Ok(Ok(Spending::Refused)),
            };
            prolong(c, &grant, &new_hash, now)?;
            let user = users::find(c, grant.user)?;
            Ok(Ok(Spending::Spent(Granted { grant, user })))
        })
        .await?;
    let spending = spending.map_err(|TooWide| {
        Fault::new(OauthErrorCode::InvalidScope, "scope may name fewer scopes, but no new ones")
    })?;
    let text = "the refresh token is unknown, used, revoked or expired: sign in again";
    let mut granted = spent(state, (client, origin), spending, text).await?;
    if let Some(narrower) = asked.filter(|scopes| !scopes.is_empty()) {
        granted.grant.scopes = narrower;
    }
    // What the first request wanted to find in its own ID token.
    granted.grant.nonce = None;
    let mut answer = tokens::make(state, &signer, client, &granted, Some(&refresh))?;
    answer.refresh_token = Some(refresh.expose().to_owned());
    Ok(answer)
}

/// What was granted to whom, of what was spent; `text` says why there is none. Whoever reads the
/// log is to learn that something was stolen: that is written after the
/// revocation, which waits for nothing.
async fn spent(
    state: &AppState,
    (client, origin): (&Client, AuditOrigin),
    spending: Spending<Granted>,
    text: &str,
) -> Result<Granted, Fault> {
    match spending {
        Spending::Spent(granted) => Ok(granted),
        Spending::Refused => Err(bad_grant(text)),
        Spending::Revoked(grant) => {
            let actor = AuditActor { id: grant.user.to_string(), ..AuditActor::default() };
            let target = (AuditTarget::OauthToken, grant.id.to_string());
            let entry = Entry::new((actor, origin), None, AuditAction::Revoke, target)
                .with("client", client.id.as_str())
                .with("reason", "presented twice, or by somebody else");
            let intent = audit::intend(state, entry).await?;
            let status = OauthErrorCode::InvalidGrant.status();
            intent.done(status, Some("all that was given for it is revoked")).await;
            Err(bad_grant(text))
        }
    }
}

/// More scopes were asked for than were granted.
#[derive(Clone, Copy, Debug)]
struct TooWide;

async fn of_device_code(
    state: &Shared,
    client: &Client,
    form: &Form,
) -> Result<TokenAnswer, Fault> {
    let hash = TokenHash::of(TokenKind::DeviceCode, form.require("device_code")?);
    let (refresh, now, id) = (SecretToken::generate()?, state.now(), client.id.clone());
    let refresh_hash = refresh.hash(TokenKind::RefreshToken);
    let signer = tokens::signer(state).await?;
    let (answer, user) = state
        .cx
        .store
        .write(move |c| {
            let answer = device_codes::poll(c, &hash, &id, now)?;
            let user = match &answer {
                Answer::Allowed(grant) => {
                    prolong(c, grant, &refresh_hash, now)?;
                    users::find(c, grant.user)?
                }
                _ => None,
            };
            Ok::<_, StoreError>((answer, user))
        })
        .await?;
    let refuse = |code, text: &str| Err(Fault::new(code, text));
    match answer {
        Answer::Allowed(grant) => {
            finish(state, &signer, client, &Granted { grant, user }, &refresh)
        }
        Answer::Unknown => Err(bad_grant("the device code is unknown or used")),
        Answer::Expired => {
            refuse(OauthErrorCode::ExpiredToken, "the device code has expired: ask for another")
        }
        Answer::TooEarly => {
            refuse(OauthErrorCode::SlowDown, "too early: wait five seconds more between questions")
        }
        Answer::Pending => {
            refuse(OauthErrorCode::AuthorizationPending, "nobody has decided yet: ask again")
        }
        Answer::Denied => refuse(OauthErrorCode::AccessDenied, "the person did not agree"),
    }
}

/// Puts the end of `grant` off to that of the tokens which are made now, and
/// adds the refresh token, if there is to be one.
fn prolong(
    connection: &mut dyn Connection,
    grant: &Grant,
    refresh: &TokenHash,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let ends_at = tokens::end_of(&grant.scopes, now);
    grants::extend(connection, grant.id, ends_at)?;
    if grant.scopes.has(Scope::OfflineAccess) {
        refresh_tokens::create(connection, refresh, grant.id, ends_at)?;
    }
    Ok(())
}

fn finish(
    state: &Shared,
    signer: &Signer,
    client: &Client,
    granted: &Granted,
    refresh: &SecretToken,
) -> Result<TokenAnswer, Fault> {
    let refresh = granted.grant.scopes.has(Scope::OfflineAccess).then_some(refresh);
    Ok(tokens::make(state, signer, client, granted, refresh)?)
}

fn bad_grant(text: &str) -> Fault {
    Fault::new(OauthErrorCode::InvalidGrant, text)
}

#[cfg(test)]
mod tests {
    use super::challenge_of;

    #[test]
    fn challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier).unwrap(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        for bad in [&verifier[1..], &"a".repeat(129), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEj k"]
        {
            assert!(challenge_of(bad).is_err(), "{bad}");
        }
    }
}
