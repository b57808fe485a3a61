//! The one thread that writes. It groups waiting jobs into one commit, because
//! the flush to disk is what a write costs.
//!
//! Every job runs in a savepoint of its own, so that one that fails undoes
//! nothing of its neighbours. Everybody is answered after the commit.

use std::sync::mpsc::Receiver;

use crate::engine::sqlite::SqliteConnection;
use crate::engine::{Job, Verdict};
use crate::error::StoreError;

/// Most jobs in one commit. More would save few flushes and let the first job
/// of a group wait longer.
const GROUP: usize = 512;

type Jobs = Vec<Box<dyn Job>>;

/// The writing connection and the queue that feeds it.
pub(super) struct Writer {
    connection: SqliteConnection,
    jobs: Receiver<Box<dyn Job>>,
}

/// The engine dropped the whole transaction, with the work of every job that
/// ran in it before.
struct TransactionLost;

impl Writer {
    pub(super) fn new(connection: SqliteConnection, jobs: Receiver<Box<dyn Job>>) -> Self {
        Self { connection, jobs }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while let Ok(first) = self.jobs.recv() {
            self.commit_group(first);
        }
    }

    fn commit_group(&mut self, first: Box<dyn Job>) {
        if let Err(error) = self.connection.begin_write() {
            return refuse(first, error);
        }
        let mut group = Jobs::new();
        let mut next = Some(first);
        while let Some(mut job) = next {
            if let Err(TransactionLost) = self.run_in_savepoint(job.as_mut()) {
                job.answer();
                return self.commit_one_by_one(group);
            }
            group.push(job);
            next = if group.len() < GROUP { self.jobs.try_recv().ok() } else { None };
        }
        self.commit(group);
    }

    /// Runs one job. An `Err` means that the job carries its own failure and
    /// that the work of those before it is gone.
    fn run_in_savepoint(&mut self, job: &mut dyn Job) -> Result<(), TransactionLost> {
        let run = self.connection.savepoint().and_then(|()| match job.run(&mut self.connection) {
            Verdict::Keep => self.connection.keep_savepoint(),
            // When the engine ended the transaction there is nothing to undo.
            Verdict::Undo if !self.connection.in_transaction() => Ok(()),
            Verdict::Undo => self.connection.undo_savepoint(),
        });
        if let Err(error) = run {
            job.fail(error);
            self.connection.roll_back();
        }
        if self.connection.in_transaction() { Ok(()) } else { Err(TransactionLost) }
    }

    fn commit(&mut self, mut group: Jobs) {
        match self.connection.commit() {
            Ok(()) => group.into_iter().for_each(Job::answer),
            Err(error) => {
                self.connection.roll_back();
                if group.len() == 1 {
                    group.drain(..).for_each(|job| refuse(job, error.clone()));
                } else {
                    // One large job may be what did not fit.
                    self.commit_one_by_one(group);
                }
            }
        }
    }

    /// Runs each job again in a transaction of its own.
    fn commit_one_by_one(&mut self, group: Jobs) {
        for mut job in group {
            if let Err(error) = self.commit_alone(job.as_mut()) {
                job.fail(error);
                self.connection.roll_back();
            }
            job.answer();
        }
    }

    fn commit_alone(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.connection.begin_write()?;
        match job.run(&mut self.connection) {
            Verdict::Keep => self.connection.commit(),
            Verdict::Undo => {
                self.connection.roll_back();
                Ok(())
            }
        }
    }
}

fn refuse(mut job: Box<dyn Job>, error: StoreError) {
    job.fail(error);
    job.answer();
}
