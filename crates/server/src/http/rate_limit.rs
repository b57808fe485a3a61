//! Rate limits: an exact sliding log for each key and class. A ring holds the
//! times of the admitted requests of the last window; a request is admitted
//! when there is room. No cheaper algorithm is exact: buckets admit up to
//! twice the total in one window, or refuse clients that keep the limit.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use parlor_model::error::ApiError;
use parlor_model::time::UnixMillis;

/// Which limit an operation counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitClass {
    /// Everything not below.
    Standard,
    /// Deleting rooms, listing recordings.
    Heavy,
    /// Starting recordings, live streams and outgoing calls.
    Start,
    /// Batch creation and deletion of rooms.
    Batch,
}

impl LimitClass {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Standard, Self::Heavy, Self::Start, Self::Batch];

    /// Its name in the documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Heavy => "heavy",
            Self::Start => "start",
            Self::Batch => "batch",
        }
    }
}

/// What is open to everybody, and limited by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Door {
    /// `POST /_parlor/join`.
    Join,
    /// The page of a room, which is asked whether it is full.
    Page,
    /// `POST /_parlor/logs` and `POST /_parlor/act`.
    Report,
    /// `/oauth/*`: codes and tokens.
    Oauth,
    /// What the identity face tells everybody.
    Anonymous,
    /// The identity face, with a credential that is none.
    FailedAuth,
    /// The identity face, for each organization rather than each address.
    Authenticated,
}

/// So many requests in any window of this length. The published "per second"
/// figures are the averages of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Most requests in one window.
    pub requests: u32,
    /// The window's length.
    pub window: Duration,
}

impl Limit {
    /// `requests` in any `seconds` seconds.
    #[must_use]
    pub const fn per_seconds(requests: u32, seconds: u64) -> Self {
        Self { requests, window: Duration::from_secs(seconds) }
    }

    fn window_millis(self) -> i64 {
        i64::try_from(self.window.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The limit of each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Of [`LimitClass::Standard`].
    pub standard: Limit,
    /// Of [`LimitClass::Heavy`].
    pub heavy: Limit,
    /// Of [`LimitClass::Start`].
    pub start: Limit,
    /// Of [`LimitClass::Batch`].
    pub batch: Limit,
    /// Of `POST /_parlor/join`, for each client address. It has no key, and a
    /// whole office may share one address.
    pub join: Limit,
    /// Of the pages of rooms, for each client address.
    pub page: Limit,
    /// Of `POST /_parlor/logs` and `POST /_parlor/act`, for each client address.
    /// A client reports four
    /// times a minute.
    pub report: Limit,
    /// Of `/oauth/*`, for each client address. Behind one address may be a
    /// whole office, and an application server with everybody's tokens.
    pub oauth: Limit,
    /// Of what the identity face tells everybody, for each client address.
    pub anonymous: Limit,
    /// Of requests to the identity face whose credential is none, for each
    /// client address. More lets an attacker guess faster; fewer locks out an
    /// office in which one program has an old key.
    pub failed_auth: Limit,
    /// Of the identity face, for each organization.
    pub authenticated: Limit,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            standard: Limit::per_seconds(100, 5),
            heavy: Limit::per_seconds(50, 30),
            start: Limit::per_seconds(5, 5),
            batch: Limit::per_seconds(10, 30),
            join: Limit::per_seconds(50, 10),
            page: Limit::per_seconds(100, 10),
            report: Limit::per_seconds(200, 10),
            oauth: Limit::per_seconds(300, 60),
            anonymous: Limit::per_seconds(300, 60),
            failed_auth: Limit::per_seconds(30, 60),
            authenticated: Limit::per_seconds(10_000, 60),
        }
    }
}

impl RateLimits {
    /// The limit of `class`.
    #[must_use]
    pub fn of(&self, class: LimitClass) -> Limit {
        match class {
            LimitClass::Standard => self.standard,
            LimitClass::Heavy => self.heavy,
            LimitClass::Start => self.start,
            LimitClass::Batch => self.batch,
        }
    }

