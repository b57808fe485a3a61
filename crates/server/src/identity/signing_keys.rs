//! The keys that sign tokens, in memory: drawn when they are first needed, and
//! changed when their time has come, without a restart.
//!
//! For each algorithm one key signs, and the next one is published long before
//! it does: whoever keeps the key set for an hour never meets an unknown one.
//! Retired keys check what they signed. Checking needs public parts alone.

mod draw;
mod ring;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::jwk::JwkSet;
use parlor_model::oauth::SigningAlg;
use parlor_model::time::UnixMillis;
use parlor_store::Store;
use parlor_store::oauth::signing_keys::{self, Rotation};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::failure::Failure;
pub(crate) use ring::CheckingKey;
use ring::Ring;

/// When keys change. A longer life leaves more to whoever stole one; a shorter
/// one makes clients fetch the set more often. A retired key checks for longer
/// than any token that it signed lives.
const ROTATION: Rotation =
    Rotation { signs_ms: 30 * 24 * 3600 * 1000, checks_ms: 24 * 3600 * 1000 };

/// How often the records are looked into for a key that is not in memory. More
/// often lets strangers with invented key names cost more.
const LOOK_AGAIN_MS: i64 = 1000;

/// The keys of this process.
#[derive(Debug, Default)]
pub(crate) struct SigningKeys {
    ring: RwLock<Arc<Ring>>,
    looked_at: AtomicI64,
    /// Held by whoever draws: two who draw would waste a second of a core.
    turn: Mutex<()>,
}

/// What a token's header says.
#[derive(Serialize)]
struct Head<'a> {
    typ: &'static str,
    alg: &'static str,
    kid: &'a str,
}

impl SigningKeys {
    /// Signs `claims` as a token of type `typ`.
    ///
    /// # Errors
    /// When keys cannot be drawn, read or written.
    pub(crate) async fn sign(
        &self,
        store: &Store,
        now: UnixMillis,
        token: Unsigned<'_, impl Serialize>,
    ) -> Result<String, Failure> {
        let ring = self.fresh(store, now).await?;
        let key = ring.current(token.alg).ok_or(Failure::SigningKeys("none signs"))?;
        let head = Head { typ: token.typ, alg: token.alg.word(), kid: &key.kid };
        let message = format!("{}.{}", ring::part(&head)?, ring::part(token.claims)?);
        let signature = key.sign(message.as_bytes())?;
        Ok(format!("{message}.{signature}"))
    }

    /// The public parts, for everybody.
    ///
    /// # Errors
    /// When keys cannot be drawn, read or written.
    pub(crate) async fn published(
        &self,
        store: &Store,
        now: UnixMillis,
    ) -> Result<JwkSet, Failure> {
        Ok(self.fresh(store, now).await?.published())
    }

    /// The key that checks tokens with this `kid`. What another process drew is
    /// looked up, though not for everybody who invents a name.
    pub(crate) fn find(
        &self,
        store: &Store,
        kid: &str,
        now: UnixMillis,
    ) -> Result<Option<Arc<CheckingKey>>, Failure> {
        if let Some(key) = self.ring().checking(kid) {
            return Ok(Some(key));
        }
        let looked_at = self.looked_at.load(Ordering::Acquire);
        let since = now.as_millis().saturating_sub(looked_at);
        let taken = Ordering::AcqRel;
        if (0..LOOK_AGAIN_MS).contains(&since)
            || self
                .looked_at
                .compare_exchange(looked_at, now.as_millis(), taken, Ordering::Acquire)
                .is_err()
        {
            return Ok(None);
        }
        let rows = store.read(signing_keys::list)?;
        let ring = self.replace(Ring::of(rows, store.master_key())?);
        Ok(ring.checking(kid))
    }

    /// The ring, with no key in it that should have been changed.
    async fn fresh(&self, store: &Store, now: UnixMillis) -> Result<Arc<Ring>, Failure> {
        let ring = self.ring();
        if !ring.is_due(ROTATION, now) {
            return Ok(ring);
        }
        let _turn = self.turn.lock().await;
        let rows = store.read(signing_keys::list)?;
        if !signing_keys::is_due(&rows, ROTATION, now) {
            return Ok(self.replace(Ring::of(rows, store.master_key())?));
        }
        self.rotate(store, now).await
    }

    async fn rotate(&self, store: &Store, now: UnixMillis) -> Result<Arc<Ring>, Failure> {
        let master_key = store.master_key().clone();
        let drawn = tokio::task::spawn_blocking(move || draw::keys(&master_key, now))
            .await
            .map_err(|_| Failure::SigningKeys("drawing them failed"))??;
        let rows = store
            .write(move |c| signing_keys::rotate(c, &drawn, ROTATION, now))
            .await
            .map_err(Failure::Store)?;
        tracing::info!("the keys that sign tokens were changed");
        Ok(self.replace(Ring::of(rows, store.master_key())?))
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, ring: Ring) -> Arc<Ring> {
        let ring = Arc::new(ring);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&ring);
        ring
    }
}

/// A token to be signed.
pub(crate) struct Unsigned<'a, T> {
    /// `at+jwt` or `JWT`: one is never taken for the other.
    pub(crate) typ: &'static str,
    /// How.
    pub(crate) alg: SigningAlg,
    /// What it says.
    pub(crate) claims: &'a T,
}
