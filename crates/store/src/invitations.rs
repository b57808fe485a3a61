//! Invitations into organizations. The link that accepts one carries a secret,
//! of which only the hash is here.

use parlor_model::id::{InvitationId, OrgId, RoleId, UserId};
use parlor_model::identity::Email;
use parlor_model::identity::invitation::InvitationStatus;
use parlor_model::identity::member::MemberRole;
use parlor_model::key_permission::KeyPermission;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::members::{self, Access, ids_from_text, ids_to_text};
use crate::secret_token::TokenHash;

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The caller drew it.
    pub id: InvitationId,
    /// Into which organization.
    pub org_id: OrgId,
    /// Who is invited.
    pub email: Email,
    /// Who invites; `None`: a key without a person.
    pub invited_by: Option<UserId>,
    /// As what.
    pub role: MemberRole,
    /// The roles that come with it.
    pub role_ids: Vec<RoleId>,
    /// How far it is. One that is pending may have expired.
    pub status: InvitationStatus,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
    /// From then on it cannot be accepted.
    pub expires_at: UnixMillis,
}

impl Invitation {
    /// Whether it can be accepted at `now`.
    #[must_use]
    pub fn is_open(&self, now: UnixMillis) -> bool {
        self.status == InvitationStatus::Pending && now < self.expires_at
    }
}

/// How long after its end an invitation stays on record, whatever became of it,
/// in seconds: 90 days. The audit log knows longer.
const KEPT_SECONDS: i64 = 90 * 86_400;

/// Most invitations that are on record for an organization, which lists them
/// whole.
const MAX_OF_ORG: u64 = 5000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, email, invited_by, role, role_ids, status, created_at, \
             updated_at, expires_at FROM invitations ",
            $rest
        )
    };
}

statements! {
    // An invitation whose time has passed gives its place up.
    CLOSE_EXPIRED = "UPDATE invitations SET status = 'cancelled', updated_at = $1 \
        WHERE org_id = $2 AND email = $3 AND status = 'pending' AND expires_at <= $4";
    FORGET_OLD = "DELETE FROM invitations WHERE org_id = $1 AND expires_at <= $2";
    COUNT = "SELECT COUNT(*) FROM invitations WHERE org_id = $1";
    INSERT = "INSERT INTO invitations (id, org_id, email, invited_by, role, role_ids, status, \
        token_hash, created_at, updated_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    FIND = select!("WHERE id = $1");
    FIND_BY_TOKEN = select!("WHERE token_hash = $1");
    LIST_OF_ORG = select!("WHERE org_id = $1 ORDER BY created_at, id");
    LIST_OF_EMAIL = select!("WHERE email = $1 ORDER BY created_at, id");
    INVITERS = "SELECT DISTINCT invited_by FROM invitations \
        WHERE org_id = $1 AND status = 'pending' AND invited_by IS NOT NULL ORDER BY invited_by";
    CANCEL_BY = "UPDATE invitations SET status = 'cancelled', updated_at = $1 \
        WHERE org_id = $2 AND invited_by = $3 AND status = 'pending'";
    SET_STATUS = "UPDATE invitations SET status = $1, updated_at = $2 \
        WHERE id = $3 AND status = 'pending'";
    UPDATE = "UPDATE invitations SET role = $1, role_ids = $2, expires_at = $3, updated_at = $4 \
        WHERE id = $5 AND status = 'pending'";
}

/// Adds an invitation that is pending, and forgets those of its organization
/// that ended long ago.
///
/// # Errors
/// [`Unique::Invitation`] when the address has one into this organization that
/// can still be accepted; [`StoreError::TooMany`].
pub fn create(
    connection: &mut dyn Connection,
    new: &Invitation,
    token: &TokenHash,
) -> Result<(), StoreError> {
    let (org, now) = (new.org_id.to_string(), new.created_at);
    let taken = [now.into(), org.as_str().into(), new.email.as_str().into(), now.into()];
    connection.execute(&CLOSE_EXPIRED, &taken)?;
    let old = [org.as_str().into(), now.plus_seconds(-KEPT_SECONDS).into()];
    connection.execute(&FORGET_OLD, &old)?;
    let count = connection.find(&COUNT, &[org.as_str().into()], |row| row.count(0))?;
    StoreError::unless_below(count, MAX_OF_ORG, "invitations of an organization")?;
    let invited_by = new.invited_by.map(|id| id.to_string());
    let role_ids = ids_to_text(&new.role_ids);
    let id = new.id.to_string();
    let params = [
        id.as_str().into(),
        org.as_str().into(),
        new.email.as_str().into(),
        invited_by.as_deref().into(),
        new.role.as_str().into(),
        role_ids.as_str().into(),
        new.status.as_str().into(),
        token.as_str().into(),
        now.into(),
        new.updated_at.into(),
        new.expires_at.into(),
    ];
    match connection.execute(&INSERT, &params)? {
        0 => Err(StoreError::Conflict(Unique::Invitation)),
        _ => Ok(()),
    }
}

