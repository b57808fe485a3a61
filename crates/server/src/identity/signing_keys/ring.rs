//! The keys as they are used: parsed once, not for every token.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use parlor_model::oauth::SigningAlg;
use parlor_model::time::UnixMillis;
use parlor_store::oauth::signing_keys::{self, Rotation, SigningKey};
use parlor_store::seal::MasterKey;
use serde::Serialize;

use crate::failure::Failure;

/// All keys that there are.
#[derive(Debug, Default)]
pub(super) struct Ring {
    rows: Vec<SigningKey>,
    checking: Vec<Arc<CheckingKey>>,
    signing: Vec<SigningPair>,
}

/// A key that checks signatures.
pub(crate) struct CheckingKey {
    pub(crate) kid: String,
    alg: SigningAlg,
    public: Jwk,
    key: DecodingKey,
}

/// A key that signs.
pub(super) struct SigningPair {
    pub(super) kid: String,
    alg: SigningAlg,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Ring {
    /// The keys of `rows`.
    pub(super) fn of(rows: Vec<SigningKey>, master_key: &MasterKey) -> Result<Self, Failure> {
        let checking = rows.iter().map(|row| CheckingKey::of(row).map(Arc::new));
        let signing = rows.iter().filter(|row| row.is_current());
        Ok(Self {
            checking: checking.collect::<Result<_, _>>()?,
            signing: signing
                .map(|row| SigningPair::of(row, master_key))
                .collect::<Result<_, _>>()?,
            rows,
        })
    }

    pub(super) fn is_due(&self, rotation: Rotation, now: UnixMillis) -> bool {
        signing_keys::is_due(&self.rows, rotation, now)
    }

    pub(super) fn current(&self, alg: SigningAlg) -> Option<&SigningPair> {
        self.signing.iter().find(|key| key.alg == alg)
    }

    pub(super) fn checking(&self, kid: &str) -> Option<Arc<CheckingKey>> {
        self.checking.iter().find(|key| key.kid == kid).map(Arc::clone)
    }

    pub(super) fn published(&self) -> JwkSet {
        JwkSet { keys: self.checking.iter().map(|key| key.public.clone()).collect() }
    }
}

impl CheckingKey {
    fn of(row: &SigningKey) -> Result<Self, Failure> {
        let public: Jwk = serde_json::from_str(&row.public_key)
            .map_err(|source| Failure::Record { what: "signing key", source })?;
        let key = DecodingKey::from_jwk(&public)
            .map_err(|_| Failure::SigningKeys("a public part cannot be read"))?;
        Ok(Self { kid: row.id.to_string(), alg: row.alg, public, key })
    }

    /// Whether `signature` (base64url) is this key's over `message`, made with
    /// the algorithm that the header names. The key has one of its own, and no
    /// header can make it do another.
    pub(crate) fn has_signed(&self, alg: SigningAlg, message: &str, signature: &str) -> bool {
        let algorithm = match self.alg {
            SigningAlg::Rs256 => Algorithm::RS256,
            SigningAlg::Es256 => Algorithm::ES256,
            SigningAlg::EdDsa => Algorithm::EdDSA,
        };
        self.alg == alg
            && crypto::verify(signature, message.as_bytes(), &self.key, algorithm).unwrap_or(false)
    }
}

impl SigningPair {
    fn of(row: &SigningKey, master_key: &MasterKey) -> Result<Self, Failure> {
        let private = row.private(master_key)?;
        let pair = match row.alg {
            SigningAlg::Rs256 => RsaKeyPair::from_pkcs8(&private).map(Box::new).map(Pair::Rsa),
            SigningAlg::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private).map(Pair::P256)
            }
            SigningAlg::EdDsa => Ed25519KeyPair::from_pkcs8(&private).map(Pair::Ed25519),
        };
        let pair = pair.map_err(|_| Failure::SigningKeys("a private part cannot be read"))?;
        Ok(Self { kid: row.id.to_string(), alg: row.alg, pair })
    }

    /// The signature of `message`, in base64url.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, Failure> {
        let failed = |_| Failure::SigningKeys("one could not sign");
        let random = SystemRandom::new();
        Ok(match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                BASE64.encode(signature)
            }
            Pair::P256(pair) => BASE64.encode(pair.sign(&random, message).map_err(failed)?),
            Pair::Ed25519(pair) => BASE64.encode(pair.try_sign(message).map_err(failed)?),
        })
    }
}

impl fmt::Debug for CheckingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckingKey({})", self.kid)
    }
}

impl fmt::Debug for SigningPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningPair({})", self.kid)
    }
}

/// A part of a token: JSON in base64url.
pub(super) fn part(content: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_vec(content)
        .map_err(|_| Failure::SigningKeys("a token could not be written"))?;
    Ok(BASE64.encode(json))
}
