//! Threads that take jobs from one bounded queue.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use crate::engine::Job;
use crate::error::StoreError;

/// The sending end of a queue and the threads behind it.
pub(crate) struct Workers {
    name: &'static str,
    queue: RwLock<Option<SyncSender<Box<dyn Job>>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Workers {
    /// Starts a single thread that owns the queue and so may look ahead in it.
    pub(crate) fn single(
        name: &'static str,
        capacity: usize,
        body: impl FnOnce(Receiver<Box<dyn Job>>) + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(capacity);
        let thread = spawn(name, move || body(receiver))?;
        Ok(Self::new(name, sender, vec![thread]))
    }

    /// Starts one thread for each of `bodies`; each is called with every job
    /// its thread takes.
    pub(crate) fn several<B>(
        name: &'static str,
        capacity: usize,
        bodies: Vec<B>,
    ) -> Result<Self, StoreError>
    where
        B: FnMut(Box<dyn Job>) + Send + 'static,
    {
        let (sender, receiver) = sync_channel(capacity);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut threads = Vec::with_capacity(bodies.len());
        for mut body in bodies {
            let receiver = Arc::clone(&receiver);
            threads.push(spawn(name, move || {
                while let Some(job) = take(&receiver) {
                    body(job);
                }
            })?);
        }
        Ok(Self::new(name, sender, threads))
    }

    fn new(
        name: &'static str,
        sender: SyncSender<Box<dyn Job>>,
        threads: Vec<JoinHandle<()>>,
    ) -> Self {
        Self { name, queue: RwLock::new(Some(sender)), threads: Mutex::new(threads) }
    }

    /// Queues a job, or says at once that the queue is full.
    pub(crate) fn submit(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let sender = queue.as_ref().ok_or(StoreError::Closed)?;
        sender.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy("too many operations are waiting"),
            TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }

    /// Closes the queue and waits until what was in it is answered.
    pub(crate) fn shutdown(&self) {
        self.queue.write().unwrap_or_else(PoisonError::into_inner).take();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // The last handle may be dropped by a job, on a thread of this
            // very pool, which ends by itself once the queue is closed.
            if thread.thread().id() == thread::current().id() {
                continue;
            }
            if thread.join().is_err() {
                tracing::error!(thread = self.name, "a store thread ended by a panic");
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// The lock is held while waiting, on purpose: the threads queue up behind it
/// and each takes one job in turn.
fn take(receiver: &Mutex<Receiver<Box<dyn Job>>>) -> Option<Box<dyn Job>> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn spawn(
    name: &'static str,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|source| StoreError::file(name, source))
}
