//! PostgreSQL: a pool of threads with a blocking connection each. The server
//! groups commits by itself; here every job is a transaction of its own.

use std::error::Error;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::engine::workers::Workers;
use crate::engine::{Connection, Job, Schema, Verdict};
use crate::error::StoreError;

mod connection;

use connection::PgConnection;

/// Threads, and so connections, for writes and scans.
const THREADS: usize = 16;

/// Jobs that may wait.
const QUEUE: usize = 4096;

/// Connections kept for point reads on calling threads.
const READERS_KEPT: usize = 8;

/// Runs of a transaction that collides with others. Each run lets at least one
/// of the others through, and from the second one on those that collided go one
/// after the other: only newcomers can still be in the way. More runs keep a
/// caller waiting longer; with fewer, a busy moment refuses more of them.
const RUNS: usize = 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A running PostgreSQL engine.
pub(crate) struct Postgres {
    config: postgres::Config,
    readers: Mutex<Vec<PgConnection>>,
    workers: Workers,
}

impl Postgres {
    /// Connects, lets `prepare` bring the tables up to date, and starts the
    /// threads.
    pub(crate) fn open(
        url: &str,
        prepare: impl FnOnce(&mut dyn Schema) -> Result<(), StoreError> + Send,
    ) -> Result<Self, StoreError> {
        let mut config = postgres::Config::from_str(url)
            .map_err(|source| StoreError::Address(Arc::new(source)))?;
        config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(CONNECT_TIMEOUT);
        off_the_runtime(|| prepare(&mut PgConnection::open(&config)?))?;
        let bodies = (0..THREADS)
            .map(|_| {
                let mut worker = Worker { config: config.clone(), connection: None };
                move |job| worker.handle(job)
            })
            .collect();
        let workers = Workers::several("store-postgres", QUEUE, bodies)?;
        Ok(Self { config, readers: Mutex::new(Vec::new()), workers })
    }

    pub(crate) fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Connection) -> Result<T, E> + Send,
        T: Send,
        E: From<StoreError> + Send,
    {
        off_the_runtime(|| {
            let idle = self.idle_readers().pop().filter(PgConnection::is_usable);
            let mut connection = match idle {
                Some(connection) => connection,
                None => PgConnection::open(&self.config)?,
            };
            let outcome = work(&mut connection);
            let mut idle = self.idle_readers();
            if connection.is_usable() && idle.len() < READERS_KEPT {
                idle.push(connection);
            }
            outcome
        })
    }

    pub(crate) fn submit_scan(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.workers.submit(job)
    }

    pub(crate) fn submit_write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.workers.submit(job)
    }

    pub(crate) fn shutdown(&self) {
        self.workers.shutdown();
        let readers = std::mem::take(&mut *self.idle_readers());
        off_the_runtime(|| drop(readers));
    }

    fn idle_readers(&self) -> std::sync::MutexGuard<'_, Vec<PgConnection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// A thread's connection, opened when first needed and again when it broke.
struct Worker {
    config: postgres::Config,
    connection: Option<PgConnection>,
}

impl Worker {
    fn handle(&mut self, mut job: Box<dyn Job>) {
        if let Err(error) = self.run(job.as_mut()) {
            job.fail(error);
        }
        job.answer();
    }

    fn run(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        let connection = match self.connection.take().filter(PgConnection::is_usable) {
            Some(connection) => connection,
            None => PgConnection::open(&self.config)?,
        };
        let connection = self.connection.insert(connection);
        for run in 0..RUNS {
            match run {
                0 => connection.begin()?,
                _ => connection.begin_in_turn()?,
            }
            if transact(connection, job)? == Outcome::Done {
                return Ok(());
            }
        }
        Err(StoreError::Busy("too many changes of the same records"))
    }
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Done,
    Collided,
}

/// One run of a job in the transaction that was begun. Only a collision before or at the commit
/// is worth another run: after any other error at the commit nobody knows
/// whether it took effect.
fn transact(connection: &mut PgConnection, job: &mut dyn Job) -> Result<Outcome, StoreError> {
    let verdict = job.run(connection);
    if connection.has_collided() {
        connection.roll_back()?;
        return Ok(Outcome::Collided);
    }
    match verdict {
        Verdict::Undo => connection.roll_back().map(|()| Outcome::Done),
        Verdict::Keep => match connection.commit() {
            Ok(()) => Ok(Outcome::Done),
            Err(_) if connection.has_collided() => Ok(Outcome::Collided),
            Err(error) => Err(error),
        },
    }
}

/// Runs what blocks on a socket. The client drives a runtime of its own, which
/// may not be entered or dropped inside another.
fn off_the_runtime<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Err(_) => work(),
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        Ok(_) => thread::scope(|scope| match scope.spawn(work).join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }),
    }
}

/// An engine's refusal, as one of ours.
fn unreachable(source: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unreachable(Arc::new(source))
}
