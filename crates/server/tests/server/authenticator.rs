//! A passkey device in software: makes ES256 keys without attestation and signs
//! with them, as CTAP2 devices do, or as somebody who forges would.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The origin that the test server's passkeys are for.
pub(crate) const ORIGIN: &str = "https://parlor.test";

/// Its name.
const RP_ID: &str = "parlor.test";

/// User present and verified; with the key attached where one is made.
const VERIFIED: u8 = 0b0000_0101;
const ATTACHED: u8 = 0b0100_0000;

/// A device with one passkey.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: [u8; 16],
    user_handle: String,
    pub(crate) count: u32,
    /// What the browser says where it is.
    pub(crate) origin: &'static str,
    /// Whether it asked for a finger or a PIN.
    pub(crate) is_verifying: bool,
}

impl Authenticator {
    pub(crate) fn new(number: u8) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: [number; 16],
            user_handle: String::new(),
            count: 1,
            origin: ORIGIN,
            is_verifying: true,
        }
    }

    /// Makes the passkey that `options` ask for.
    pub(crate) fn make(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        self.user_handle = asked["user"]["id"].as_str().unwrap().to_owned();
        let mut data = self.data(ATTACHED);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.id);
        data.extend(self.cose_key());
        let length = u8::try_from(data.len()).unwrap();
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(length);
        object.extend(data);
        let said = self.client_data("webauthn.create", asked);
        json!({
            "id": encoded(&self.id),
            "rawId": encoded(&self.id),
            "type": "public-key",
            "response": {
                "attestationObject": encoded(&object),
                "clientDataJSON": encoded(said.as_bytes()),
            },
        })
    }

    /// Signs in as `options` ask.
    pub(crate) fn sign(&mut self, options: &Value) -> Value {
        self.count += 1;
        let said = self.client_data("webauthn.get", &options["publicKey"]);
        let data = self.data(0);
        let signed = [data.as_slice(), digest(&SHA256, said.as_bytes()).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": encoded(&self.id),
            "rawId": encoded(&self.id),
            "type": "public-key",
            "response": {
                "authenticatorData": encoded(&data),
                "clientDataJSON": encoded(said.as_bytes()),
                "signature": encoded(signature.as_ref()),
                "userHandle": self.user_handle,
            },
        })
    }

    /// Says from now on that its passkey is somebody else's.
    pub(crate) fn claim(&mut self, user_handle: &[u8]) {
        self.user_handle = encoded(user_handle);
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let verified = if self.is_verifying { VERIFIED } else { 1 };
        let mut data = digest(&SHA256, RP_ID.as_bytes()).as_ref().to_vec();
        data.push(verified | more);
        data.extend(self.count.to_be_bytes());
        data
    }

    fn cose_key(&self) -> Vec<u8> {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
    }

    fn client_data(&self, kind: &str, asked: &Value) -> String {
        let challenge = &asked["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
