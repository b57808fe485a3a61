//! Between a connection and its worker: packets one way through the worker's
//! queue, the other way through a queue of the connection's own.

use std::net::SocketAddr;
use std::sync::Arc;

use mio::Waker;
use parlor_sfu::Transport;
use tokio::sync::mpsc;

use crate::inbox::Stopped;

/// Most packets of all connections that wait for one worker, which takes them
/// in each of its turns. When it is full, connections are not read.
const INBOX_LENGTH: usize = 1024;

/// Most packets that wait to be written to one connection: half a second of
/// video. More would arrive too late to be shown, fewer lose keyframes.
const QUEUE_LENGTH: usize = 192;

/// How a worker knows a connection: by what room and client believe to be the
/// client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey {
    pub(crate) transport: Transport,
    pub(crate) remote: SocketAddr,
}

/// A packet for a connection.
pub(crate) struct Outbound {
    /// Which of our addresses it comes from.
    pub(crate) source: SocketAddr,
    pub(crate) contents: Vec<u8>,
}

/// What the worker holds of a connection.
pub(crate) struct StreamEnd {
    /// No other connection has or had this number.
    pub(crate) number: u64,
    pub(crate) queue: mpsc::Sender<Outbound>,
}

/// A message from a connection to a worker.
pub(crate) enum FromStream {
    /// It is there.
    Opened(StreamKey, StreamEnd),
    /// A packet for this address of ours.
    Packet(StreamKey, SocketAddr, Vec<u8>),
    /// The connection with this number is gone.
    Closed(StreamKey, u64),
}

/// The queue to a worker; clones share it.
#[derive(Clone)]
pub(crate) struct StreamInbox {
    queue: mpsc::Sender<FromStream>,
    waker: Arc<Waker>,
}

impl StreamInbox {
    /// A queue whose messages wake a worker.
    pub(crate) fn new(waker: Arc<Waker>) -> (Self, mpsc::Receiver<FromStream>) {
        let (queue, receiver) = mpsc::channel(INBOX_LENGTH);
        (Self { queue, waker }, receiver)
    }

    /// Queues a message, waiting for a place.
    pub(crate) async fn send(&self, message: FromStream) -> Result<(), Stopped> {
        self.queue.send(message).await.map_err(|_| Stopped)?;
        self.waker.wake().map_err(|_| Stopped)
    }
}

/// A queue to one connection.
pub(crate) fn outbound() -> (mpsc::Sender<Outbound>, mpsc::Receiver<Outbound>) {
    mpsc::channel(QUEUE_LENGTH)
}
