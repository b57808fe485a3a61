//! Somebody in a simulation: a headless participant, its path to the room and
//! its call socket.

use std::net::SocketAddr;

use parlor_client::Participant;
use parlor_model::id::ParticipantId;
use parlor_sfu::ConnectionId;

use crate::link::Link;

/// Names somebody of a [`Sim`](crate::Sim).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who(pub(crate) usize);

pub(crate) struct Person {
    pub(crate) id: ParticipantId,
    pub(crate) client: Participant,
    pub(crate) address: SocketAddr,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) up: Link,
    pub(crate) down: Link,
}

impl Person {
    /// Whether nothing passes in one of the directions.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.up.is_cut() || self.down.is_cut()
    }
}
