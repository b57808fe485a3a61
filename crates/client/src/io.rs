//! What goes into a participant and what comes out.

use std::net::SocketAddr;

use parlor_model::call::{ClientMessage, ServerMessage};

/// Everything that can happen to a participant.
#[derive(Debug)]
pub enum Input<'a> {
    /// A call socket is open: the participant says `hello`, or `resume` if it
    /// was in already.
    Opened,
    /// The call socket is gone.
    Closed,
    /// A message came.
    Message(Box<ServerMessage>),
    /// A datagram came.
    Datagram {
        /// From where.
        source: SocketAddr,
        /// Its payload.
        bytes: &'a [u8],
    },
    /// Time has passed.
    Timeout,
}

/// Everything a participant wants sent.
#[derive(Debug)]
pub enum Output {
    /// On the call socket.
    Message(ClientMessage),
    /// On the participant's UDP socket.
    Datagram(Transmit),
}

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where to.
    pub destination: SocketAddr,
    /// Its payload.
    pub contents: Vec<u8>,
}
