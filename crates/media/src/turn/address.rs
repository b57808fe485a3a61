//! The addresses of allocations. They only have to be told apart, from each
//! other and from every address a datagram can come from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The block that no host has (RFC 1112, section 4: "reserved").
const FIRST_V4: u32 = 240 << 24;
/// How many of it are used: not the last ones, which mean everybody.
const COUNT_V4: u32 = 15 << 24;
/// The block whose packets every router drops (RFC 6666).
const FIRST_V6: u128 = 0x0100 << 112;
/// All have the same port; some must be said.
const PORT: u16 = 49_152;

/// Hands out addresses; the same one again after 251 million.
#[derive(Default)]
pub(crate) struct RelayAddresses(AtomicU32);

impl RelayAddresses {
    /// An address of the same protocol as `like`.
    pub(crate) fn next(&self, like: Family) -> SocketAddr {
        let number = self.0.fetch_add(1, Relaxed) % COUNT_V4 + 1;
        let ip = match like {
            Family::V4 => IpAddr::V4(Ipv4Addr::from_bits(FIRST_V4 + number)),
            Family::V6 => IpAddr::V6(Ipv6Addr::from_bits(FIRST_V6 + u128::from(number))),
        };
        SocketAddr::new(ip, PORT)
    }
}

/// Whether this is an allocation's address. No datagram comes from one.
pub(crate) fn is_relayed(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.octets()[0] >= 240 && !v4.is_broadcast(),
        IpAddr::V6(v6) => v6.to_bits() >> 64 == FIRST_V6 >> 64,
    }
}

/// The protocol of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    pub(crate) fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_differ_and_are_known_as_relayed() {
        let addresses = RelayAddresses(AtomicU32::new(COUNT_V4 - 2));
        let given: Vec<_> = (0..4).map(|_| addresses.next(Family::V4)).collect();
        assert_eq!(given[1].ip(), IpAddr::from([255, 0, 0, 0]));
        assert_eq!(given[2].ip(), IpAddr::from([240, 0, 0, 1]));
        assert!(given.iter().all(|address| is_relayed(address.ip())));
        assert!(is_relayed(addresses.next(Family::V6).ip()));
        for real in ["127.0.0.1", "239.1.2.3", "::1", "2001:db8::1", "100:0:0:1::1"] {
            assert!(!is_relayed(real.parse().unwrap()), "{real}");
        }
    }
}
