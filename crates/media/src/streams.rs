//! Media over connections: ICE-TCP (RFC 6544) and TURN (RFC 8656), for clients
//! whose networks let no UDP through. Whoever owns the listening socket tells
//! such connections from HTTP and hands them in here.
//!
//! ```text
//! connection (tokio) ─ deframe ─ bounded queue, wake-up ──► worker ─ demux ─ room
//!                   ◄─ frame ─── bounded queue ◄──────────── room.poll
//! ```
//! A connection that is not read fast enough loses media, not the call: what
//! does not fit its queue is dropped and counted. One that sends too fast waits
//! for its worker, and so, through TCP, does its client.

mod framing;
mod ice_tcp;
mod link;
mod places;
mod turn;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tracing::debug;

use crate::node::Shared;
pub(crate) use link::{FromStream, Outbound, StreamEnd, StreamInbox, StreamKey};
pub(crate) use places::StreamPlaces;
pub use places::{MAX_STREAMS, MAX_STREAMS_PER_ADDRESS};

/// The two addresses of a connection.
#[derive(Clone, Copy, Debug)]
pub struct StreamEnds {
    /// The client's.
    pub peer: SocketAddr,
    /// Ours.
    pub local: SocketAddr,
}

/// Where connections that carry media are handed in. Clones share it.
#[derive(Clone)]
pub struct StreamDoor(pub(crate) Arc<Shared>);

impl StreamDoor {
    /// Serves a connection that began with a framed STUN request, from its
    /// first byte to its end.
    pub async fn ice_tcp<S>(&self, stream: S, ends: StreamEnds)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(_place) = self.0.stream_places.take(ends.peer.ip()) else {
            return debug!("no place for another media connection");
        };
        let serving = ice_tcp::serve(&self.0, stream, ends);
        self.0.tasks.track_future(self.0.stop.run_until_cancelled(serving)).await;
    }

    /// Serves a TURN client, from its first byte to its end.
    pub async fn turn<S>(&self, stream: S, ends: StreamEnds)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(_place) = self.0.stream_places.take(ends.peer.ip()) else {
            return debug!("no place for another media connection");
        };
        let serving = turn::serve(&self.0, stream, ends);
        self.0.tasks.track_future(self.0.stop.run_until_cancelled(serving)).await;
    }
}
