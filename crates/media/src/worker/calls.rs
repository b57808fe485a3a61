//! The call sockets of a worker's rooms, by number: to which room each
//! belongs, and the queue that leads to it.

use std::collections::HashMap;

use axum::extract::ws::Utf8Bytes;
use parlor_model::call::ServerMessage;
use parlor_model::id::RoomId;
use parlor_sfu::ConnectionId;
use tracing::error;

use crate::outgoing::{Closing, Outgoing};

struct Call {
    room: RoomId,
    outgoing: Outgoing,
}

/// All call sockets of a worker.
#[derive(Default)]
pub(super) struct Calls {
    calls: HashMap<ConnectionId, Call>,
    overflowed: Vec<(RoomId, ConnectionId)>,
}

impl Calls {
    pub(super) fn insert(&mut self, connection: ConnectionId, room: RoomId, outgoing: Outgoing) {
        self.calls.insert(connection, Call { room, outgoing });
    }

    /// Forgets a socket; if it is still open it closes as too slow.
    pub(super) fn remove(&mut self, connection: ConnectionId) {
        self.calls.remove(&connection);
    }

    /// Closes a socket after what was sent before.
    pub(super) fn close(&mut self, connection: ConnectionId, closing: Closing) {
        if let Some(call) = self.calls.remove(&connection) {
            call.outgoing.close(closing);
        }
    }

    /// Closes all sockets of a room.
    pub(super) fn close_room(&mut self, room: RoomId, closing: Closing) {
        for (_, call) in self.calls.extract_if(|_, call| call.room == room) {
            call.outgoing.close(closing);
        }
    }

    /// Closes all sockets.
    pub(super) fn close_all(&mut self, closing: Closing) {
        for (_, call) in self.calls.drain() {
            call.outgoing.close(closing);
        }
    }

    /// Sends a message to some sockets. Those that do not keep up are noted
    /// for [`Calls::pop_overflowed`].
    pub(super) fn send(&mut self, to: &[ConnectionId], message: &ServerMessage) {
        let text = match serde_json::to_string(message) {
            Ok(text) => Utf8Bytes::from(text),
            Err(error) => {
                // Messages have string keys and plain values; they serialise.
                error!(%error, "a call message could not be written");
                return;
            }
        };
        for connection in to {
            if let Some(call) = self.calls.get(connection)
                && call.outgoing.send(text.clone()).is_err()
            {
                self.overflowed.push((call.room, *connection));
                self.calls.remove(connection);
            }
        }
    }

    /// A socket that was dropped because it did not keep up, and its room must
    /// be told.
    pub(super) fn pop_overflowed(&mut self) -> Option<(RoomId, ConnectionId)> {
        self.overflowed.pop()
    }

    pub(super) fn room_of(&self, connection: ConnectionId) -> Option<RoomId> {
        self.calls.get(&connection).map(|call| call.room)
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }
}
