//! A stock of connections that only read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Job;
use crate::engine::sqlite::SqliteConnection;
use crate::error::StoreError;

/// Connections kept when idle. As many are in use at once as there are threads
/// reading, which is about the number of cores.
const KEPT: usize = 16;

/// The stock; clones share it.
#[derive(Clone)]
pub(super) struct Readers {
    stock: Arc<Stock>,
}

struct Stock {
    path: PathBuf,
    idle: Mutex<Idle>,
}

struct Idle {
    connections: Vec<SqliteConnection>,
    open: bool,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        let idle = Idle { connections: Vec::new(), open: true };
        Self { stock: Arc::new(Stock { path, idle: Mutex::new(idle) }) }
    }

    /// An idle connection, or a new one.
    pub(super) fn take(&self) -> Result<Reader<'_>, StoreError> {
        let taken = {
            let mut idle = self.stock.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if !idle.open {
                return Err(StoreError::Closed);
            }
            idle.connections.pop()
        };
        let connection = match taken {
            Some(connection) => connection,
            None => SqliteConnection::open_reader(&self.stock.path)?,
        };
        Ok(Reader { stock: &self.stock, connection: Some(connection) })
    }

    /// Runs a job in one read transaction, so that all its statements see the
    /// same state, and answers it.
    pub(super) fn scan(&self, mut job: Box<dyn Job>) {
        if let Err(error) = self.take().and_then(|mut reader| reader.snapshot(job.as_mut())) {
            job.fail(error);
        }
        job.answer();
    }

    /// Closes what is idle and refuses later calls.
    pub(super) fn close(&self) {
        let mut idle = self.stock.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.open = false;
        idle.connections.clear();
    }
}

/// A connection on loan.
pub(super) struct Reader<'a> {
    stock: &'a Stock,
    /// `None` only while dropping.
    connection: Option<SqliteConnection>,
}

impl Reader<'_> {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("it is taken out by drop alone")
    }

    fn snapshot(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        let connection = self.connection();
        connection.begin()?;
        // Nothing was written, so the verdict changes nothing.
        job.run(connection);
        connection.roll_back();
        Ok(())
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut idle = self.stock.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.open && idle.connections.len() < KEPT {
            idle.connections.extend(self.connection.take());
        }
    }
}
