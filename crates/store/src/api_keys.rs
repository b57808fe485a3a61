//! API keys: what is stored of them, and the [`Directory`] that answers "whose
//! key is this" from memory.
//!
//! The key itself is never stored: a labelled hash finds it, and the secret
//! that checks meeting tokens is sealed.

use std::collections::BTreeMap;

use parlor_model::id::{ApiKeyId, OrgId, UserId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermissions;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::key::{KeyDisplay, KeyValue, LookupHash};
use crate::orgs;
use crate::seal::{MasterKey, SealPlace, Sealed};

mod covered;
mod directory;
mod entry;

pub(crate) use covered::STATEMENTS as COVERED_STATEMENTS;
pub use directory::{Directory, Refusal};
pub use entry::ApiKey;

/// A key to be added.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// The caller drew it.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub org_id: OrgId,
    /// The organizations it was granted beyond that one.
    pub further_orgs: Vec<OrgId>,
    /// Who made it; `None`: somebody at the machine.
    pub user_id: Option<UserId>,
    /// Unique among that person's keys in the organization that are not
    /// revoked.
    pub name: String,
    /// What it may do.
    pub permissions: KeyPermissions,
    /// When it is made.
    pub created_at: UnixMillis,
    /// From this point on it is refused.
    pub expires_at: Option<UnixMillis>,
    /// What may be done with it, beside what its organization may.
    pub limits: UsageLimits,
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
        display_suffix, permissions, created_at, last_used_at, expires_at, user_id, limits) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    GRANT = "INSERT INTO api_key_orgs (api_key_id, org_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    LIST_GRANTS = "SELECT api_key_id, org_id FROM api_key_orgs ORDER BY api_key_id, org_id";
    FIND_BY_VALUE = "SELECT id FROM api_keys WHERE lookup_hash = $1 AND revoked_at IS NULL";
    LIST_UNREVOKED = "SELECT id, org_id, name, lookup_hash, sealed_secret, display_prefix, \
        display_suffix, permissions, created_at, last_used_at, expires_at, user_id, limits \
        FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at, id";
    TOUCH = "UPDATE api_keys SET last_used_at = $1 \
        WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $3)";
    REVOKE = "UPDATE api_keys SET revoked_at = $1, sealed_secret = '' \
        WHERE id = $2 AND revoked_at IS NULL";
    RETIRE = "UPDATE api_keys SET name = $1, expires_at = $2 \
        WHERE id = $3 AND name = $4 AND revoked_at IS NULL";
    COUNT_OF_OWNER = "SELECT COUNT(*) FROM api_keys \
        WHERE org_id = $1 AND COALESCE(user_id, '') = $2 AND revoked_at IS NULL";
    FIND_LIMITS = "SELECT limits FROM api_keys \
        WHERE id = $1 AND name = $2 AND revoked_at IS NULL";
    SET_LIMITS = "UPDATE api_keys SET limits = $1 WHERE id = $2 AND revoked_at IS NULL";
    NAMES_OF = "SELECT name FROM api_keys \
        WHERE org_id = $1 AND COALESCE(user_id, '') = $2 AND revoked_at IS NULL";
}

/// Most keys that one person has in an organization, expired ones included.
/// All of them are in memory, at some hundred bytes each, and a person needs no
/// permission to make some. The operator's are the operator's to count.
const MAX_OF_OWNER: u64 = 1000;

fn refuse_too_many(connection: &mut dyn Connection, new: &NewApiKey) -> Result<(), StoreError> {
    let Some(owner) = new.user_id else {
        return Ok(());
    };
    let (org, owner) = (new.org_id.to_string(), owner.to_string());
    let params = [(&org).into(), (&owner).into()];
    let count = connection.find(&COUNT_OF_OWNER, &params, |row| row.count(0))?;
    StoreError::unless_below(count, MAX_OF_OWNER, "API keys of one person in an organization")
}

pub(crate) fn insert(connection: &mut dyn Connection, row: &ApiKeyRow) -> Result<(), StoreError> {
    refuse_too_many(connection, &row.new)?;
    let permissions = permissions_to_text(&row.new.permissions)?;
    let limits = orgs::limits_to_text(&row.new.limits)?;
    let lookup_hash = row.lookup_hash.to_text();
    let id = row.new.id.to_string();
    let user_id = row.new.user_id.map(|id| id.to_string());
    let inserted = connection.execute(
        &INSERT,
        &[
            id.as_str().into(),
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
            user_id.as_deref().into(),
            limits.as_str().into(),
        ],
    )?;
    if inserted == 1 {
        for org in &row.new.further_orgs {
            connection.execute(&GRANT, &[id.as_str().into(), (&org.to_string()).into()])?;
        }
        return Ok(());
    }
    let same_value = connection
        .find(&FIND_BY_VALUE, &[lookup_hash.as_str().into()], |row| row.parsed::<ApiKeyId>(0))?;
    Err(StoreError::Conflict(match same_value {
        Some(_) => Unique::ApiKeyValue,
        None => Unique::ApiKeyName,
    }))
}

