//! Who somebody is at another provider: accounts are linked by issuer and
//! subject, which never change, and not by an address, which may.

use parlor_model::id::UserId;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;

statements! {
    FIND = "SELECT user_id FROM federated_identities WHERE issuer = $1 AND subject = $2";
    INSERT = "INSERT INTO federated_identities (issuer, subject, user_id, created_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, subject) DO NOTHING";
    IS_LINKED = "SELECT user_id FROM federated_identities WHERE issuer = $1 AND user_id = $2 LIMIT 1";
    UNLINK = "DELETE FROM federated_identities WHERE issuer = $1 AND user_id = $2";
    UNLINK_ALL = "DELETE FROM federated_identities WHERE user_id = $1";
}

/// The account of whoever `issuer` calls `subject`.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    issuer: &str,
    subject: &str,
) -> Result<Option<UserId>, StoreError> {
    connection.find(&FIND, &[issuer.into(), subject.into()], |row| row.parsed(0))
}

/// Links an account. `false` when the subject has one already.
///
/// # Errors
/// The engine's.
pub fn link(
    connection: &mut dyn Connection,
    issuer: &str,
    subject: &str,
    user: UserId,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let user = user.to_string();
    let params = [issuer.into(), subject.into(), (&user).into(), now.into()];
    Ok(connection.execute(&INSERT, &params)? == 1)
}

/// Whether somebody at `issuer` can sign in to an account.
///
/// # Errors
/// The engine's.
pub fn is_linked(
    connection: &mut dyn Connection,
    issuer: &str,
    user: UserId,
) -> Result<bool, StoreError> {
    let user = user.to_string();
    let found = connection.find(&IS_LINKED, &[issuer.into(), (&user).into()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Ends that. `false` when there was nothing to end.
///
/// # Errors
/// The engine's.
pub fn unlink(
    connection: &mut dyn Connection,
    issuer: &str,
    user: UserId,
) -> Result<bool, StoreError> {
    let user = user.to_string();
    Ok(connection.execute(&UNLINK, &[issuer.into(), (&user).into()])? > 0)
}

/// Ends every link of an account, and says how many there were.
///
/// # Errors
/// The engine's.
pub fn unlink_all_of_user(
    connection: &mut dyn Connection,
    user: UserId,
) -> Result<u64, StoreError> {
    connection.execute(&UNLINK_ALL, &[(&user.to_string()).into()])
}
