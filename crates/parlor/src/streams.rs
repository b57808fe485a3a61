//! Media over connections: which addresses are offered, and the way from the
//! HTTP listener, which takes them, to the media node, which serves them.

use std::net::SocketAddr;
use std::sync::Arc;

use parlor_media::{MAX_STREAMS, MAX_STREAMS_PER_ADDRESS, StreamConfig, StreamDoor, StreamEnds};
use parlor_server::{MediaConnection, MediaDoor, MediaProtocol};

use crate::node::NodeConfig;

/// Hands connections over.
pub(crate) fn door(streams: StreamDoor) -> MediaDoor {
    Arc::new(move |connection| {
        let streams = streams.clone();
        Box::pin(async move {
            let MediaConnection { protocol, io, peer, local } = connection;
            let ends = StreamEnds { peer, local };
            match protocol {
                MediaProtocol::IceTcp => streams.ice_tcp(io, ends).await,
                MediaProtocol::Turn => {}
            }
        })
    })
}

/// What the media node is told about a listener bound to `listen`.
pub(crate) fn config(config: &NodeConfig, listen: SocketAddr) -> StreamConfig {
    // Behind a proxy all connections that come through it have its address.
    let per_address = if config.is_behind_proxy { MAX_STREAMS } else { MAX_STREAMS_PER_ADDRESS };
    StreamConfig { tcp: tcp_addresses(config, listen), per_address }
}

/// Where clients reach the listener: at the address it is bound to, or at all
/// of those that carry media; and, unless only this machine can reach it, at
/// the announced ones.
fn tcp_addresses(config: &NodeConfig, listen: SocketAddr) -> Vec<SocketAddr> {
    let bound = listen.ip();
    let mut ips = match bound.is_unspecified() {
        true => config.media_ips.clone(),
        false => vec![bound],
    };
    if !bound.is_loopback() {
        ips.extend(&config.announce);
    }
    // A socket of IPv6 takes IPv4 as well; not the other way round.
    ips.retain(|ip| bound.is_ipv6() || ip.is_ipv4());
    let mut addresses: Vec<_> =
        ips.into_iter().map(|ip| SocketAddr::new(ip, listen.port())).collect();
    addresses.dedup();
    addresses
}
