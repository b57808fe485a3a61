//! The system's random source, at the edge where randomness may be drawn.

use std::io;

/// 32 unpredictable bytes.
pub(crate) fn seed() -> io::Result<[u8; 32]> {
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed)
        .map_err(|_unspecified| io::Error::other("the system's random source failed"))?;
    Ok(seed)
}
