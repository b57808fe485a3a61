//! What an application asks to know of a person.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// An ID token: who the person is.
    Openid,
    /// Their name.
    Profile,
    /// Their e-mail address, and whether it was verified.
    Email,
    /// A refresh token: access while they are away.
    OfflineAccess,
}

impl Scope {
    /// All of them, as the metadata lists them.
    pub const ALL: [Self; 4] = [Self::Openid, Self::Profile, Self::Email, Self::OfflineAccess];

    /// The word of the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// What it gives to the application, for the person who is asked.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Openid => "Know who you are",
            Self::Profile => "See your name",
            Self::Email => "See your email address",
            Self::OfflineAccess => "Stay signed in while you are away",
        }
    }
}

/// A set of scopes. On the wire: words with a space between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Those of `text` that this server knows; others are passed over (OpenID
    /// Connect Core, section 3.1.2.1).
    #[must_use]
    pub fn known_in(text: &str) -> Self {
        text.split(' ').filter_map(|word| word.parse().ok()).collect()
    }

    /// Whether `scope` is among them.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether all of these are among `other`.
    #[must_use]
    pub fn are_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// These and those of `other`.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|scope| scope.word() == word).ok_or(())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Scope::word).collect();
        f.write_str(&words.join(" "))
    }
}

impl From<String> for Scopes {
    fn from(text: String) -> Self {
        Self::known_in(&text)
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Scopes};

    #[test]
    fn unknown_scopes_are_passed_over() {
        let scopes = Scopes::known_in("email write:everything openid  openid");
        assert_eq!(scopes.to_string(), "openid email");
        assert!(scopes.has(Scope::Email) && !scopes.has(Scope::Profile));
        assert!(Scopes::known_in("").is_empty());
    }

    #[test]
    fn fewer_are_within_more() {
        let (few, many) = (Scopes::known_in("openid"), Scopes::known_in("openid email"));
        assert!(few.are_within(&many) && !many.are_within(&few));
        assert_eq!(few.with(&many), many);
    }
}
