//! People's accounts.

use parlor_model::id::UserId;
use parlor_model::identity::Email;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The caller drew it.
    pub id: UserId,
    /// Unique; in small letters.
    pub email: Email,
    /// What others read.
    pub name: String,
    /// Whether somebody vouched for the address.
    pub is_email_verified: bool,
    /// When it was made.
    pub created_at: UnixMillis,
    password_hash: Option<String>,
}

impl User {
    /// A new account without a password.
    #[must_use]
    pub fn new(id: UserId, email: Email, name: &str, created_at: UnixMillis) -> Self {
        Self {
            id,
            email,
            name: name.to_owned(),
            is_email_verified: false,
            created_at,
            password_hash: None,
        }
    }

    /// The same account with a password, as the hash that the server made.
    #[must_use]
    pub fn with_password_hash(self, hash: Option<String>) -> Self {
        Self { password_hash: hash, ..self }
    }

    /// The same account with an address that somebody vouched for.
    #[must_use]
    pub fn with_verified_email(self) -> Self {
        Self { is_email_verified: true, ..self }
    }

    /// The password's hash (PHC string); `None`: the account has no password.
    #[must_use]
    pub fn password_hash(&self) -> Option<&str> {
        self.password_hash.as_deref()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, name, email_verified, created_at, password_hash FROM users ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO users (id, email, name, password_hash, email_verified, created_at, \
        updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    FIND = select!("WHERE id = $1");
    FIND_BY_EMAIL = select!("WHERE email = $1");
    LIST = select!("ORDER BY created_at, id LIMIT $1");
    COUNT = "SELECT COUNT(*) FROM users";
    SET_PASSWORD = "UPDATE users SET password_hash = $1, updated_at = $2 WHERE id = $3";
    SET_VERIFIED = "UPDATE users SET email_verified = $1, updated_at = $2 WHERE id = $3";
    HOLD = "UPDATE users SET updated_at = updated_at WHERE id = $1";
    SET_NAME = "UPDATE users SET name = $1, updated_at = $2 WHERE id = $3";
    DELETE = "DELETE FROM users WHERE id = $1";
}

/// Adds an account.
///
/// # Errors
/// [`Unique::UserEmail`] when the address has one.
pub fn create(connection: &mut dyn Connection, user: &User) -> Result<(), StoreError> {
    let id = user.id.to_string();
    let params = [
        id.as_str().into(),
        user.email.as_str().into(),
        user.name.as_str().into(),
        user.password_hash.as_deref().into(),
        i64::from(user.is_email_verified).into(),
        user.created_at.into(),
        user.created_at.into(),
    ];
    match connection.execute(&INSERT, &params)? {
        0 => Err(StoreError::Conflict(Unique::UserEmail)),
        _ => Ok(()),
    }
}

/// The account of that id.
///
/// # Errors
/// The engine's.
pub fn find(connection: &mut dyn Connection, id: UserId) -> Result<Option<User>, StoreError> {
    connection.find(&FIND, &[(&id.to_string()).into()], user)
}

/// The account of that address.
///
/// # Errors
/// The engine's.
pub fn find_by_email(
    connection: &mut dyn Connection,
    email: &Email,
) -> Result<Option<User>, StoreError> {
    connection.find(&FIND_BY_EMAIL, &[email.as_str().into()], user)
}

/// The oldest accounts, at most `limit`.
///
/// # Errors
/// The engine's.
pub fn list(connection: &mut dyn Connection, limit: u32) -> Result<Vec<User>, StoreError> {
    connection.list(&LIST, &[i64::from(limit).into()], user)
}

/// How many accounts there are.
///
/// # Errors
/// The engine's.
pub fn count(connection: &mut dyn Connection) -> Result<u64, StoreError> {
    Ok(connection.find(&COUNT, &[], |row| row.count(0))?.unwrap_or_default())
}

/// Gives an account a password, or takes it away, and no more than that; who
/// changes one calls [`crate::accounts::replace_password`]. `false` when there
/// is no such account.
///
/// # Errors
/// The engine's.
pub fn set_password_hash(
    connection: &mut dyn Connection,
    id: UserId,
    hash: Option<&str>,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let id_text = id.to_string();
    let params = [hash.into(), now.into(), id_text.as_str().into()];
    Ok(connection.execute(&SET_PASSWORD, &params)? == 1)
}

/// Says whether somebody vouched for an account's address. `false` when there
/// is no such account.
///
/// # Errors
/// The engine's.
pub fn set_email_verified(
    connection: &mut dyn Connection,
    id: UserId,
    is_verified: bool,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let id_text = id.to_string();
    let params = [i64::from(is_verified).into(), now.into(), id_text.as_str().into()];
    Ok(connection.execute(&SET_VERIFIED, &params)? == 1)
}

/// Lets changes that hold an account follow each other, on every node, so that
/// each sees what the one before it left.
///
/// # Errors
/// The engine's.
pub fn hold(connection: &mut dyn Connection, id: UserId) -> Result<(), StoreError> {
    connection.execute(&HOLD, &[(&id.to_string()).into()]).map(drop)
}

/// Changes what others read. `false` when there is no such account.
///
/// # Errors
/// The engine's.
pub fn set_name(
    connection: &mut dyn Connection,
    id: UserId,
    name: &str,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let id_text = id.to_string();
    let params = [name.into(), now.into(), id_text.as_str().into()];
    Ok(connection.execute(&SET_NAME, &params)? == 1)
}

/// Deletes an account's row; what refers to it goes first
/// ([`crate::accounts::delete`]). `false` when there is no such account.
///
/// # Errors
/// The engine's.
pub(crate) fn delete(connection: &mut dyn Connection, id: UserId) -> Result<bool, StoreError> {
    Ok(connection.execute(&DELETE, &[(&id.to_string()).into()])? == 1)
}

fn user(row: &dyn Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.parsed(0)?,
        email: row.parsed(1)?,
        name: row.text(2)?.to_owned(),
        is_email_verified: row.int(3)? != 0,
        created_at: row.millis(4)?,
        password_hash: row.optional_text(5)?.map(str::to_owned),
    })
}
