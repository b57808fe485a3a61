//! Devices without a browser: a program asks, a person types a short code into
//! a browser somewhere else (RFC 8628).

use parlor_model::id::UserId;
use parlor_model::oauth::{DeviceAuthorization, OauthClientId, OauthErrorCode, Scopes};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::clients::Client;
use parlor_store::oauth::device_codes::{self, NewDeviceCode};
use parlor_store::secret_token::{SecretToken, TokenHash, TokenKind};
use parlor_store::{Connection, StoreError};

use super::authorize::Visitor;
use super::tokens::{self, Agreement};
use super::{Fault, Form, clients};
use crate::cx::Shared;
use crate::failure::Failure;
use crate::random;

/// For how long the codes are good, in seconds. Longer suits people who have to
/// look for another device, and guessers.
const LIFE_SECONDS: i64 = 600;

/// How long a device waits between two questions, in seconds.
const INTERVAL_SECONDS: i64 = 5;

/// Letters that are not taken for another, and spell no words (RFC 8628, section
/// 6.1). Eight of them are 34 bits: too many to guess in ten minutes at the
/// pace that the page allows.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Letters in a short code.
const LENGTH: usize = 8;

/// How often a short code is drawn that is taken already.
const TRIES: usize = 5;

/// What waits for a person's decision.
#[derive(Clone, Debug)]
pub(crate) struct DeviceRequest {
    /// The program.
    pub(crate) client: OauthClientId,
    /// The name that the operator gave it.
    pub(crate) client_name: String,
    /// What it asks for.
    pub(crate) scopes: Scopes,
    /// Since when.
    pub(crate) created_at: UnixMillis,
}

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allow,
    Deny,
}

/// Begins: a code for the device, and one for the person.
pub(crate) async fn begin(
    state: &Shared,
    client: &Client,
    form: &Form,
) -> Result<DeviceAuthorization, Fault> {
    let scopes = Scopes::known_in(form.get("scope").unwrap_or("openid"));
    if scopes.is_empty() {
        let text = "scope must name at least one of openid, profile, email, offline_access";
        return Err(Fault::new(OauthErrorCode::InvalidScope, text));
    }
    let now = state.now();
    for _ in 0..TRIES {
        let (device_code, user_code) = (SecretToken::generate()?, user_code()?);
        let new = NewDeviceCode {
            hash: device_code.hash(TokenKind::DeviceCode),
            user_code_hash: TokenHash::of(TokenKind::UserCode, &user_code),
            client: client.id.clone(),
            scopes: scopes.clone(),
            created_at: now,
            expires_at: now.plus_seconds(LIFE_SECONDS),
            interval_ms: INTERVAL_SECONDS * 1000,
        };
        match state.cx.store.write(move |c| device_codes::create(c, &new)).await {
            Ok(()) => return Ok(told(state, &device_code, &user_code)),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let text = "too many devices are waiting: try again in a minute";
    Err(Fault::new(OauthErrorCode::TemporarilyUnavailable, text))
}

fn told(state: &Shared, device_code: &SecretToken, user_code: &str) -> DeviceAuthorization {
    let (first, last) = user_code.split_at(LENGTH / 2);
    let user_code = format!("{first}-{last}");
    let page = format!("{}/account/device", state.issuer());
    DeviceAuthorization {
        device_code: device_code.expose().to_owned(),
        verification_uri_complete: format!("{page}?user_code={user_code}"),
        verification_uri: page,
        user_code,
        expires_in: LIFE_SECONDS,
        interval: INTERVAL_SECONDS,
    }
}

fn user_code() -> Result<String, Failure> {
    let mut code = String::with_capacity(LENGTH);
    while code.len() < LENGTH {
        // 240 is the largest multiple of 20 that a byte holds: what lies above
        // is thrown away, so that no letter is likelier than another.
        let drawn = random::bytes::<16>()?;
        let letters = drawn.iter().filter(|byte| **byte < 240);
        let letters = letters.map(|byte| char::from(LETTERS[usize::from(byte % 20)]));
        code.extend(letters.take(LENGTH - code.len()));
    }
    Ok(code)
}

/// A short code as people type it: in any case, with hyphens and spaces.
fn hash_of(typed: &str) -> TokenHash {
    let letters = typed.chars().filter(char::is_ascii_alphabetic).take(2 * LENGTH);
    let code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
    TokenHash::of(TokenKind::UserCode, &code)
}

/// What waits under a code that a person typed.
pub(crate) fn look(state: &Shared, typed: &str) -> Result<Option<DeviceRequest>, Failure> {
    let (hash, now) = (hash_of(typed), state.now());
    let waiting = state.cx.store.read(|c| device_codes::find_waiting(c, &hash, now))?;
    let Some(waiting) = waiting else {
        return Ok(None);
    };
    let client = clients::find(state, &waiting.client)?;
    Ok(client.map(|client| DeviceRequest {
        client: client.id,
        client_name: client.name,
        scopes: waiting.scopes,
        created_at: waiting.created_at,
    }))
}

/// Writes the decision down. `false` when nothing waits any more.
pub(crate) async fn decide(
    state: &Shared,
    typed: &str,
    visitor: Visitor,
    decision: Decision,
) -> Result<bool, Failure> {
    let (hash, now) = (hash_of(typed), state.now());
    let waiting = state.cx.store.read(|c| device_codes::find_waiting(c, &hash, now))?;
    let Some(waiting) = waiting else {
        return Ok(false);
    };
    if decision == Decision::Deny {
        return Ok(state.cx.store.write(move |c| device_codes::deny(c, &hash, now)).await?);
    }
    let grant = tokens::grant(agreement(visitor.user, visitor, waiting), now, end(now))?;
    let allow = move |c: &mut dyn Connection| {
        Ok::<_, StoreError>(visitor.is_here(c, now)? && device_codes::allow(c, &hash, &grant, now)?)
    };
    Ok(state.cx.store.write(allow).await?)
}

fn agreement(user: UserId, visitor: Visitor, waiting: device_codes::Waiting) -> Agreement {
    Agreement {
        user,
        client: waiting.client,
        scopes: waiting.scopes,
        nonce: None,
        signed_in_at: visitor.signed_in_at,
    }
}

/// The device has until its code expires to fetch what was granted.
fn end(now: UnixMillis) -> UnixMillis {
    now.plus_seconds(LIFE_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, LETTERS, hash_of, user_code};

    #[test]
    fn short_code_is_known_however_it_is_typed() {
        let code = user_code().unwrap();
        assert_eq!(code.len(), LENGTH);
        assert!(code.bytes().all(|letter| LETTERS.contains(&letter)));
        let (first, last) = code.split_at(4);
        for typed in [format!("{first}-{last}"), format!(" {first} {} ", last.to_lowercase())] {
            assert_eq!(hash_of(&typed), hash_of(&code));
        }
        assert_ne!(hash_of(""), hash_of(&code));
    }
}
