//! Invitations: made by an organization, answered by whoever has the address.
//! This server sends no mail: who invites passes the link on.

use parlor_model::error::ApiError;
use parlor_model::id::{InvitationId, OrgId, UserId};
use parlor_model::identity::invitation::{
    CreateInvitation, DEFAULT_LIFE_SECONDS, Invitation, InvitationStatus, UpdateInvitation,
};
use parlor_model::key_permission::KeyPermission::AdminOrganization;
use parlor_model::time::UnixMillis;
use parlor_store::accounts::{self, NewAccount};
use parlor_store::invitations as records;
use parlor_store::members::{self, Access, Member};
use parlor_store::orgs::{self, Org};
use parlor_store::secret_token::{SecretToken, TokenKind};
use parlor_store::users::{self, User};
use parlor_store::{Connection, StoreError, Unique};

use super::members::check_roles;
use super::shown;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::Caller;
use crate::random;

/// Longest life of an invitation, in seconds: 90 days.
const MAX_LIFE_SECONDS: i64 = 90 * 86_400;

/// The invitations of the caller's organization, whatever became of them.
pub(crate) fn list(state: &AppState, caller: &Caller) -> Result<Vec<Invitation>, Failure> {
    let found = state.cx.store.read(|c| records::list_of_org(c, caller.org()))?;
    found.iter().map(|one| shown::invitation(state, one, None)).collect()
}

/// Invites somebody.
pub(crate) async fn create(
    state: &AppState,
    caller: &Caller,
    request: CreateInvitation,
) -> Result<Invitation, Failure> {
    let (org, now) = (caller.org(), state.now());
    let expires_at = request.expires_at.map(|at| at.0);
    let invitation = records::Invitation {
        id: InvitationId::from_random(random::bytes()?),
        org_id: org,
        email: request.email,
        invited_by: caller.who.user(),
        role: request.role,
        role_ids: request.assigned_role_ids,
        status: InvitationStatus::Pending,
        created_at: now,
        updated_at: now,
        expires_at: checked_end(expires_at.unwrap_or(now.plus_seconds(DEFAULT_LIFE_SECONDS)), now)?,
    };
    let secret = SecretToken::generate()?;
    let (new, hash) = (invitation.clone(), secret.hash(TokenKind::Invitation));
    let write = move |c: &mut dyn Connection| {
        // Whoever takes the right to invite from them waits, or this does.
        orgs::hold(c, org)?;
        if let Some(user) = new.invited_by
            && !records::administers(c, org, user)?
        {
            return Err(ApiError::missing_permission_of_person(AdminOrganization).into());
        }
        check_roles(c, org, &new.role_ids)?;
        refuse_members(c, &new)?;
        records::create(c, &new, &hash).map_err(already_invited)
    };
    state.cx.store.write(write).await?;
    let origin = &state.cx.settings.public_url;
    let url = format!("{origin}/account/invitations/{}", secret.expose());
    shown::invitation(state, &invitation, Some(url))
}

/// Changes an invitation that still waits.
pub(crate) async fn update(
    state: &AppState,
    caller: &Caller,
    id: &str,
    request: UpdateInvitation,
) -> Result<Invitation, Failure> {
    let (org, now, asked) = (caller.org(), state.now(), parse(id)?);
    let access = Access { role: request.role, role_ids: request.assigned_role_ids };
    let end = request.expires_at.map(|at| checked_end(at.0, now)).transpose()?;
    let write = move |c: &mut dyn Connection| {
        let before = waiting_one(c, org, asked)?;
        check_roles(c, org, &access.role_ids)?;
        records::update(c, asked, &access, end.unwrap_or(before.expires_at), now)?;
        records::find(c, asked).map_err(Failure::from)
    };
    let changed = state.cx.store.write(write).await?;
    shown::invitation(state, &changed.ok_or_else(|| not_found(id))?, None)
}

/// Takes an invitation back.
pub(crate) async fn cancel(state: &AppState, caller: &Caller, id: &str) -> Result<(), Failure> {
    let (org, now, asked) = (caller.org(), state.now(), parse(id)?);
    let write = move |c: &mut dyn Connection| {
        waiting_one(c, org, asked)?;
        records::set_status(c, asked, InvitationStatus::Cancelled, now)?;
        Ok::<_, Failure>(())
    };
    state.cx.store.write(write).await
}

/// The invitations that wait for somebody's answer.
pub(crate) fn list_mine(state: &AppState, user: UserId) -> Result<Vec<Invitation>, Failure> {
    let found = open_for(state, user)?;
    found.iter().map(|one| shown::invitation(state, one, None)).collect()
}

/// How many those are.
pub(crate) fn count_mine(state: &AppState, user: UserId) -> Result<usize, Failure> {
    Ok(open_for(state, user)?.len())
}

/// Joins the organization.
pub(crate) async fn accept(
    state: &AppState,
    user: UserId,
    id: &str,
) -> Result<Invitation, Failure> {
    let answered = answer_mine(state, user, id, Reply::Join).await?;
    shown::invitation(state, &answered, None)
}

/// Says no.
pub(crate) async fn decline(state: &AppState, user: UserId, id: &str) -> Result<(), Failure> {
    answer_mine(state, user, id, Reply::Decline).await.map(drop)
}

async fn answer_mine(
    state: &AppState,
    user: UserId,
    id: &str,
    reply: Reply,
) -> Result<records::Invitation, Failure> {
    let invitation = mine(state, user, id)?.id;
    let answered = answer(state, invitation, user, reply).await?;
    Ok(answered.ok_or_else(|| not_found(id))?)
}