    /// The limit of `door`.
    pub(crate) fn at(&self, door: Door) -> Limit {
        match door {
            Door::Join => self.join,
            Door::Page => self.page,
            Door::Report => self.report,
            Door::Oauth => self.oauth,
            Door::Anonymous => self.anonymous,
            Door::FailedAuth => self.failed_auth,
            Door::Authenticated => self.authenticated,
        }
    }
}

/// Where a caller stands after a request was counted or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// The limit that applies.
    pub(crate) limit: Limit,
    /// Requests left in the current window.
    pub(crate) remaining: u32,
    /// When the oldest counted request leaves the window, and so the next
    /// place becomes free.
    pub(crate) reset: UnixMillis,
    /// For a refused request: whole seconds to wait, at least one.
    pub(crate) retry_after: Option<u32>,
}

impl Budget {
    /// Whether the request was counted rather than refused.
    ///
    /// # Errors
    /// The 429, with the limit and the time to wait.
    pub(crate) fn admit(self) -> Result<(), ApiError> {
        match self.retry_after {
            None => Ok(()),
            Some(seconds) => Err(ApiError::rate_limited(
                self.limit.requests,
                self.limit.window.as_secs(),
                seconds.into(),
            )),
        }
    }
}

/// The logs of all callers. `C` names a caller and what is limited.
#[derive(Debug)]
pub(crate) struct RateLimiter<C> {
    logs: Mutex<Logs<C>>,
}

#[derive(Debug)]
struct Logs<C> {
    rings: HashMap<C, Ring>,
    next_sweep: UnixMillis,
}

#[derive(Debug)]
struct Ring {
    admitted: VecDeque<UnixMillis>,
    window_millis: i64,
}

/// How often idle rings are dropped. Each holds at most 8 bytes a request.
const SWEEP_MILLIS: i64 = 30_000;

impl<C> Default for RateLimiter<C> {
    fn default() -> Self {
        Self { logs: Mutex::default() }
    }
}

impl<C> Default for Logs<C> {
    fn default() -> Self {
        Self { rings: HashMap::new(), next_sweep: UnixMillis::new(i64::MIN) }
    }
}

impl<C: Eq + Hash> RateLimiter<C> {
    /// Forgets what was counted of `caller`.
    pub(crate) fn forget(&self, caller: &C) {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).rings.remove(caller);
    }

    /// Counts a request of `caller` at `now`, or refuses it.
    pub(crate) fn check(&self, caller: C, limit: Limit, now: UnixMillis) -> Budget {
        // The maps stay consistent even if a thread panicked while holding it.
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.sweep(now);
        let ring = logs.rings.entry(caller).or_insert_with(|| Ring {
            admitted: VecDeque::new(),
            window_millis: limit.window_millis(),
        });
        ring.check(limit, now)
    }

    /// Forgets every request.
    pub(crate) fn clear(&self) {
        *self.logs.lock().unwrap_or_else(PoisonError::into_inner) = Logs::default();
    }

    /// How many callers have requests in their window.
    #[cfg(test)]
    pub(crate) fn active(&self) -> usize {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).rings.len()
    }
}

impl<C: Eq + Hash> Logs<C> {
    fn sweep(&mut self, now: UnixMillis) {
        // Further off than one interval: the clock was set back.
        let wait = self.next_sweep.millis_since(now);
        if (1..=SWEEP_MILLIS).contains(&wait) {
            return;
        }
        self.next_sweep = now.plus_millis(SWEEP_MILLIS);
        self.rings.retain(|_, ring| {
            ring.forget(now);
            !ring.admitted.is_empty()
        });
    }
}

