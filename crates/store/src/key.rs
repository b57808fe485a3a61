//! The value of an API key: its form, how it is looked up, and the secret that
//! signs meeting tokens with it.
//!
//! Our own values are `parlor_`, 60 base62 characters, and 6 base62 characters
//! of the CRC-32 of what precedes: 73 bytes. The checksum lets a scanner for
//! leaked secrets tell a key from a look-alike. Values made elsewhere are
//! allowed too, and have any form.

use std::fmt;

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// What our own values begin with.
pub const PREFIX: &str = "parlor_";

const RANDOM_CHARS: usize = 60;
const CHECK_CHARS: usize = 6;
const LENGTH: usize = PREFIX.len() + RANDOM_CHARS + CHECK_CHARS;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The block of HMAC-SHA256. A longer key is by definition replaced by its
/// hash (RFC 2104, section 2).
const HMAC_BLOCK: usize = 64;

/// Keeps the hash that lies in the database apart from the plain SHA-256 of
/// the key, which is a token-signing secret.
const LOOKUP_LABEL: &[u8] = b"parlor api key lookup v1\0";

/// An API key as its holder knows it. Wiped when dropped; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyValue(Zeroizing<String>);

/// Why a value with our prefix cannot be one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFormError {
    /// Nothing at all.
    #[error("the key is empty")]
    Empty,
    /// Part of it is missing, or something is attached.
    #[error("the key is {0} characters long but should be {LENGTH}")]
    Length(usize),
    /// A character outside 0-9, A-Z, a-z.
    #[error("the key contains a character that no key has")]
    Alphabet,
    /// A character was changed.
    #[error("the key's checksum does not match: it was mistyped or cut")]
    Checksum,
}

impl KeyValue {
    /// Draws a new value from the system's random source.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the source fails.
    pub fn generate() -> Result<Self, StoreError> {
        let mut value = Zeroizing::new(String::with_capacity(LENGTH));
        value.push_str(PREFIX);
        while value.len() < PREFIX.len() + RANDOM_CHARS {
            let mut drawn = Zeroizing::new([0_u8; 64]);
            rand::fill(drawn.as_mut_slice()).map_err(|_| StoreError::Random)?;
            let missing = PREFIX.len() + RANDOM_CHARS - value.len();
            value.extend(drawn.iter().copied().filter_map(base62).take(missing));
        }
        let check = checksum(value.as_bytes());
        value.push_str(&check);
        Ok(Self(value))
    }

    /// Takes a value as it is: one of ours, or one brought along.
    ///
    /// # Errors
    /// A value with our prefix must have our form; any other must not be empty.
    pub fn parse(text: &str) -> Result<Self, KeyFormError> {
        if text.is_empty() {
            return Err(KeyFormError::Empty);
        }
        if text.starts_with(PREFIX) {
            check_form(text)?;
        }
        Ok(Self::unchecked(text))
    }

    /// Takes a value of any form, for a development server whose operator
    /// chose it.
    #[must_use]
    pub fn unchecked(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The value itself, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Under which hash it is stored.
    #[must_use]
    pub fn lookup_hash(&self) -> LookupHash {
        LookupHash::of(&self.0)
    }

    /// What signs meeting tokens with this key, for HMAC-SHA256.
    #[must_use]
    pub fn token_secret(&self) -> TokenSecret {
        let bytes = self.0.as_bytes();
        if bytes.len() > HMAC_BLOCK {
            return TokenSecret::new(digest::digest(&digest::SHA256, bytes).as_ref());
        }
        TokenSecret::new(bytes)
    }

    /// What may be shown of it later.
    #[must_use]
    pub fn display(&self) -> KeyDisplay {
        // Of a short value nothing is shown: too little would be left unknown.
        let (first, last) = match self.0.chars().count() {
            0..20 => (0, 0),
            20..40 => (3, 3),
            40.. => (8, 3),
        };
        let prefix = self.0.chars().take(first).collect();
        let mut suffix: Vec<char> = self.0.chars().rev().take(last).collect();
        suffix.reverse();
        KeyDisplay { prefix, suffix: suffix.into_iter().collect() }
    }
}

impl fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyValue(…)")
    }
}

/// The first and last characters of a key, for people to tell keys apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDisplay {
    /// Eight characters or fewer.
    pub prefix: String,
    /// Three characters or none.
    pub suffix: String,
}

/// SHA-256 over a label and the key: finds a key without giving it away.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LookupHash([u8; 32]);

