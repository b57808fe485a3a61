//! SQLite: one writer thread with group commit, point reads on the calling
//! thread, and reader threads for what scans.

use std::path::PathBuf;

use crate::engine::workers::Workers;
use crate::engine::{Connection, Job, Schema};
use crate::error::StoreError;

mod connection;
mod readers;
mod writer;

use connection::SqliteConnection;
use readers::Readers;
use writer::Writer;

/// Writes that may wait. Beyond this the answer is "busy" at once: at the
/// measured rate a longer queue would be answered after its callers gave up.
const WRITE_QUEUE: usize = 4096;

/// Scans that may wait.
const SCAN_QUEUE: usize = 256;

/// Threads for lists. Two keep one slow list from blocking all others; more
/// would take cores from media.
const SCAN_THREADS: usize = 2;

/// Where the database is and how large it may grow.
pub(crate) struct SqliteConfig {
    /// The database file.
    pub(crate) path: PathBuf,
    /// Most bytes the database may take; `None` is as many as the disk has.
    pub(crate) max_bytes: Option<u64>,
}

/// A running SQLite engine.
pub(crate) struct Sqlite {
    readers: Readers,
    scans: Workers,
    writer: Workers,
}

impl Sqlite {
    /// Opens or creates the file, lets `prepare` bring its tables up to date,
    /// and starts the threads.
    pub(crate) fn open(
        config: &SqliteConfig,
        prepare: impl FnOnce(&mut dyn Schema) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let mut connection = SqliteConnection::open_writer(&config.path, config.max_bytes)?;
        prepare(&mut connection)?;
        let readers = Readers::new(config.path.clone());
        let scans = (0..SCAN_THREADS)
            .map(|_| {
                let readers = readers.clone();
                move |job| readers.scan(job)
            })
            .collect();
        Ok(Self {
            scans: Workers::several("store-scan", SCAN_QUEUE, scans)?,
            readers,
            writer: Workers::single("store-write", WRITE_QUEUE, move |jobs| {
                Writer::new(connection, jobs).run();
            })?,
        })
    }

    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut reader = self.readers.take()?;
        work(reader.connection())
    }

    pub(crate) fn submit_scan(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.scans.submit(job)
    }

    pub(crate) fn submit_write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.writer.submit(job)
    }

    /// The writer goes last: the last connection to close a file folds the
    /// write-ahead log into it, and readers may not write.
    pub(crate) fn shutdown(&self) {
        self.scans.shutdown();
        self.readers.close();
        self.writer.shutdown();
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.shutdown();
    }
}
