//! Refresh tokens: spent at each use. Whoever presents a spent one has it from
//! elsewhere, or somebody else has its successor; either way all of the grant
//! is revoked.

use parlor_model::id::GrantId;
use parlor_model::oauth::OauthClientId;
use parlor_model::time::UnixMillis;

use super::Spending;
use super::grants::{self, Grant};
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;
use crate::secret_token::TokenHash;

statements! {
    INSERT = "INSERT INTO oauth_refresh_tokens (hash, grant_id, expires_at, used_at) \
        VALUES ($1, $2, $3, NULL)";
    FIND = "SELECT grant_id, expires_at, used_at FROM oauth_refresh_tokens WHERE hash = $1";
    SPEND = "UPDATE oauth_refresh_tokens SET used_at = $1 WHERE hash = $2 AND used_at IS NULL";
}

struct TokenRow {
    grant: GrantId,
    expires_at: UnixMillis,
    used_at: Option<UnixMillis>,
}

/// Adds a token of `grant`.
///
/// # Errors
/// The engine's.
pub fn create(
    connection: &mut dyn Connection,
    hash: &TokenHash,
    grant: GrantId,
    expires_at: UnixMillis,
) -> Result<(), StoreError> {
    let grant = grant.to_string();
    connection.execute(&INSERT, &[hash.as_str().into(), (&grant).into(), expires_at.into()])?;
    Ok(())
}

/// Spends a token that `client` presents, and gives its grant. It is refused
/// when it is unknown, expired, revoked, or another client's; the second use of
/// one revokes its grant.
///
/// # Errors
/// The engine's.
pub fn spend(
    connection: &mut dyn Connection,
    hash: &TokenHash,
    client: &OauthClientId,
    now: UnixMillis,
) -> Result<Spending<Grant>, StoreError> {
    let Some(token) = connection.find(&FIND, &[hash.as_str().into()], token)? else {
        return Ok(Spending::Refused);
    };
    let grant = grants::find(connection, token.grant)?.filter(|grant| grant.client == *client);
    let Some(grant) = grant else {
        return Ok(Spending::Refused);
    };
    let spent = match token.used_at {
        Some(_) => 0,
        None => connection.execute(&SPEND, &[now.into(), hash.as_str().into()])?,
    };
    if spent == 0 {
        return grants::revoke_stolen(connection, grant, now);
    }
    let is_good = grant.is_good(now) && now < token.expires_at;
    Ok(if is_good { Spending::Spent(grant) } else { Spending::Refused })
}

/// The grant that a token belongs to, whatever became of the token.
///
/// # Errors
/// The engine's.
pub fn find_grant(
    connection: &mut dyn Connection,
    hash: &TokenHash,
) -> Result<Option<Grant>, StoreError> {
    match connection.find(&FIND, &[hash.as_str().into()], token)? {
        Some(token) => grants::find(connection, token.grant),
        None => Ok(None),
    }
}

fn token(row: &dyn Row) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        grant: row.parsed(0)?,
        expires_at: row.millis(1)?,
        used_at: row.optional_millis(2)?,
    })
}
