//! How often somebody may try to sign in. What is counted is the account that
//! was named, whether there is one or not, and the network that asks.
//!
//! ```text
//! from one network              bounds a guesser, and what is kept of one
//! at one account from there     bounds who knows whose account it is
//! at one account altogether     bounds many who guess together
//! ```
//! The last of them would let strangers keep somebody out, so it does not count
//! where they got in before.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use parlor_model::time::UnixMillis;

use crate::http::rate_limit::{Budget, Limit, RateLimiter};
use crate::http::sender::network_of;

/// From one network at one account. Higher helps those who mistype, and those
/// who guess.
const AT_ACCOUNT_FROM_ADDRESS: Limit = Limit::per_seconds(10, 600);

/// At one account from everywhere but where its owner got in. Lower makes it
/// easier to keep them from signing in elsewhere; higher lets many networks
/// guess more together.
const AT_ACCOUNT: Limit = Limit::per_seconds(60, 3600);

/// From one network at all accounts. An office may share one.
const FROM_ADDRESS: Limit = Limit::per_seconds(30, 60);

/// For how long it is remembered where somebody got in, in seconds: 30 days.
/// Shorter locks out who was on holiday while strangers guess; longer trusts a
/// network that they left.
const KNOWN_SECONDS: i64 = 30 * 86_400;

/// Most places that are remembered, of some hundred bytes each; the oldest one
/// gives way. Only whoever got in is entered.
const MOST_KNOWN: usize = 20_000;

/// An account by what was typed: small letters, hashed, so that a long text
/// takes no more room than a short one.
type Account = [u8; 32];

/// An account from a network; `None` where it is unknown.
type Place = (Account, Option<IpAddr>);

/// The attempts of the last hour, and where people got in.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    at_account_from_address: RateLimiter<Place>,
    at_account: RateLimiter<Account>,
    from_address: RateLimiter<Option<IpAddr>>,
    known: Mutex<HashMap<Place, UnixMillis>>,
}

impl Attempts {
    /// Counts an attempt, before it is known whether it succeeds: otherwise
    /// many at once would all be within the limit. One that a limit refuses is
    /// not counted by those behind it, so that a network cannot fill them.
    ///
    /// # Errors
    /// Seconds to wait, when there were too many.
    pub(crate) fn count(
        &self,
        email: &str,
        address: Option<IpAddr>,
        now: UnixMillis,
    ) -> Result<(), u32> {
        self.count_from(address, now)?;
        let place = place(email, address);
        within(self.at_account_from_address.check(place, AT_ACCOUNT_FROM_ADDRESS, now))?;
        if self.is_known(&place, now) {
            return Ok(());
        }
        within(self.at_account.check(place.0, AT_ACCOUNT, now))
    }

    /// Counts an attempt that names no account.
    ///
    /// # Errors
    /// Seconds to wait, when there were too many.
    pub(crate) fn count_from(&self, address: Option<IpAddr>, now: UnixMillis) -> Result<(), u32> {
        within(self.from_address.check(address.map(network_of), FROM_ADDRESS, now))
    }

    /// The attempt was its owner's: those before it from there were, too, and
    /// from there nobody else's guesses keep them out.
    pub(crate) fn welcome(&self, email: &str, address: Option<IpAddr>, now: UnixMillis) {
        let place = place(email, address);
        self.at_account_from_address.forget(&place);
        let mut known = self.known();
        if known.len() >= MOST_KNOWN && !known.contains_key(&place) {
            let oldest = known.iter().min_by_key(|(_, at)| **at).map(|(place, _)| *place);
            oldest.map(|oldest| known.remove(&oldest));
        }
        known.insert(place, now);
    }

    fn is_known(&self, place: &Place, now: UnixMillis) -> bool {
        let ends_at = self.known().get(place).map(|at| at.plus_seconds(KNOWN_SECONDS));
        ends_at.is_some_and(|ends_at| now < ends_at)
    }

    /// The map stays consistent even if a thread panicked while holding it.
    fn known(&self) -> MutexGuard<'_, HashMap<Place, UnixMillis>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn within(budget: Budget) -> Result<(), u32> {
    budget.retry_after.map_or(Ok(()), Err)
}

fn place(email: &str, address: Option<IpAddr>) -> Place {
    (account(email), address.map(network_of))
}

