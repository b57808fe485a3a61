//! Secrets that a browser or a program presents to be known again: sessions,
//! invitations, authorization codes, refresh tokens. Each is 256 random bits;
//! what is stored is a hash, under a label of its kind, so that a value of one
//! kind is nothing in another's place.

use std::fmt;

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// What a token is for; part of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A browser's session cookie.
    Session,
    /// The link of an invitation.
    Invitation,
    /// An authorization code of OAuth.
    OauthCode,
    /// A refresh token of OAuth.
    RefreshToken,
    /// What a device asks with whether it was let in.
    DeviceCode,
    /// What a person types for a device.
    UserCode,
    /// What an application proves itself with.
    ClientSecret,
    /// What the forms of a page carry; made of the page's cookie, never drawn.
    Csrf,
    /// What another provider hands back with a code; like the two after it made
    /// of the cookie of a sign-in there, never drawn.
    FederationState,
    /// What that provider puts into its ID token.
    FederationNonce,
    /// What the code of that provider is exchanged with.
    FederationVerifier,
}

impl TokenKind {
    /// Never changed: what is stored would not be found again.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"parlor session v1\0",
            Self::Invitation => b"parlor invitation v1\0",
            Self::OauthCode => b"parlor oauth code v1\0",
            Self::RefreshToken => b"parlor refresh token v1\0",
            Self::DeviceCode => b"parlor device code v1\0",
            Self::UserCode => b"parlor user code v1\0",
            Self::ClientSecret => b"parlor client secret v1\0",
            Self::Csrf => b"parlor form v1\0",
            Self::FederationState => b"parlor federation state v1\0",
            Self::FederationNonce => b"parlor federation nonce v1\0",
            Self::FederationVerifier => b"parlor federation verifier v1\0",
        }
    }
}

/// A secret as its holder knows it: 43 characters of base64url. Wiped when
/// dropped; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(Zeroizing<String>);

impl SecretToken {
    /// Draws one from the system's random source.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the source fails.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| StoreError::Random)?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))))
    }

    /// The value, to be handed out once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Under which hash it is stored.
    #[must_use]
    pub fn hash(&self, kind: TokenKind) -> TokenHash {
        TokenHash::of(kind, &self.0)
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(…)")
    }
}

/// SHA-256 over the kind's label and the value, in base64url.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenHash(String);

impl TokenHash {
    /// The hash of a presented value, whatever its form.
    #[must_use]
    pub fn of(kind: TokenKind, presented: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(kind.label());
        context.update(presented.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(context.finish().as_ref()))
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{SecretToken, TokenHash, TokenKind};

    #[test]
    fn a_token_is_known_again_in_its_own_place_only() {
        let token = SecretToken::generate().unwrap();
        assert_eq!(token.expose().len(), 43);
        assert_ne!(token, SecretToken::generate().unwrap());
        let hash = token.hash(TokenKind::Session);
        assert_eq!(hash, TokenHash::of(TokenKind::Session, token.expose()));
        assert_ne!(hash, TokenHash::of(TokenKind::OauthCode, token.expose()));
        assert_eq!(format!("{token:?} {hash:?}"), "SecretToken(…) TokenHash(…)");
    }
}
