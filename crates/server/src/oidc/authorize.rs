//! A person's way to a code: what a client may ask for, whether somebody is
//! signed in, whether they agree.
//!
//! As long as client and address are not known to belong together, nobody is
//! sent anywhere: a fault is shown to the person. After that it goes back to the
//! client.

mod answer;
mod request;

use parlor_model::id::{SessionId, UserId};
use parlor_model::oauth::{OauthErrorCode, Scope};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::{consents, grants};
use parlor_store::{Connection, StoreError, users};

pub(crate) use answer::{allow, deny};
pub(crate) use request::{Asked, Stop, read, redirect_origin};

use super::consent::ConsentRequest;
use super::redirect;
use crate::cx::Shared;
use crate::failure::Failure;
use crate::identity::session::SignedIn;

/// Who is signed in to the browser that was sent here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor {
    pub(crate) user: UserId,
    session: SessionId,
    pub(crate) signed_in_at: UnixMillis,
}

impl Visitor {
    pub(crate) fn of(person: &SignedIn) -> Self {
        let SignedIn { user, session, signed_in_at, .. } = *person;
        Self { user, session, signed_in_at }
    }

    /// Whether they are signed in still. Asked in the transaction that writes
    /// what they agree to: whoever ends their sessions meanwhile ends what was
    /// granted by then, and nothing may follow.
    pub(crate) fn is_here(
        &self,
        connection: &mut dyn Connection,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        users::hold(connection, self.user)?;
        grants::backs(connection, self.user, None, Some(self.session), now)
    }
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    /// They sign in, and come back to this path of ours. `again`: although they
    /// are signed in.
    SignIn { back: String, again: bool },
    /// They are asked.
    Consent(ConsentRequest),
    /// They need not be.
    Allowed(Visitor),
    /// The client is told why not.
    Stop(Stop),
}

/// What comes next for `visitor`. With `has_agreed` they just did.
pub(crate) fn next(
    state: &Shared,
    asked: &Asked,
    visitor: Option<Visitor>,
    has_agreed: bool,
) -> Result<Next, Failure> {
    let now = state.now();
    let is_recent = |visitor: &Visitor| !asked.is_too_long_ago(visitor.signed_in_at, now);
    let Some(fresh) = visitor.filter(is_recent) else {
        if asked.is_silent() {
            return Ok(Next::Stop(asked.stop(
                OauthErrorCode::LoginRequired,
                "nobody is signed in, and prompt=none forbids asking",
            )));
        }
        return Ok(Next::SignIn { back: asked.path_after_sign_in(now), again: visitor.is_some() });
    };
    if has_agreed || !is_consent_needed(state, asked, fresh.user)? {
        return Ok(Next::Allowed(fresh));
    }
    if asked.is_silent() {
        return Ok(Next::Stop(asked.stop(
            OauthErrorCode::ConsentRequired,
            "the person has not agreed yet, and prompt=none forbids asking",
        )));
    }
    Ok(Next::Consent(ConsentRequest {
        client_name: asked.client.name.clone(),
        client_host: redirect::host_of(&asked.redirect_uri).to_owned(),
        is_on_device: !redirect::is_site(&asked.redirect_uri),
        redirect_origin: redirect::origin_of(&asked.redirect_uri),
        scopes: asked.scopes.clone(),
        fields: asked.fields(),
    }))
}

/// The operator's own clients need none; those of others are agreed to once for
/// each scope, and each time they ask for it. Whoever cannot be told from another
/// is never believed to be either of these.
fn is_consent_needed(state: &Shared, asked: &Asked, user: UserId) -> Result<bool, Failure> {
    if is_anybody(asked) {
        return Ok(true);
    }
    if asked.client.is_own {
        return Ok(false);
    }
    if asked.wants_consent() {
        return Ok(true);
    }
    let agreed = state.cx.store.read(|c| consents::find(c, user, &asked.client.id))?;
    // A client that lives in browsers has no secret: access that outlasts the
    // browser is not given on the strength of an agreement of long ago.
    let is_lasting = asked.scopes.has(Scope::OfflineAccess) && asked.client.secret_hash.is_none();
    Ok(is_lasting || !asked.scopes.are_within(&agreed))
}

/// Whether any program on the person's device could be the one that asks: the
/// client has no secret to prove itself with when it redeems the code, and the
/// code goes to a port or a scheme that whoever is there first may take. Without
/// a question such a program would get a code from a signed-in browser by opening
/// a link (RFC 8252, section 8.6).
fn is_anybody(asked: &Asked) -> bool {
    asked.client.secret_hash.is_none() && !redirect::is_site(&asked.redirect_uri)
}
