//! OAuth 2.0 and OpenID Connect in the records.
//!
//! ```text
//! person agrees ─► grant ─ code ─► access and ID token, refresh token ─ refresh token …
//!                  device code ─ decided ─► grant
//! ```
//! Everything that was handed out hangs on its [grant](grants): revoking that
//! revokes all of it. Codes, tokens and client secrets are found by a labelled
//! hash ([`crate::secret_token`]); none can be read out of the database. Each spending of a
//! code or token is one transaction with its check, so that of two who come at
//! once only one succeeds.

pub mod clients;
pub mod codes;
pub mod consents;
pub mod device_codes;
pub mod federation;
pub mod grants;
pub mod refresh_tokens;
pub mod signing_keys;

use parlor_model::time::UnixMillis;

use self::grants::Grant;
use crate::engine::{Connection, Sql, statements};
use crate::error::StoreError;

/// What came of presenting a code or a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spending<T> {
    /// It was good, and is spent now.
    Spent(T),
    /// It gave away that somebody has what was another's: this grant was good
    /// until now, and is revoked.
    Revoked(Grant),
    /// It is good for nothing.
    Refused,
}

statements! {
    PURGE_GRANTS = "DELETE FROM oauth_grants WHERE ends_at < $1";
    PURGE_DEVICE_CODES = "DELETE FROM oauth_device_codes WHERE expires_at < $1";
}

/// All statements of this family.
pub(crate) const ALL_STATEMENTS: &[&[Sql]] = &[
    STATEMENTS,
    clients::STATEMENTS,
    codes::STATEMENTS,
    consents::STATEMENTS,
    device_codes::STATEMENTS,
    federation::STATEMENTS,
    grants::STATEMENTS,
    refresh_tokens::STATEMENTS,
    signing_keys::STATEMENTS,
];

/// Removes what ended before `before`: grants with their codes and tokens, and
/// device codes. Says how many rows.
///
/// # Errors
/// The engine's.
pub fn purge(connection: &mut dyn Connection, before: UnixMillis) -> Result<u64, StoreError> {
    let grants = connection.execute(&PURGE_GRANTS, &[before.into()])?;
    let devices = connection.execute(&PURGE_DEVICE_CODES, &[before.into()])?;
    Ok(grants + devices)
}
