//! Media over connections: which addresses are offered, and the way from the
//! HTTP listener, which takes them, to the media node, which serves them.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
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
                MediaProtocol::Turn => streams.turn(io, ends).await,
            }
        })
    })
}

/// What the media node is told about a listener bound to `listen`.
pub(crate) fn config(config: &NodeConfig, listen: SocketAddr) -> StreamConfig {
    // Behind a proxy all connections that come through it have its address.
    let per_address = if config.is_behind_proxy { MAX_STREAMS } else { MAX_STREAMS_PER_ADDRESS };
    let tcp = match config.is_behind_proxy && listen.ip().is_loopback() {
        // Only the proxy comes that way, and it does not speak this.
        true => Vec::new(),
        false => tcp_addresses(listen, &config.media_ips, &config.announce),
    };
    StreamConfig { tcp, per_address }
}

/// Where clients reach a listener: at the address it is bound to, or at all of
/// those that carry media; and, unless only this machine can reach it, at the
/// announced ones.
pub(crate) fn tcp_addresses(
    listen: SocketAddr,
    media: &[IpAddr],
    announce: &[IpAddr],
) -> Vec<SocketAddr> {
    let bound = listen.ip();
    let mut ips = if bound.is_unspecified() { media.to_vec() } else { vec![bound] };
    if !bound.is_loopback() {
        ips.extend(announce);
    }
    // A socket of IPv6 takes IPv4 as well; not the other way round.
    ips.retain(|ip| bound.is_ipv6() || ip.is_ipv4());
    let mut seen = BTreeSet::new();
    ips.retain(|ip| seen.insert(*ip));
    ips.into_iter().map(|ip| SocketAddr::new(ip, listen.port())).collect()
}

/// Where clients reach the relay: at the origin, with its port. A proxy in
/// front understands HTTP only, unless its operator says otherwise.
pub(crate) fn turn_urls(
    configured: Option<&[String]>,
    is_behind_proxy: bool,
    origin: &str,
) -> Vec<String> {
    match configured {
        Some(urls) => urls.to_vec(),
        None if is_behind_proxy => Vec::new(),
        None => turn_url(origin).into_iter().collect(),
    }
}

/// The relay's address at an origin (RFC 7065). The port is always said: what
/// clients take without one is not ours.
fn turn_url(origin: &str) -> Option<String> {
    let (scheme, default_port, authority) = match origin.split_once("://")? {
        ("https", authority) => ("turns", 443, authority),
        ("http", authority) => ("turn", 80, authority),
        _ => return None,
    };
    // Behind the bracket of an IPv6 address a colon is the port's.
    let has_port = authority.rsplit(']').next().is_some_and(|tail| tail.contains(':'));
    let port = if has_port { String::new() } else { format!(":{default_port}") };
    Some(format!("{scheme}:{authority}{port}?transport=tcp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcp_is_offered_where_the_listener_can_be_reached() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let media = [ip("127.0.0.1"), ip("192.0.2.1"), ip("2001:db8::1")];
        // An operator may announce what is bound as well.
        let announce = [ip("198.51.100.1"), ip("192.0.2.1")];
        let offered = |listen: &str| {
            let addresses = tcp_addresses(listen.parse().unwrap(), &media, &announce);
            addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(offered("127.0.0.1:80"), "127.0.0.1:80");
        assert_eq!(offered("192.0.2.1:80"), "192.0.2.1:80 198.51.100.1:80");
        assert_eq!(offered("0.0.0.0:80"), "127.0.0.1:80 192.0.2.1:80 198.51.100.1:80");
        assert_eq!(
            offered("[::]:80"),
            "127.0.0.1:80 192.0.2.1:80 [2001:db8::1]:80 198.51.100.1:80"
        );
    }

    #[test]
    fn the_relay_is_where_the_origin_is_and_its_port_is_said() {
        for (origin, url) in [
            ("https://meet.example.com", "turns:meet.example.com:443?transport=tcp"),
            ("https://meet.example.com:8443", "turns:meet.example.com:8443?transport=tcp"),
            ("http://127.0.0.1:8080", "turn:127.0.0.1:8080?transport=tcp"),
            ("http://[::1]", "turn:[::1]:80?transport=tcp"),
            ("https://[2001:db8::1]:444", "turns:[2001:db8::1]:444?transport=tcp"),
        ] {
            assert_eq!(turn_url(origin).as_deref(), Some(url));
        }
    }
}
