//! How many bytes somebody may leave on the disk: a sum for each, which begins
//! anew when its window is over. Unlike requests, bytes are not counted one by
//! one, so a window's end lets through at most twice the limit at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use parlor_model::error::ApiError;
use parlor_model::time::UnixMillis;

/// So many bytes in one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteLimit {
    /// Most bytes.
    pub(crate) bytes: usize,
    /// The window's length.
    pub(crate) seconds: i64,
}

/// The sums of all callers.
#[derive(Debug)]
pub(crate) struct ByteBudget<C> {
    limit: ByteLimit,
    sums: Mutex<Sums<C>>,
}

#[derive(Debug)]
struct Sums<C> {
    spent: HashMap<C, Spent>,
    next_sweep: UnixMillis,
}

#[derive(Clone, Copy, Debug)]
struct Spent {
    since: UnixMillis,
    bytes: usize,
}

/// How often sums whose window is over are dropped.
const SWEEP_MILLIS: i64 = 60_000;

impl<C: Eq + Hash> ByteBudget<C> {
    pub(crate) fn new(limit: ByteLimit) -> Self {
        let sums = Sums { spent: HashMap::new(), next_sweep: UnixMillis::new(i64::MIN) };
        Self { limit, sums: Mutex::new(sums) }
    }

    /// Counts `bytes` of `caller`.
    ///
    /// # Errors
    /// The 429, when they are too many; they are not counted then.
    pub(crate) fn take(&self, caller: C, bytes: usize, now: UnixMillis) -> Result<(), ApiError> {
        let mut sums = self.lock();
        sums.sweep(self.limit, now);
        let spent = sums.spent.entry(caller).or_insert(Spent { since: now, bytes: 0 });
        if spent.is_over(self.limit, now) {
            *spent = Spent { since: now, bytes: 0 };
        }
        let sum = spent.bytes.saturating_add(bytes);
        if sum > self.limit.bytes {
            let wait = self.limit.seconds - now.millis_since(spent.since) / 1000;
            return Err(ApiError::log_budget_spent(self.limit.bytes, self.limit.seconds, wait));
        }
        spent.bytes = sum;
        Ok(())
    }

    /// Takes back what was counted and then not kept.
    pub(crate) fn give_back(&self, caller: &C, bytes: usize) {
        if let Some(spent) = self.lock().spent.get_mut(caller) {
            spent.bytes = spent.bytes.saturating_sub(bytes);
        }
    }

    /// Forgets every sum.
    pub(crate) fn clear(&self) {
        self.lock().spent.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Sums<C>> {
        // The map stays consistent even if a thread panicked while holding it.
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Eq + Hash> Sums<C> {
    fn sweep(&mut self, limit: ByteLimit, now: UnixMillis) {
        // Further off than one interval: the clock was set back.
        let wait = self.next_sweep.millis_since(now);
        if !(1..=SWEEP_MILLIS).contains(&wait) {
            self.next_sweep = now.plus_millis(SWEEP_MILLIS);
            self.spent.retain(|_, spent| !spent.is_over(limit, now));
        }
    }
}

impl Spent {
    fn is_over(self, limit: ByteLimit, now: UnixMillis) -> bool {
        !(0..limit.seconds * 1000).contains(&now.millis_since(self.since))
    }
}

#[cfg(test)]
mod tests {
    use super::{ByteBudget, ByteLimit, UnixMillis};

    fn at(seconds: i64) -> UnixMillis {
        UnixMillis::new(1_900_000_000_000 + seconds * 1000)
    }

    #[test]
    fn bytes_are_admitted_up_to_the_limit_of_the_window() {
        let budget = ByteBudget::new(ByteLimit { bytes: 100, seconds: 60 });
        assert!(budget.take("ana", 60, at(0)).is_ok());
        let refused = budget.take("ana", 41, at(10)).unwrap_err();
        assert_eq!(refused.info, "too many bytes of logs: at most 100 in 60 s; try again in 50 s");
        assert!(budget.take("ana", 40, at(59)).is_ok());
        assert!(budget.take("bo", 100, at(59)).is_ok());
        assert!(budget.take("ana", 100, at(60)).is_ok());
        budget.give_back(&"ana", 10);
        assert!(budget.take("ana", 10, at(61)).is_ok());
        assert!(budget.take("ana", 1, at(61)).is_err());
        assert!(budget.take("ana", 1, at(0)).is_ok(), "a clock set back locks nobody out");
        assert!(budget.take("cleo", 1, at(300)).is_ok());
        assert_eq!(budget.lock().spent.len(), 1);
    }
}
