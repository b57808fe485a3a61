//! Organizations. One organization is one Daily domain.

use parlor_model::id::OrgId;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::key::TokenSecret;
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
    sealed_secret: Sealed,
}

impl Org {
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
            sealed_secret: master_key.seal(&place(&id.to_string()), secret.as_bytes())?,
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
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, domain, properties, created_at, sealed_secret FROM orgs ", $rest)
    };
}

statements! {
    INSERT = "INSERT INTO orgs (id, domain, properties, created_at, sealed_secret) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (domain) DO NOTHING";
    FIND = select!("WHERE id = $1");
    FIND_BY_DOMAIN = select!("WHERE domain = $1");
    LIST = select!("ORDER BY created_at, id");
    UPDATE_PROPERTIES = "UPDATE orgs SET properties = $1 WHERE id = $2";
    RENAME = "UPDATE orgs SET domain = $1 WHERE id = $2";
}

/// Adds an organization.
///
/// # Errors
/// [`Unique::OrgDomain`] when the domain is taken.
pub fn create(connection: &mut dyn Connection, org: &Org) -> Result<(), StoreError> {
    let inserted = connection.execute(
        &INSERT,
        &[
            org.id.to_string().as_str().into(),
            org.domain.as_str().into(),
            org.properties.as_str().into(),
            org.created_at.into(),
            org.sealed_secret.0.as_str().into(),
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

/// Every organization, oldest first: the first one lives at the bare origin.
///
/// # Errors
/// The engine's.
pub fn list(connection: &mut dyn Connection) -> Result<Vec<Org>, StoreError> {
    connection.list(&LIST, &[], org)
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

fn place(row: &str) -> SealPlace<'_> {
    SealPlace { table: "orgs", row }
}

fn org(row: &dyn Row) -> Result<Org, StoreError> {
    Ok(Org {
        id: row.parsed(0)?,
        domain: row.text(1)?.to_owned(),
        properties: row.text(2)?.to_owned(),
        created_at: row.millis(3)?,
        sealed_secret: Sealed(row.text(4)?.to_owned()),
    })
}
