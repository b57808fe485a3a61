//! The media node: the thin shell around the rooms. It owns the sockets, the
//! threads and the clock, and moves bytes in and out of
//! [`Room`](parlor_sfu::Room)s, which know none of these.
//!
//! ```text
//! call sockets (tokio) ──┐ bounded inbox, wake-up
//! bus requests (tokio) ──┴──► worker 0..N-1: one OS thread each
//!                              UDP port ─ batch ─ demux ─ room.handle
//!                              room.poll ─ egress, cut into runs ─ UDP port
//!                              room.poll ─ bounded queue ─ call socket
//! ```
//!
//! A room lives on one worker for as long as anybody is in it, and each worker
//! has its own UDP port, so a packet arrives on the thread that owns its room:
//! between the two sockets there is no lock and no queue. Only a large room has
//! other workers send to some of its people, too (`mail`, `worker/lines`,
//! `worker/hosted`). A media node has no database; what it must know about a
//! joiner is in the ticket.

mod config;
mod counters;
mod directory;
mod egress;
mod inbox;
mod load;
mod mail;
mod node;
mod outgoing;
mod priority;
mod random;
mod requests;
mod strain;
mod streams;
mod turn;
mod udp;
mod websocket;
mod worker;

pub use config::{MAX_THREADS, MediaConfig, MediaError, StreamConfig, WallClock, system_clock};
pub use counters::Counts;
pub use node::{MediaNode, NodeStats};
pub use parlor_sfu::OWN_RECEIVERS;
pub use priority::make_way;
pub use streams::{MAX_STREAMS, MAX_STREAMS_PER_ADDRESS, StreamDoor, StreamEnds};
pub use websocket::{
    HELLO_TIMEOUT, MAX_AT_THE_DOOR, MAX_AT_THE_DOOR_PER_ADDRESS, MAX_CALL_SOCKETS,
};