impl LookupHash {
    /// The hash of a presented key.
    #[must_use]
    pub fn of(presented: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(LOOKUP_LABEL);
        context.update(presented.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self(hash)
    }

    pub(crate) fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(crate) fn from_text(text: &str) -> Result<Self, StoreError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let hash = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        hash.map(Self).ok_or_else(|| StoreError::Corrupt("a lookup hash is not 32 bytes".into()))
    }
}

impl fmt::Debug for LookupHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupHash(…)")
    }
}

/// The HMAC-SHA256 secret of meeting tokens. Whoever holds it can mint them.
/// Wiped when dropped; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(Zeroizing<Vec<u8>>);

impl TokenSecret {
    /// A secret from its bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Draws a secret of 32 bytes from the system's random source.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the source fails.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new(vec![0; 32]);
        rand::fill(&mut bytes).map_err(|_| StoreError::Random)?;
        Ok(Self(bytes))
    }

    /// The bytes, for HMAC.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

/// Checks a value that has our prefix. It tells a mistyped key from an unknown
/// one; whether the key exists is another question.
///
/// # Errors
/// What is wrong with the form.
pub fn check_form(text: &str) -> Result<(), KeyFormError> {
    if text.len() != LENGTH {
        return Err(KeyFormError::Length(text.chars().count()));
    }
    let Some(rest) = text.strip_prefix(PREFIX) else {
        return Err(KeyFormError::Alphabet);
    };
    if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(KeyFormError::Alphabet);
    }
    let (signed, check) = text.split_at(LENGTH - CHECK_CHARS);
    if checksum(signed.as_bytes()) == check { Ok(()) } else { Err(KeyFormError::Checksum) }
}

/// A character from a random byte. 248 is the largest multiple of 62 that a
/// byte holds: what lies above is thrown away, so that no character is likelier
/// than another.
fn base62(byte: u8) -> Option<char> {
    (byte < 248).then(|| char::from(BASE62[usize::from(byte % 62)]))
}

fn checksum(bytes: &[u8]) -> String {
    let mut rest = crc32(bytes);
    let mut digits = [b'0'; CHECK_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

/// CRC-32 as in Ethernet, zlib and PNG (ISO 3309), a bit at a time: a key is
/// 67 bytes and is checked when it was not found.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let carry = if crc & 1 == 1 { POLYNOMIAL } else { 0 };
            (crc >> 1) ^ carry
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_gives_the_published_check_value() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_generated_key_has_our_form() {
        let key = KeyValue::generate().unwrap();
        assert_eq!(key.expose().len(), 73);
        assert_eq!(KeyValue::parse(key.expose()), Ok(key.clone()));
        assert_eq!(key.display().prefix.len(), 8);
        assert!(key.expose().ends_with(&key.display().suffix));
        assert_ne!(key, KeyValue::generate().unwrap());
    }

    #[test]
    fn a_changed_key_is_told_from_an_unknown_one() {
        let text = KeyValue::generate().unwrap().expose().to_owned();
        let swapped = if text.ends_with('0') { "1" } else { "0" };
        let changed = format!("{}{swapped}", &text[..72]);
        assert_eq!(KeyValue::parse(&changed), Err(KeyFormError::Checksum));
        assert_eq!(KeyValue::parse(&text[..72]), Err(KeyFormError::Length(72)));
        assert_eq!(KeyValue::parse(&format!("{}-", &text[..72])), Err(KeyFormError::Alphabet));
        assert_eq!(KeyValue::parse(""), Err(KeyFormError::Empty));
    }

    #[test]
    fn a_key_from_elsewhere_may_have_any_form() {
        assert!(KeyValue::parse("dev").is_ok());
        assert_eq!(KeyValue::unchecked("clé").display().prefix, "");
        let old = "0".repeat(64);
        assert_eq!(KeyValue::unchecked(&old).token_secret().as_bytes(), old.as_bytes());
    }

    #[test]
    fn a_key_longer_than_the_block_signs_with_its_hash() {
        let key = KeyValue::unchecked(&"k".repeat(65));
        let hash = digest::digest(&digest::SHA256, key.expose().as_bytes());
        assert_eq!(key.token_secret().as_bytes(), hash.as_ref());
        assert_ne!(key.lookup_hash().0, hash.as_ref());
    }

    #[test]
    fn secrets_are_not_printed() {
        let key = KeyValue::unchecked("not to be seen");
        let printed = format!("{key:?} {:?} {:?}", key.token_secret(), key.lookup_hash());
        assert_eq!(printed, "KeyValue(…) TokenSecret(…) LookupHash(…)");
    }
}
