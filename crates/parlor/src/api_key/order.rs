//! Orders about keys, given at the machine and carried out on the records of
//! the first organization.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use parlor_model::id::{ApiKeyId, OrgId};
use parlor_model::identity::api_key::{MAX_ORGANIZATIONS, parse_name};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermission;
use parlor_model::time::UnixMillis;
use parlor_server::{Clock, looks_like_jwt, shown_key, shown_new_key};
use parlor_store::api_keys::{ApiKey, NewApiKey};
use parlor_store::key::KeyValue;
use parlor_store::{Store, StoreError, Unique, orgs};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::noted::{self, Words};
use crate::{organization, random};

/// An order, as it goes over the control socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub(crate) enum KeyOrder {
    /// Make one.
    CreateApiKey(KeyContent),
    /// List them.
    ListApiKeys,
    /// Revoke one.
    RevokeApiKey {
        /// Which.
        name: String,
    },
    /// Take one over.
    ImportApiKey {
        /// The key itself.
        value: String,
        /// What it is.
        key: KeyContent,
    },
    /// Change what one is held to.
    LimitApiKey {
        /// Which.
        name: String,
        /// The limits that change, as the API takes them.
        limits: Map<String, Value>,
    },
    /// Make one's successor.
    RotateApiKey {
        /// Which.
        name: String,
        /// How long the old one works on.
        overlap_seconds: i64,
    },
}

/// What a new key is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) struct KeyContent {
    /// What it is for.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) permissions: Vec<KeyPermission>,
    /// From when on it is refused.
    pub(crate) expires_at: Option<UnixMillis>,
    /// The organizations that it is granted beside the first one, by id or
    /// domain.
    pub(crate) organizations: Vec<String>,
    /// What it is held to, as the API takes it.
    #[serde(default)]
    pub(crate) limits: Map<String, Value>,
}

/// What came of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyOutcome {
    /// The new key, to be shown once, as the API answers it.
    Created(Value),
    /// The keys, as the API lists them.
    Listed(Value),
    /// It is revoked.
    Revoked,
    /// It works here.
    Imported,
    /// It is held to that.
    Limited,
}

/// Carries out `order` on the records of the first organization.
pub(crate) async fn carry_out(
    store: &Store,
    order: KeyOrder,
    clock: &dyn Clock,
) -> anyhow::Result<KeyOutcome> {
    let org = organization::first(store)
        .await?
        .context("there is no organization yet: start the server once")?;
    let keys = store.api_keys();
    match order {
        KeyOrder::CreateApiKey(content) => {
            let value = KeyValue::generate()?;
            let key = create(store, org.id, content, &value, clock).await?;
            created(&key, &value)
        }
        KeyOrder::ListApiKeys => {
            let (now, keys) = (clock.now(), keys.list(org.id));
            let items: Vec<_> = keys.iter().map(|key| shown_key(key, now)).collect();
            Ok(KeyOutcome::Listed(serde_json::to_value(items)?))
        }
        KeyOrder::RevokeApiKey { name } => {
            keys.revoke(&find(store, org.id, &name)?, clock.now()).await?;
            Ok(KeyOutcome::Revoked)
        }
        KeyOrder::ImportApiKey { value, key } => {
            let value = checked(&value)?;
            create(store, org.id, key, &value, clock).await?;
            Ok(KeyOutcome::Imported)
        }
        KeyOrder::LimitApiKey { name, limits } => {
            let key = find(store, org.id, &name)?;
            let change = move |held: &mut UsageLimits| {
                held.change_of_key(&limits).map_err(anyhow::Error::new)
            };
            let changed = keys.change_limits(&key, change).await?;
            changed.with_context(|| format!("the key '{name}' was deleted meanwhile"))?;
            Ok(KeyOutcome::Limited)
        }
        KeyOrder::RotateApiKey { name, overlap_seconds } => {
            let key = find(store, org.id, &name)?;
            let value = KeyValue::generate()?;
            let key = rotate(store, &key, &value, overlap_seconds, clock.now()).await?;
            created(&key, &value)
        }
    }
}

fn created(key: &ApiKey, value: &KeyValue) -> anyhow::Result<KeyOutcome> {
    Ok(KeyOutcome::Created(serde_json::to_value(shown_new_key(key, value))?))
}

/// Makes `value` a key of the first organization, if it is none yet. A key of
/// the same name and another value is revoked: this one takes its place.
pub(crate) async fn import(
    store: &Store,
    name: &str,
    value: &str,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    if store.api_keys().find(value).is_some() {
        return Ok(());
    }
    let noted = noted::note(store, Words::given_key(name), clock).await?;
    let imported = import_new(store, name, value, clock).await;
    noted.done(store, clock, imported.as_ref().err().map(|error| format!("{error:#}"))).await;
    imported
}

