//! Every API key in memory, so that a request is authenticated by one hash and
//! one look-up.
//!
//! The database is the truth: a key is added here after its commit, and taken
//! out before a revocation is answered, both on the writing thread, so that a
//! caller who hangs up half-way changes nothing. Uses are noted in memory and
//! written at most once in ten seconds for a key.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use parlor_model::id::{ApiKeyId, OrgId};
use parlor_model::time::UnixMillis;
use thiserror::Error;
use tokio::sync::oneshot;

use crate::api_keys::{self, ApiKey, ApiKeyRow, NewApiKey};
use crate::engine::{Connection, Engine, Task};
use crate::error::StoreError;
use crate::key::{KeyValue, LookupHash};
use crate::seal::MasterKey;

/// Why a presented key does not open the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No such key, or it was revoked.
    #[error("the API key is unknown or was revoked")]
    Unknown,
    /// Its time has passed.
    #[error("the API key has expired")]
    Expired,
}

/// The keys of this server. Clones share them.
#[derive(Clone)]
pub struct Directory {
    engine: Arc<Engine>,
    master_key: MasterKey,
    index: Arc<RwLock<Index>>,
}

#[derive(Default)]
struct Index {
    by_hash: HashMap<LookupHash, Arc<ApiKey>>,
    by_org: HashMap<OrgId, Vec<Arc<ApiKey>>>,
}

impl Directory {
    /// Reads every key that is not revoked.
    pub(crate) fn load(engine: Arc<Engine>, master_key: MasterKey) -> Result<Self, StoreError> {
        let mut index = Index::default();
        for row in engine.read(api_keys::list_unrevoked)? {
            index.insert(Arc::new(ApiKey::open(row, &master_key)?));
        }
        Ok(Self { engine, master_key, index: Arc::new(RwLock::new(index)) })
    }

    /// Whose key this is, for a request. Notes the use.
    ///
    /// # Errors
    /// A [`Refusal`]; both kinds are answered with 401.
    pub fn authenticate(&self, presented: &str, now: UnixMillis) -> Result<Arc<ApiKey>, Refusal> {
        let key = self.find(presented).ok_or(Refusal::Unknown)?;
        if !key.is_active(now) {
            return Err(Refusal::Expired);
        }
        self.touch(&key, now);
        Ok(key)
    }

    /// The key of that value, expired or not. Notes nothing.
    #[must_use]
    pub fn find(&self, presented: &str) -> Option<Arc<ApiKey>> {
        let hash = LookupHash::of(presented);
        self.index.read().unwrap_or_else(PoisonError::into_inner).by_hash.get(&hash).cloned()
    }

    /// The key of that name, expired or not.
    #[must_use]
    pub fn find_by_name(&self, org_id: OrgId, name: &str) -> Option<Arc<ApiKey>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.by_org.get(&org_id)?.iter().find(|key| key.name == name).cloned()
    }

    /// An organization's keys, last used first, expired ones included.
    #[must_use]
    pub fn list(&self, org_id: OrgId) -> Vec<Arc<ApiKey>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let mut keys = index.by_org.get(&org_id).cloned().unwrap_or_default();
        drop(index);
        keys.sort_by_cached_key(|key| std::cmp::Reverse((key.last_used_at(), key.created_at)));
        keys
    }

    /// An organization's keys whose meeting tokens may count at `now`, last
    /// used first. The caller looks at their permissions.
    #[must_use]
    pub fn list_active(&self, org_id: OrgId, now: UnixMillis) -> Vec<Arc<ApiKey>> {
        let mut keys = self.list(org_id);
        keys.retain(|key| key.is_active(now));
        keys
    }

    /// Notes that a key was used, such as by a meeting token signed with it.
    /// Costs a write at most once in ten seconds, and never waits for it.
    pub fn touch(&self, key: &Arc<ApiKey>, now: UnixMillis) {
        if let Some(at) = key.note_use(now) {
            self.save_use(key.id, at);
        }
    }

    /// Adds a key. It works as soon as this returns.
    ///
    /// # Errors
    /// A conflict of name or value.
    pub async fn create(
        &self,
        new: NewApiKey,
        value: &KeyValue,
    ) -> Result<Arc<ApiKey>, StoreError> {
        let row = ApiKeyRow::new(new, value, &self.master_key)?;
        let key = Arc::new(ApiKey::open(row.clone(), &self.master_key)?);
        let added = Arc::clone(&key);
        self.change(
            move |connection| api_keys::insert(connection, &row),
            move |index, ()| index.insert(added),
        )
        .await?;
        Ok(key)
    }

    /// Revokes a key. It is refused as soon as this returns. `false` when it
    /// was revoked already.
    ///
    /// # Errors
    /// The engine's.
    pub async fn revoke(&self, key: &Arc<ApiKey>, now: UnixMillis) -> Result<bool, StoreError> {
        let (id, gone) = (key.id, Arc::clone(key));
        self.change(
            move |connection| api_keys::revoke(connection, id, now),
            move |index, _| index.remove(&gone),
        )
        .await
    }

    /// Writes down the uses that were only noted. For an orderly end.
    pub(crate) fn flush(&self) {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        for key in index.by_hash.values() {
            if let Some(at) = key.take_noted_use() {
                self.save_use(key.id, at);
            }
        }
    }

    /// Nobody waits for the outcome: a use that could not be written is
    /// written with a later one, ten seconds on.
    fn save_use(&self, id: ApiKeyId, at: UnixMillis) {
        let finish = Box::new(|saved: Result<(), StoreError>| {
            if let Err(error) = saved {
                tracing::warn!(error = %error, "the last use of an API key was not saved");
            }
        });
        let task = Task::boxed(move |connection| api_keys::touch(connection, id, at), finish);
        if let Err(error) = self.engine.submit_write(task) {
            tracing::debug!(error = %error, "the last use of an API key was not queued");
        }
    }

    /// Commits, then changes the index on the writing thread, then answers.
    async fn change<T: Copy + Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Connection) -> Result<T, StoreError> + Send + 'static,
        apply: impl FnOnce(&mut Index, T) + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let index = Arc::clone(&self.index);
        let finish = Box::new(move |outcome: Result<T, StoreError>| {
            if let Ok(value) = &outcome {
                apply(&mut index.write().unwrap_or_else(PoisonError::into_inner), *value);
            }
            // An error means that the caller hung up; the change stands.
            drop(sender.send(outcome));
        });
        self.engine.submit_write(Task::boxed(work, finish))?;
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Index {
    fn insert(&mut self, key: Arc<ApiKey>) {
        self.by_org.entry(key.org_id).or_default().push(Arc::clone(&key));
        self.by_hash.insert(key.lookup_hash, key);
    }

    fn remove(&mut self, key: &ApiKey) {
        // The same value may have been added again since.
        if self.by_hash.get(&key.lookup_hash).is_some_and(|other| other.id == key.id) {
            self.by_hash.remove(&key.lookup_hash);
        }
        if let Some(keys) = self.by_org.get_mut(&key.org_id) {
            keys.retain(|other| other.id != key.id);
        }
    }
}
