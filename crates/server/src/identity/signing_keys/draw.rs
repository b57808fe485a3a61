//! Fresh keys, from the cryptography library's own generators.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters,
    EllipticCurveKeyType, Jwk, KeyAlgorithm, OctetKeyPairParameters, OctetKeyPairType,
    PublicKeyUse, RSAKeyParameters, RSAKeyType,
};
use parlor_model::id::SigningKeyId;
use parlor_model::oauth::SigningAlg;
use parlor_model::time::UnixMillis;
use parlor_store::oauth::signing_keys::SigningKey;
use parlor_store::seal::MasterKey;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::random;

/// A private key as its library reads it again, and the public part.
struct Drawn {
    private: Zeroizing<Vec<u8>>,
    public: AlgorithmParameters,
}

/// Two keys for each algorithm: one that signs, and the next one. Drawing RSA
/// keys takes a core for a good part of a second.
pub(super) fn keys(master_key: &MasterKey, now: UnixMillis) -> Result<Vec<SigningKey>, Failure> {
    let twice = SigningAlg::ALL.into_iter().flat_map(|alg| [alg, alg]);
    twice.map(|alg| key(alg, master_key, now)).collect()
}

fn key(alg: SigningAlg, master_key: &MasterKey, now: UnixMillis) -> Result<SigningKey, Failure> {
    let id = SigningKeyId::from_random(random::bytes()?);
    let drawn = match alg {
        SigningAlg::Rs256 => rsa(),
        SigningAlg::Es256 => p256(),
        SigningAlg::EdDsa => ed25519(),
    }?;
    let jwk = Jwk { common: common(id, alg), algorithm: drawn.public };
    let public = serde_json::to_string(&jwk)
        .map_err(|_| Failure::SigningKeys("a public part could not be written"))?;
    Ok(SigningKey::new(id, alg, public, &drawn.private, now, master_key)?)
}

fn common(id: SigningKeyId, alg: SigningAlg) -> CommonParameters {
    let algorithm = match alg {
        SigningAlg::Rs256 => KeyAlgorithm::RS256,
        SigningAlg::Es256 => KeyAlgorithm::ES256,
        SigningAlg::EdDsa => KeyAlgorithm::EdDSA,
    };
    CommonParameters {
        public_key_use: Some(PublicKeyUse::Signature),
        key_algorithm: Some(algorithm),
        key_id: Some(id.to_string()),
        ..CommonParameters::default()
    }
}

fn rsa() -> Result<Drawn, Failure> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| Failure::Random)?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| unwritable())?;
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    Ok(Drawn {
        private: Zeroizing::new(private.as_ref().to_vec()),
        public: AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: BASE64.encode(public.n),
            e: BASE64.encode(public.e),
        }),
    })
}

fn p256() -> Result<Drawn, Failure> {
    let pair =
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| Failure::Random)?;
    let private = pair.to_pkcs8v1().map_err(|_| unwritable())?;
    // Uncompressed: a byte that says so, then both coordinates.
    let point = pair.public_key().as_ref().get(1..65).ok_or_else(unwritable)?;
    let (x, y) = point.split_at(32);
    Ok(Drawn {
        private: Zeroizing::new(private.as_ref().to_vec()),
        public: AlgorithmParameters::EllipticCurve(EllipticCurveKeyParameters {
            key_type: EllipticCurveKeyType::EC,
            curve: EllipticCurve::P256,
            x: BASE64.encode(x),
            y: BASE64.encode(y),
        }),
    })
}

fn ed25519() -> Result<Drawn, Failure> {
    let pair = Ed25519KeyPair::generate().map_err(|_| Failure::Random)?;
    let private = pair.to_pkcs8().map_err(|_| unwritable())?;
    Ok(Drawn {
        private: Zeroizing::new(private.as_ref().to_vec()),
        public: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: BASE64.encode(pair.public_key().as_ref()),
        }),
    })
}

fn unwritable() -> Failure {
    Failure::SigningKeys("a fresh one could not be written")
}
