//! Organizations. One organization is one Daily domain.

use parlor_model::id::{OrgId, UserId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::time::UnixMillis;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::key::TokenSecret;
use crate::members;
use crate::seal::{MasterKey, SealPlace, Sealed};

/// An organization's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Org {
    /// Also the domain id of meeting tokens.
    pub id: OrgId,
    /// The public name, one DNS label.
    pub domain: String,
    /// The domain properties that were set, as JSON text.
    pub properties: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// What people call it.
    pub name: String,
    /// Whether it came with somebody's account.
    pub is_personal: bool,
    /// Who made it; `None`: the server.
    pub created_by: Option<UserId>,
    /// When its name, limits, settings or suspension were last changed.
    pub updated_at: UnixMillis,
    /// Why it may not go on, if so.
    pub suspension: Option<Suspension>,
    /// What it may use.
    pub limits: UsageLimits,
    sealed_secret: Sealed,
    sealed_settings: Option<Sealed>,
}

/// The operator stopped an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Since when.
    pub at: UnixMillis,
    /// Until when, if that is known.
    pub until: Option<UnixMillis>,
    /// Why.
    pub reason: String,
}

impl Suspension {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds(&self, now: UnixMillis) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Org {
    /// Whether the operator stopped it, and it starts nothing at `now`.
    #[must_use]
    pub fn is_suspended(&self, now: UnixMillis) -> bool {
        self.suspension.as_ref().is_some_and(|one| one.holds(now))
    }

    /// A new organization, with a secret for the meeting tokens that are made
    /// without an API key.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system's random source fails.
    pub fn new(
        id: OrgId,
        domain: &str,
        created_at: UnixMillis,
        master_key: &MasterKey,
    ) -> Result<Self, StoreError> {
        let secret = TokenSecret::generate()?;
        Ok(Self {
            id,
            domain: domain.to_owned(),
            properties: "{}".to_owned(),
            created_at,
            name: domain.to_owned(),
            is_personal: false,
            created_by: None,
            updated_at: created_at,
            suspension: None,
            limits: UsageLimits::default(),
            sealed_secret: master_key.seal(&place(&id.to_string()), secret.as_bytes())?,
            sealed_settings: None,
        })
    }

    /// The secret of meeting tokens that were made without an API key.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when the row was tampered with.
    pub fn token_secret(&self, master_key: &MasterKey) -> Result<TokenSecret, StoreError> {
        let opened = master_key.open(&place(&self.id.to_string()), &self.sealed_secret)?;
        Ok(TokenSecret::new(&opened))
    }

    /// What the identity face keeps of it beside all this. It lies sealed: where
    /// telemetry goes is said there, and with which credentials.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when the row was tampered with.
    pub fn settings(&self, master_key: &MasterKey) -> Result<Map<String, Value>, StoreError> {
        let Some(sealed) = &self.sealed_settings else {
            return Ok(Map::new());
        };
        let opened = master_key.open(&settings_place(&self.id.to_string()), sealed)?;
        serde_json::from_slice(&opened)
            .map_err(|_| StoreError::Corrupt("settings are not an object".into()))
    }

