//! Browsers that somebody signed in with. A session is found by the hash of
//! its cookie, and its row goes when it ends.

use parlor_model::id::{SessionId, UserId};
use parlor_model::time::UnixMillis;
use parlor_model::words::UnknownWord;

use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;
use crate::secret_token::TokenHash;
use crate::users;

/// How long a session lasts, in milliseconds: 14 days. Longer asks people less
/// often for their password, and serves a stolen cookie longer.
pub const LIFE_MILLIS: i64 = 14 * 86_400_000;

/// How long a session lasts that nobody uses, in milliseconds: 24 hours.
pub const IDLE_MILLIS: i64 = 24 * 3_600_000;

/// Between two writes of when a session was seen, in milliseconds: a minute.
/// Longer saves commits, and lets an idle session end that much too early.
pub const TOUCH_EVERY_MILLIS: i64 = 60_000;

/// Most sessions of one account; the oldest ends when another begins.
pub const MAX_OF_USER: usize = 50;

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// With the account's password.
    Password,
    /// With a passkey.
    Passkey,
    /// Through another provider.
    Federated,
}

impl Method {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::Federated => "federated",
        }
    }
}

impl std::str::FromStr for Method {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Password, Self::Passkey, Self::Federated]
            .into_iter()
            .find(|method| method.as_str() == word)
            .ok_or(UnknownWord)
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The caller drew it. Not the secret.
    pub id: SessionId,
    /// Whose session it is.
    pub user_id: UserId,
    /// How it began.
    pub method: Method,
    /// From which address it began.
    pub ip: String,
    /// With which browser.
    pub user_agent: String,
    /// When it began.
    pub created_at: UnixMillis,
    /// When it was last used, to a minute.
    pub last_seen_at: UnixMillis,
    /// When it ends at the latest.
    pub expires_at: UnixMillis,
}

impl Session {
    /// Whether it counts at `now`.
    #[must_use]
    pub fn is_active(&self, now: UnixMillis) -> bool {
        now < self.expires_at && now < self.last_seen_at.plus_millis(IDLE_MILLIS)
    }

    /// Whether it is time to note that it was used.
    #[must_use]
    pub fn is_due_for_touch(&self, now: UnixMillis) -> bool {
        now.millis_since(self.last_seen_at) >= TOUCH_EVERY_MILLIS
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, method, ip, user_agent, created_at, last_seen_at, expires_at \
             FROM sessions ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO sessions (id, user_id, token_hash, method, ip, user_agent, created_at, \
        last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    FIND_BY_HASH = select!("WHERE token_hash = $1");
    LIST_OF_USER = select!("WHERE user_id = $1 ORDER BY created_at, id");
    TOUCH = "UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $3";
    REVOKE = "DELETE FROM sessions WHERE user_id = $1 AND id = $2";
    REVOKE_ALL = "DELETE FROM sessions WHERE user_id = $1";
    PURGE = "DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2";
}

/// Adds a session. The oldest one of an account with very many ends.
///
/// # Errors
/// The engine's.
pub fn create(
    connection: &mut dyn Connection,
    session: &Session,
    token: &TokenHash,
) -> Result<(), StoreError> {
    let others = list_of_user(connection, session.user_id)?;
    for oldest in others.iter().take((others.len() + 1).saturating_sub(MAX_OF_USER)) {
        revoke(connection, session.user_id, oldest.id)?;
    }
    let id = session.id.to_string();
    let user_id = session.user_id.to_string();
    let params = [
        id.as_str().into(),
        user_id.as_str().into(),
        token.as_str().into(),
        session.method.as_str().into(),
        session.ip.as_str().into(),
        session.user_agent.as_str().into(),
        session.created_at.into(),
        session.last_seen_at.into(),
        session.expires_at.into(),
    ];
    connection.execute(&INSERT, &params).map(drop)
}

/// Begins a session of somebody who gave the password whose hash `compared` is.
/// `false` when the account has another one by now: a password that is replaced
/// lets nobody in who is still being compared with it.
///
/// # Errors
/// The engine's.
pub fn create_by_password(
    connection: &mut dyn Connection,
    session: &Session,
    token: &TokenHash,
    compared: &str,
) -> Result<bool, StoreError> {
    users::hold(connection, session.user_id)?;
    let user = users::find(connection, session.user_id)?;
    if user.is_none_or(|user| user.password_hash() != Some(compared)) {
        return Ok(false);
    }
    create(connection, session, token)?;
    Ok(true)
}

/// The session of that cookie, whether it still counts or not
/// ([`Session::is_active`]).
///
/// # Errors
/// The engine's.
pub fn find_by_hash(
    connection: &mut dyn Connection,
    token: &TokenHash,
) -> Result<Option<Session>, StoreError> {
    connection.find(&FIND_BY_HASH, &[token.as_str().into()], session)
}

/// Notes that a session was used.
///
/// # Errors
/// The engine's.
pub fn touch(
    connection: &mut dyn Connection,
    id: SessionId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let id_text = id.to_string();
    let params = [now.into(), id_text.as_str().into(), now.into()];
    connection.execute(&TOUCH, &params).map(drop)
}

/// An account's sessions, oldest first, those that do not count any more
/// included.
///
/// # Errors
/// The engine's.
pub fn list_of_user(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<Vec<Session>, StoreError> {
    connection.list(&LIST_OF_USER, &[(&user.to_string()).into()], session)
}

/// Ends a session of an account. `false` when it has no such session.
///
/// # Errors
/// The engine's.
pub fn revoke(
    connection: &mut dyn Connection,
    user: UserId,
    id: SessionId,
) -> Result<bool, StoreError> {
    let user_text = user.to_string();
    let id_text = id.to_string();
    let params = [user_text.as_str().into(), id_text.as_str().into()];
    Ok(connection.execute(&REVOKE, &params)? == 1)
}

/// Ends every session of an account, and says how many there were.
///
/// # Errors
/// The engine's.
pub fn revoke_all_of_user(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<u64, StoreError> {
    connection.execute(&REVOKE_ALL, &[(&user.to_string()).into()])
}

/// Forgets the sessions that do not count any more.
///
/// # Errors
/// The engine's.
pub fn purge(connection: &mut dyn Connection, now: UnixMillis) -> Result<u64, StoreError> {
    connection.execute(&PURGE, &[now.into(), now.plus_millis(-IDLE_MILLIS).into()])
}

fn session(row: &dyn Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.parsed(0)?,
        user_id: row.parsed(1)?,
        method: row.parsed(2)?,
        ip: row.text(3)?.to_owned(),
        user_agent: row.text(4)?.to_owned(),
        created_at: row.millis(5)?,
        last_seen_at: row.millis(6)?,
        expires_at: row.millis(7)?,
    })
}
