//! Against the examples of the RFCs, a reference made of other parts, and what
//! somebody on the way may do.

mod hostile;
mod reference;
mod vectors;

use zeroize::Zeroizing;

use super::{KeyingMaterial, Keys, Profile};

const PROFILES: [Profile; 3] = [Profile::Aes128Gcm, Profile::Aes256Gcm, Profile::Aes128CmSha1_80];

fn material(profile: Profile, is_client: bool) -> KeyingMaterial {
    let length = 2 * (profile.key_bytes() + profile.salt_bytes());
    let bytes = (0..=u8::MAX).map(|byte| byte.wrapping_mul(113)).take(length).collect();
    KeyingMaterial { profile, bytes: Zeroizing::new(bytes), is_client }
}

/// The keys of both ends: the client's, the server's.
fn ends(profile: Profile) -> (Keys, Keys) {
    let end = |is_client| Keys::derive(&material(profile, is_client)).unwrap();
    (end(true), end(false))
}

/// A receiver report of this sender, and something behind it.
fn report(ssrc: u32) -> Vec<u8> {
    let mut compound = Vec::new();
    crate::rtcp::sample::receiver_report(&mut compound, ssrc, &[]);
    crate::rtcp::sample::nack(&mut compound, ssrc, 9, &[3, 4, 700]);
    compound
}
