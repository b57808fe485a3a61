//! API keys: what is stored of them, and the [`Directory`] that answers "whose
//! key is this" from memory.
//!
//! The key itself is never stored: a labelled hash finds it, and the secret
//! that checks meeting tokens is sealed.

use parlor_model::id::{ApiKeyId, OrgId};
use parlor_model::key_permission::KeyPermissions;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::key::{KeyDisplay, KeyValue, LookupHash};
use crate::seal::{MasterKey, SealPlace, Sealed};

mod directory;
mod entry;

pub use directory::{Directory, Refusal};
pub use entry::ApiKey;

/// A key to be added.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// The caller drew it.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub org_id: OrgId,
    /// Unique among the organization's keys that are not revoked.
    pub name: String,
    /// What it may do.
    pub permissions: KeyPermissions,
    /// When it is made.
    pub created_at: UnixMillis,
    /// From this point on it is refused.
    pub expires_at: Option<UnixMillis>,
}

/// A key's row.
#[derive(Clone, Debug)]
pub(crate) struct ApiKeyRow {
    pub(crate) new: NewApiKey,
    pub(crate) lookup_hash: LookupHash,
    pub(crate) sealed_secret: Sealed,
    pub(crate) display: KeyDisplay,
    pub(crate) last_used_at: Option<UnixMillis>,
}

impl ApiKeyRow {
    pub(crate) fn new(
        new: NewApiKey,
        value: &KeyValue,
        master_key: &MasterKey,
    ) -> Result<Self, StoreError> {
        let secret = value.token_secret();
        let sealed_secret = master_key.seal(&place(&new.id.to_string()), secret.as_bytes())?;
        Ok(Self {
            new,
            lookup_hash: value.lookup_hash(),
            sealed_secret,
            display: value.display(),
            last_used_at: None,
        })
    }
}

pub(crate) fn place(row: &str) -> SealPlace<'_> {
    SealPlace { table: "api_keys", row }
}

statements! {
    INSERT = "INSERT INTO api_keys (id, org_id, name, lookup_hash, sealed_secret, display_prefix, \
        display_suffix, permissions, created_at, last_used_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    FIND_BY_VALUE = "SELECT id FROM api_keys WHERE lookup_hash = $1 AND revoked_at IS NULL";
    LIST_UNREVOKED = "SELECT id, org_id, name, lookup_hash, sealed_secret, display_prefix, \
        display_suffix, permissions, created_at, last_used_at, expires_at \
        FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at, id";
    TOUCH = "UPDATE api_keys SET last_used_at = $1 \
        WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $3)";
    REVOKE = "UPDATE api_keys SET revoked_at = $1, sealed_secret = '' \
        WHERE id = $2 AND revoked_at IS NULL";
}

pub(crate) fn insert(connection: &mut dyn Connection, row: &ApiKeyRow) -> Result<(), StoreError> {
    let permissions = serde_json::to_string(&row.new.permissions)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let lookup_hash = row.lookup_hash.to_text();
    let inserted = connection.execute(
        &INSERT,
        &[
            row.new.id.to_string().as_str().into(),
            row.new.org_id.to_string().as_str().into(),
            row.new.name.as_str().into(),
            lookup_hash.as_str().into(),
            row.sealed_secret.0.as_str().into(),
            row.display.prefix.as_str().into(),
            row.display.suffix.as_str().into(),
            permissions.as_str().into(),
            row.new.created_at.into(),
            row.last_used_at.into(),
            row.new.expires_at.into(),
        ],
    )?;
    if inserted == 1 {
        return Ok(());
    }
    let same_value = connection
        .find(&FIND_BY_VALUE, &[lookup_hash.as_str().into()], |row| row.parsed::<ApiKeyId>(0))?;
    Err(StoreError::Conflict(match same_value {
        Some(_) => Unique::ApiKeyValue,
        None => Unique::ApiKeyName,
    }))
}

pub(crate) fn list_unrevoked(
    connection: &mut dyn Connection,
) -> Result<Vec<ApiKeyRow>, StoreError> {
    connection.list(&LIST_UNREVOKED, &[], api_key)
}

pub(crate) fn touch(
    connection: &mut dyn Connection,
    id: ApiKeyId,
    at: UnixMillis,
) -> Result<(), StoreError> {
    let id = id.to_string();
    let params = [at.into(), id.as_str().into(), at.into()];
    connection.execute(&TOUCH, &params).map(drop)
}

pub(crate) fn revoke(
    connection: &mut dyn Connection,
    id: ApiKeyId,
    at: UnixMillis,
) -> Result<bool, StoreError> {
    let revoked = connection.execute(&REVOKE, &[at.into(), (&id.to_string()).into()])?;
    Ok(revoked == 1)
}

fn api_key(row: &dyn Row) -> Result<ApiKeyRow, StoreError> {
    Ok(ApiKeyRow {
        new: NewApiKey {
            id: row.parsed(0)?,
            org_id: row.parsed(1)?,
            name: row.text(2)?.to_owned(),
            permissions: permissions(row.text(7)?)?,
            created_at: row.millis(8)?,
            expires_at: row.optional_millis(10)?,
        },
        lookup_hash: LookupHash::from_text(row.text(3)?)?,
        sealed_secret: Sealed(row.text(4)?.to_owned()),
        display: KeyDisplay { prefix: row.text(5)?.to_owned(), suffix: row.text(6)?.to_owned() },
        last_used_at: row.optional_millis(9)?,
    })
}

/// A word that a later release introduced grants nothing here.
fn permissions(text: &str) -> Result<KeyPermissions, StoreError> {
    let words: Vec<String> = serde_json::from_str(text)
        .map_err(|_| StoreError::Corrupt("an API key's permissions are not a list".into()))?;
    Ok(words.iter().filter_map(|word| word.parse().ok()).collect())
}
