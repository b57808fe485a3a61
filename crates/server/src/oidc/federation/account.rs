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

use parlor_model::id::{OrgId, SessionId, UserId};
use parlor_model::identity::Email;
use parlor_model::identity::user::{MAX_NAME_CHARS, parse_name};
use parlor_model::time::UnixMillis;
use parlor_store::accounts::{self, NewAccount};
use parlor_store::oauth::{federation, grants};
use parlor_store::users::{self, User};
use parlor_store::{Connection, StoreError};

use super::{IdentityProvider, Vouched};
use crate::cx::Shared;
use crate::failure::Failure;
use crate::identity::session::SignedIn;
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
    /// The account is linked: it has the address.
    Link,
    /// The same, because its owner asks for it, in this session.
    Connect(SessionId),
    /// It is made, and linked.
    Create(Box<NewAccount>),
}

impl Step {
    /// For the audit log.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Link | Self::Connect(_) => "linked",
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

/// What follows when the owner of an account is signed in here and asks for it.
pub(crate) fn connection(
    state: &Shared,
    provider: &IdentityProvider,
    vouched: &Vouched,
    signed_in: &SignedIn,
) -> Result<Result<Plan, Refusal>, Failure> {
    let email = vouched.verified_email.as_deref().and_then(address);
    if !may_enter(provider, email.as_ref()) {
        let why = if email.is_some() { Refusal::Domain } else { Refusal::NoAddress };
        return Ok(Err(why));
    }
    let (user, session) = (signed_in.user, signed_in.session);
    let (linked, own) = state
        .cx
        .store
        .read(|c| Ok::<_, StoreError>((linked(c, provider, vouched)?, users::find(c, user)?)))?;
    Ok(match (linked, own) {
        (Some(linked), Some(own)) if linked.id == own.id => {
            Ok(Plan { user: own, step: Step::Known })
        }
        (None, Some(own)) => Ok(Plan { user: own, step: Step::Connect(session) }),
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
    let now = state.now();
    let work = move |c: &mut dyn Connection| act(c, &issuer, &subject, &plan, now);
    Ok(state.cx.store.write(work).await?)
}

/// Everything that the plan rests on is looked at again, while nobody changes it:
/// the account may have passed to somebody else.
fn act(
    c: &mut dyn Connection,
    issuer: &str,
    subject: &str,
    plan: &Plan,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let user = plan.user.id;
    users::hold(c, user)?;
    let linked = federation::find(c, issuer, subject)?;
    if matches!(plan.step, Step::Known) {
        return Ok(linked == Some(user));
    }
    // Before an account is made that nobody reaches.
    if linked.is_some() {
        return Ok(false);
    }
    let is_right = match &plan.step {
        Step::Known => true,
        Step::Link => users::find(c, user)?
            .is_some_and(|found| found.is_email_verified && found.email == plan.user.email),
        Step::Connect(session) => grants::backs(c, user, None, Some(*session), now)?,
        Step::Create(new) => create(c, new)?,
    };
    Ok(is_right && federation::link(c, issuer, subject, user, now)?)
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
    use parlor_model::id::{OrgId, SessionId, UserId};
    use parlor_model::identity::Email;
    use parlor_model::time::UnixMillis;
    use parlor_store::accounts::{self, NewAccount};
    use parlor_store::oauth::federation;
    use parlor_store::secret_token::{SecretToken, TokenKind};
    use parlor_store::sessions::{self, Method, Session};
    use parlor_store::users::{self, User};
    use parlor_store::{Connection, Store, StoreConfig, StoreError};
    use tempfile::TempDir;

    use super::{Plan, Step, act, address};

    const NOW: UnixMillis = UnixMillis::new(1_893_456_000_000);
    const ISSUER: &str = "https://idp.example";

    /// Records, with the account of somebody and a session of theirs.
    struct Bed {
        store: Store,
        user: User,
        session: SessionId,
        _folder: TempDir,
    }

    impl Bed {
        async fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let store = Store::open(&StoreConfig::in_folder(folder.path())).unwrap();
            let email = Email::parse("ana@example.org").unwrap();
            let user = User::new(UserId::from_random([1; 16]), email, "Ana", NOW);
            let user = user.with_verified_email();
            let org = OrgId::from_random([2; 16]);
            let new = NewAccount::new(user.clone(), org, store.master_key()).unwrap();
            let session = Session {
                id: SessionId::from_random([3; 16]),
                user_id: user.id,
                method: Method::Password,
                ip: String::new(),
                user_agent: String::new(),
                created_at: NOW,
                last_seen_at: NOW,
                expires_at: NOW.plus_millis(1000),
            };
            let id = session.id;
            let hash = SecretToken::generate().unwrap().hash(TokenKind::Session);
            let bed = Self { store, user, session: id, _folder: folder };
            bed.write(move |c| {
                accounts::create(c, &new)?;
                sessions::create(c, &session, &hash)
            })
            .await;
            bed
        }

        async fn write<T: Send + 'static>(
            &self,
            work: impl FnMut(&mut dyn Connection) -> Result<T, StoreError> + Send + 'static,
        ) -> T {
            self.store.write(work).await.unwrap()
        }

        /// As when the operator hands the account over.
        async fn hand_over(&self) {
            let user = self.user.id;
            self.write(move |c| {
                accounts::remove_other_ways(c, user)?;
                accounts::replace_password(c, user, "$x", NOW)
            })
            .await;
        }

        async fn act(&self, step: Step) -> bool {
            let plan = Plan { user: self.user.clone(), step };
            self.write(move |c| act(c, ISSUER, "ana", &plan, NOW)).await
        }

        fn linked(&self) -> Option<UserId> {
            self.store.read(|c| federation::find(c, ISSUER, "ana")).unwrap()
        }
    }

    #[tokio::test]
    async fn link_that_is_gone_lets_nobody_in() {
        let bed = Bed::new().await;
        assert!(bed.act(Step::Link).await);
        assert!(bed.act(Step::Known).await);
        bed.hand_over().await;
        assert!(!bed.act(Step::Known).await);
        assert_eq!(bed.linked(), None);
    }

    #[tokio::test]
    async fn session_that_is_over_connects_nothing() {
        let bed = Bed::new().await;
        bed.hand_over().await;
        assert!(!bed.act(Step::Connect(bed.session)).await);
        assert_eq!(bed.linked(), None);
        let bed = Bed::new().await;
        assert!(bed.act(Step::Connect(bed.session)).await);
        assert_eq!(bed.linked(), Some(bed.user.id));
    }

    #[tokio::test]
    async fn address_that_nobody_vouches_for_any_more_links_nothing() {
        let bed = Bed::new().await;
        let user = bed.user.id;
        bed.write(move |c| users::set_email_verified(c, user, false, NOW)).await;
        assert!(!bed.act(Step::Link).await);
        assert_eq!(bed.linked(), None);
    }

    #[test]
    fn an_address_that_only_looks_like_another_is_none() {
        assert_eq!(address("Ana@Example.org").unwrap().as_str(), "ana@example.org");
        for other in ["ana@e\u{212a}ample.org", "\u{212a}@example.org", "ana", "", "a@b@c"] {
            assert!(address(other).is_none(), "{other}");
        }
    }
}
