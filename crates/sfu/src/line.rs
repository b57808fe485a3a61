//! The call socket of somebody, or the time since it was lost.

use std::time::Instant;

use crate::config::RoomTimes;
use crate::io::ConnectionId;

/// A call socket as the room knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line {
    /// It is open.
    Open { connection: ConnectionId, heard_at: Instant },
    /// It closed without a goodbye; another may take its place for a while.
    Lost { since: Instant },
}

impl Line {
    /// A socket that has just opened.
    pub(crate) fn open(connection: ConnectionId, now: Instant) -> Self {
        Self::Open { connection, heard_at: now }
    }

    /// The open socket.
    pub(crate) fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Open { connection, .. } => Some(connection),
            Self::Lost { .. } => None,
        }
    }

    /// Something came from the socket.
    pub(crate) fn hear(&mut self, now: Instant) {
        if let Self::Open { heard_at, .. } = self {
            *heard_at = now;
        }
    }

    /// When nobody waits for a sign of life any more.
    pub(crate) fn deadline(self, times: &RoomTimes) -> Instant {
        match self {
            Self::Open { heard_at, .. } => heard_at + times.silence,
            Self::Lost { since } => since + times.grace,
        }
    }
}
