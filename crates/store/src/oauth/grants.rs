//! Grants: one sign-in of one person at one client, and the fate of everything
//! that was handed out for it.

use parlor_model::id::{GrantId, SessionId, UserId};
use parlor_model::oauth::{OauthClientId, Scopes};
use parlor_model::time::UnixMillis;

use super::Spending;
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;

/// A grant's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id; access tokens name it.
    pub id: GrantId,
    /// Who granted.
    pub user: UserId,
    /// To whom.
    pub client: OauthClientId,
    /// What.
    pub scopes: Scopes,
    /// What the client wants to find in the ID token.
    pub nonce: Option<String>,
    /// When the person signed in.
    pub signed_in_at: UnixMillis,
    /// When it was given.
    pub created_at: UnixMillis,
    /// From then on nothing of it is good.
    pub ends_at: UnixMillis,
    /// Since when it is not.
    pub revoked_at: Option<UnixMillis>,
}

impl Grant {
    /// Whether what was handed out for it still counts.
    #[must_use]
    pub fn is_good(&self, now: UnixMillis) -> bool {
        self.revoked_at.is_none() && now < self.ends_at
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, client_id, scopes, nonce, signed_in_at, created_at, ends_at, \
             revoked_at FROM oauth_grants ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO oauth_grants (id, user_id, client_id, scopes, nonce, signed_in_at, \
        created_at, ends_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)";
    FIND = select!("WHERE id = $1");
    LIST = select!("WHERE user_id = $1 AND revoked_at IS NULL AND ends_at > $2 \
        ORDER BY created_at DESC, id");
    EXTEND = "UPDATE oauth_grants SET ends_at = $1 WHERE id = $2 AND ends_at < $3";
    REVOKE = "UPDATE oauth_grants SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    REVOKE_ALL = "UPDATE oauth_grants SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL";
    DELETE_ALL = "DELETE FROM oauth_grants WHERE user_id = $1";
    GRANT_IS_GOOD = "SELECT id FROM oauth_grants \
        WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND ends_at > $3";
    SESSION_IS_GOOD = "SELECT id FROM sessions WHERE id = $1 AND user_id = $2 AND expires_at > $3";
}

/// Adds a grant.
///
/// # Errors
/// The engine's.
pub fn create(connection: &mut dyn Connection, grant: &Grant) -> Result<(), StoreError> {
    let (id, user) = (grant.id.to_string(), grant.user.to_string());
    let scopes = grant.scopes.to_string();
    let params = [
        (&id).into(),
        (&user).into(),
        grant.client.as_str().into(),
        (&scopes).into(),
        grant.nonce.as_deref().into(),
        grant.signed_in_at.into(),
        grant.created_at.into(),
        grant.ends_at.into(),
    ];
    connection.execute(&INSERT, &params).map(drop)
}

/// The grant with that id.
///
/// # Errors
/// The engine's.
pub fn find(connection: &mut dyn Connection, id: GrantId) -> Result<Option<Grant>, StoreError> {
    connection.find(&FIND, &[(&id.to_string()).into()], grant)
}

/// What `user` granted and still counts, newest first.
///
/// # Errors
/// The engine's.
pub fn list_of_user(
    connection: &mut dyn Connection,
    user: UserId,
    now: UnixMillis,
) -> Result<Vec<Grant>, StoreError> {
    connection.list(&LIST, &[(&user.to_string()).into(), now.into()], grant)
}

/// Puts the end of a grant off until `ends_at`; never brings it forward.
///
/// # Errors
/// The engine's.
pub fn extend(
    connection: &mut dyn Connection,
    id: GrantId,
    ends_at: UnixMillis,
) -> Result<(), StoreError> {
    let id = id.to_string();
    connection.execute(&EXTEND, &[ends_at.into(), (&id).into(), ends_at.into()]).map(drop)
}

/// Revokes a grant, and with it every token. `false` when it was already.
///
/// # Errors
/// The engine's.
pub fn revoke(
    connection: &mut dyn Connection,
    id: GrantId,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let revoked = connection.execute(&REVOKE, &[now.into(), (&id.to_string()).into()])?;
    Ok(revoked == 1)
}

/// Revokes a grant because somebody presents what was another's.
///
/// # Errors
/// The engine's.
pub fn revoke_stolen<T>(
    connection: &mut dyn Connection,
    grant: Grant,
    now: UnixMillis,
) -> Result<Spending<T>, StoreError> {
    let was_good = revoke(connection, grant.id, now)? && grant.is_good(now);
    Ok(if was_good { Spending::Revoked(grant) } else { Spending::Refused })
}

/// Revokes all that `user` granted; says how many grants.
///
/// # Errors
/// The engine's.
pub fn revoke_all_of_user(
    connection: &mut dyn Connection,
    user: UserId,
    now: UnixMillis,
) -> Result<u64, StoreError> {
    connection.execute(&REVOKE_ALL, &[now.into(), (&user.to_string()).into()])
}

/// Forgets all that `user` granted, and every code and token with it.
///
/// # Errors
/// The engine's.
pub fn delete_all_of_user(connection: &mut dyn Connection, user: UserId) -> Result<(), StoreError> {
    connection.execute(&DELETE_ALL, &[(&user.to_string()).into()]).map(drop)
}

/// Whether what a token hangs on still counts: its grant, its browser session,
/// and that both are of its person. A token that names neither is good until it
/// expires.
///
/// # Errors
/// The engine's.
pub fn backs(
    connection: &mut dyn Connection,
    user: UserId,
    grant: Option<GrantId>,
    session: Option<SessionId>,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let user = user.to_string();
    let grant = grant.map(|id| (GRANT_IS_GOOD, id.to_string()));
    let session = session.map(|id| (SESSION_IS_GOOD, id.to_string()));
    for (sql, id) in grant.into_iter().chain(session) {
        let params = [(&id).into(), (&user).into(), now.into()];
        if connection.find(&sql, &params, |_| Ok(()))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn grant(row: &dyn Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.parsed(0)?,
        user: row.parsed(1)?,
        client: row.parsed(2)?,
        scopes: Scopes::known_in(row.text(3)?),
        nonce: row.optional_text(4)?.map(str::to_owned),
        signed_in_at: row.millis(5)?,
        created_at: row.millis(6)?,
        ends_at: row.millis(7)?,
        revoked_at: row.optional_millis(8)?,
    })
}
