//! Who sends a request that carries no key: an address, as far as it can be
//! believed. What needs no key is limited by it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;
use parlor_bus::SenderAddr;

use crate::cx::AppState;
use crate::http::listen::PeerAddr;
use crate::http::rate_limit::{Budget, Door};

/// For whom a proxy asks.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Counts a request at `door` against its sender's address, where requests are
/// counted and the address is known.
pub(crate) fn budget(
    state: &AppState,
    door: Door,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Option<Budget> {
    let settings = &state.cx.settings;
    let PeerAddr(peer) = *extensions.get::<PeerAddr>()?;
    settings.has_rate_limits.then(|| {
        let sender = sender(peer.ip(), headers, settings.is_behind_proxy);
        let limit = settings.limits.rate.at(door);
        state.by_address.check((sender, door), limit, state.now())
    })
}

/// Tells whoever answers the call routes who asks.
pub(crate) async fn mark(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(PeerAddr(peer)) = request.extensions().get().copied() {
        let is_behind_proxy = state.cx.settings.is_behind_proxy;
        let sender = sender(peer.ip(), request.headers(), is_behind_proxy);
        request.extensions_mut().insert(SenderAddr(sender));
    }
    next.run(request).await
}

/// Whose request this is. A peer on this very machine is taken for a proxy
/// when it says for whom it asks, and any peer is where the operator says that
/// there is one. The proxy's own entry is the last one; what the client itself
/// may have written stands before it.
fn sender(peer: IpAddr, headers: &HeaderMap, is_behind_proxy: bool) -> IpAddr {
    network_of(origin(peer, headers, is_behind_proxy))
}

/// The address itself, for the log of requests.
pub(crate) fn address(state: &AppState, request: &Request) -> Option<IpAddr> {
    address_of(state, request.extensions(), request.headers())
}

/// The same of a request that was taken apart already.
pub(crate) fn address_of(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Option<IpAddr> {
    let PeerAddr(peer) = *extensions.get::<PeerAddr>()?;
    Some(origin(peer.ip(), headers, state.cx.settings.is_behind_proxy))
}

fn origin(peer: IpAddr, headers: &HeaderMap, is_behind_proxy: bool) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_behind_proxy && !peer.is_loopback() {
        return peer;
    }
    let forwarded = headers.get_all(FORWARDED_FOR).iter().next_back();
    let last = forwarded.and_then(|list| list.to_str().ok()?.rsplit(',').next());
    last.and_then(parse).unwrap_or(peer)
}

/// Some proxies write the port, too.
fn parse(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    let address = entry.parse::<IpAddr>().or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

/// An IPv6 subscriber has a whole /64 (RFC 6177), and could use a new address
/// for each request.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{FORWARDED_FOR, HeaderMap, IpAddr, sender};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn forwarded(list: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, list.parse().unwrap());
        headers
    }

    #[test]
    fn without_a_proxy_only_a_peer_on_this_machine_may_say_for_whom_it_asks() {
        let (near, far) = (ip("127.0.0.1"), ip("198.51.100.7"));
        let cases = [
            (near, forwarded("203.0.113.9"), "203.0.113.9"),
            (near, forwarded("10.1.1.1, 203.0.113.9"), "203.0.113.9"),
            (near, forwarded("unknown"), "127.0.0.1"),
            (near, HeaderMap::new(), "127.0.0.1"),
            (far, forwarded("203.0.113.9"), "198.51.100.7"),
        ];
        for (peer, headers, expected) in cases {
            assert_eq!(sender(peer, &headers, false), ip(expected), "{headers:?}");
        }
    }

    #[test]
    fn behind_a_proxy_any_peer_says_for_whom_it_asks() {
        let proxy = ip("10.0.0.2");
        let cases = [
            ("10.1.1.1, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::7]:4711", "2001:db8::"),
            ("unknown", "10.0.0.2"),
        ];
        for (list, expected) in cases {
            assert_eq!(sender(proxy, &forwarded(list), true), ip(expected), "{list}");
        }
    }

    #[test]
    fn ipv6_counts_by_its_network_and_mapped_ipv4_as_ipv4() {
        let none = HeaderMap::new();
        let of = |text| sender(ip(text), &none, false);
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:198.51.100.7"), ip("198.51.100.7"));
    }
}