/// What somebody says to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Join,
    Decline,
}

/// Writes down what `user` says to an invitation; that it is theirs is the
/// caller's to know. `None`: it was answered, taken back or has expired.
pub(crate) async fn answer(
    state: &AppState,
    id: InvitationId,
    user: UserId,
    reply: Reply,
) -> Result<Option<records::Invitation>, Failure> {
    let now = state.now();
    let write = move |c: &mut dyn Connection| answer_in(c, id, user, reply, now);
    Ok(state.cx.store.write(write).await?)
}

/// Whether invitations into an organization make an account for who has none:
/// not where it is somebody's own. Everybody has such a one, and would give
/// accounts of this server to any address. The first one is the operator's,
/// whoever owns it.
pub(crate) fn makes_accounts(state: &AppState, org: &Org) -> bool {
    !org.is_personal || org.id == state.cx.settings.org
}

/// Makes an account for whoever was invited, who joins with it. `None`: the
/// invitation is over.
pub(crate) async fn join_with(
    state: &AppState,
    id: InvitationId,
    account: NewAccount,
) -> Result<Option<records::Invitation>, StoreError> {
    let now = state.now();
    let write = move |c: &mut dyn Connection| {
        accounts::create(c, &account)?;
        let answered = answer_in(c, id, account.user.id, Reply::Join, now)?;
        match answered {
            Some(joined) => Ok(joined),
            // Undoes the account.
            None => Err(NotJoined::Over),
        }
    };
    match state.cx.store.write(write).await {
        Ok(joined) => Ok(Some(joined)),
        Err(NotJoined::Over) => Ok(None),
        Err(NotJoined::Failed(error)) => Err(error),
    }
}

/// Why nobody joined.
enum NotJoined {
    Over,
    Failed(StoreError),
}

impl From<StoreError> for NotJoined {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

fn answer_in(
    c: &mut dyn Connection,
    id: InvitationId,
    user: UserId,
    reply: Reply,
    now: UnixMillis,
) -> Result<Option<records::Invitation>, StoreError> {
    let Some(open) = records::find(c, id)?.filter(|one| one.is_open(now)) else {
        return Ok(None);
    };
    // Whoever deletes the organization meanwhile goes before this, or after.
    orgs::hold(c, open.org_id)?;
    let status = match reply {
        Reply::Join => InvitationStatus::Accepted,
        Reply::Decline => InvitationStatus::Declined,
    };
    if orgs::find(c, open.org_id)?.is_none() || !records::set_status(c, id, status, now)? {
        return Ok(None);
    }
    if reply == Reply::Join && members::find(c, open.org_id, user)?.is_none() {
        // Who belongs to it already keeps what they have.
        let place = Member {
            org_id: open.org_id,
            user_id: user,
            role: open.role,
            role_ids: open.role_ids,
            created_at: now,
            updated_at: now,
        };
        members::add(c, &place)?;
    }
    records::find(c, id)
}

fn checked_end(at: UnixMillis, now: UnixMillis) -> Result<UnixMillis, ApiError> {
    let latest = now.plus_seconds(MAX_LIFE_SECONDS);
    match now < at && at <= latest {
        true => Ok(at),
        false => {
            let expectation = format!("in the future, at most until {}", latest.to_iso8601());
            Err(ApiError::wrong_value("expiresAt", &at.to_iso8601().into(), &expectation))
        }
    }
}

fn refuse_members(c: &mut dyn Connection, invitation: &records::Invitation) -> Result<(), Failure> {
    let Some(user) = users::find_by_email(c, &invitation.email)? else {
        return Ok(());
    };
    match members::find(c, invitation.org_id, user.id)? {
        Some(_) => Err(ApiError::conflict("they belong to the organization already").into()),
        None => Ok(()),
    }
}

fn already_invited(error: StoreError) -> Failure {
    match error {
        StoreError::Conflict(Unique::Invitation) => {
            ApiError::conflict("they are invited already: change or cancel that invitation").into()
        }
        error => error.into(),
    }
}

fn parse(id: &str) -> Result<InvitationId, ApiError> {
    id.parse().map_err(|_| not_found(id))
}

fn not_found(id: &str) -> ApiError {
    ApiError::not_found("invitation", id)
}

/// An invitation of the organization that waits for its answer.
fn waiting_one(
    c: &mut dyn Connection,
    org: OrgId,
    id: InvitationId,
) -> Result<records::Invitation, Failure> {
    let found = records::find(c, id)?.filter(|one| one.org_id == org);
    let found = found.ok_or_else(|| not_found(&id.to_string()))?;
    match found.status {
        InvitationStatus::Pending => Ok(found),
        _ => Err(ApiError::conflict("the invitation was answered or taken back").into()),
    }
}

fn open_for(state: &AppState, user: UserId) -> Result<Vec<records::Invitation>, Failure> {
    let Some(user) = verified(state, user)? else {
        return Ok(Vec::new());
    };
    let mut found = state.cx.store.read(|c| records::list_of_email(c, &user.email))?;
    found.retain(|one| one.is_open(state.now()));
    Ok(found)
}

fn mine(state: &AppState, user: UserId, id: &str) -> Result<records::Invitation, Failure> {
    let found = open_for(state, user)?.into_iter().find(|one| one.id.to_string() == id);
    Ok(found.ok_or_else(|| not_found(id))?)
}

/// Who is invited is whoever has the address, which somebody must have vouched
/// for.
fn verified(state: &AppState, user: UserId) -> Result<Option<User>, Failure> {
    let found = state.cx.store.read(|c| users::find(c, user))?;
    Ok(found.filter(|user| user.is_email_verified))
}