async fn import_new(
    store: &Store,
    name: &str,
    value: &str,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let org = organization::first(store).await?.context("there is no organization yet")?;
    if let Some(older) = store.api_keys().find_by_name(org.id, None, name) {
        store.api_keys().revoke(&older, clock.now()).await?;
    }
    let classic = KeyContent {
        name: name.to_owned(),
        permissions: vec![KeyPermission::AdminOrganization],
        expires_at: None,
        organizations: Vec::new(),
        limits: Map::new(),
    };
    create(store, org.id, classic, &KeyValue::unchecked(value), clock).await?;
    Ok(())
}

/// A fresh key value of our own form.
pub(crate) fn generate() -> anyhow::Result<String> {
    Ok(KeyValue::generate()?.expose().to_owned())
}

/// A value from elsewhere, if requests with it could be told from others.
fn checked(value: &str) -> anyhow::Result<KeyValue> {
    refuse_token_form(value)?;
    Ok(KeyValue::parse(value)?)
}

/// What the server takes for an access token it never looks up as a key.
pub(crate) fn refuse_token_form(value: &str) -> anyhow::Result<()> {
    if looks_like_jwt(value) {
        bail!("the key has the form of an access token, so that no request could ever use it");
    }
    Ok(())
}

/// The key of that name: one that was made at the machine, or the only one.
fn find(store: &Store, org: OrgId, name: &str) -> anyhow::Result<Arc<ApiKey>> {
    if let Some(key) = store.api_keys().find_by_name(org, None, name) {
        return Ok(key);
    }
    let keys = store.api_keys().list(org);
    let mut named = keys.into_iter().filter(|key| key.org_id == org && key.name == name);
    match (named.next(), named.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => {
            bail!("no API key is named '{name}'; `parlor api-key list` shows those there are")
        }
        (Some(_), Some(_)) => {
            bail!("several people have an API key named '{name}': delete it in the dashboard")
        }
    }
}

async fn create(
    store: &Store,
    org_id: OrgId,
    new: KeyContent,
    value: &KeyValue,
    clock: &dyn Clock,
) -> anyhow::Result<Arc<ApiKey>> {
    let now = clock.now();
    let name = parse_name(&new.name)?;
    if let Some(at) = new.expires_at.filter(|at| *at <= now) {
        bail!("the key would end at {}, which has passed", at.to_iso8601());
    }
    let mut limits = UsageLimits::default();
    limits.change_of_key(&new.limits)?;
    let record = NewApiKey {
        id: ApiKeyId::from_random(random::bytes()?),
        org_id,
        further_orgs: further(store, org_id, &new.organizations)?,
        user_id: None,
        name: name.clone(),
        permissions: new.permissions.into_iter().collect(),
        created_at: now,
        expires_at: new.expires_at,
        limits,
    };
    match store.api_keys().create(record, value).await {
        Ok(key) => Ok(key),
        Err(StoreError::Conflict(Unique::ApiKeyName)) => {
            bail!(
                "an API key named '{name}' exists already: choose another name, or delete that one first"
            )
        }
        Err(StoreError::Conflict(Unique::ApiKeyValue)) => {
            bail!("this very key is there already; `parlor api-key list` shows it")
        }
        Err(error) => Err(error.into()),
    }
}

/// The organizations that these ids and domains name, but for `own`.
fn further(store: &Store, own: OrgId, named: &[String]) -> anyhow::Result<Vec<OrgId>> {
    if named.len() > MAX_ORGANIZATIONS {
        bail!("a key is granted at most {MAX_ORGANIZATIONS} organizations");
    }
    let mut further = Vec::new();
    for text in named {
        let found = store.read(|c| match text.parse() {
            Ok(id) => orgs::find(c, id),
            Err(_) => orgs::find_by_domain(c, text),
        })?;
        let org = found.with_context(|| format!("there is no organization '{text}'"))?;
        if org.id != own && !further.contains(&org.id) {
            further.push(org.id);
        }
    }
    Ok(further)
}

async fn rotate(
    store: &Store,
    key: &Arc<ApiKey>,
    value: &KeyValue,
    overlap_seconds: i64,
    now: UnixMillis,
) -> anyhow::Result<Arc<ApiKey>> {
    if !key.is_active(now) {
        bail!("the key '{}' has expired: delete it, and make a new one", key.name);
    }
    let successor = NewApiKey {
        id: ApiKeyId::from_random(random::bytes()?),
        org_id: key.org_id,
        further_orgs: key.further_orgs.clone(),
        user_id: key.user_id,
        name: key.name.clone(),
        permissions: key.permissions.clone(),
        created_at: now,
        expires_at: key.expires_at,
        limits: key.limits,
    };
    let ends = now.plus_seconds(overlap_seconds);
    match store.api_keys().rotate(key, successor, value, ends).await? {
        Some(successor) => Ok(successor),
        None => bail!("the key '{}' was deleted meanwhile", key.name),
    }
}
