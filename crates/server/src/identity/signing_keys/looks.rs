//! Looks into the records: one at a time, and for keys that are not in memory
//! seldom, so that strangers with invented names cost little. Whoever comes while
//! one goes on waits for it without holding a thread, and takes what comes of it,
//! however long it took: otherwise slow records would be read by one after the
//! other.

use std::sync::atomic::{AtomicU64, Ordering};

use parlor_model::error::ApiError;
use parlor_model::time::UnixMillis;
use tokio::sync::{Mutex, MutexGuard};

use crate::clock::Clock;
use crate::failure::Failure;

/// How soon after a look the records are looked into again for a key that is not
/// in memory. Sooner lets strangers with invented key names cost more, also while
/// nothing can be read.
pub(super) const LOOK_AGAIN_MS: i64 = 1000;

/// The looks of this process.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// The last one for a key. Held by whoever reads the records.
    last: Mutex<Option<Look>>,
    /// How many for a key are over.
    over: AtomicU64,
}

/// That the records were looked into for a key that was not in memory.
#[derive(Clone, Copy, Debug)]
struct Look {
    ended_at: UnixMillis,
    has_failed: bool,
}

/// The turn of somebody who reads the records.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _held: MutexGuard<'a, Option<Look>>,
}

impl Looks {
    /// Waits until nobody else reads the records.
    pub(super) async fn turn(&self) -> Turn<'_> {
        Turn { _held: self.last.lock().await }
    }

    /// What is `in_memory`, if need be after a `look` that brings it there.
    ///
    /// # Errors
    /// When the look fails, or the one did that answers for it: then nobody knows
    /// whether there is such a key.
    pub(super) async fn find<T>(
        &self,
        clock: &dyn Clock,
        in_memory: impl Fn() -> Option<T>,
        look: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<Option<T>, Failure> {
        if let Some(found) = in_memory() {
            return Ok(Some(found));
        }
        let over_before = self.over.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        // Whoever looked meanwhile may have found it.
        if let Some(found) = in_memory() {
            return Ok(Some(found));
        }
        let was_waited_for = self.over.load(Ordering::Acquire) != over_before;
        let answers = |look: &Look| {
            was_waited_for || clock.now().millis_since(look.ended_at).abs() < LOOK_AGAIN_MS
        };
        if let Some(look) = last.filter(answers) {
            return if look.has_failed { Err(cannot_look()) } else { Ok(None) };
        }
        let looked = look();
        *last = Some(Look { ended_at: clock.now(), has_failed: looked.is_err() });
        self.over.fetch_add(1, Ordering::Release);
        looked?;
        Ok(in_memory())
    }
}

/// What is said while the records could not be read a moment ago: the token may
/// be good, and whoever has it tries again.
fn cannot_look() -> Failure {
    ApiError::unavailable("the keys that check tokens cannot be read").into()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicI64, Ordering};

    use futures_util::FutureExt as _;
    use parlor_model::time::UnixMillis;

    use super::{Clock, Failure, LOOK_AGAIN_MS, Looks, cannot_look};

    /// Longer than what lies between two looks.
    const SLOW_MS: i64 = 5 * LOOK_AGAIN_MS;

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Hand {
        fn pass(&self, millis: i64) {
            self.0.fetch_add(millis, Ordering::Relaxed);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> UnixMillis {
            UnixMillis::new(self.0.load(Ordering::Relaxed))
        }
    }

    /// Somebody looks slowly, and others come meanwhile: what each is told.
    fn told(found: Option<u8>, fails: bool) -> (Vec<Result<Option<u8>, Failure>>, u32) {
        let (looks, clock) = (Looks::default(), Hand::default());
        let (memory, count) = (Cell::new(None), Cell::new(0));
        let slow = || {
            count.set(count.get() + 1);
            clock.pass(SLOW_MS);
            memory.set(found);
            if fails { Err(cannot_look()) } else { Ok(()) }
        };
        let other = || Box::pin(looks.find(&clock, || memory.get(), slow));
        let mut others: Vec<_> = (0..4).map(|_| other()).collect();
        let first = looks.find(
            &clock,
            || memory.get(),
            || {
                for other in &mut others {
                    assert!(other.now_or_never().is_none(), "it goes on");
                }
                slow()
            },
        );
        let mut told = vec![first.now_or_never().unwrap()];
        for other in others {
            told.push(other.now_or_never().unwrap());
        }
        (told, count.get())
    }

    #[test]
    fn who_waits_for_a_look_takes_what_comes_of_it() {
        for found in [None, Some(7)] {
            let (told, looks) = told(found, false);
            assert_eq!((told.len(), looks), (5, 1), "{found:?}");
            assert!(told.iter().all(|one| matches!(one, Ok(got) if *got == found)), "{told:?}");
        }
        let (told, looks) = told(None, true);
        assert_eq!((told.len(), looks), (5, 1));
        assert!(told.iter().all(Result::is_err), "{told:?}");
    }

    #[test]
    fn the_next_look_is_a_while_after_the_end_of_the_last() {
        let (looks, clock, count) = (Looks::default(), Hand::default(), Cell::new(0));
        let come = || {
            let slow = || {
                count.set(count.get() + 1);
                clock.pass(SLOW_MS);
                Ok(())
            };
            let found = looks.find(&clock, || None::<u8>, slow).now_or_never().unwrap();
            assert!(found.unwrap().is_none());
            count.get()
        };
        assert_eq!((come(), come()), (1, 1));
        clock.pass(LOOK_AGAIN_MS - 1);
        assert_eq!(come(), 1);
        clock.pass(1);
        assert_eq!((come(), come()), (2, 2));
    }
}
