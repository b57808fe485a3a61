//! What people let applications know, so that they are asked once.

use parlor_model::id::UserId;
use parlor_model::oauth::{OauthClientId, Scopes};
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;

statements! {
    FIND = "SELECT scopes FROM oauth_consents WHERE user_id = $1 AND client_id = $2";
    SAVE = "INSERT INTO oauth_consents (user_id, client_id, scopes, at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (user_id, client_id) DO UPDATE SET scopes = EXCLUDED.scopes, at = EXCLUDED.at";
    FORGET = "DELETE FROM oauth_consents WHERE user_id = $1 AND client_id = $2";
    FORGET_ALL = "DELETE FROM oauth_consents WHERE user_id = $1";
}

/// What `user` agreed to for `client`; nothing, if they were never asked.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    user: UserId,
    client: &OauthClientId,
) -> Result<Scopes, StoreError> {
    let user = user.to_string();
    let params = [(&user).into(), client.as_str().into()];
    let found = connection.find(&FIND, &params, |row| Ok(Scopes::known_in(row.text(0)?)))?;
    Ok(found.unwrap_or_default())
}

/// Adds `scopes` to what `user` agreed to for `client`.
///
/// # Errors
/// The engine's.
pub fn add(
    connection: &mut dyn Connection,
    user: UserId,
    client: &OauthClientId,
    scopes: &Scopes,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let all = find(connection, user, client)?.with(scopes).to_string();
    let user = user.to_string();
    let params = [(&user).into(), client.as_str().into(), (&all).into(), now.into()];
    connection.execute(&SAVE, &params).map(drop)
}

/// Forgets what `user` agreed to for `client`: they are asked again.
///
/// # Errors
/// The engine's.
pub fn forget(
    connection: &mut dyn Connection,
    user: UserId,
    client: &OauthClientId,
) -> Result<(), StoreError> {
    let user = user.to_string();
    connection.execute(&FORGET, &[(&user).into(), client.as_str().into()]).map(drop)
}

/// Forgets all that `user` agreed to: they are asked again everywhere.
///
/// # Errors
/// The engine's.
pub fn forget_all_of_user(connection: &mut dyn Connection, user: UserId) -> Result<(), StoreError> {
    connection.execute(&FORGET_ALL, &[(&user.to_string()).into()]).map(drop)
}
