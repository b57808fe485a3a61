//! Authorization codes: a minute, one use. The second use revokes all that the
//! first one gave.

use parlor_model::id::GrantId;
use parlor_model::time::UnixMillis;

use super::Spending;
use super::grants::{self, Grant};
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;
use crate::secret_token::TokenHash;

/// A code to be handed out.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// Of the code.
    pub hash: TokenHash,
    /// What it stands for.
    pub grant: GrantId,
    /// Where it is sent, which the client must repeat.
    pub redirect_uri: String,
    /// The PKCE challenge: base64url of a SHA-256.
    pub challenge: String,
    /// When it ends.
    pub expires_at: UnixMillis,
}

/// A code that was presented for the first time, in time, and is now spent.
#[derive(Clone, Debug)]
pub struct SpentCode {
    /// What it stands for.
    pub grant: Grant,
    /// Where it was sent.
    pub redirect_uri: String,
    /// Its PKCE challenge.
    pub challenge: String,
}

statements! {
    INSERT = "INSERT INTO oauth_codes (hash, grant_id, redirect_uri, challenge, expires_at, \
        used_at) VALUES ($1, $2, $3, $4, $5, NULL)";
    SPEND = "UPDATE oauth_codes SET used_at = $1 WHERE hash = $2 AND used_at IS NULL \
        RETURNING grant_id, redirect_uri, challenge, expires_at";
    FIND_GRANT = "SELECT grant_id FROM oauth_codes WHERE hash = $1";
}

struct CodeRow {
    grant: GrantId,
    redirect_uri: String,
    challenge: String,
    expires_at: UnixMillis,
}

/// Adds a code.
///
/// # Errors
/// The engine's.
pub fn create(connection: &mut dyn Connection, code: &NewCode) -> Result<(), StoreError> {
    let grant = code.grant.to_string();
    let params = [
        code.hash.as_str().into(),
        (&grant).into(),
        code.redirect_uri.as_str().into(),
        code.challenge.as_str().into(),
        code.expires_at.into(),
    ];
    connection.execute(&INSERT, &params).map(drop)
}

/// Spends a code. It is refused when it is unknown, expired or revoked; the
/// second use of one revokes its grant.
///
/// # Errors
/// The engine's.
pub fn spend(
    connection: &mut dyn Connection,
    hash: &TokenHash,
    now: UnixMillis,
) -> Result<Spending<SpentCode>, StoreError> {
    let Some(code) = connection.find(&SPEND, &[now.into(), hash.as_str().into()], code)? else {
        let id = connection.find(&FIND_GRANT, &[hash.as_str().into()], |row| row.parsed(0))?;
        let grant = id.map(|id| grants::find(connection, id)).transpose()?.flatten();
        return match grant {
            Some(grant) => grants::revoke_stolen(connection, grant, now),
            None => Ok(Spending::Refused),
        };
    };
    let grant = grants::find(connection, code.grant)?;
    let good = grant.filter(|grant| grant.is_good(now) && now < code.expires_at);
    Ok(good.map_or(Spending::Refused, |grant| {
        let (redirect_uri, challenge) = (code.redirect_uri, code.challenge);
        Spending::Spent(SpentCode { grant, redirect_uri, challenge })
    }))
}

fn code(row: &dyn Row) -> Result<CodeRow, StoreError> {
    Ok(CodeRow {
        grant: row.parsed(0)?,
        redirect_uri: row.text(1)?.to_owned(),
        challenge: row.text(2)?.to_owned(),
        expires_at: row.millis(3)?,
    })
}
