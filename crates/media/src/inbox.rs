//! What sockets and bus ask of a worker. The queue is bounded: a call socket
//! that finds it full waits, and so does, through TCP, its client.

use std::sync::Arc;
use std::time::Instant;

use mio::Waker;
use parlor_bus::Answer;
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_model::command::{PresentParticipant, Reply};
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::ticket::Ticket;
use parlor_sfu::{ConnectionId, RoomCommand};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::directory::Claim;
use crate::outgoing::Outgoing;

/// Most messages that wait for a worker. It empties the queue in each turn, so
/// this many arrive within milliseconds before anybody waits.
const INBOX_LENGTH: usize = 4096;

/// Most quiet messages that wait for a worker which has nothing else to do. More
/// wakes it less often, and makes the next turn longer by a microsecond each.
const MOST_QUIET: usize = 256;

/// A call socket as its worker sees it.
pub(crate) struct CallSocket {
    pub(crate) connection: ConnectionId,
    pub(crate) outgoing: Outgoing,
}

/// A message to a worker.
pub(crate) enum ToWorker {
    /// A new call socket with a good ticket.
    Connect(CallSocket, Claim, Box<Ticket>, Option<Value>),
    /// A new call socket of a running stay.
    Resume(CallSocket, Claim, ParticipantId, String),
    /// A message from a call socket.
    Message(ConnectionId, ClientMessage),
    /// A frame that is no message; send back what was wrong.
    Reject(ConnectionId, Box<ServerMessage>),
    /// A sign of life, and when it came.
    Heard(ConnectionId, Instant),
    /// The call socket is gone.
    Disconnected(ConnectionId),
    /// A request to one room, and the answer if it no longer lives.
    Ask(RoomId, RoomCommand, Answer, Reply),
    /// Who is in the rooms of this organization on this worker?
    AskOrg(OrgId, oneshot::Sender<Vec<PresentParticipant>>),
    /// The wall clock was moved on purpose; say so when every room has it.
    WallJumped(oneshot::Sender<()>),
    /// Panic: what happens then is to be tested.
    Fail,
    /// Close all call sockets, end all calls, and end.
    Stop,
}

/// The worker has ended.
#[derive(Debug)]
pub(crate) struct Stopped;

/// The sending side; clones share the queue.
#[derive(Clone)]
pub(crate) struct Inbox {
    queue: mpsc::Sender<ToWorker>,
    waker: Arc<Waker>,
}

impl Inbox {
    /// A queue whose messages wake a worker.
    pub(crate) fn new(waker: Arc<Waker>) -> (Self, mpsc::Receiver<ToWorker>) {
        let (queue, receiver) = mpsc::channel(INBOX_LENGTH);
        (Self { queue, waker }, receiver)
    }

    /// Queues a message, waiting for a place.
    pub(crate) async fn send(&self, message: ToWorker) -> Result<(), Stopped> {
        self.queue.send(message).await.map_err(|_| Stopped)?;
        self.wake()
    }

    /// The same for a message that changes nothing before the worker's next turn:
    /// it is not woken for it, until many wait.
    pub(crate) async fn send_quietly(&self, message: ToWorker) -> Result<(), Stopped> {
        self.queue.send(message).await.map_err(|_| Stopped)?;
        if self.queue.max_capacity() - self.queue.capacity() < MOST_QUIET {
            return Ok(());
        }
        self.wake()
    }

    /// Queues a message if there is a place at once. Otherwise it is dropped,
    /// and with it whatever answer it carries.
    pub(crate) fn try_send(&self, message: ToWorker) -> Result<(), Stopped> {
        self.queue.try_send(message).map_err(|_| Stopped)?;
        self.wake()
    }

    fn wake(&self) -> Result<(), Stopped> {
        self.waker.wake().map_err(|_| Stopped)
    }
}
