//! A room, as a state machine without I/O: who is in it, what they send, what
//! each of them receives. It owns no socket, thread or clock; time, datagrams
//! and messages come in through [`Room::handle`], and what is to be done comes
//! out of [`Room::poll`].
//!
//! The path of a media packet:
//!
//! ```text
//! datagram ─ Demux (ufrag, then address) ─ Room::handle(Input::Datagram)
//!   ─ peer       ICE, DTLS, SRTP (str0m; touched nowhere else)
//!   ─ publication  whose track, may it pass, is it a keyframe
//!   ─ forward    for each subscriber: chosen, renumbered, queued
//! Room::flush
//!   ─ forward    for each subscriber: written, sealed, to the Sink
//! ```
//!
//! A shell may therefore hand in all datagrams of a turn, flush once, and send
//! what belongs to one subscriber with one system call.

mod alarms;
mod allocation;
mod audible;
mod budget;
mod capture;
mod codec;
mod config;
mod demux;
mod estimate;
mod forward;
#[cfg(fuzzing)]
pub mod fuzzing;
mod grants;
mod io;
mod keyframe;
mod layers;
mod layers_wanted;
mod line;
mod offer;
mod pace;
mod pacer;
mod participant;
mod peer;
mod publication;
mod rate;
mod receiving;
mod rewrite;
mod room;
mod rtcp;
mod secrets;
mod select;
mod shard;
mod size;
mod slots;
mod speaker;
mod spread;
mod srtp;
mod ticket_stubs;
mod track_wishes;
mod waiting;

pub use config::{MAX_SHARDS, OWN_RECEIVERS, RoomConfig, RoomLimits, RoomTimes, SpreadConfig};
pub use demux::{Demux, Endpoint, PacketKind, requested_ufrag};
pub use io::{
    ConnectionId, Ejection, Input, Output, Received, ReplyTo, RoomCommand, Route, RouteChange,
    Sink, Transmit, Transport,
};
pub use peer::Certificate;
pub use room::Room;
pub use shard::{Shard, ShardEvent, ShardInput, ShardLost, ShardQueue};

/// Where the virtual clock of the unit tests starts.
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the virtual clock must begin at some moment")]
fn test_start() -> std::time::Instant {
    std::time::Instant::now()
}
