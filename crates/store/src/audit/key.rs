//! What binds entries together: HMAC-SHA256 under a key of its own, which lies
//! sealed among the database's facts. Who can write the database but has not
//! the master key can forge no entry.

use std::fmt;

use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::seal::{MasterKey, SealPlace, Sealed};

/// Where the key lies; also the name of the fact.
pub(crate) const FACT: &str = "audit_key";

/// Never changed: what is written could not be checked again.
const LABEL: &[u8] = b"parlor audit v1\0";

/// The key. Clones share nothing that can change.
#[derive(Clone)]
pub struct AuditKey(hmac::Key);

impl AuditKey {
    /// Draws a key, and seals it.
    pub(crate) fn draw(master_key: &MasterKey) -> Result<Sealed, StoreError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| StoreError::Random)?;
        master_key.seal(&place(), bytes.as_slice())
    }

    pub(crate) fn open(sealed: &Sealed, master_key: &MasterKey) -> Result<Self, StoreError> {
        let bytes = master_key.open(&place(), sealed)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// What binds `entry` to the one before it.
    pub(super) fn bind(&self, before: &str, entry: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(LABEL);
        context.update(before.as_bytes());
        context.update(b"\0");
        context.update(entry.as_bytes());
        URL_SAFE_NO_PAD.encode(context.sign().as_ref())
    }
}

pub(crate) fn place() -> SealPlace<'static> {
    SealPlace { table: "facts", row: FACT }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}
