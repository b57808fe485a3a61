//! From a master key to the keys of a session (RFC 3711, 4.3; RFC 6188 for
//! keys of 256 bits; RFC 7714, 11 for GCM).

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use zeroize::Zeroizing;

use super::Profile;

/// The longest key that is derived, in bytes.
const MAX_KEY_BYTES: usize = 32;
/// The key of HMAC-SHA1.
const AUTHENTICATION_BYTES: usize = 20;
/// Where in the counter the label stands: 48 bits of index behind it, and 16
/// of the counter itself.
const LABEL_AT: usize = 7;

/// What the keys are for: labels of RFC 3711, 4.3.1 count up from this.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Media = 0,
    Control = 3,
}

/// A master key with its salt.
pub(super) struct Master<'a> {
    pub(super) key: &'a [u8],
    pub(super) salt: &'a [u8],
}

/// The keys of one direction's RTP, or of its RTCP.
pub(super) struct Session {
    key: Zeroizing<[u8; MAX_KEY_BYTES]>,
    key_bytes: usize,
    /// For HMAC, where the profile has it.
    pub(super) authentication: Zeroizing<[u8; AUTHENTICATION_BYTES]>,
    /// As one number, most significant byte first.
    pub(super) salt: u128,
}

impl Session {
    /// Those of an example.
    #[cfg(test)]
    pub(super) fn given(key: &[u8], salt: u128) -> Self {
        let mut bytes = [0; MAX_KEY_BYTES];
        bytes[..key.len()].copy_from_slice(key);
        let authentication = Zeroizing::new([0; AUTHENTICATION_BYTES]);
        Self { key: Zeroizing::new(bytes), key_bytes: key.len(), authentication, salt }
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key[..self.key_bytes]
    }
}

impl Master<'_> {
    /// Derives what a profile needs. `None`: the key is none of AES.
    pub(super) fn session(&self, profile: Profile, stream: Stream) -> Option<Session> {
        let label = stream as u8;
        let key_bytes = profile.key_bytes();
        let mut key = Zeroizing::new([0; MAX_KEY_BYTES]);
        self.fill(label, key.get_mut(..key_bytes)?)?;
        let mut authentication = Zeroizing::new([0; AUTHENTICATION_BYTES]);
        self.fill(label + 1, authentication.as_mut_slice())?;
        let mut salt = [0; size_of::<u128>()];
        self.fill(label + 2, salt.get_mut(size_of::<u128>() - profile.salt_bytes()..)?)?;
        Some(Session { key, key_bytes, authentication, salt: u128::from_be_bytes(salt) })
    }

    /// The pseudo-random function: AES in counter mode over nothing. A salt of
    /// 96 bits is the front of the 112 that the RFC puts there.
    fn fill(&self, label: u8, out: &mut [u8]) -> Option<()> {
        let algorithm = if self.key.len() == 32 { &AES_256 } else { &AES_128 };
        let key = UnboundCipherKey::new(algorithm, self.key).and_then(EncryptingKey::ctr).ok()?;
        let mut counter = [0; 16];
        counter.get_mut(..self.salt.len())?.copy_from_slice(self.salt);
        counter[LABEL_AT] ^= label;
        out.fill(0);
        key.less_safe_encrypt(out, EncryptionContext::Iv128(counter.into())).ok()?;
        Some(())
    }
}