fn account(email: &str) -> Account {
    let mut account = [0; 32];
    let small = email.trim().to_lowercase();
    account.copy_from_slice(digest::digest(&digest::SHA256, small.as_bytes()).as_ref());
    account
}

#[cfg(test)]
mod tests {
    use super::{Attempts, IpAddr, UnixMillis};

    const NOW: UnixMillis = UnixMillis::new(1_000_000);

    fn ip(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([198, 51, 100, last]))
    }

    #[test]
    fn the_eleventh_attempt_at_an_account_waits_and_other_accounts_do_not() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            attempts.count("ana@example.org", ip(1), NOW).unwrap();
        }
        assert_eq!(attempts.count(" ANA@example.org", ip(1), NOW), Err(600));
        attempts.count("bo@example.org", ip(1), NOW).unwrap();
        attempts.count("ana@example.org", ip(2), NOW).unwrap();
        attempts.count("ana@example.org", ip(1), NOW.plus_seconds(600)).unwrap();
    }

    #[test]
    fn an_account_is_guarded_against_many_addresses() {
        let attempts = Attempts::default();
        for number in 0..60 {
            attempts.count("ana@example.org", ip(number), NOW).unwrap();
        }
        assert_eq!(attempts.count("ana@example.org", ip(200), NOW), Err(3600));
    }

    #[test]
    fn an_address_is_guarded_against_trying_many_accounts() {
        let attempts = Attempts::default();
        for number in 0..30 {
            attempts.count(&format!("{number}@example.org"), ip(1), NOW).unwrap();
        }
        assert_eq!(attempts.count("ana@example.org", ip(1), NOW), Err(60));
    }

    #[test]
    fn strangers_who_guess_keep_nobody_out_from_where_they_got_in() {
        let attempts = Attempts::default();
        attempts.welcome("ana@example.org", ip(200), NOW);
        for number in 0..60 {
            attempts.count("ana@example.org", ip(number), NOW).unwrap();
        }
        assert!(attempts.count("ana@example.org", ip(201), NOW).is_err());
        for _ in 0..10 {
            attempts.count("ana@example.org", ip(200), NOW).unwrap();
        }
        assert_eq!(attempts.count("ana@example.org", ip(200), NOW), Err(600));
        let later = NOW.plus_seconds(super::KNOWN_SECONDS);
        for number in 0..60 {
            attempts.count("ana@example.org", ip(number), later).unwrap();
        }
        assert!(attempts.count("ana@example.org", ip(200), later).is_err());
    }

    #[test]
    fn an_ipv6_subscriber_is_one_network_however_many_addresses_it_uses() {
        let attempts = Attempts::default();
        let address = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 1, 2, 0, 0, 0, last]));
        for number in 0..30 {
            attempts.count(&format!("{number}@example.org"), address(number), NOW).unwrap();
        }
        assert_eq!(attempts.count_from(address(99), NOW), Err(60));
        let neighbour = Some(IpAddr::from([0x2001, 0xdb8, 1, 3, 0, 0, 0, 1]));
        attempts.count_from(neighbour, NOW).unwrap();
    }

    #[test]
    fn what_is_refused_by_network_takes_no_room_by_account() {
        let attempts = Attempts::default();
        for number in 0..1000 {
            attempts.count(&format!("{number}@example.org"), ip(1), NOW).ok();
        }
        assert_eq!(attempts.at_account_from_address.active(), 30);
        assert_eq!(attempts.at_account.active(), 30);
    }

    #[test]
    fn where_people_got_in_takes_bounded_room() {
        let attempts = Attempts::default();
        for number in 0..=super::MOST_KNOWN {
            let at = NOW.plus_millis(i64::try_from(number).unwrap());
            attempts.welcome(&format!("{number}@example.org"), ip(1), at);
        }
        assert_eq!(attempts.known().len(), super::MOST_KNOWN);
        assert!(!attempts.is_known(&super::place("0@example.org", ip(1)), NOW));
    }

    #[test]
    fn who_got_in_begins_anew() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            attempts.count("ana@example.org", ip(1), NOW).unwrap();
        }
        attempts.welcome("Ana@example.org", ip(1), NOW);
        attempts.count("ana@example.org", ip(1), NOW).unwrap();
    }
}
