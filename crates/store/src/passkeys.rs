//! Passkeys: what the verifier must know of a credential to check a sign-in
//! with it. Nothing here is secret.

use parlor_model::id::UserId;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};

/// Most passkeys of one account.
pub const MAX_OF_USER: usize = 20;

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's own id, in base64url.
    pub id: String,
    /// Whose it is.
    pub user_id: UserId,
    /// What they call it.
    pub name: String,
    /// The verifier's JSON.
    pub credential: String,
    /// When it was added.
    pub created_at: UnixMillis,
    /// When somebody last signed in with it.
    pub last_used_at: Option<UnixMillis>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, name, credential, created_at, last_used_at FROM passkeys ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO passkeys (id, user_id, name, credential, created_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    FIND = select!("WHERE id = $1");
    LIST_OF_USER = select!("WHERE user_id = $1 ORDER BY created_at, id");
    USED = "UPDATE passkeys SET credential = $1, last_used_at = $2 WHERE id = $3";
    DELETE = "DELETE FROM passkeys WHERE user_id = $1 AND id = $2";
    DELETE_ALL = "DELETE FROM passkeys WHERE user_id = $1";
}

/// Adds a passkey.
///
/// # Errors
/// [`Unique::Passkey`] when it is registered already, whoever's it is.
pub fn create(connection: &mut dyn Connection, passkey: &Passkey) -> Result<(), StoreError> {
    let user_id = passkey.user_id.to_string();
    let params = [
        passkey.id.as_str().into(),
        user_id.as_str().into(),
        passkey.name.as_str().into(),
        passkey.credential.as_str().into(),
        passkey.created_at.into(),
    ];
    match connection.execute(&INSERT, &params)? {
        0 => Err(StoreError::Conflict(Unique::Passkey)),
        _ => Ok(()),
    }
}

/// The passkey of that credential.
///
/// # Errors
/// The engine's.
pub fn find(connection: &mut dyn Connection, id: &str) -> Result<Option<Passkey>, StoreError> {
    connection.find(&FIND, &[id.into()], passkey)
}

/// An account's passkeys, oldest first.
///
/// # Errors
/// The engine's.
pub fn list_of_user(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<Vec<Passkey>, StoreError> {
    connection.list(&LIST_OF_USER, &[(&user.to_string()).into()], passkey)
}

/// Notes a sign-in, and what the verifier knows after it.
///
/// # Errors
/// The engine's.
pub fn note_use(
    connection: &mut dyn Connection,
    id: &str,
    credential: &str,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    Ok(connection.execute(&USED, &[credential.into(), now.into(), id.into()])? == 1)
}

/// Removes a passkey of an account. `false` when it has no such one.
///
/// # Errors
/// The engine's.
pub fn delete(connection: &mut dyn Connection, user: UserId, id: &str) -> Result<bool, StoreError> {
    Ok(connection.execute(&DELETE, &[(&user.to_string()).into(), id.into()])? == 1)
}

/// Removes every passkey of an account, and says how many there were.
///
/// # Errors
/// The engine's.
pub fn delete_all_of_user(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<u64, StoreError> {
    connection.execute(&DELETE_ALL, &[(&user.to_string()).into()])
}

fn passkey(row: &dyn Row) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: row.text(0)?.to_owned(),
        user_id: row.parsed(1)?,
        name: row.text(2)?.to_owned(),
        credential: row.text(3)?.to_owned(),
        created_at: row.millis(4)?,
        last_used_at: row.optional_millis(5)?,
    })
}
