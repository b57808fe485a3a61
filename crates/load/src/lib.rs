//! The load harness: thousands of real participants (ICE, DTLS, SRTP, RTCP
//! with transport-wide feedback, NACK) against a server process, over its
//! public surface alone.
//!
//! ```text
//! scenario   what happens: who sends what, who watches     scenarios/*.toml
//! target     a server's process and its signalling          ours, Janus, LiveKit
//! engine     a thread that moves datagrams of all peers
//! peer       one connection: str0m, its socket, what it sends and counts
//! meter      what the kernel knows of processes and sockets
//! run        one scenario against one server: a `Measurement`
//! compare    several servers in turn, medians and ratios
//! table      the targets of docs/performance.md beside what was measured
//! ```
//!
//! The figure that counts is processor time of the server's process for each
//! delivered packet. A run in which the client itself was the narrow place is
//! marked as not valid, see [`run::Doubt`].

pub mod calibrate;
pub mod compare;
pub mod engine;
pub mod histogram;
pub mod link;
pub mod meter;
pub mod peer;
pub mod report;
pub mod run;
pub mod scenario;
pub mod table;
pub mod target;
