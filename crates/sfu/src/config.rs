//! What a room is told when it is made.

use std::net::SocketAddr;
use std::time::Duration;

use parlor_model::id::{OrgId, RoomId};

use crate::io::{Route, Transport};
use crate::peer::Certificate;

/// Most shards of a room.
pub const MAX_SHARDS: usize = 63;

/// How many receivers a room serves by itself before it opens a shard. More
/// keeps calls on one thread, which is cheaper a packet; fewer leaves more of
/// that thread to its other rooms.
pub const OWN_RECEIVERS: usize = 40;

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
    /// From where else its media may be sent.
    pub spread: SpreadConfig,
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

/// From where else a room's media may be sent than from the room itself.
#[derive(Clone, Debug)]
pub struct SpreadConfig {
    /// How many [`Shard`](crate::Shard)s the room may have, at most
    /// [`MAX_SHARDS`]; 0: it sends everything by itself.
    pub shards: usize,
    /// How many receivers it serves by itself before it opens one.
    pub own_receivers: usize,
    /// Whether a shard can send by this way as well as the room. Otherwise the
    /// room does, as long as the way is known when somebody connects.
    pub can_leave: fn(&Route) -> bool,
}

impl Default for SpreadConfig {
    fn default() -> Self {
        let can_leave = |route: &Route| route.transport == Transport::Udp;
        Self { shards: 0, own_receivers: OWN_RECEIVERS, can_leave }
    }
}
