//! The media node over real loopback sockets: call sockets, UDP, bus.

mod call;
mod call_socket;
#[path = "../../examples/bench_media/caller.rs"]
mod caller;
mod garbage;
mod lifecycle;
mod support;
