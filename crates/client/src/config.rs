//! What a participant is told when it is made.

use std::net::SocketAddr;

use serde_json::Value;

use crate::script::TrackScript;

/// Everything a participant must know.
#[derive(Clone, Debug)]
pub struct ParticipantConfig {
    /// For `hello`.
    pub ticket: String,
    /// What the application attaches.
    pub user_data: Option<Value>,
    /// The address of its own UDP socket.
    pub address: SocketAddr,
    /// What it can send. Nothing is sent before
    /// [`publish`](crate::Participant::publish), unless the script says so.
    pub tracks: Vec<TrackScript>,
    /// How many slots the first offer has.
    pub slots: SlotCount,
}

/// How many receive-only transceivers, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotCount {
    /// For audio.
    pub audio: usize,
    /// For video.
    pub video: usize,
}

impl Default for SlotCount {
    /// One of each: the room says when it needs more.
    fn default() -> Self {
        Self { audio: 1, video: 1 }
    }
}
