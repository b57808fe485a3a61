//! E-mail addresses, as far as a server that sends none must know them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest address, in bytes (RFC 5321, 4.5.3.1.3, without the brackets).
pub const MAX_EMAIL_BYTES: usize = 254;

/// An address in small letters, as addresses are compared here. Personal: it
/// does not print itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "it should be an e-mail address such as ana@example.org, of at most {MAX_EMAIL_BYTES} bytes"
)]
pub struct NotAnEmail;

impl Email {
    /// Reads an address: something before and after one `@`, without spaces,
    /// control characters or what marks up text.
    ///
    /// # Errors
    /// [`NotAnEmail`].
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let address = text.trim().to_lowercase();
        let is_plain =
            |c: char| !c.is_control() && !c.is_whitespace() && !"<>\"(),:;\\[]".contains(c);
        let (local, domain) = address.split_once('@').ok_or(NotAnEmail)?;
        let is_whole = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
        if !is_whole || address.len() > MAX_EMAIL_BYTES || !address.chars().all(is_plain) {
            return Err(NotAnEmail);
        }
        Ok(Self(address))
    }

    /// The address, in small letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }

    /// What stands after it.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split('@').nth(1).unwrap_or_default()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn addresses_are_compared_in_small_letters() {
        let email = Email::parse(" Ana@Example.ORG ").unwrap();
        assert_eq!(email.as_str(), "ana@example.org");
        assert_eq!((email.local_part(), email.domain()), ("ana", "example.org"));
        assert_eq!(format!("{email:?}"), "Email(…)");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(300));
        for text in ["", "ana", "@", "ana@", "@x", "a@b@c", "a b@c", "a\n@c", "<a@b>", &long] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
