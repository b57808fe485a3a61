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
    pub(crate) tap: Tap,
    pub(crate) last_offer: String,
    pub(crate) up: Link,
    pub(crate) down: Link,
}

/// Keeps copies of datagrams, when asked to.
#[derive(Default)]
pub(crate) struct Tap {
    kept: Option<Vec<Vec<u8>>>,
}

impl Tap {
    pub(crate) fn keep(&mut self, bytes: &[u8]) {
        if let Some(kept) = &mut self.kept {
            kept.push(bytes.to_vec());
        }
    }

    /// Starts anew or stops; returns what was kept.
    pub(crate) fn replace_if(&mut self, is_on: bool) -> Vec<Vec<u8>> {
        std::mem::replace(&mut self.kept, is_on.then(Vec::new)).unwrap_or_default()
    }
}

impl Person {
    /// Whether nothing passes in one of the directions.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.up.is_cut() || self.down.is_cut()
    }
}
