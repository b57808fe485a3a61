//! Meeting tokens: signed by an API key, by us or by the application itself,
//! and checked against every secret that may have signed them. A person's are
//! signed with their organization's secret and name them. Nothing of a token is
//! stored; it is good while who signed it may make tokens.
//!
//! The JWT library checks the signature and nothing else: by itself it would
//! read the clock, demand `exp` and allow a minute of leeway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto};
use parlor_model::id::{OrgId, UserId};
use parlor_model::key_permission::KeyPermission::CreateTokens;
use parlor_model::time::UnixMillis;
use parlor_model::token::{TokenClaims, WindowError, check_window};
use parlor_store::key::TokenSecret;
use parlor_store::{Store, members};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::failure::Failure;

/// Longest token that is looked at, in bytes. Real ones stay under 2 KiB.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Which check a token fails. The texts complete "the meeting token is not
/// valid: …".
#[derive(Clone, Debug, PartialEq, Error)]
pub(crate) enum TokenFault {
    #[error("it is not a JSON Web Token")]
    Malformed,
    #[error("its algorithm is not HS256")]
    Algorithm,
    #[error("it was not signed with an active API key of this domain that holds create:tokens")]
    Signature,
    #[error("whoever made it may not make tokens of this domain any more")]
    Maker,
    #[error("it belongs to another domain (claim d)")]
    OtherDomain,
    #[error("{0}")]
    Claims(String),
    #[error("it is {0}")]
    Window(WindowError),
    #[error("it is for another room")]
    OtherRoom,
}

/// Signs `claims` with the secret of an API key.
pub(crate) fn sign(claims: &Map<String, Value>, secret: &TokenSecret) -> Result<String, Failure> {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(Failure::Signing)
}

/// Reads a token of `org`: form, signature and domain. Times are the caller's
/// affair, see [`check_times`].
pub(crate) fn read(
    store: &Store,
    org: OrgId,
    text: &str,
    now: UnixMillis,
) -> Result<Result<TokenClaims, TokenFault>, Failure> {
    let parts = match Parts::split(text) {
        Ok(parts) => parts,
        Err(fault) => return Ok(Err(fault)),
    };
    // Who signed it says whether to believe them.
    let claims = parts.claims(org);
    let made_by = claims.as_ref().ok().and_then(|claims| claims.made_by);
    let fault = match signer(store, org, &parts, made_by, now)? {
        Signer::Key => None,
        Signer::Person(user) if may_make_tokens(store, org, user)? => None,
        Signer::Person(_) => Some(TokenFault::Maker),
        Signer::Nobody => Some(TokenFault::Signature),
    };
    Ok(fault.map_or(claims, Err))
}

/// Compares `nbf` (unless it is to be ignored) and `exp` with `now`, without
/// leeway.
pub(crate) fn check_times(
    claims: &TokenClaims,
    nbf: NotBefore,
    now: UnixMillis,
) -> Result<(), TokenFault> {
    let nbf = match nbf {
        NotBefore::Counts => claims.properties.nbf(),
        NotBefore::Ignored => None,
    };
    check_window(nbf, claims.properties.exp(), now).map_err(TokenFault::Window)
}

/// What the `nbf` of a token means to a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotBefore {
    /// Before it, the token is not valid.
    Counts,
    /// It is not looked at.
    Ignored,
}

/// The parts of a compact JWT.
struct Parts<'a> {
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, TokenFault> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let header = object(header).ok_or(TokenFault::Malformed)?;
        if header.get("alg").and_then(Value::as_str) != Some("HS256") {
            return Err(TokenFault::Algorithm);
        }
        Ok(Self { signed, payload, signature })
    }

    fn is_signed_with(&self, secret: &TokenSecret) -> bool {
        let key = DecodingKey::from_secret(secret.as_bytes());
        crypto::verify(self.signature, self.signed.as_bytes(), &key, Algorithm::HS256)
            .unwrap_or(false)
    }

    fn claims(&self, org: OrgId) -> Result<TokenClaims, TokenFault> {
        let claims = object(self.payload).ok_or(TokenFault::Malformed)?;
        let claims =
            TokenClaims::from_claims(&claims).map_err(|error| TokenFault::Claims(error.info))?;
        match claims.domain_id.as_deref().map(str::parse) {
            Some(Ok(domain)) if org == domain => Ok(claims),
            _ => Err(TokenFault::OtherDomain),
        }
    }
}

/// Who signed a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signer {
    Nobody,
    Key,
    /// We, with the organization's secret, for the person whom it names.
    Person(UserId),
}

/// Tries the organization's own secret where a person is named, then its keys,
/// last used first. A key that was revoked, has expired or lacks `create:tokens`
/// does not count.
fn signer(
    store: &Store,
    org: OrgId,
    parts: &Parts<'_>,
    made_by: Option<UserId>,
    now: UnixMillis,
) -> Result<Signer, Failure> {
    if let Some(user) = made_by
        && secret_of_org(store, org)?.is_some_and(|secret| parts.is_signed_with(&secret))
    {
        return Ok(Signer::Person(user));
    }
    for key in store.api_keys().list_active(org, now) {
        if key.permissions.allow(CreateTokens) && parts.is_signed_with(key.token_secret()) {
            store.api_keys().touch(&key, now);
            return Ok(Signer::Key);
        }
    }
    Ok(Signer::Nobody)
}

fn may_make_tokens(store: &Store, org: OrgId, user: UserId) -> Result<bool, Failure> {
    let held = store.read(|c| members::permissions_of(c, org, user))?;
    Ok(held.is_some_and(|permissions| permissions.allow(CreateTokens)))
}

/// What signs the meeting tokens of people in `org`; `None` when there is no
/// such organization.
pub(crate) fn secret_of_org(store: &Store, org: OrgId) -> Result<Option<TokenSecret>, Failure> {
    let org = store.read(|c| parlor_store::orgs::find(c, org))?;
    Ok(org.map(|org| org.token_secret(store.master_key())).transpose()?)
}

fn object(segment: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64.decode(segment).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
