//! Passwords: Argon2id, on threads of their own kind and only so many at once.
//!
//! One hash costs 19 MiB and some tens of milliseconds of a core, on purpose.
//! So sign-ins are served by half of the cores and wait in a bounded line: a
//! flood of them is refused, and calls go on. An account that does not exist,
//! or has no password, costs the same as one that does.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use parlor_model::error::{ApiError, ErrorKind};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::random;

/// Memory of one hash, in KiB: 19 MiB, the least that OWASP advises with two
/// passes. More makes guessing dearer for who stole the hashes, and for us.
const MEMORY_KIB: u32 = 19 * 1024;

/// Passes over the memory. More costs time on both sides alike.
const PASSES: u32 = 2;

/// Lanes of one hash; more than one would need more threads for one sign-in.
const LANES: u32 = 1;

/// Shortest password, in characters. Shorter ones are found by guessing.
pub(crate) const MIN_CHARS: usize = 8;

/// Longest password, in bytes. More helps nobody, and all of it is hashed.
pub(crate) const MAX_BYTES: usize = 256;

/// How many may wait for a turn. At some forty milliseconds each, who stands
/// further back would give up before it is their turn.
const MAX_WAITING: usize = 64;

/// What an unknown account's password is compared with: a hash of the same
/// cost that no password has.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmU$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How many hash at once. The cores are the process's, so this is, too.
static SEATS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new((cores / 2).max(1))
});

/// The line before the seats: who holds none of these is refused.
static LINE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(MAX_WAITING));

/// Why a password was not hashed or compared.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Too many are waiting.
    #[error("too many people are signing in at once; try again in a moment")]
    Busy,
    /// It cannot be anybody's password.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The system gave no random bytes.
    #[error("the system's random source failed")]
    Random,
    /// The library refused.
    #[error("the password could not be hashed")]
    Hash(#[source] argon2::password_hash::Error),
    /// The thread ended early.
    #[error("the thread that hashes ended early")]
    Thread,
}

/// What is wrong with a new password. The texts are for who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Guessed soon.
    #[error("the password should have at least {MIN_CHARS} characters")]
    Short,
    /// Longer than is hashed.
    #[error("the password should have at most {MAX_BYTES} bytes")]
    Long,
}

impl From<PasswordError> for Failure {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => ApiError::unavailable("too many people are signing in").into(),
            PasswordError::Unfit(unfit) => {
                ApiError::new(ErrorKind::InvalidRequest, unfit.to_string()).into()
            }
            PasswordError::Random => Self::Random,
            error @ (PasswordError::Hash(_) | PasswordError::Thread) => Self::Password(error),
        }
    }
}

/// Whether a new password may be taken.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(password: &str) -> Result<(), Unfit> {
    if password.chars().count() < MIN_CHARS {
        return Err(Unfit::Short);
    }
    if password.len() > MAX_BYTES {
        return Err(Unfit::Long);
    }
    Ok(())
}

/// The hash of a new password, as it is stored (a PHC string).
///
/// # Errors
/// [`PasswordError::Unfit`] when [`check`] refuses it, [`PasswordError::Busy`]
/// when too many wait.
pub async fn hash(password: &str) -> Result<String, PasswordError> {
    check(password)?;
    hash_any(password).await
}

/// The same, of a password that nobody judges: `parlor dev` takes any.
pub(crate) async fn hash_any(password: &str) -> Result<String, PasswordError> {
    let password = Zeroizing::new(password.to_owned());
    let salt: [u8; 16] = random::bytes().map_err(|_| PasswordError::Random)?;
    in_turn(move || {
        let hash = hasher().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(PasswordError::Hash)
    })
    .await?
}

/// Whether `password` is the one whose hash is stored. `None`, for an account
/// that does not exist or has no password, is compared all the same.
///
/// # Errors
/// [`PasswordError::Busy`] when too many wait.
pub(crate) async fn verify(stored: Option<&str>, password: &str) -> Result<bool, PasswordError> {
    let is_anybody = stored.is_some();
    let stored = stored.unwrap_or(NOBODY).to_owned();
    // Cut, not refused at once: the time must not tell either.
    let cut = password.floor_char_boundary(MAX_BYTES);
    let is_whole = cut == password.len();
    let password = Zeroizing::new(password[..cut].to_owned());
    let is_same =
        in_turn(move || hasher().verify_password(password.as_bytes(), stored.as_str()).is_ok())
            .await?;
    Ok(is_same && is_anybody && is_whole)
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .expect("the constants are within the bounds of Argon2; a test hashes with them");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Runs `work` on a blocking thread when it is its turn.
async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PasswordError> {
    let _place = LINE.try_acquire().map_err(|_| PasswordError::Busy)?;
    let seat = SEATS.acquire().await.map_err(|_| PasswordError::Thread)?;
    // The seat goes with the work: who hangs up does not let another in early.
    let done = spawn_blocking(move || {
        let _seat = seat;
        work()
    });
    done.await.map_err(|_| PasswordError::Thread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_others_are_not() {
        let stored = hash("correct horse").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_ne!(stored, hash("correct horse").await.unwrap());
        assert!(verify(Some(&stored), "correct horse").await.unwrap());
        for wrong in ["", "correct hors", "correct horse ", &"x".repeat(10_000)] {
            assert!(!verify(Some(&stored), wrong).await.unwrap());
        }
    }

    #[tokio::test]
    async fn nobody_has_a_password_that_fits() {
        assert!(!verify(None, "").await.unwrap());
        assert!(!verify(None, "correct horse").await.unwrap());
        assert!(!verify(Some("not a hash"), "correct horse").await.unwrap());
    }

    /// The comparison with nobody's hash must be a real one.
    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let start = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
        assert!(NOBODY.starts_with(&start));
        let refused = hasher().verify_password(b"x", NOBODY).unwrap_err();
        assert_eq!(refused, argon2::password_hash::Error::PasswordInvalid);
    }

    #[test]
    fn new_passwords_have_a_fair_length() {
        assert_eq!(check("1234567"), Err(Unfit::Short));
        assert_eq!(check(&"é".repeat(129)), Err(Unfit::Long));
        assert_eq!(check("12345678"), Ok(()));
    }
}
