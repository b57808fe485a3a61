//! Which account somebody opens whom a provider vouches for.
//!
//! Accounts are linked by issuer and subject. An address alone opens one only
//! when three agree: the provider looked at the address, the operator said that
//! the provider speaks for its domain, and the address of the account here was
//! vouched for, too. Anything less would hand an account to whoever can make an
//! account with its address somewhere else, or who had made one here before its
//! owner came. Everybody else connects the two while signed in here. For the same
//! reason an account that is made here has a verified address only if the provider
//! speaks for its domain: invitations and applications go by that word.

use parlor_model::id::{OrgId, UserId};
use parlor_model::identity::Email;
use parlor_model::identity::user::{MAX_NAME_CHARS, parse_name};
use parlor_store::accounts::{self, NewAccount};
use parlor_store::oauth::federation;
use parlor_store::users::{self, User};
use parlor_store::{Connection, StoreError};

use super::{IdentityProvider, Vouched};
use crate::cx::Shared;
use crate::failure::Failure;
use crate::random;

/// What follows from a vouching.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whose account.
    pub(crate) user: User,
    /// What is to be done about it.
    pub(crate) step: Step,
}

/// What is to be done before somebody is signed in.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Nothing: they came this way before.
    Known,
    /// The account is linked.
    Link,
    /// It is made, and linked.
    Create(Box<NewAccount>),
}

impl Step {
    /// For the audit log.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Link => "linked",
            Self::Create(_) => "created",
        }
    }
}

/// Why nobody is signed in. Each has its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The provider vouches for no address.
    NoAddress,
    /// The operator lets other domains in.
    Domain,
    /// There is no account, and none is made.
    NoAccount,
    /// There is no account at all yet.
    NobodyYet,
    /// There is one with that address, and its owner has to connect it.
    Exists,
    /// This person of the provider has another account.
    Taken,
}

/// What follows from `vouched`, or why nothing does. Nothing is written.
pub(crate) fn plan(
    state: &Shared,
    provider: &IdentityProvider,
    vouched: &Vouched,
) -> Result<Result<Plan, Refusal>, Failure> {
    let email = vouched.verified_email.as_deref().and_then(address);
    if !may_enter(provider, email.as_ref()) {
        let why = if email.is_some() { Refusal::Domain } else { Refusal::NoAddress };
        return Ok(Err(why));
    }
    let linked = state.cx.store.read(|c| linked(c, provider, vouched))?;
    if let Some(user) = linked {
        return Ok(Ok(Plan { user, step: Step::Known }));
    }
    let Some(email) = email else {
        return Ok(Err(Refusal::NoAddress));
    };
    let known = state.cx.store.read(|c| users::find_by_email(c, &email))?;
    if let Some(user) = known {
        let is_same = user.is_email_verified && provider.speaks_for(email.domain());
        return Ok(is_same.then_some(Plan { user, step: Step::Link }).ok_or(Refusal::Exists));
    }
    if !provider.creates_accounts {
        return Ok(Err(Refusal::NoAccount));
    }
    // The operator's own account comes first, so that there is somebody to ask.
    if state.cx.store.read(accounts::unowned_first)?.is_some() {
        return Ok(Err(Refusal::NobodyYet));
    }
    let new = new_account(state, provider, email, vouched)?;
    Ok(Ok(Plan { user: new.user.clone(), step: Step::Create(Box::new(new)) }))
}

/// What follows when the owner of `user` is signed in here and asks for it.
pub(crate) fn connection(
    state: &Shared,
    provider: &IdentityProvider,
    vouched: &Vouched,
    user: UserId,
) -> Result<Result<Plan, Refusal>, Failure> {
    let email = vouched.verified_email.as_deref().and_then(address);
    if !may_enter(provider, email.as_ref()) {
        let why = if email.is_some() { Refusal::Domain } else { Refusal::NoAddress };
        return Ok(Err(why));
    }
    let (linked, own) = state
        .cx
        .store
        .read(|c| Ok::<_, StoreError>((linked(c, provider, vouched)?, users::find(c, user)?)))?;
    Ok(match (linked, own) {
        (Some(linked), Some(own)) if linked.id == own.id => {
            Ok(Plan { user: own, step: Step::Known })
        }
        (None, Some(own)) => Ok(Plan { user: own, step: Step::Link }),
        _ => Err(Refusal::Taken),
    })
}

/// Does what was planned. `false` when somebody else was faster, and the plan
/// is no longer right.
pub(crate) async fn carry_out(
    state: &Shared,
    provider: &IdentityProvider,
    vouched: &Vouched,
    plan: Plan,
) -> Result<bool, Failure> {
    let (issuer, subject) = (provider.issuer.clone(), vouched.subject.clone());
    let (user, now) = (plan.user.id, state.now());
    let written = state.cx.store.write(move |c| {
        let made = match &plan.step {
            Step::Known => return Ok(true),
            // Looked at again, before an account is made that nobody reaches.
            _ if federation::find(c, &issuer, &subject)?.is_some() => return Ok(false),
            Step::Link => true,
            Step::Create(new) => create(c, new)?,
        };
        Ok::<_, StoreError>(made && federation::link(c, &issuer, &subject, user, now)?)
    });
    Ok(written.await?)
}

fn create(connection: &mut dyn Connection, new: &NewAccount) -> Result<bool, StoreError> {
    match accounts::create(connection, new) {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn linked(
    connection: &mut dyn Connection,
    provider: &IdentityProvider,
    vouched: &Vouched,
) -> Result<Option<User>, StoreError> {
    match federation::find(connection, &provider.issuer, &vouched.subject)? {
        Some(id) => users::find(connection, id),
        None => Ok(None),
    }
}

/// Where the operator named domains, an address in one of them is asked for
/// every time: whoever lost it is not let in any more.
fn may_enter(provider: &IdentityProvider, email: Option<&Email>) -> bool {
    provider.email_domains.is_empty() || email.is_some_and(|email| provider.admits(email.domain()))
}

/// An address as accounts have it. Only ASCII: small letters of other alphabets
/// may be the same as those of another address (the Kelvin sign is a small k).
fn address(text: &str) -> Option<Email> {
    if text.is_ascii() { Email::parse(text).ok() } else { None }
}

fn new_account(
    state: &Shared,
    provider: &IdentityProvider,
    email: Email,
    vouched: &Vouched,
) -> Result<NewAccount, Failure> {
    let id = UserId::from_random(random::bytes()?);
    let org = OrgId::from_random(random::bytes()?);
    let short = |name: &String| name.chars().take(MAX_NAME_CHARS).collect::<String>();
    let told = vouched.name.as_ref().map(short);
    let told = told.as_deref().and_then(parse_name);
    let name = told.or_else(|| parse_name(email.local_part())).unwrap_or("Somebody").to_owned();
    let is_verified = provider.speaks_for(email.domain());
    let user = User::new(id, email, &name, state.now());
    let user = if is_verified { user.with_verified_email() } else { user };
    Ok(NewAccount::new(user, org, state.cx.store.master_key())?)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_that_only_looks_like_another_is_none() {
        assert_eq!(address("Ana@Example.org").unwrap().as_str(), "ana@example.org");
        for other in ["ana@e\u{212a}ample.org", "\u{212a}@example.org", "ana", "", "a@b@c"] {
            assert!(address(other).is_none(), "{other}");
        }
    }
}
