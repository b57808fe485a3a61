//! Names of rooms. A name is the last segment of the room's URL, so it must
//! not be an address of the server.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// Longest room name, in characters.
pub const MAX_CHARS: usize = 128;
/// Length of the names the server makes up.
pub const GENERATED_CHARS: usize = 20;

/// Names that are addresses of the server, sorted. Complete from the first
/// release, so that no later route takes a room away. Exact and case-sensitive.
pub const RESERVED: &[&str] = &[
    "_dev",
    "_parlor",
    "account",
    "admin",
    "api",
    "api-keys",
    "audit",
    "call-machine",
    "config",
    "dashboard",
    "docker-registry",
    "docs",
    "health",
    "healthz",
    "login",
    "logout",
    "mcp",
    "metrics",
    "oauth",
    "object-storage",
    "organizations",
    "readyz",
    "regions",
    "runners",
    "sandbox",
    "secret",
    "snapshots",
    "static",
    "toolbox",
    "users",
    "v1",
    "volumes",
];

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A valid room name: 1 to [`MAX_CHARS`] of `[A-Za-z0-9_-]`, not reserved.
/// Compared case-sensitively.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct RoomName(String);

impl RoomName {
    /// Checks a name that a caller gave.
    ///
    /// # Errors
    ///
    /// With the text for the caller, when it is empty, too long, holds other
    /// characters, or is reserved.
    pub fn parse(name: &str) -> Result<Self, ApiError> {
        if name.is_empty() {
            return Err(ApiError::room_name_empty());
        }
        if name.len() > MAX_CHARS {
            let chars = name.chars().count();
            if chars > MAX_CHARS {
                return Err(ApiError::room_name_length(chars, MAX_CHARS));
            }
        }
        if !name.bytes().all(is_allowed) {
            return Err(ApiError::room_name_characters(name));
        }
        if RESERVED.binary_search(&name).is_ok() {
            return Err(ApiError::room_name_reserved(name));
        }
        Ok(Self(name.to_owned()))
    }

    /// Makes up a name of [`GENERATED_CHARS`] letters and digits. Two random
    /// bytes a character keep the bias under one in a thousand.
    #[must_use]
    pub fn from_random(bytes: [u8; 2 * GENERATED_CHARS]) -> Self {
        let pick = |pair: &[u8]| {
            let number = pair.iter().fold(0_usize, |sum, byte| sum * 256 + usize::from(*byte));
            char::from(ALPHABET[number % ALPHABET.len()])
        };
        Self(bytes.chunks_exact(2).map(pick).collect())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RoomName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_sorted_for_the_search() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn ordinary_names_are_accepted() {
        for name in ["standup", "-dash", "_x", "V1", "Docs", "a", "api2", &"x".repeat(128)] {
            assert_eq!(RoomName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn bad_names_are_refused_with_the_reason() {
        let cases = [
            ("", "empty"),
            ("a b", "a b contains invalid characters"),
            ("zoë", "zoë contains invalid characters"),
            ("a/b", "a/b contains invalid characters"),
            (&"x".repeat(129), "exceeds 128 characters"),
            ("v1", "room name v1 is reserved: it is an address of this server"),
        ];
        for (name, info) in cases {
            let error = RoomName::parse(name).unwrap_err();
            assert!(error.info.contains(info), "{name:?}: {}", error.info);
        }
    }

    #[test]
    fn generated_names_are_valid() {
        let name =
            RoomName::from_random(std::array::from_fn(|index| u8::try_from(index * 6).unwrap()));
        assert_eq!(name.as_str().len(), GENERATED_CHARS);
        assert_eq!(RoomName::parse(name.as_str()).unwrap(), name);
    }
}
