//! The keys that sign tokens. For each algorithm one is current, one is next
//! and already published, and retired ones still check what they signed. The
//! private part is sealed for its row.

use parlor_model::id::SigningKeyId;
use parlor_model::oauth::SigningAlg;
use parlor_model::time::UnixMillis;
use zeroize::Zeroizing;

use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;
use crate::seal::{MasterKey, SealPlace, Sealed};

/// A key's record.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// Its id: `kid`.
    pub id: SigningKeyId,
    /// What it signs with.
    pub alg: SigningAlg,
    /// The public part, as a JSON Web Key.
    pub public_key: String,
    /// When it was drawn.
    pub created_at: UnixMillis,
    /// Since when it signs.
    pub current_from: Option<UnixMillis>,
    /// Since when it no longer does.
    pub retired_at: Option<UnixMillis>,
    sealed_key: Sealed,
}

impl SigningKey {
    /// A new key, which nothing is signed with yet. `private` is in the form
    /// that its algorithm's library reads.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system's random source fails.
    pub fn new(
        id: SigningKeyId,
        alg: SigningAlg,
        public_key: String,
        private: &[u8],
        now: UnixMillis,
        master_key: &MasterKey,
    ) -> Result<Self, StoreError> {
        let sealed_key = master_key.seal(&place(&id.to_string()), private)?;
        let (current_from, retired_at) = (None, None);
        Ok(Self { id, alg, public_key, created_at: now, current_from, retired_at, sealed_key })
    }

    /// The private part.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when the row was tampered with.
    pub fn private(&self, master_key: &MasterKey) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        master_key.open(&place(&self.id.to_string()), &self.sealed_key)
    }

    /// Whether it signs now.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.current_from.is_some() && self.retired_at.is_none()
    }

    /// Whether it will sign.
    #[must_use]
    pub fn is_next(&self) -> bool {
        self.current_from.is_none()
    }
}

/// When keys change.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// For how long a key signs.
    pub signs_ms: i64,
    /// For how long it checks afterwards: longer than anything that it signed
    /// is good for.
    pub checks_ms: i64,
}

statements! {
    INSERT = "INSERT INTO oauth_signing_keys (id, alg, public_key, sealed_key, created_at, \
        current_from, retired_at) VALUES ($1, $2, $3, $4, $5, $6, NULL)";
    LIST = "SELECT id, alg, public_key, sealed_key, created_at, current_from, retired_at \
        FROM oauth_signing_keys ORDER BY created_at, id";
    RETIRE = "UPDATE oauth_signing_keys SET retired_at = $1 WHERE id = $2";
    PROMOTE = "UPDATE oauth_signing_keys SET current_from = $1 WHERE id = $2";
    PURGE = "DELETE FROM oauth_signing_keys WHERE retired_at < $1";
    FORGET_ALL = "DELETE FROM oauth_signing_keys";
}

/// Every key.
///
/// # Errors
/// The engine's.
pub fn list(connection: &mut dyn Connection) -> Result<Vec<SigningKey>, StoreError> {
    connection.list(&LIST, &[], signing_key)
}

/// Whether `keys` lack one that they should have at `now`: the first ones, or
/// a current one whose time is over.
#[must_use]
pub fn is_due(keys: &[SigningKey], rotation: Rotation, now: UnixMillis) -> bool {
    SigningAlg::ALL
        .iter()
        .any(|alg| current_until(keys, *alg, rotation).is_none_or(|end| end <= now))
}

fn current_until(keys: &[SigningKey], alg: SigningAlg, rotation: Rotation) -> Option<UnixMillis> {
    let current = keys.iter().find(|key| key.alg == alg && key.is_current())?;
    current.current_from.map(|from| from.plus_millis(rotation.signs_ms))
}

/// Makes of `drawn`, two fresh keys for each algorithm, those that are missing;
/// lets next ones sign whose time has come, and removes those that check no
/// more. What is not needed of `drawn` is not stored.
///
/// # Errors
/// The engine's.
pub fn rotate(
    connection: &mut dyn Connection,
    drawn: &[SigningKey],
    rotation: Rotation,
    now: UnixMillis,
) -> Result<Vec<SigningKey>, StoreError> {
    connection.execute(&PURGE, &[now.plus_millis(-rotation.checks_ms).into()])?;
    let keys = list(connection)?;
    for alg in SigningAlg::ALL {
        let is_over = current_until(&keys, alg, rotation).is_none_or(|end| end <= now);
        if !is_over {
            continue;
        }
        let mut fresh = drawn.iter().filter(|key| key.alg == alg);
        let mut of_alg = keys.iter().filter(|key| key.alg == alg);
        if let Some(current) = of_alg.clone().find(|key| key.is_current()) {
            connection.execute(&RETIRE, &[now.into(), (&current.id.to_string()).into()])?;
        }
        match of_alg.find(|key| key.is_next()) {
            Some(next) => {
                connection.execute(&PROMOTE, &[now.into(), (&next.id.to_string()).into()])?;
            }
            None => insert(connection, fresh.next(), Some(now))?,
        }
        insert(connection, fresh.next(), None)?;
    }
    list(connection)
}

/// Removes every key; says how many. What they signed is good no more.
///
/// # Errors
/// The engine's.
pub fn forget_all(connection: &mut dyn Connection) -> Result<u64, StoreError> {
    connection.execute(&FORGET_ALL, &[])
}

fn insert(
    connection: &mut dyn Connection,
    key: Option<&SigningKey>,
    current_from: Option<UnixMillis>,
) -> Result<(), StoreError> {
    let Some(key) = key else {
        return Err(StoreError::Corrupt("no signing key was drawn".into()));
    };
    let id = key.id.to_string();
    let params = [
        (&id).into(),
        key.alg.word().into(),
        key.public_key.as_str().into(),
        key.sealed_key.0.as_str().into(),
        key.created_at.into(),
        current_from.into(),
    ];
    connection.execute(&INSERT, &params).map(drop)
}

fn place(row: &str) -> SealPlace<'_> {
    SealPlace { table: "oauth_signing_keys", row }
}

fn signing_key(row: &dyn Row) -> Result<SigningKey, StoreError> {
    Ok(SigningKey {
        id: row.parsed(0)?,
        alg: row.text(1)?.parse().map_err(|()| StoreError::column(1, "a known value"))?,
        public_key: row.text(2)?.to_owned(),
        sealed_key: Sealed(row.text(3)?.to_owned()),
        created_at: row.millis(4)?,
        current_from: row.optional_millis(5)?,
        retired_at: row.optional_millis(6)?,
    })
}
