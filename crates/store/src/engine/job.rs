//! A unit of work on its way through an engine, its result type erased.
//!
//! The closure may run more than once: a group whose commit fails is taken
//! apart, and PostgreSQL asks for a retry when two transactions collide. The
//! outcome of the last run is what the caller gets, after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::engine::Connection;
use crate::error::StoreError;

/// Whether a run's changes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The closure succeeded.
    Keep,
    /// It failed: everything it wrote is to be undone.
    Undo,
}

/// What a worker thread sees of a unit of work.
pub(crate) trait Job: Send {
    /// Runs the closure and keeps its outcome.
    fn run(&mut self, connection: &mut dyn Connection) -> Verdict;
    /// Replaces the outcome: the changes could not be kept.
    fn fail(&mut self, error: StoreError);
    /// Hands the outcome over. Only after the commit.
    fn answer(self: Box<Self>);
}

/// What happens with an outcome, on the worker's thread. Dropping a request
/// half-way cannot skip it.
pub(crate) type Finish<T, E> = Box<dyn FnOnce(Result<T, E>) + Send>;

/// A closure, its latest outcome and what to do with it.
pub(crate) struct Task<F, T, E> {
    work: F,
    outcome: Option<Result<T, E>>,
    finish: Finish<T, E>,
}

impl<F, T, E> Task<F, T, E>
where
    F: FnMut(&mut dyn Connection) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    pub(crate) fn boxed(work: F, finish: Finish<T, E>) -> Box<dyn Job> {
        Box::new(Self { work, outcome: None, finish })
    }
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: FnMut(&mut dyn Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, connection: &mut dyn Connection) -> Verdict {
        // A panicking closure must not take the only writer with it. Its
        // changes are undone, so nothing half-made is ever seen.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)))
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let verdict = if outcome.is_ok() { Verdict::Keep } else { Verdict::Undo };
        self.outcome = Some(outcome);
        verdict
    }

    fn fail(&mut self, error: StoreError) {
        self.outcome = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        (self.finish)(self.outcome.unwrap_or_else(|| Err(StoreError::Closed.into())));
    }
}
