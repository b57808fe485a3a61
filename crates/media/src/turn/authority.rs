//! Who may ask for a relay: long-term credentials (RFC 8489, section 9.2).
//! Browsers know no other algorithms for it than MD5 and HMAC-SHA-1. What they
//! protect here is a password of 256 bits that is good for one stay.

use aws_lc_rs::hmac;
use md5::{Digest as _, Md5};

/// What every client is told to mix into its key.
pub(super) const REALM: &str = "parlor";

/// The key that signs messages of this user.
pub(super) fn long_term_key(username: &str, realm: &str, password: &str) -> hmac::Key {
    let key = Md5::digest(format!("{username}:{realm}:{password}"));
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key)
}
