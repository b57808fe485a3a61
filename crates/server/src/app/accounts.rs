//! Making people's accounts, in the name of the server's operator. Whoever was
//! invited, or comes from a provider, gets theirs elsewhere, and with it never
//! the first organization.

use parlor_model::id::{OrgId, UserId};
use parlor_model::identity::Email;
use parlor_model::identity::user::parse_name;
use parlor_store::accounts::{self, Created, NewAccount};
use parlor_store::users::{self, User};
use parlor_store::{Store, StoreError, Unique};
use thiserror::Error;

use crate::clock::Clock;
use crate::identity::password::{self, PasswordError};
use crate::random;

/// A person to be given an account.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Their address.
    pub email: Email,
    /// What others read; what stands before the `@`, when absent.
    pub name: Option<String>,
    /// `None`: they sign in otherwise.
    pub password: Option<zeroize::Zeroizing<String>>,
    /// Whether any password will do, as in a development server.
    pub allows_any_password: bool,
    /// Whether whoever makes the account vouches for the address.
    pub is_email_verified: bool,
}

/// Why there is no new account.
#[derive(Debug, Error)]
pub enum AccountError {
    /// The address has one.
    #[error("{} has an account already", .0.as_str())]
    Exists(Email),
    /// The name is none.
    #[error(
        "the name should have 1 to {} characters, without control characters, < and >",
        parlor_model::identity::user::MAX_NAME_CHARS
    )]
    Name,
    /// The password will not do, or could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The records refused.
    #[error("the account could not be saved")]
    Store(#[from] StoreError),
    /// The system gave no random bytes.
    #[error("the system's random source failed")]
    Random,
}

/// Makes an account in the operator's name, and its personal organization. As
/// long as nobody owns the first organization, it is this account's.
///
/// # Errors
/// See [`AccountError`].
pub async fn create_account(
    store: &Store,
    clock: &dyn Clock,
    person: NewPerson,
) -> Result<Created, AccountError> {
    let name = person.name.as_deref().unwrap_or_else(|| person.email.local_part());
    let name = parse_name(name).ok_or(AccountError::Name)?.to_owned();
    let email = person.email;
    let hash = match &person.password {
        Some(text) if person.allows_any_password => Some(password::hash_any(text).await?),
        Some(text) => Some(password::hash(text).await?),
        None => None,
    };
    let user = UserId::from_random(random::bytes().map_err(|_| AccountError::Random)?);
    let org = OrgId::from_random(random::bytes().map_err(|_| AccountError::Random)?);
    let mut user = User::new(user, email.clone(), &name, clock.now()).with_password_hash(hash);
    if person.is_email_verified {
        user = user.with_verified_email();
    }
    let new = NewAccount::new(user, org, store.master_key())?;
    let created =
        store.write(move |connection| accounts::create_by_operator(connection, &new)).await;
    created.map_err(|error| match error {
        StoreError::Conflict(Unique::UserEmail) => AccountError::Exists(email),
        error => AccountError::Store(error),
    })
}

/// Whether an address has an account.
///
/// # Errors
/// The store's.
pub async fn account_exists(store: &Store, email: &Email) -> Result<bool, StoreError> {
    let email = email.clone();
    store.scan(move |c| Ok(users::find_by_email(c, &email)?.is_some())).await
}
