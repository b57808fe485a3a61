//! Secrets at rest: AES-256-GCM under a master key that is never in the
//! database.
//!
//! A sealed value is bound to its row: it does not open anywhere else, nor
//! under another master key.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// The key that seals all others. Clones share it.
#[derive(Clone)]
pub struct MasterKey {
    inner: Arc<Inner>,
}

struct Inner {
    sealing: LessSafeKey,
    id: String,
}

impl MasterKey {
    /// A master key from its 32 bytes.
    ///
    /// # Panics
    /// Never: every 32 bytes are a key.
    #[must_use]
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        let sealing =
            UnboundKey::new(&AES_256_GCM, bytes.as_slice()).expect("AES-256 takes any 32 bytes");
        let naming = hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice());
        let id = hmac::sign(&naming, b"parlor master key id v1");
        let id = URL_SAFE_NO_PAD.encode(&id.as_ref()[..12]);
        Self { inner: Arc::new(Inner { sealing: LessSafeKey::new(sealing), id }) }
    }

    /// Names the key without giving it away.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Seals `secret` for one row.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system gives no nonce.
    pub fn seal(&self, place: &SealPlace<'_>, secret: &[u8]) -> Result<Sealed, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| StoreError::Random)?;
        let mut body = Zeroizing::new(secret.to_vec());
        let tag = self
            .inner
            .sealing
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                self.associated(place),
                &mut body,
            )
            .map_err(|_| StoreError::Unsealable)?;
        let whole = [nonce.as_slice(), &body, tag.as_ref()].concat();
        Ok(Sealed(URL_SAFE_NO_PAD.encode(whole)))
    }

    /// Opens what was sealed for that row.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when it was changed, moved or sealed with
    /// another key.
    pub fn open(
        &self,
        place: &SealPlace<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let whole = URL_SAFE_NO_PAD.decode(&sealed.0).map_err(|_| StoreError::Unsealable)?;
        let (nonce, body) = whole.split_first_chunk::<NONCE_LEN>().ok_or(StoreError::Unsealable)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.inner.sealing.open_in_place(nonce, self.associated(place), &mut body);
        let length = opened.map_err(|_| StoreError::Unsealable)?.len();
        body.truncate(length);
        Ok(body)
    }

    fn associated(&self, place: &SealPlace<'_>) -> Aad<String> {
        Aad::from(format!("{}\0{}\0{}", self.inner.id, place.table, place.row))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.inner.id)
    }
}

/// The row a secret belongs to.
#[derive(Clone, Copy, Debug)]
pub struct SealPlace<'a> {
    /// The table.
    pub table: &'static str,
    /// The row's id.
    pub row: &'a str,
}

/// A sealed secret, as it lies in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub(crate) String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: SealPlace<'_> = SealPlace { table: "api_keys", row: "one" };

    fn key(byte: u8) -> MasterKey {
        MasterKey::from_bytes(&Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_sealed_secret_opens_in_its_place() {
        let sealed = key(1).seal(&HERE, b"secret").unwrap();
        assert_eq!(key(1).open(&HERE, &sealed).unwrap().as_slice(), b"secret");
        assert_ne!(sealed, key(1).seal(&HERE, b"secret").unwrap());
    }

    #[test]
    fn a_sealed_secret_opens_nowhere_else() {
        let sealed = key(1).seal(&HERE, b"secret").unwrap();
        let elsewhere = SealPlace { table: "api_keys", row: "two" };
        assert!(key(1).open(&elsewhere, &sealed).is_err());
        assert!(key(2).open(&HERE, &sealed).is_err());
        for broken in ["", "AAAA", "not base64!"] {
            assert!(key(1).open(&HERE, &Sealed(broken.into())).is_err());
        }
    }
}
