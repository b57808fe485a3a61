//! A call socket after its hello: one half reads, the other writes, and
//! whichever ends first ends both.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use parlor_model::call::{ClientMessage, PING_INTERVAL_MS};
use parlor_sfu::ConnectionId;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::frame::{self, Content};
use super::pace::Pace;
use crate::inbox::{Inbox, Stopped, ToWorker};
use crate::outgoing::{Closing, Frame, Frames};

/// [`ServerMessage::Pong`](parlor_model::call::ServerMessage::Pong) as it is written.
const PONG: &str = r#"{"type":"pong"}"#;

/// How often the server pings who is silent. The room takes any sign of life within its
/// silence limit, of which this is about a quarter.
const PING_INTERVAL: Duration = Duration::from_millis(PING_INTERVAL_MS as u64);

/// How long one write may take: a client that reads nothing for so long has
/// lost its network, whatever TCP still hopes for.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the closing handshake may take.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

type Sink = SplitSink<WebSocket, Message>;
type Source = SplitStream<WebSocket>;

/// Serves the socket until one side ends it, then tells the worker.
pub(super) async fn run(
    socket: WebSocket,
    connection: ConnectionId,
    inbox: Inbox,
    mut frames: Frames,
) {
    let (mut sink, mut source) = socket.split();
    let life = Life::default();
    let mut reader = Reader { inbox, connection, pace: Pace::new(Instant::now()), life: &life };
    let ending = tokio::select! {
        ending = reader.run(&mut source) => ending,
        ending = write(&mut sink, &mut frames, &life) => ending,
    };
    // A worker that has stopped needs no notice.
    reader.inbox.send(ToWorker::Disconnected(connection)).await.ok();
    // From here on nothing may be queued that nobody would write.
    drop(frames);
    if let Some(closing) = ending {
        finish(sink, source, closing).await;
    }
}

/// Says goodbye, and waits a little for the answer, so that what was said
/// before is not lost to a reset connection.
pub(super) async fn finish(mut sink: Sink, mut source: Source, closing: Closing) {
    let goodbye = async {
        if sink.send(frame::close(closing)).await.is_ok() {
            while let Some(Ok(_)) = source.next().await {}
        }
    };
    // Whether answered or not, the connection is dropped now.
    timeout(CLOSE_TIMEOUT, goodbye).await.ok();
}

/// What the reading half tells the writing one.
#[derive(Default)]
struct Life {
    /// Something came since the last look.
    was_heard: AtomicBool,
    /// The client asks for a sign of life, too.
    is_asked: Notify,
}

/// Writes until the queue says to close (`Some`) or the connection fails.
async fn write(sink: &mut Sink, frames: &mut Frames, life: &Life) -> Option<Closing> {
    let mut pings = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            frame = frames.next() => match frame {
                Frame::Text(text) => Message::Text(text),
                Frame::Close(closing) => return Some(closing),
            },
            () = life.is_asked.notified() => Message::text(PONG),
            // Clients that ping by themselves need no ping of ours.
            _ = pings.tick() => if life.was_heard.swap(false, Relaxed) {
                continue;
            } else {
                Message::Ping(bytes::Bytes::new())
            },
        };
        match timeout(WRITE_TIMEOUT, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return None,
        }
    }
}

/// The reading half.
struct Reader<'a> {
    inbox: Inbox,
    connection: ConnectionId,
    pace: Pace,
    life: &'a Life,
}

/// Why reading ends.
enum End {
    /// With a close frame of ours.
    Close(Closing),
    /// The connection is gone.
    Gone,
}

impl From<Stopped> for End {
    fn from(_: Stopped) -> Self {
        Self::Close(Closing::RESTART)
    }
}

impl Reader<'_> {
    /// Reads until the connection ends or breaks the rules (`Some`).
    async fn run(&mut self, source: &mut Source) -> Option<Closing> {
        loop {
            let outcome = match source.next().await {
                Some(Ok(message)) => self.take(message).await,
                Some(Err(error)) => return frame::closing_for(error),
                None => return None,
            };
            match outcome {
                Ok(()) => {}
                Err(End::Close(closing)) => return Some(closing),
                Err(End::Gone) => return None,
            }
        }
    }

    async fn take(&mut self, message: Message) -> Result<(), End> {
        let now = Instant::now();
        let until = match &message {
            Message::Text(text) => self.pace.count(now, text.len()),
            Message::Binary(data) | Message::Ping(data) | Message::Pong(data) => {
                self.pace.count(now, data.len())
            }
            Message::Close(_) => now,
        };
        let message = match message {
            Message::Text(text) => self.content(&text)?,
            Message::Binary(_) => return Err(End::Close(frame::BINARY)),
            Message::Ping(_) | Message::Pong(_) => self.heard(),
            Message::Close(close) => return self.closed(close).await,
        };
        self.life.was_heard.store(true, Relaxed);
        if matches!(message, ToWorker::Heard(..)) {
            self.inbox.send_quietly(message).await?;
        } else {
            self.inbox.send(message).await?;
        }
        if until > now {
            sleep_until(until).await;
        }
        Ok(())
    }

    fn heard(&self) -> ToWorker {
        ToWorker::Heard(self.connection, Instant::now().into_std())
    }

    fn content(&self, text: &str) -> Result<ToWorker, End> {
        match frame::read(text) {
            // Answered here: a call in which nothing happens costs its thread nothing.
            Ok(Content::Message(ClientMessage::Ping)) => {
                self.life.is_asked.notify_one();
                Ok(self.heard())
            }
            Ok(Content::Message(message)) => Ok(ToWorker::Message(self.connection, message)),
            Ok(Content::Rejected(answer)) => Ok(ToWorker::Reject(self.connection, answer)),
            Err(closing) => Err(End::Close(closing)),
        }
    }

    /// A browser closes the sockets of a page that goes away with 1001, and
    /// client code that is done with 1000; both mean that nobody will resume.
    /// A lost network closes nothing.
    async fn closed(&self, close: Option<CloseFrame>) -> Result<(), End> {
        if close.is_some_and(|close| matches!(close.code, 1000 | 1001)) {
            self.inbox.send(ToWorker::Message(self.connection, ClientMessage::Leave)).await?;
        }
        Err(End::Gone)
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::call::ServerMessage;

    use super::*;

    #[test]
    fn the_answer_to_a_ping_is_a_message_of_the_protocol() {
        assert_eq!(serde_json::to_string(&ServerMessage::Pong).unwrap(), PONG);
    }
}
