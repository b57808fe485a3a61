//! `/users/me`.

use serde::{Deserialize, Serialize};

use super::{Email, Timestamp};
use crate::id::UserId;

/// Longest name of a person or an organization, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// A person, as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: UserId,
    /// What others read.
    pub name: String,
    /// In small letters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "email"))]
    pub email: Email,
    /// Whether somebody vouched for the address: who made the account, or a
    /// provider that is trusted.
    pub email_verified: bool,
    /// None: nothing here uses them.
    pub public_keys: Vec<PublicKey>,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// A public key of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKey {
    /// The key.
    pub key: String,
    /// What its owner calls it.
    pub name: String,
}

/// A name of a person, an organization or a role: 1 to 100 characters without
/// control characters and without `<` and `>`; spaces around it do not count.
/// `None` when it is none.
#[must_use]
pub fn parse_name(text: &str) -> Option<&str> {
    let name = text.trim();
    let fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
    let is_plain = !name.contains(|c: char| c.is_control() || matches!(c, '<' | '>'));
    (fits && is_plain).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::parse_name;

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(parse_name(" Ana "), Some("Ana"));
        assert_eq!(parse_name(&"é".repeat(100)).map(str::len), Some(200));
        for text in ["", " ", "a\nb", "<b>", &"a".repeat(101)] {
            assert_eq!(parse_name(text), None, "{text}");
        }
    }
}
