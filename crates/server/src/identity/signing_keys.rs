//! The keys that sign tokens, in memory: drawn when they are first needed, and
//! changed when their time has come, without a restart.
//!
//! For each algorithm one key signs, and the next one is published long before
//! it does: whoever keeps the key set for an hour never meets an unknown one.
//! Retired keys check what they signed. Checking needs public parts alone.

mod draw;
mod looks;
mod ring;

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::jwk::JwkSet;
use parlor_model::oauth::SigningAlg;
use parlor_model::time::UnixMillis;
use parlor_store::Store;
use parlor_store::oauth::signing_keys::{self, Rotation};
use serde::Serialize;

use crate::clock::Clock;
use crate::failure::Failure;
use looks::Looks;
pub(crate) use ring::CheckingKey;
use ring::Ring;

/// When keys change. A longer life leaves more to whoever stole one; a shorter
/// one makes clients fetch the set more often. A retired key checks for longer
/// than any token that it signed lives.
const ROTATION: Rotation =
    Rotation { signs_ms: 30 * 24 * 3600 * 1000, checks_ms: 24 * 3600 * 1000 };

/// The keys of this process.
#[derive(Debug, Default)]
pub(crate) struct SigningKeys {
    ring: RwLock<Arc<Ring>>,
    /// Whoever reads the records into the ring has the turn, so that nobody puts
    /// older ones in place of newer.
    looks: Looks,
    /// Held by whoever draws: two who draw would waste a second of a core.
    turn: tokio::sync::Mutex<()>,
}

/// What a token's header says.
#[derive(Serialize)]
struct Head<'a> {
    typ: &'static str,
    alg: &'static str,
    kid: &'a str,
}

