//! The system's random source, at the edge where randomness may be drawn.

use std::io;

/// 32 unpredictable bytes.
pub(crate) fn seed() -> io::Result<[u8; 32]> {
    bytes()
}

/// 16 unpredictable hexadecimal digits.
pub(crate) fn word() -> io::Result<String> {
    Ok(format!("{:016x}", u64::from_be_bytes(bytes()?)))
}

fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_unspecified| io::Error::other("the system's random source failed"))?;
    Ok(bytes)
}
