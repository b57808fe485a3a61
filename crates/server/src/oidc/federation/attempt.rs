//! One way out to a provider and back, bound to the browser that went.
//!
//! The browser keeps a cookie: which provider, when, for what, and 256 random
//! bits. What the provider hands back (`state`), what it signs (`nonce`) and
//! what the code is exchanged with (`code_verifier`) are each a labelled hash of
//! the whole cookie. So nothing lies in the records for strangers who never come
//! back, whoever changes a part of the cookie has no answer that fits it, and
//! an answer that was made for one browser is worth nothing in another.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use parlor_model::id::UserId;
use parlor_model::time::UnixMillis;
use parlor_store::secret_token::{SecretToken, TokenHash, TokenKind};

use crate::failure::Failure;

/// For how long the way back is open, in seconds. Longer suits people who look
/// for their second factor; an attempt that was left open is good for as long.
pub(crate) const LIFE_SECONDS: i64 = 600;

/// Longest way on that fits into the cookie, in bytes; browsers keep 4096 for
/// all of it. A longer one ends on the dashboard.
const MAX_WAY_BYTES: usize = 3000;

/// An attempt, as the cookie says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Through which provider.
    pub(crate) provider: String,
    /// Since when.
    pub(crate) began_at: UnixMillis,
    /// Whose account it is to open from now on; `None`: to sign in.
    pub(crate) connects: Option<UserId>,
    /// Where they go after it: an address of ours.
    pub(crate) way: String,
    cookie: String,
}

impl Attempt {
    /// A new attempt.
    pub(crate) fn begin(
        provider: &str,
        connects: Option<UserId>,
        way: &str,
        now: UnixMillis,
    ) -> Result<Self, Failure> {
        let secret = SecretToken::generate()?;
        let way = if way.len() > MAX_WAY_BYTES { "/dashboard" } else { way };
        let whom = connects.map(|user| user.to_string()).unwrap_or_default();
        // Quotation marks, commas and semicolons are no part of a cookie (RFC
        // 6265, section 4.1.1), and a way has no backslash and no space.
        let plain = way.replace('"', "%22").replace(',', "%2C").replace(';', "%3B");
        let cookie = format!("{provider}!{}!{}!{whom}!{plain}", now.as_millis(), secret.expose());
        Ok(Self { provider: provider.to_owned(), began_at: now, connects, way: plain, cookie })
    }

    /// The attempt of a browser that brings this cookie, if it is still open.
    pub(crate) fn read(cookie: &str, now: UnixMillis) -> Option<Self> {
        let mut parts = cookie.splitn(5, '!');
        let provider = parts.next()?.to_owned();
        let began_at = UnixMillis::new(parts.next()?.parse().ok()?);
        let _secret = parts.next()?;
        let whom = parts.next()?;
        let connects = match whom {
            "" => None,
            id => Some(id.parse().ok()?),
        };
        let way = parts.next()?.to_owned();
        let age = now.as_millis().checked_sub(began_at.as_millis())?;
        let is_open = (0..LIFE_SECONDS * 1000).contains(&age);
        let cookie = cookie.to_owned();
        is_open.then_some(Self { provider, began_at, connects, way, cookie })
    }

    /// What the browser keeps.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// What the provider hands back.
    pub(crate) fn state(&self) -> String {
        self.derived(TokenKind::FederationState)
    }

    /// What the provider signs.
    pub(crate) fn nonce(&self) -> String {
        self.derived(TokenKind::FederationNonce)
    }

    /// What the code is exchanged with: 43 unreserved characters.
    pub(crate) fn verifier(&self) -> String {
        self.derived(TokenKind::FederationVerifier)
    }

    /// Whether an answer was made for this attempt.
    pub(crate) fn is_answered_by(&self, state: &str) -> bool {
        verify_slices_are_equal(self.state().as_bytes(), state.as_bytes()).is_ok()
    }

    fn derived(&self, kind: TokenKind) -> String {
        TokenHash::of(kind, &self.cookie).as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_893_456_000_000);

    fn attempt() -> Attempt {
        Attempt::begin("corp", None, "/oauth/authorize?a=1,2;3&b=\"x\"!y", NOW).unwrap()
    }

    #[test]
    fn a_cookie_brings_its_attempt_back() {
        let begun = attempt();
        assert_eq!(Attempt::read(begun.cookie(), NOW), Some(begun.clone()));
        assert_eq!(begun.way, "/oauth/authorize?a=1%2C2%3B3&b=%22x%22!y");
        assert!(begun.is_answered_by(&begun.state()));
        assert_eq!(begun.verifier().len(), 43);
        let user = UserId::from_random([3; 16]);
        let connecting = Attempt::begin("corp", Some(user), "/dashboard", NOW).unwrap();
        assert_eq!(Attempt::read(connecting.cookie(), NOW).unwrap().connects, Some(user));
    }

    #[test]
    fn it_is_open_for_ten_minutes_and_never_before_it_began() {
        let cookie = attempt().cookie().to_owned();
        let at = |seconds| Attempt::read(&cookie, NOW.plus_seconds(seconds));
        assert!(at(LIFE_SECONDS - 1).is_some());
        assert!(at(LIFE_SECONDS).is_none() && at(-1).is_none());
    }

    #[test]
    fn whoever_changes_a_part_of_the_cookie_has_no_answer_for_it() {
        let begun = attempt();
        let state = begun.state();
        for changed in [
            begun.cookie().replace("corp", "evil"),
            begun.cookie().replace("/oauth", "/account"),
            begun.cookie().replacen("!1893456000000", "!1893456000001", 1),
        ] {
            let other = Attempt::read(&changed, NOW.plus_seconds(1)).unwrap();
            assert!(!other.is_answered_by(&state), "{changed}");
        }
        assert!(!attempt().is_answered_by(&state));
        assert!(!begun.is_answered_by("") && !begun.is_answered_by(&begun.nonce()));
    }

    #[test]
    fn what_is_no_cookie_of_ours_is_nothing() {
        for cookie in ["", "corp", "corp!x!y!!/z", "corp!1!y", "!!!!", "corp!1!y!nobody!/z"] {
            assert_eq!(Attempt::read(cookie, UnixMillis::new(2)), None, "{cookie}");
        }
        let long = format!("/account?{}", "x".repeat(4000));
        assert_eq!(Attempt::begin("corp", None, &long, NOW).unwrap().way, "/dashboard");
    }
}