impl Ring {
    fn check(&mut self, limit: Limit, now: UnixMillis) -> Budget {
        self.forget(now);
        let used = u32::try_from(self.admitted.len()).unwrap_or(u32::MAX);
        let is_admitted = used < limit.requests;
        if is_admitted {
            self.admitted.push_back(now);
        }
        let oldest = self.admitted.front().copied().unwrap_or(now);
        let reset = oldest.plus_millis(self.window_millis);
        Budget {
            limit,
            remaining: limit.requests.saturating_sub(used + u32::from(is_admitted)),
            reset,
            retry_after: (!is_admitted).then(|| seconds_until(reset, now)),
        }
    }

    /// Drops what has left the window. A time in the future means that the
    /// clock was set back: such entries would lock the caller out for as long.
    fn forget(&mut self, now: UnixMillis) {
        while let Some(oldest) = self.admitted.front() {
            let age = now.millis_since(*oldest);
            if (0..self.window_millis).contains(&age) {
                break;
            }
            self.admitted.pop_front();
        }
    }
}

fn seconds_until(reset: UnixMillis, now: UnixMillis) -> u32 {
    let seconds = reset.millis_since(now).max(1).saturating_add(999) / 1000;
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Limit, RateLimiter, UnixMillis};

    const LIMIT: Limit = Limit::per_seconds(100, 5);

    fn at(millis: i64) -> UnixMillis {
        UnixMillis::new(1_900_000_000_000 + millis)
    }

    #[test]
    fn a_burst_up_to_the_total_is_admitted_and_the_next_is_refused() {
        let limiter = RateLimiter::default();
        for left in (0..100).rev() {
            let budget = limiter.check("ana", LIMIT, at(0));
            assert_eq!((budget.remaining, budget.retry_after), (left, None));
        }
        let refused = limiter.check("ana", LIMIT, at(1));
        assert_eq!(refused.retry_after, Some(5));
        assert_eq!(refused.reset, at(5000));
    }

    #[test]
    fn places_become_free_one_by_one_as_requests_leave_the_window() {
        let limiter = RateLimiter::default();
        for step in 0..100 {
            assert_eq!(limiter.check("ana", LIMIT, at(step * 10)).retry_after, None);
        }
        assert_eq!(limiter.check("ana", LIMIT, at(4999)).retry_after, Some(1));
        assert_eq!(limiter.check("ana", LIMIT, at(5000)).retry_after, None);
        assert_eq!(limiter.check("ana", LIMIT, at(5001)).retry_after, Some(1));
        assert_eq!(limiter.check("ana", LIMIT, at(5010)).retry_after, None);
    }

    #[test]
    fn a_steady_client_at_the_average_is_never_refused() {
        let limiter = RateLimiter::default();
        assert!(
            (0..2000).all(|n| { limiter.check("ana", LIMIT, at(n * 50)).retry_after.is_none() })
        );
    }

    #[test]
    fn callers_do_not_share_and_idle_ones_are_forgotten() {
        let limiter = RateLimiter::default();
        for _ in 0..100 {
            limiter.check("ana", LIMIT, at(0));
        }
        assert_eq!(limiter.check("bo", LIMIT, at(0)).retry_after, None);
        assert_eq!(limiter.active(), 2);
        limiter.check("cleo", LIMIT, at(60_000));
        assert_eq!(limiter.active(), 1);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = RateLimiter::default();
        for _ in 0..100 {
            limiter.check("ana", LIMIT, at(3_600_000));
        }
        assert_eq!(limiter.check("ana", LIMIT, at(0)).retry_after, None);
    }

    #[test]
    fn idle_callers_are_forgotten_after_the_clock_was_set_back() {
        let limiter = RateLimiter::default();
        limiter.check("ana", LIMIT, at(3_600_000));
        limiter.check("bo", LIMIT, at(0));
        assert_eq!(limiter.active(), 1);
        limiter.check("cleo", LIMIT, at(60_000));
        assert_eq!(limiter.active(), 1);
    }
}