    /// Replaces these settings, and says how many bytes their text has.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system's random source fails.
    pub fn set_settings(
        &mut self,
        settings: &Map<String, Value>,
        master_key: &MasterKey,
    ) -> Result<usize, StoreError> {
        let text = serde_json::to_vec(settings).map(Zeroizing::new);
        let text = text.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let sealed = master_key.seal(&settings_place(&self.id.to_string()), &text)?;
        self.sealed_settings = Some(sealed);
        Ok(text.len())
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, domain, properties, created_at, sealed_secret, name, personal, \
             created_by, updated_at, suspended_at, suspended_until, suspension_reason, limits, \
             sealed_settings FROM orgs WHERE deleted_at IS NULL ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO orgs (id, domain, properties, created_at, sealed_secret, name, \
        personal, created_by, updated_at, limits, sealed_settings) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (domain) DO NOTHING";
    FIND = select!("AND id = $1");
    FIND_BY_DOMAIN = select!("AND domain = $1");
    LIST = select!("ORDER BY created_at, id");
    FIND_FIRST = select!("ORDER BY created_at, id LIMIT 1");
    COUNT_MADE_BY = "SELECT COUNT(*) FROM orgs \
        WHERE created_by = $1 AND personal = 0 AND deleted_at IS NULL";
    COUNT_DELETED_OF = "SELECT COUNT(*) FROM orgs WHERE created_by = $1 AND deleted_at > $2";
    UPDATE_PROPERTIES = "UPDATE orgs SET properties = $1 WHERE id = $2";
    RENAME = "UPDATE orgs SET domain = $1 WHERE id = $2";
    UPDATE = "UPDATE orgs SET name = $1, personal = $2, created_by = $3, updated_at = $4, \
        suspended_at = $5, suspended_until = $6, suspension_reason = $7, limits = $8, \
        sealed_settings = $9 WHERE id = $10";
    HOLD = "UPDATE orgs SET updated_at = updated_at WHERE id = $1";
    DELETE = "UPDATE orgs SET deleted_at = $1, domain = $2 WHERE id = $3 AND deleted_at IS NULL";
}

/// Adds an organization.
///
/// # Errors
/// [`Unique::OrgDomain`] when the domain is taken.
pub fn create(connection: &mut dyn Connection, org: &Org) -> Result<(), StoreError> {
    let limits = limits_to_text(&org.limits)?;
    let created_by = org.created_by.map(|id| id.to_string());
    let inserted = connection.execute(
        &INSERT,
        &[
            org.id.to_string().as_str().into(),
            org.domain.as_str().into(),
            org.properties.as_str().into(),
            org.created_at.into(),
            org.sealed_secret.0.as_str().into(),
            org.name.as_str().into(),
            i64::from(org.is_personal).into(),
            created_by.as_deref().into(),
            org.updated_at.into(),
            limits.as_str().into(),
            sealed_settings(org).into(),
        ],
    )?;
    if inserted == 0 {
        return Err(StoreError::Conflict(Unique::OrgDomain));
    }
    Ok(())
}

/// The organization with that id.
///
/// # Errors
/// The engine's.
pub fn find(connection: &mut dyn Connection, id: OrgId) -> Result<Option<Org>, StoreError> {
    connection.find(&FIND, &[id.to_string().as_str().into()], org)
}

/// The organization with that domain name.
///
/// # Errors
/// The engine's.
pub fn find_by_domain(
    connection: &mut dyn Connection,
    domain: &str,
) -> Result<Option<Org>, StoreError> {
    connection.find(&FIND_BY_DOMAIN, &[domain.into()], org)
}

/// The oldest organization, which lives at the bare origin.
///
/// # Errors
/// The engine's.
pub fn find_first(connection: &mut dyn Connection) -> Result<Option<Org>, StoreError> {
    connection.find(&FIND_FIRST, &[], org)
}

/// Every organization, oldest first.
///
/// # Errors
/// The engine's.
pub fn list(connection: &mut dyn Connection) -> Result<Vec<Org>, StoreError> {
    connection.list(&LIST, &[], org)
}

/// How many organizations somebody made that are still there, without their
/// personal one.
///
/// # Errors
/// The engine's.
pub fn count_made_by(connection: &mut dyn Connection, user: UserId) -> Result<u64, StoreError> {
    let count =
        connection.find(&COUNT_MADE_BY, &[(&user.to_string()).into()], |row| row.count(0))?;
    Ok(count.unwrap_or_default())
}

/// How many organizations that somebody made were deleted after `since`.
///
/// # Errors
/// The engine's.
pub fn count_deleted_of(
    connection: &mut dyn Connection,
    user: UserId,
    since: UnixMillis,
) -> Result<u64, StoreError> {
    let user = user.to_string();
    let params = [user.as_str().into(), since.into()];
    let count = connection.find(&COUNT_DELETED_OF, &params, |row| row.count(0))?;
    Ok(count.unwrap_or_default())
}

/// Saves the domain properties, as JSON text. `false` when there is no such
/// organization.
///
/// # Errors
/// The engine's.
pub fn update_properties(
    connection: &mut dyn Connection,
    id: OrgId,
    properties: &str,
) -> Result<bool, StoreError> {
    let changed = connection
        .execute(&UPDATE_PROPERTIES, &[properties.into(), id.to_string().as_str().into()])?;
    Ok(changed == 1)
}

/// Gives an organization another domain name. `false` when there is no such
/// organization.
///
/// # Errors
/// A conflict when the domain is taken.
pub fn rename(
    connection: &mut dyn Connection,
    id: OrgId,
    domain: &str,
) -> Result<bool, StoreError> {
    let changed = connection.execute(&RENAME, &[domain.into(), id.to_string().as_str().into()]);
    match changed {
        Err(StoreError::Conflict(_)) => Err(StoreError::Conflict(Unique::OrgDomain)),
        changed => Ok(changed? == 1),
    }
}

/// Saves everything but the domain and its properties: name, who made it,
/// suspension, limits, settings. Read it in the same transaction. `false` when
/// there is no such organization.
///
/// # Errors
/// The engine's.
pub fn update(connection: &mut dyn Connection, org: &Org) -> Result<bool, StoreError> {
    let limits = limits_to_text(&org.limits)?;
    let created_by = org.created_by.map(|id| id.to_string());
    let suspension = org.suspension.as_ref();
    let id = org.id.to_string();
    let params = [
        org.name.as_str().into(),
        i64::from(org.is_personal).into(),
        created_by.as_deref().into(),
        org.updated_at.into(),
        suspension.map(|suspension| suspension.at).into(),
        suspension.and_then(|suspension| suspension.until).into(),
        suspension.map(|suspension| suspension.reason.as_str()).into(),
        limits.as_str().into(),
        sealed_settings(org).into(),
        id.as_str().into(),
    ];
    Ok(connection.execute(&UPDATE, &params)? == 1)
}

/// Lets changes that hold an organization follow each other, on every node, so
/// that each counts what the one before it added.
///
/// # Errors
/// The engine's.
pub fn hold(connection: &mut dyn Connection, id: OrgId) -> Result<(), StoreError> {
    connection.execute(&HOLD, &[id.to_string().as_str().into()]).map(drop)
}

/// Deletes an organization: nothing finds it any more, its domain is free, and
/// nobody belongs to it. Its keys are revoked by the caller, through the
/// directory. `false` when there is no such organization.
///
/// # Errors
/// The engine's.
pub fn delete(
    connection: &mut dyn Connection,
    id: OrgId,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let id_text = id.to_string();
    // No domain that can be asked for begins with a dot.
    let domain = format!(".{id_text}");
    let params = [now.into(), domain.as_str().into(), id_text.as_str().into()];
    if connection.execute(&DELETE, &params)? == 0 {
        return Ok(false);
    }
    members::remove_all(connection, id)?;
    Ok(true)
}

pub(crate) fn limits_to_text(limits: &UsageLimits) -> Result<String, StoreError> {
    serde_json::to_string(limits).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(crate) fn limits_from_text(text: &str) -> Result<UsageLimits, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("limits are not an object".into()))
}

pub(crate) fn place(row: &str) -> SealPlace<'_> {
    SealPlace { table: "orgs", row }
}

