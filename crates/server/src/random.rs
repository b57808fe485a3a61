//! Where randomness comes from: the system's generator, through aws-lc-rs. The
//! one place of this crate that draws; everything else is handed bytes.

use aws_lc_rs::rand;

use crate::failure::Failure;

/// `N` bytes nobody can guess.
///
/// # Errors
/// When the system's generator fails, which no retry mends.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Failure::Random)?;
    Ok(bytes)
}
