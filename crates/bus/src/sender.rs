//! Who sends a request, as far as it can be believed.

use std::net::IpAddr;

/// The address a request comes from, behind any proxy that is trusted; of IPv6
/// the network of 64 bits. The server, which knows of proxies, puts it into
/// the extensions of requests that the media node answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderAddr(pub IpAddr);
