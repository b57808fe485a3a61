//! The system's random source. The parts take random bytes as inputs; here,
//! at the edge, they are drawn.

use anyhow::Context as _;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};

/// Draws `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok().context("the system's random source failed")?;
    Ok(bytes)
}

/// Draws `len` lower-case letters and digits, for names that people type.
pub(crate) fn word<const N: usize>() -> anyhow::Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters = bytes::<N>()?.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    Ok(letters.iter().collect())
}
