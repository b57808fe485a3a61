//! The parts of a JSON Web Token, unchecked.

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Map, Value};

/// What a token carries.
pub(crate) struct Jwt {
    /// How it is signed.
    pub(crate) header: Map<String, Value>,
    /// What it says.
    pub(crate) claims: Map<String, Value>,
}

impl Jwt {
    /// Reads a token without looking at its signature.
    pub(crate) fn decode(token: &str) -> anyhow::Result<Self> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, _signature] = parts.as_slice() else {
            bail!(
                "this is no meeting token: one has three parts with a dot between them, and this has {}",
                parts.len()
            );
        };
        Ok(Self { header: object(header, "first")?, claims: object(payload, "second")? })
    }
}

fn object(segment: &str, which: &str) -> anyhow::Result<Map<String, Value>> {
    let bytes = BASE64
        .decode(segment.trim_end_matches('='))
        .with_context(|| format!("this is no meeting token: its {which} part is not base64url"))?;
    serde_json::from_slice(&bytes)
        .with_context(|| format!("this is no meeting token: its {which} part is not a JSON object"))
}
