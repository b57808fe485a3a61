//! The media node over real loopback sockets: call sockets, UDP, bus.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops and says where")]

mod call;
mod call_socket;
#[path = "../../examples/soak/caller.rs"]
mod caller;
mod commands;
mod facts;
mod garbage;
mod ipv6;
mod lifecycle;
mod spread;
mod streams;
mod support;
mod turn;
