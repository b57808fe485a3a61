//! The ways into an account: a password, passkeys, providers. The last one is not
//! taken away, whichever it is; nobody but the operator could give it back.

use parlor_model::id::UserId;
use parlor_store::oauth::federation;
use parlor_store::passkeys;
use parlor_store::users;
use parlor_store::{Connection, StoreError};

use crate::cx::Shared;

/// A way in that somebody wants to take away.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way<'a> {
    /// The passkey of that id.
    Passkey(&'a str),
    /// The provider of that issuer, whoever they are there.
    Provider(&'a str),
}

/// Whether `user` can still sign in without `way`. Asked in the transaction that
/// takes it away, which waits for others that do the same.
///
/// What opens nothing is no way in: the link with a provider that the operator
/// took out of the configuration, passkeys where browsers have none.
///
/// # Errors
/// The engine's.
pub(crate) fn is_another_left(
    state: &Shared,
    c: &mut dyn Connection,
    user: UserId,
    way: Way<'_>,
) -> Result<bool, StoreError> {
    users::hold(c, user)?;
    if users::find(c, user)?.is_some_and(|user| user.password_hash().is_some()) {
        return Ok(true);
    }
    let is_kept = |id: &str| !matches!(way, Way::Passkey(gone) if gone == id);
    if state.passkeys.origin().is_some()
        && passkeys::list_of_user(c, user)?.iter().any(|one| is_kept(&one.id))
    {
        return Ok(true);
    }
    for provider in &state.cx.settings.identity_providers {
        let is_going = matches!(way, Way::Provider(gone) if gone == provider.issuer);
        if !is_going && federation::is_linked(c, &provider.issuer, user)? {
            return Ok(true);
        }
    }
    Ok(false)
}
