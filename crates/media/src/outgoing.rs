//! What waits to be written to one call socket. The worker puts messages in
//! and never waits; a client that does not read fast enough fills the queue
//! and loses its socket, not its seat: it may resume within the grace time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// Most messages that wait for a client. A large call that changes quickly
/// makes bursts of a few dozen.
const MAX_MESSAGES: usize = 256;
/// Most bytes that wait for a client, beside a single larger message (the
/// welcome to a large room).
const MAX_BYTES: usize = 1024 * 1024;

/// Why the server closes a call socket: the codes of RFC 6455 and their
/// registry, and a few words for whoever debugs a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

impl Closing {
    /// The stay has ended; what was said before says how.
    pub(crate) const DONE: Self = Self { code: 1000, reason: "" };
    /// The node stops. Joining again leads to another one, or to its successor.
    pub(crate) const RESTART: Self = Self { code: 1012, reason: "the server restarts" };
    /// The room failed.
    pub(crate) const FAULT: Self = Self { code: 1011, reason: "the room failed; join again" };
    /// The queue overflowed.
    pub(crate) const TOO_SLOW: Self =
        Self { code: 1008, reason: "too slow: messages were not read in time" };
}

/// Something to write.
pub(crate) enum Frame {
    Text(Utf8Bytes),
    Close(Closing),
}

/// The worker's end. Dropping it without [`Outgoing::close`] closes the socket
/// as too slow.
pub(crate) struct Outgoing {
    queue: mpsc::Sender<Frame>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// The socket's end.
pub(crate) struct Frames {
    queue: mpsc::Receiver<Frame>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// The queue is full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;

/// A queue for one call socket.
pub(crate) fn channel() -> (Outgoing, Frames) {
    let (sender, receiver) = mpsc::channel(MAX_MESSAGES);
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    let outgoing = Outgoing { queue: sender, waiting_bytes: Arc::clone(&waiting_bytes) };
    (outgoing, Frames { queue: receiver, waiting_bytes })
}

impl Outgoing {
    /// Queues a message. For a socket that is gone it is dropped: its
    /// `Disconnected` is under way, behind what it said last, which counts.
    pub(crate) fn send(&self, text: Utf8Bytes) -> Result<(), TooSlow> {
        let bytes = text.len();
        let waiting = self.waiting_bytes.fetch_add(bytes, Relaxed);
        if waiting > 0 && waiting + bytes > MAX_BYTES {
            return Err(TooSlow);
        }
        match self.queue.try_send(Frame::Text(text)) {
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(TooSlow),
        }
    }

    /// Closes the socket after what was queued before. With a full queue it
    /// closes as too slow, which is true.
    pub(crate) fn close(self, closing: Closing) {
        self.queue.try_send(Frame::Close(closing)).ok();
    }
}

impl Frames {
    /// The next thing to write.
    pub(crate) async fn next(&mut self) -> Frame {
        match self.queue.recv().await {
            Some(Frame::Text(text)) => {
                self.waiting_bytes.fetch_sub(text.len(), Relaxed);
                Frame::Text(text)
            }
            Some(close) => close,
            None => Frame::Close(Closing::TOO_SLOW),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_come_in_order_and_the_close_last() {
        let (outgoing, mut frames) = channel();
        outgoing.send("one".into()).unwrap();
        outgoing.send("two".into()).unwrap();
        outgoing.close(Closing::DONE);
        for expected in ["one", "two"] {
            assert!(matches!(frames.next().await, Frame::Text(text) if text == expected));
        }
        assert!(matches!(frames.next().await, Frame::Close(Closing::DONE)));
    }

    #[tokio::test]
    async fn unread_messages_overflow_by_number() {
        let (outgoing, mut frames) = channel();
        for _ in 0..MAX_MESSAGES {
            outgoing.send("{}".into()).unwrap();
        }
        assert_eq!(outgoing.send("{}".into()), Err(TooSlow));
        drop(outgoing);
        for _ in 0..MAX_MESSAGES {
            assert!(matches!(frames.next().await, Frame::Text(_)));
        }
        assert!(matches!(frames.next().await, Frame::Close(Closing::TOO_SLOW)));
    }

    #[tokio::test]
    async fn unread_messages_overflow_by_bytes() {
        let (outgoing, mut frames) = channel();
        let half: Utf8Bytes = "x".repeat(MAX_BYTES / 2).into();
        outgoing.send(half.clone()).unwrap();
        outgoing.send(half.clone()).unwrap();
        frames.next().await;
        outgoing.send(half.clone()).unwrap();
        assert_eq!(outgoing.send(half), Err(TooSlow));
    }

    #[test]
    fn a_socket_that_is_gone_is_not_too_slow() {
        let (outgoing, frames) = channel();
        drop(frames);
        assert_eq!(outgoing.send("{}".into()), Ok(()));
    }

    #[test]
    fn one_large_message_passes_an_empty_queue() {
        let (outgoing, _frames) = channel();
        assert_eq!(outgoing.send("x".repeat(2 * MAX_BYTES).into()), Ok(()));
        assert_eq!(outgoing.send("{}".into()), Err(TooSlow));
    }
}
