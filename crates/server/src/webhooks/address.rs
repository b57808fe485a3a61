//! Where posts may go. The address is checked after the name was resolved,
//! and it is the checked one that is connected to: a name that means something
//! else a moment later changes nothing.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

/// The name or address leads to nothing but private addresses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{host} is not a public address; the server's setting webhooks.allow_private_addresses \
     would allow it"
)]
pub(crate) struct PrivateAddress {
    host: String,
}

/// Refuses a URL whose host is an address that is not public. Names are the
/// [`PublicResolver`]'s.
pub(super) fn check_literal(url: &reqwest::Url) -> Result<(), PrivateAddress> {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match literal {
        Ok(ip) if !is_public(ip) => Err(PrivateAddress { host: host.to_owned() }),
        _ => Ok(()),
    }
}

/// Resolves names as the system does, and leaves out what is not public.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                let error = PrivateAddress { host: name.as_str().to_owned() };
                return Err(Box::new(error) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Ranges of the IANA special-purpose registry (RFC 6890) that are not
/// reachable from everywhere, and multicast.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32), // a cloud's metadata, at a public address
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4.iter().any(|(network, bits)| {
        let mask = u32::MAX << (32 - bits);
        ip.to_bits() & mask == network.to_bits()
    })
}

/// What is not global unicast (RFC 4291, 2000::/3) is refused, and of that
/// what is special; an address that carries an IPv4 address is as public as
/// that one.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let low = Ipv4Addr::from_bits((ip.to_bits() & u128::from(u32::MAX)) as u32);
    match ip.segments() {
        // IPv4-mapped (RFC 4291), and translated (RFC 2765, RFC 6052).
        [0, 0, 0, 0, 0, 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(low),
        // 6to4 (RFC 3056).
        [0x2002, high, rest, ..] => {
            is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(rest)))
        }
        // Special assignments, Teredo and ORCHID among them (RFC 2928), and
        // documentation (RFC 3849, RFC 9637).
        [0x2001, second, ..] if second < 0x0200 || second == 0x0db8 => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_inside_are_not_public() {
        let inside = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:192.168.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:c0a8:101::",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
        ];
        for ip in inside {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        let outside = [
            "1.1.1.1",
            "100.63.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
        ];
        for ip in outside {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn every_spelling_of_an_address_is_seen_through() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:169.254.169.254]/",
        ] {
            let url = reqwest::Url::parse(url).unwrap();
            assert!(check_literal(&url).is_err(), "{url}");
        }
        assert!(check_literal(&reqwest::Url::parse("http://[2606:4700::1111]/").unwrap()).is_ok());
        assert!(check_literal(&reqwest::Url::parse("http://hooks.example/").unwrap()).is_ok());
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_after_resolving() {
        let resolved = PublicResolver.resolve("localhost".parse().unwrap()).await;
        let error = resolved.err().expect("loopback is not public");
        assert!(error.downcast_ref::<PrivateAddress>().is_some(), "{error}");
    }
}
