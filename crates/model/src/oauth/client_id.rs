//! How an OAuth client is named.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest client id, in characters. It stands in addresses and log lines.
const MAX_CHARS: usize = 100;

/// The id of an OAuth client: letters, digits, `-`, `_` and `.`, so that it
/// needs no escaping anywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OauthClientId(String);

/// Why a text is no client id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "a client id has 1 to {MAX_CHARS} characters, each a letter, a digit or one of '-', '_', '.'"
)]
pub struct ClientIdError;

impl OauthClientId {
    /// The command line's own client.
    #[must_use]
    pub fn cli() -> Self {
        Self("cli".to_owned())
    }

    /// The pages of this server. Nobody else can ask for tokens under it.
    #[must_use]
    pub fn dashboard() -> Self {
        Self("dashboard".to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OauthClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if text.is_empty() || text.len() > MAX_CHARS || !text.bytes().all(is_plain) {
            return Err(ClientIdError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for OauthClientId {
    type Error = ClientIdError;

    fn try_from(text: String) -> Result<Self, ClientIdError> {
        text.parse()
    }
}

impl From<OauthClientId> for String {
    fn from(id: OauthClientId) -> Self {
        id.0
    }
}

impl fmt::Display for OauthClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::OauthClientId;

    #[test]
    fn id_has_only_characters_that_need_no_escaping() {
        for good in ["cli", "my-app", "a.b_C-9"] {
            assert_eq!(good.parse::<OauthClientId>().unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a/b", "ü", "a\n", "<b>", &"x".repeat(101)] {
            assert!(bad.parse::<OauthClientId>().is_err(), "{bad}");
        }
    }
}
