//! The first message of a call socket: who knocks, and to which worker do they
//! belong?

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{Stream, StreamExt};
use parlor_model::call::{ClientMessage, ServerMessage};
use tokio::time::timeout;

use super::frame::{self, Content};
use super::{Place, refusal, stay};
use crate::directory::Unclaimable;
use crate::inbox::{CallSocket, Inbox, ToWorker};
use crate::node::Shared;
use crate::outgoing::{self, Closing};

/// How long a new socket may stay silent. Longer lets a slow network in;
/// shorter frees the places of idle sockets sooner.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

const SILENT: Closing = Closing { code: 1008, reason: "no hello within 10 seconds" };
const WRONG_FIRST: Closing =
    Closing { code: 1008, reason: "the first message must be hello or resume" };

/// Serves one call socket from its first frame to its last.
pub(crate) async fn attend(shared: Arc<Shared>, mut socket: WebSocket, mut place: Place) {
    let first = shared.stop.run_until_cancelled(first_message(&mut socket)).await;
    let admitted = match first {
        None => Err(Turned::away(Closing::RESTART)),
        Some(Err(closing)) => Err(Turned { closing, refusal: None }),
        Some(Ok(message)) => admit(&shared, message).await,
    };
    place.leave_the_door();
    match admitted {
        Ok((connection, inbox, frames)) => stay::run(socket, connection, inbox, frames).await,
        Err(turned) => turn_away(socket, turned).await,
    }
}

/// Why somebody does not get in. No closing: the connection is gone.
struct Turned {
    closing: Option<Closing>,
    refusal: Option<ServerMessage>,
}

impl Turned {
    fn away(closing: Closing) -> Self {
        Self { closing: Some(closing), refusal: None }
    }

    fn refused(info: &str) -> Self {
        Self::with(refusal(info))
    }

    fn with(refusal: ServerMessage) -> Self {
        Self { closing: Some(Closing::DONE), refusal: Some(refusal) }
    }

    fn unclaimable(reason: Unclaimable) -> Self {
        match reason {
            Unclaimable::Deleted => Self::with(super::room_deleted()),
            Unclaimable::NoWorker => Self::away(Closing::RESTART),
            Unclaimable::TooManyChecks => Self::with(super::too_many_checks()),
            Unclaimable::OrgFull { limit } => Self::with(super::org_full(limit)),
        }
    }
}

async fn turn_away(mut socket: WebSocket, turned: Turned) {
    let Some(closing) = turned.closing else {
        return;
    };
    if let Some(refusal) = turned.refusal
        && let Ok(text) = serde_json::to_string(&refusal)
    {
        // If it cannot be written, neither can the close below, which ends it.
        timeout(stay::CLOSE_TIMEOUT, socket.send(Message::Text(text.into()))).await.ok();
    }
    let (sink, stream) = socket.split();
    stay::finish(sink, stream, closing).await;
}

/// Waits for the first message. An error without closing means that the
/// connection is gone.
async fn first_message(
    frames: &mut (impl Stream<Item = Result<Message, axum::Error>> + Unpin),
) -> Result<ClientMessage, Option<Closing>> {
    let first_text = async {
        loop {
            match frames.next().await {
                Some(Ok(Message::Text(text))) => break Ok(text),
                Some(Ok(Message::Binary(_))) => break Err(Some(frame::BINARY)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => break Err(None),
                Some(Err(error)) => break Err(frame::closing_for(error)),
            }
        }
    };
    let text = timeout(HELLO_TIMEOUT, first_text).await.map_err(|_elapsed| Some(SILENT))??;
    match frame::read(&text) {
        Ok(Content::Message(
            first @ (ClientMessage::Hello { .. } | ClientMessage::Resume { .. }),
        )) => Ok(first),
        Ok(_) => Err(Some(WRONG_FIRST)),
        Err(closing) => Err(Some(closing)),
    }
}

type Admitted = (parlor_sfu::ConnectionId, Inbox, outgoing::Frames);

/// Hands the socket to the worker of its room.
async fn admit(shared: &Arc<Shared>, first: ClientMessage) -> Result<Admitted, Turned> {
    let connection = shared.next_connection();
    let (outgoing, frames) = outgoing::channel();
    let socket = CallSocket { connection, outgoing };
    let (worker, message) = match first {
        ClientMessage::Hello { ticket, user_data } => {
            let ticket = shared
                .ticket_key
                .open(&ticket, (shared.wall_clock)())
                .map_err(|error| Turned::refused(&error.to_string()))?;
            let now = Instant::now();
            let claim = if ticket.is_check {
                shared.directory.claim_check(now, ticket.room)
            } else {
                shared.directory.claim_place(now, &ticket)
            };
            let claim = claim.map_err(Turned::unclaimable)?;
            (claim.worker(), ToWorker::Connect(socket, claim, Box::new(ticket), user_data))
        }
        ClientMessage::Resume { participant, secret } => {
            let claim = shared.directory.claim_of(participant);
            let claim = claim.ok_or_else(|| Turned::refused("the stay has ended; join again"))?;
            (claim.worker(), ToWorker::Resume(socket, claim, participant, secret))
        }
        _ => return Err(Turned::away(WRONG_FIRST)),
    };
    let inbox = shared.inboxes[worker].clone();
    inbox.send(message).await.map_err(|_stopped| Turned::away(Closing::RESTART))?;
    Ok((connection, inbox, frames))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silent_sockets_are_closed() {
        let mut silent = stream::pending();
        assert_eq!(first_message(&mut silent).await, Err(Some(SILENT)));
    }

    #[tokio::test(start_paused = true)]
    async fn pings_do_not_prolong_the_wait() {
        let began = tokio::time::Instant::now();
        let mut pings = Box::pin(stream::unfold((), |()| async {
            tokio::time::advance(Duration::from_secs(1)).await;
            Some((Ok(Message::Ping(Default::default())), ()))
        }));
        assert_eq!(first_message(&mut pings).await, Err(Some(SILENT)));
        assert!(began.elapsed() <= HELLO_TIMEOUT + Duration::from_secs(1));
    }

    #[tokio::test]
    async fn other_first_messages_are_refused() {
        for (message, closing) in [
            (Message::text(r#"{"type":"ping"}"#), WRONG_FIRST),
            (Message::text(r#"{"type":"hello"}"#), WRONG_FIRST),
            (Message::text("hello"), frame::NOT_JSON),
            (Message::binary(vec![1]), frame::BINARY),
        ] {
            let mut frames = stream::iter([Ok(message)]);
            assert_eq!(first_message(&mut frames).await, Err(Some(closing)));
        }
    }
}
