//! What a room is told when it is made.

use std::net::SocketAddr;
use std::time::Duration;

use parlor_model::id::{OrgId, RoomId};

use crate::peer::Certificate;

/// Everything a room must know from outside.
#[derive(Clone, Debug)]
pub struct RoomConfig {
    /// The organization it belongs to.
    pub org: OrgId,
    /// Its record.
    pub room: RoomId,
    /// Its name.
    pub name: String,
    /// The addresses announced to clients: those of the worker's socket, or
    /// what maps to it.
    pub candidates: Vec<SocketAddr>,
    /// The addresses announced to clients that want to connect by TCP.
    pub tcp_candidates: Vec<SocketAddr>,
    /// How the ICE username fragments of this room begin, so that the shell
    /// can tell from a connection's first request which worker it is for. Of
    /// letters and digits.
    pub ufrag_prefix: String,
    /// The DTLS identity. One per worker is enough: it identifies nobody.
    pub certificate: Certificate,
    /// 32 bytes from the system's random source. Session secrets and meeting
    /// ids derive from it, so it must be unpredictable and used once.
    pub seed: [u8; 32],
    /// How much of anything.
    pub limits: RoomLimits,
    /// How long.
    pub times: RoomTimes,
}

/// What bounds a room's memory and work.
#[derive(Clone, Debug)]
pub struct RoomLimits {
    /// Hidden stays at once. The visible are bounded by the tickets'
    /// `max_participants`.
    pub hidden_participants: usize,
    /// Transceivers per participant, both directions. More lets bigger rooms be
    /// seen at once; each costs memory and makes every packet to that peer dearer.
    pub transceivers: usize,
    /// Longest accepted offer in bytes.
    pub offer_bytes: usize,
}

impl Default for RoomLimits {
    fn default() -> Self {
        Self { hidden_participants: 1000, transceivers: 64, offer_bytes: 250 * 1024 }
    }
}

/// How long a room waits.
#[derive(Clone, Debug)]
pub struct RoomTimes {
    /// From the loss of the call socket until the others see somebody leave.
    /// Longer forgives more; shorter shows the truth sooner.
    pub grace: Duration,
    /// Silence on an open socket until the same.
    pub silence: Duration,
}

impl Default for RoomTimes {
    fn default() -> Self {
        Self { grace: Duration::from_secs(5), silence: Duration::from_secs(15) }
    }
}
