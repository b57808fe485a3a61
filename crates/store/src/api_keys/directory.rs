//! Every API key in memory, so that a request is authenticated by one hash and
//! one look-up.
//!
//! The database is the truth: a key is added here after its commit, and taken
//! out before a revocation is answered, both on the writing thread, so that a
//! caller who hangs up half-way changes nothing. Changes follow each other, so
//! that they are made here in the order of their commits. Uses are noted in
//! memory and written at most once in ten seconds for a key.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use parlor_model::id::{ApiKeyId, OrgId, UserId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::time::UnixMillis;
use thiserror::Error;
use tokio::sync::{Mutex, oneshot};

use crate::api_keys::{self, ApiKey, ApiKeyRow, NewApiKey, covered};
use crate::engine::{Connection, Engine, Task};
use crate::error::StoreError;
use crate::key::{KeyValue, LookupHash};
use crate::seal::MasterKey;
use crate::{invitations, orgs};

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
    /// Held from before a change is queued until the index has it: PostgreSQL
    /// runs several at once, and a key that was revoked must not come back by
    /// an earlier change that is told later.
    turn: Arc<Mutex<()>>,
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
        let index = Arc::new(RwLock::new(index));
        Ok(Self { engine, master_key, index, turn: Arc::default() })
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

    /// The key of that name, expired or not, of one person in an organization.
    /// `None` for `user` means those made at the machine.
    #[must_use]
    pub fn find_by_name(
        &self,
        org_id: OrgId,
        user: Option<UserId>,
        name: &str,
    ) -> Option<Arc<ApiKey>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let own = |key: &&Arc<ApiKey>| key.org_id == org_id && key.user_id == user;
        index.by_org.get(&org_id)?.iter().filter(own).find(|key| key.name == name).cloned()
    }

    /// The keys that may be used in an organization, last used first, expired
    /// ones included.
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

    /// How many keys of somebody work at `now`, in whichever organization.
    #[must_use]
    pub fn count_active_of_user(&self, user: UserId, now: UnixMillis) -> usize {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let works = |key: &&Arc<ApiKey>| key.user_id == Some(user) && key.is_active(now);
        index.by_hash.values().filter(works).count()
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
    /// A conflict of name or value; [`StoreError::KeyBeyondOwner`] when its
    /// owner does not hold, or no longer, what it is to hold.
    pub async fn create(
        &self,
        new: NewApiKey,
        value: &KeyValue,
    ) -> Result<Arc<ApiKey>, StoreError> {
        let row = ApiKeyRow::new(new, value, &self.master_key)?;
        let key = Arc::new(ApiKey::open(row.clone(), &self.master_key)?);
        let added = Arc::clone(&key);
        self.change(
            move |connection| {
                covered::check(connection, &row.new)?;
                api_keys::insert(connection, &row)
            },
            move |index, &()| index.insert(added),
        )
        .await?;
        Ok(key)
    }

    /// Gives a key a successor, which takes its name. The key itself is called
    /// `<name>-old-<n>` from then on and is refused from `expires_at` on, and
    /// with it the meeting tokens that it signed; one that would have ended
    /// earlier still does. `None` when it was revoked, rotated, or held to other
    /// limits meanwhile.
    ///
    /// # Errors
    /// A conflict of the successor's value.
    pub async fn rotate(
        &self,
        key: &Arc<ApiKey>,
        successor: NewApiKey,
        value: &KeyValue,
        expires_at: UnixMillis,
    ) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let expires_at = key.expires_at.map_or(expires_at, |end| end.min(expires_at));
        let row = ApiKeyRow::new(successor, value, &self.master_key)?;
        let added = Arc::new(ApiKey::open(row.clone(), &self.master_key)?);
        let (old, gone, new) = (Arc::clone(key), Arc::clone(key), Arc::clone(&added));
        let retired = self
            .change(
                move |connection| api_keys::rotate(connection, &old, &row, expires_at),
                move |index, retired| {
                    if let Some(name) = retired {
                        // As it is by now: its limits may have changed meanwhile.
                        let known = index.by_hash.get(&gone.lookup_hash);
                        let gone = known.cloned().unwrap_or(gone);
                        index.remove(&gone);
                        index.insert(Arc::new(gone.retired(name.clone(), expires_at)));
                        index.insert(new);
                    }
                },
            )
            .await?;
        Ok(retired.map(|_| added))
    }

    /// Changes what a key is held to, from the next request on. `None` when it
    /// was revoked or rotated away meanwhile.
    ///
    /// # Errors
    /// The closure's, or the engine's.
    pub async fn change_limits<E: From<StoreError> + Send + 'static>(
        &self,
        key: &Arc<ApiKey>,
        mut work: impl FnMut(&mut UsageLimits) -> Result<(), E> + Send + 'static,
    ) -> Result<Option<Arc<ApiKey>>, E> {
        let (id, hash, asked) = (key.id, key.lookup_hash, Arc::clone(key));
        let change = move |connection: &mut dyn Connection| {
            let Some(mut limits) = api_keys::find_limits(connection, &asked)? else {
                return Ok(None);
            };
            work(&mut limits)?;
            api_keys::set_limits(connection, id, &limits)?;
            Ok::<_, E>(Some(limits))
        };
        let apply = move |index: &mut Index, changed: &Option<UsageLimits>| {
            let known = index.by_hash.get(&hash).filter(|key| key.id == id).cloned();
            if let (Some(key), Some(limits)) = (known, changed) {
                index.remove(&key);
                index.insert(Arc::new(key.held_to(*limits)));
            }
        };
        let changed = self.change(change, apply).await?;
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        Ok(changed.and_then(|_| index.by_hash.get(&hash).filter(|key| key.id == id).cloned()))
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

    /// Changes who belongs to an organization, what they may do there, or that
    /// it is there at all; the keys in it that hold more than their owners do
    /// from then on are revoked in the same transaction, and refused as soon as
    /// this returns; invitations of who may not invite any more are taken back.
    /// Other changes of the organization wait meanwhile.
    ///
    /// # Errors
    /// The closure's, or the engine's.
    pub async fn with_change_of_people<T, E>(
        &self,
        org: OrgId,
        now: UnixMillis,
        work: impl FnMut(&mut dyn Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.with_change_of_people_in(vec![org], now, work).await
    }

    /// The same in several organizations at once.
    ///
    /// # Errors
    /// The closure's, or the engine's.
    pub async fn with_change_of_people_in<T, E>(
        &self,
        mut ids: Vec<OrgId>,
        now: UnixMillis,
        mut work: impl FnMut(&mut dyn Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        // Always in the same order: two that share some never wait for each other.
        ids.sort_unstable();
        let both = move |connection: &mut dyn Connection| {
            for org in &ids {
                orgs::hold(connection, *org)?;
            }
            let done = work(connection)?;
            let mut gone = BTreeSet::new();
            for org in &ids {
                invitations::cancel_beyond(connection, *org, now)?;
                gone.append(&mut covered::revoke_beyond(connection, *org, now)?);
            }
            Ok((done, gone))
        };
        let changed = self.change(both, move |index, (_, gone)| index.remove_all(gone));
        changed.await.map(|(done, _)| done)
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
    async fn change<T, E>(
        &self,
        work: impl FnMut(&mut dyn Connection) -> Result<T, E> + Send + 'static,
        apply: impl FnOnce(&mut Index, &T) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let (sender, receiver) = oneshot::channel();
        let index = Arc::clone(&self.index);
        let finish = Box::new(move |outcome: Result<T, E>| {
            if let Ok(value) = &outcome {
                apply(&mut index.write().unwrap_or_else(PoisonError::into_inner), value);
            }
            drop(turn);
            // An error means that the caller hung up; the change stands.
            drop(sender.send(outcome));
        });
        self.engine.submit_write(Task::boxed(work, finish))?;
        receiver.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

impl Index {
    fn insert(&mut self, key: Arc<ApiKey>) {
        for org in key.orgs() {
            self.by_org.entry(org).or_default().push(Arc::clone(&key));
        }
        self.by_hash.insert(key.lookup_hash, key);
    }

    fn remove(&mut self, key: &ApiKey) {
        // The same value may have been added again since.
        if self.by_hash.get(&key.lookup_hash).is_some_and(|other| other.id == key.id) {
            self.by_hash.remove(&key.lookup_hash);
        }
        for org in key.orgs() {
            if let Some(keys) = self.by_org.get_mut(&org) {
                keys.retain(|other| other.id != key.id);
                if keys.is_empty() {
                    self.by_org.remove(&org);
                }
            }
        }
    }

    /// Takes out many at once. Looks at every key, so only where some are gone.
    fn remove_all(&mut self, ids: &BTreeSet<ApiKeyId>) {
        if ids.is_empty() {
            return;
        }
        self.by_hash.retain(|_, key| !ids.contains(&key.id));
        self.by_org.retain(|_, keys| {
            keys.retain(|key| !ids.contains(&key.id));
            !keys.is_empty()
        });
    }
}
