//! How tokens are signed.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A signature algorithm: the closed list of those that this server makes and
/// accepts. Never a symmetric one, never none.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum SigningAlg {
    /// RSA with SHA-256, which OpenID Connect requires.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// P-256 with SHA-256, for clients that ask for it.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519, for clients that ask for it.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlg {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// The word of the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl FromStr for SigningAlg {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|alg| alg.word() == word).ok_or(())
    }
}
