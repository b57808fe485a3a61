//! The bus of a single process: one bounded queue from all askers to the
//! media node, one answer slot per request.

use std::time::Duration;

use parlor_model::command::{Command, Reply};
use thiserror::Error;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Most requests that may wait for the media node. More hides a slow node for
/// longer and holds more memory; fewer refuses bursts that would have passed.
pub const QUEUE_LENGTH: usize = 256;

/// How long an asker waits for the answer. Longer keeps an HTTP caller hanging
/// on a stuck room; shorter gives up on a busy one.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a request to the live rooms got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BusError {
    /// The queue is full. Nothing was asked; trying later is safe.
    #[error("the media node has {QUEUE_LENGTH} requests waiting; try again later")]
    Busy,
    /// No answer within [`REQUEST_TIMEOUT`]. The command may yet be carried out.
    #[error("the media node did not answer within {} s", REQUEST_TIMEOUT.as_secs())]
    Timeout,
    /// The media node has stopped, or dropped the request unanswered.
    #[error("the media node has stopped")]
    Closed,
}

/// The asking side. Clones share the queue.
#[derive(Clone, Debug)]
pub struct Bus {
    queue: mpsc::Sender<Request>,
}

impl Bus {
    /// A bus within this process, and the side that answers it.
    #[must_use]
    pub fn local() -> (Self, Requests) {
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        (Self { queue: sender }, Requests { queue: receiver })
    }

    /// Asks the live rooms and waits for the answer.
    ///
    /// # Errors
    /// A full queue is refused at once rather than waited for, so that a slow
    /// media node cannot pile up API calls; see [`BusError`] for the rest.
    pub async fn request(&self, command: Command) -> Result<Reply, BusError> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Request { command, answer }).map_err(|refused| match refused {
            TrySendError::Full(_) => BusError::Busy,
            TrySendError::Closed(_) => BusError::Closed,
        })?;
        match timeout(REQUEST_TIMEOUT, answered).await {
            Ok(answer) => answer.map_err(|_dropped| BusError::Closed),
            Err(_elapsed) => Err(BusError::Timeout),
        }
    }
}

/// The answering side: requests in the order they were made.
#[derive(Debug)]
pub struct Requests {
    queue: mpsc::Receiver<Request>,
}

impl Requests {
    /// The next request; `None` when no asker is left.
    pub async fn next(&mut self) -> Option<Request> {
        self.queue.recv().await
    }
}

/// A command that waits for its one answer. Dropping it unanswered tells the
/// asker [`BusError::Closed`].
#[derive(Debug)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    answer: oneshot::Sender<Reply>,
}

impl Request {
    /// Answers. An asker that has given up meanwhile is not an error: the
    /// command was carried out all the same.
    pub fn reply(self, reply: Reply) {
        self.answer.send(reply).ok();
    }

    /// Parts the command from the answer slot, for those who pass the command
    /// on by value.
    #[must_use]
    pub fn split(self) -> (Command, Answer) {
        (self.command, Answer(self.answer))
    }
}

/// The answer slot of a [`Request`] whose command went elsewhere.
#[derive(Debug)]
pub struct Answer(oneshot::Sender<Reply>);

impl Answer {
    /// As [`Request::reply`].
    pub fn reply(self, reply: Reply) {
        self.0.send(reply).ok();
    }
}