/// The invitation of that id.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    id: InvitationId,
) -> Result<Option<Invitation>, StoreError> {
    connection.find(&FIND, &[(&id.to_string()).into()], invitation)
}

/// The invitation that a link's secret stands for.
///
/// # Errors
/// The engine's.
pub fn find_by_token(
    connection: &mut dyn Connection,
    token: &TokenHash,
) -> Result<Option<Invitation>, StoreError> {
    connection.find(&FIND_BY_TOKEN, &[token.as_str().into()], invitation)
}

/// An organization's invitations, answered ones included, oldest first.
///
/// # Errors
/// The engine's.
pub fn list_of_org(
    connection: &mut dyn Connection,
    org: OrgId,
) -> Result<Vec<Invitation>, StoreError> {
    connection.list(&LIST_OF_ORG, &[(&org.to_string()).into()], invitation)
}

/// An address's invitations, answered ones included, oldest first.
///
/// # Errors
/// The engine's.
pub fn list_of_email(
    connection: &mut dyn Connection,
    email: &Email,
) -> Result<Vec<Invitation>, StoreError> {
    connection.list(&LIST_OF_EMAIL, &[email.as_str().into()], invitation)
}

/// Answers a pending invitation. `false` when it is not pending any more.
/// Whether its time has passed is the caller's to look at.
///
/// # Errors
/// The engine's.
pub fn set_status(
    connection: &mut dyn Connection,
    id: InvitationId,
    status: InvitationStatus,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let id_text = id.to_string();
    let params = [status.as_str().into(), now.into(), id_text.as_str().into()];
    Ok(connection.execute(&SET_STATUS, &params)? == 1)
}

/// Takes back what is pending in an organization of those who do not administer
/// it any more: an invitation may give all of it, also to somebody whom its maker
/// only has another address of.
///
/// # Errors
/// The engine's.
pub(crate) fn cancel_beyond(
    connection: &mut dyn Connection,
    org: OrgId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let of = org.to_string();
    let inviters = connection.list(&INVITERS, &[(&of).into()], |row| row.parsed::<UserId>(0))?;
    for user in inviters {
        if !administers(connection, org, user)? {
            let by = user.to_string();
            connection.execute(&CANCEL_BY, &[now.into(), (&of).into(), (&by).into()])?;
        }
    }
    Ok(())
}

/// Whether somebody may invite into an organization.
///
/// # Errors
/// The engine's.
pub fn administers(
    connection: &mut dyn Connection,
    org: OrgId,
    user: UserId,
) -> Result<bool, StoreError> {
    let held = members::permissions_of(connection, org, user)?;
    Ok(held.is_some_and(|held| held.allow(KeyPermission::AdminOrganization)))
}

/// Changes what a pending invitation gives, and until when. `false` when it is
/// not pending any more.
///
/// # Errors
/// The engine's.
pub fn update(
    connection: &mut dyn Connection,
    id: InvitationId,
    access: &Access,
    expires_at: UnixMillis,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let role_ids = ids_to_text(&access.role_ids);
    let id_text = id.to_string();
    let params = [
        access.role.as_str().into(),
        role_ids.as_str().into(),
        expires_at.into(),
        now.into(),
        id_text.as_str().into(),
    ];
    Ok(connection.execute(&UPDATE, &params)? == 1)
}

fn invitation(row: &dyn Row) -> Result<Invitation, StoreError> {
    let invited_by = row.optional_text(3)?.map(str::parse).transpose();
    Ok(Invitation {
        id: row.parsed(0)?,
        org_id: row.parsed(1)?,
        email: row.parsed(2)?,
        invited_by: invited_by.map_err(|_| StoreError::column(3, "a user's id"))?,
        role: row.parsed(4)?,
        role_ids: ids_from_text(row.text(5)?)?,
        status: row.parsed(6)?,
        created_at: row.millis(7)?,
        updated_at: row.millis(8)?,
        expires_at: row.millis(9)?,
    })
}