/// Gives a key another name and an end, and its successor the name, both or
/// neither. Says what the key is called now; `None` when it was revoked, or had
/// a successor already.
pub(crate) fn rotate(
    connection: &mut dyn Connection,
    old: &ApiKey,
    successor: &ApiKeyRow,
    expires_at: UnixMillis,
) -> Result<Option<String>, StoreError> {
    // The successor has the limits of `old` as they were known: whoever changed
    // them since then meant it, too.
    if find_limits(connection, old)? != Some(old.limits) {
        return Ok(None);
    }
    let owner = old.user_id.map(|id| id.to_string()).unwrap_or_default();
    let org_id = old.org_id.to_string();
    let params = [org_id.as_str().into(), owner.as_str().into()];
    let names = connection.list(&NAMES_OF, &params, |row| Ok(row.text(0)?.to_owned()))?;
    let retired = retired_name(&old.name, &names);
    let id = old.id.to_string();
    let params =
        [retired.as_str().into(), expires_at.into(), id.as_str().into(), (&old.name).into()];
    if connection.execute(&RETIRE, &params)? == 0 {
        return Ok(None);
    }
    insert(connection, successor)?;
    Ok(Some(retired))
}

/// What a key is held to; `None` when it was revoked, or rotated away: another
/// one has its name then.
pub(crate) fn find_limits(
    connection: &mut dyn Connection,
    key: &ApiKey,
) -> Result<Option<UsageLimits>, StoreError> {
    let read = |row: &dyn Row| orgs::limits_from_text(row.text(0)?);
    let id = key.id.to_string();
    connection.find(&FIND_LIMITS, &[(&id).into(), key.name.as_str().into()], read)
}

pub(crate) fn set_limits(
    connection: &mut dyn Connection,
    id: ApiKeyId,
    limits: &UsageLimits,
) -> Result<(), StoreError> {
    let text = orgs::limits_to_text(limits)?;
    connection.execute(&SET_LIMITS, &[(&text).into(), (&id.to_string()).into()]).map(drop)
}

/// `<name>-old-<n>` with the first free number.
fn retired_name(name: &str, taken: &[String]) -> String {
    let mut number = 1_u32;
    loop {
        let retired = format!("{name}-old-{number}");
        if !taken.contains(&retired) {
            return retired;
        }
        number = number.saturating_add(1);
    }
}

pub(crate) fn list_unrevoked(
    connection: &mut dyn Connection,
) -> Result<Vec<ApiKeyRow>, StoreError> {
    let mut rows = connection.list(&LIST_UNREVOKED, &[], api_key)?;
    let mut grants: BTreeMap<ApiKeyId, Vec<OrgId>> = BTreeMap::new();
    connection.query(&LIST_GRANTS, &[], &mut |row| {
        grants.entry(row.parsed(0)?).or_default().push(row.parsed(1)?);
        Ok(())
    })?;
    for row in &mut rows {
        row.new.further_orgs = grants.remove(&row.new.id).unwrap_or_default();
    }
    Ok(rows)
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
    let user_id = row.optional_text(11)?.map(str::parse).transpose();
    Ok(ApiKeyRow {
        new: NewApiKey {
            id: row.parsed(0)?,
            org_id: row.parsed(1)?,
            further_orgs: Vec::new(),
            user_id: user_id.map_err(|_| StoreError::column(11, "a user's id"))?,
            name: row.text(2)?.to_owned(),
            permissions: permissions_from_text(row.text(7)?)?,
            created_at: row.millis(8)?,
            expires_at: row.optional_millis(10)?,
            limits: orgs::limits_from_text(row.text(12)?)?,
        },
        lookup_hash: LookupHash::from_text(row.text(3)?)?,
        sealed_secret: Sealed(row.text(4)?.to_owned()),
        display: KeyDisplay { prefix: row.text(5)?.to_owned(), suffix: row.text(6)?.to_owned() },
        last_used_at: row.optional_millis(9)?,
    })
}

pub(crate) fn permissions_to_text(permissions: &KeyPermissions) -> Result<String, StoreError> {
    serde_json::to_string(permissions).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A word that a later release introduced grants nothing here.
pub(crate) fn permissions_from_text(text: &str) -> Result<KeyPermissions, StoreError> {
    let words: Vec<String> = serde_json::from_str(text)
        .map_err(|_| StoreError::Corrupt("permissions are not a list".into()))?;
    Ok(words.iter().filter_map(|word| word.parse().ok()).collect())
}