impl SigningKeys {
    /// What signs tokens at `now`.
    ///
    /// # Errors
    /// When keys cannot be drawn, read or written.
    pub(crate) async fn signer(&self, store: &Store, now: UnixMillis) -> Result<Signer, Failure> {
        Ok(Signer { ring: self.fresh(store, now).await? })
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
    ///
    /// # Errors
    /// When the records cannot be read, or could not be a moment ago: then nobody
    /// knows whether there is such a key.
    pub(crate) async fn find(
        &self,
        store: &Store,
        kid: &str,
        clock: &dyn Clock,
    ) -> Result<Option<Arc<CheckingKey>>, Failure> {
        let look = || {
            let rows = store.read(signing_keys::list)?;
            self.replace(Ring::of(rows, store.master_key())?);
            Ok(())
        };
        self.looks.find(clock, || self.ring().checking(kid), look).await
    }

    /// The ring, with no key in it that should have been changed.
    async fn fresh(&self, store: &Store, now: UnixMillis) -> Result<Arc<Ring>, Failure> {
        let ring = self.ring();
        if !ring.is_due(ROTATION, now) {
            return Ok(ring);
        }
        let _turn = self.turn.lock().await;
        if let Some(ring) = self.changed_meanwhile(store, now).await? {
            return Ok(ring);
        }
        self.rotate(store, now).await
    }

    /// The ring of somebody who changed the keys before us.
    async fn changed_meanwhile(
        &self,
        store: &Store,
        now: UnixMillis,
    ) -> Result<Option<Arc<Ring>>, Failure> {
        let _turn = self.looks.turn().await;
        let rows = store.read(signing_keys::list)?;
        if signing_keys::is_due(&rows, ROTATION, now) {
            return Ok(None);
        }
        Ok(Some(self.replace(Ring::of(rows, store.master_key())?)))
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
        let _turn = self.looks.turn().await;
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

/// The keys that sign, ready: whoever has them needs the records no more.
#[derive(Debug)]
pub(crate) struct Signer {
    ring: Arc<Ring>,
}

impl Signer {
    /// Signs a token.
    ///
    /// # Errors
    /// When it cannot be written, or the cryptography library fails.
    pub(crate) fn sign(&self, token: &Unsigned<'_, impl Serialize>) -> Result<String, Failure> {
        let key = self.ring.current(token.alg).ok_or(Failure::SigningKeys("none signs"))?;
        let head = Head { typ: token.typ, alg: token.alg.word(), kid: &key.kid };
        let message = format!("{}.{}", ring::part(&head)?, ring::part(token.claims)?);
        let signature = key.sign(message.as_bytes())?;
        Ok(format!("{message}.{signature}"))
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

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use parlor_model::id::SigningKeyId;
    use parlor_model::oauth::SigningAlg;
    use parlor_model::time::UnixMillis;
    use parlor_store::oauth::signing_keys::{self, SigningKey};
    use parlor_store::{Store, StoreConfig};
    use tempfile::TempDir;

    use super::looks::LOOK_AGAIN_MS;
    use super::{Clock, ROTATION, SigningKeys};

    const NOW: UnixMillis = UnixMillis::new(1_893_456_000_000);

    /// A clock that stands so long after `NOW`.
    struct After(i64);

    impl Clock for After {
        fn now(&self) -> UnixMillis {
            NOW.plus_millis(self.0)
        }
    }

    fn store() -> (Store, TempDir) {
        let folder = TempDir::new().unwrap();
        (Store::open(&StoreConfig::in_folder(folder.path())).unwrap(), folder)
    }

    /// Keys that another process drew: the name of one.
    async fn drawn(store: &Store) -> String {
        let keys = SigningKeys::default().published(store, NOW).await.unwrap();
        keys.keys[0].common.key_id.clone().unwrap()
    }

    /// Puts keys in place of all others that nobody can read.
    async fn break_keys(store: &Store) {
        let key = |n: u8| {
            let id = SigningKeyId::from_random([n; 16]);
            let alg = SigningAlg::ALL[usize::from(n) / 2];
            SigningKey::new(id, alg, "none".to_owned(), b"", NOW, store.master_key()).unwrap()
        };
        let broken: Vec<_> = (0..6).map(key).collect();
        let write = move |c: &mut dyn parlor_store::Connection| {
            signing_keys::forget_all(c)?;
            signing_keys::rotate(c, &broken, ROTATION, NOW)
        };
        store.write(write).await.unwrap();
    }

    #[tokio::test]
    async fn everybody_who_comes_first_is_found_the_key() {
        let (store, _folder) = store();
        let (kid, here) = (drawn(&store).await, tokio::runtime::Handle::current());
        for _ in 0..50 {
            let (just_started, all_here) = (SigningKeys::default(), Barrier::new(8));
            let look = || {
                all_here.wait();
                here.block_on(just_started.find(&store, &kid, &After(0))).unwrap().is_some()
            };
            std::thread::scope(|scope| {
                let all: Vec<_> = (0..8).map(|_| scope.spawn(look)).collect();
                assert!(all.into_iter().all(|one| one.join().unwrap()));
            });
        }
    }

    #[tokio::test]
    async fn key_that_cannot_be_looked_up_is_not_taken_for_an_unknown_one() {
        let (store, _folder) = store();
        let just_started = SigningKeys::default();
        break_keys(&store).await;
        for _ in 0..2 {
            assert!(just_started.find(&store, "a", &After(0)).await.is_err());
        }
        store.write(signing_keys::forget_all).await.unwrap();
        let kid = drawn(&store).await;
        let later = After(LOOK_AGAIN_MS);
        assert!(just_started.find(&store, &kid, &later).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn invented_names_do_not_have_the_records_read_each_time() {
        let (store, _folder) = store();
        let keys = SigningKeys::default();
        let kid = drawn(&store).await;
        assert!(keys.find(&store, "invented", &After(0)).await.unwrap().is_none());
        // Whoever read them now would fail.
        break_keys(&store).await;
        for millis in [0, 1, LOOK_AGAIN_MS - 1] {
            let found = keys.find(&store, "invented", &After(millis)).await;
            assert!(found.unwrap().is_none(), "{millis}");
        }
        let later = After(LOOK_AGAIN_MS);
        assert!(keys.find(&store, "invented", &later).await.is_err());
        // What is in memory is good all the same.
        assert!(keys.find(&store, &kid, &later).await.unwrap().is_some());
    }
}