fn settings_place(row: &str) -> SealPlace<'_> {
    SealPlace { table: "orgs.settings", row }
}

fn sealed_settings(org: &Org) -> Option<&str> {
    org.sealed_settings.as_ref().map(|sealed| sealed.0.as_str())
}

fn org(row: &dyn Row) -> Result<Org, StoreError> {
    let (domain, created_at) = (row.text(1)?.to_owned(), row.millis(3)?);
    // What the release before wrote has neither name nor time of change.
    let name = Some(row.text(5)?).filter(|name| !name.is_empty()).unwrap_or(&domain).to_owned();
    let created_by = row.optional_text(7)?.map(str::parse).transpose();
    let suspension = row.optional_millis(9)?.map(|at| -> Result<Suspension, StoreError> {
        let reason = row.optional_text(11)?.unwrap_or_default().to_owned();
        Ok(Suspension { at, until: row.optional_millis(10)?, reason })
    });
    Ok(Org {
        id: row.parsed(0)?,
        domain,
        properties: row.text(2)?.to_owned(),
        created_at,
        name,
        is_personal: row.int(6)? != 0,
        created_by: created_by.map_err(|_| StoreError::column(7, "a user's id"))?,
        updated_at: row.millis(8)?.max(created_at),
        suspension: suspension.transpose()?,
        limits: limits_from_text(row.text(12)?)?,
        sealed_secret: Sealed(row.text(4)?.to_owned()),
        sealed_settings: row.optional_text(13)?.map(|text| Sealed(text.to_owned())),
    })
}
