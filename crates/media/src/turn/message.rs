//! STUN messages as TURN uses them (RFC 8489): read with their attributes, and
//! written with their integrity.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;

const HEADER: usize = 20;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const INTEGRITY_BYTES: usize = 20;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Method {
    Binding = 0x001,
    Allocate = 0x003,
    Refresh = 0x004,
    Send = 0x006,
    Data = 0x007,
    CreatePermission = 0x008,
    ChannelBind = 0x009,
}

/// Whether it wants an answer, or is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Class {
    Request = 0x000,
    Indication = 0x010,
    Success = 0x100,
    Error = 0x110,
}

/// The attributes that are read or written here.
pub(super) mod kind {
    pub(in super::super) const USERNAME: u16 = 0x0006;
    pub(in super::super) const INTEGRITY: u16 = 0x0008;
    pub(in super::super) const ERROR_CODE: u16 = 0x0009;
    pub(in super::super) const UNKNOWN: u16 = 0x000A;
    pub(in super::super) const CHANNEL: u16 = 0x000C;
    pub(in super::super) const LIFETIME: u16 = 0x000D;
    pub(in super::super) const PEER: u16 = 0x0012;
    pub(in super::super) const DATA: u16 = 0x0013;
    pub(in super::super) const REALM: u16 = 0x0014;
    pub(in super::super) const NONCE: u16 = 0x0015;
    pub(in super::super) const RELAYED: u16 = 0x0016;
    pub(in super::super) const FAMILY: u16 = 0x0017;
    pub(in super::super) const TRANSPORT: u16 = 0x0019;
    pub(in super::super) const MAPPED: u16 = 0x0020;
    /// Those at or above may be ignored by who does not know them.
    pub(in super::super) const OPTIONAL: u16 = 0x8000;
}

/// Attributes that a request may have and that mean something here.
const KNOWN: [u16; 11] = [
    kind::USERNAME,
    kind::INTEGRITY,
    kind::CHANNEL,
    kind::LIFETIME,
    kind::PEER,
    kind::DATA,
    kind::REALM,
    kind::NONCE,
    kind::FAMILY,
    kind::TRANSPORT,
    // Written by some clients into requests; says nothing to a server.
    kind::MAPPED,
];

/// A message that was read.
pub(super) struct Message<'a> {
    pub(super) method: Method,
    pub(super) class: Class,
    pub(super) transaction: [u8; 12],
    bytes: &'a [u8],
    attributes: Vec<(u16, &'a [u8])>,
    /// Where the integrity begins, and what it is.
    integrity: Option<(usize, &'a [u8])>,
}

impl<'a> Message<'a> {
    /// Reads a whole message. `None`: it is none, or of no use here.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, body) = bytes.split_at_checked(HEADER)?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if length != body.len() || header[4..8] != COOKIE {
            return None;
        }
        let (method, class) = split_type(u16::from_be_bytes([header[0], header[1]]))?;
        let transaction = header[8..].try_into().ok()?;
        let (attributes, integrity) = attributes(body)?;
        Some(Self { method, class, transaction, bytes, attributes, integrity })
    }

    /// The first attribute of this kind.
    pub(super) fn find(&self, kind: u16) -> Option<&'a [u8]> {
        self.all(kind).next()
    }

    /// All attributes of this kind.
    pub(super) fn all(&self, kind: u16) -> impl Iterator<Item = &'a [u8]> {
        self.attributes.iter().filter(move |(of, _)| *of == kind).map(|(_, value)| *value)
    }

    /// A text attribute.
    pub(super) fn text(&self, kind: u16) -> Option<&'a str> {
        str::from_utf8(self.find(kind)?).ok()
    }

    /// The addresses that the message names as peers. `None`: one is malformed.
    pub(super) fn peers(&self) -> Option<Vec<SocketAddr>> {
        self.all(kind::PEER).map(|value| unmask(value, &self.transaction)).collect()
    }

    /// What cannot be ignored, and is not understood.
    pub(super) fn unknown(&self) -> Vec<u16> {
        let kinds = self.attributes.iter().map(|(kind, _)| *kind);
        kinds.filter(|kind| *kind < kind::OPTIONAL && !KNOWN.contains(kind)).collect()
    }

    /// Whether it is protected at all.
    pub(super) fn has_integrity(&self) -> bool {
        self.integrity.is_some()
    }

    /// Whether it was made with this key.
    pub(super) fn is_signed_with(&self, key: &hmac::Key) -> bool {
        let Some((at, integrity)) = self.integrity else {
            return false;
        };
        hmac::verify(key, &signed_part(self.bytes, at), integrity).is_ok()
    }
}

/// A message that is being written.
pub(super) struct Writer {
    bytes: Vec<u8>,
    transaction: [u8; 12],
}

impl Writer {
    pub(super) fn new(method: Method, class: Class, transaction: [u8; 12]) -> Self {
        let mut bytes = (method as u16 | class as u16).to_be_bytes().to_vec();
        bytes.extend([0, 0]);
        bytes.extend(COOKIE);
        bytes.extend(transaction);
        Self { bytes, transaction }
    }

    pub(super) fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        // Values are ours or shorter than a packet, so their length fits.
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.bytes.extend(kind.to_be_bytes());
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(&value[..usize::from(length)]);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }

    pub(super) fn address(self, kind: u16, address: SocketAddr) -> Self {
        let value = mask(address, &self.transaction);
        self.attribute(kind, &value)
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let length = u16::try_from(self.bytes.len() - HEADER).unwrap_or(u16::MAX);
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
        self.bytes
    }

    pub(super) fn sign(self, key: &hmac::Key) -> Vec<u8> {
        let part = signed_part(&self.bytes, self.bytes.len());
        let tag = hmac::sign(key, &part);
        self.attribute(kind::INTEGRITY, tag.as_ref()).finish()
    }
}

/// What the integrity is over: all before it, with a length that includes it
/// (RFC 8489, section 14.5).
fn signed_part(bytes: &[u8], until: usize) -> Vec<u8> {
    let mut part = bytes[..until].to_vec();
    let length = u16::try_from(until - HEADER + 4 + INTEGRITY_BYTES).unwrap_or(u16::MAX);
    part[2..4].copy_from_slice(&length.to_be_bytes());
    part
}

type Attributes<'a> = (Vec<(u16, &'a [u8])>, Option<(usize, &'a [u8])>);

/// All attributes up to the integrity; what stands behind it is not protected,
/// and not looked at.
fn attributes(body: &[u8]) -> Option<Attributes<'_>> {
    let mut attributes = Vec::new();
    let mut rest = body;
    while let Some((head, tail)) = rest.split_at_checked(4) {
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = tail.get(..length)?;
        if kind == kind::INTEGRITY {
            return Some((attributes, Some((HEADER + body.len() - rest.len(), value))));
        }
        attributes.push((kind, value));
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    rest.is_empty().then_some((attributes, None))
}

fn split_type(of: u16) -> Option<(Method, Class)> {
    let class = match of & 0x0110 {
        0x000 => Class::Request,
        0x010 => Class::Indication,
        0x100 => Class::Success,
        _ => Class::Error,
    };
    let method = match of & !0x0110 {
        0x001 => Method::Binding,
        0x003 => Method::Allocate,
        0x004 => Method::Refresh,
        0x006 => Method::Send,
        0x007 => Method::Data,
        0x008 => Method::CreatePermission,
        0x009 => Method::ChannelBind,
        _ => return None,
    };
    Some((method, class))
}

/// An address as XOR-MAPPED-ADDRESS and its kin write it (section 14.2).
fn mask(address: SocketAddr, transaction: &[u8; 12]) -> Vec<u8> {
    let port = address.port() ^ u16::from_be_bytes([COOKIE[0], COOKIE[1]]);
    let (family, octets) = match address.ip() {
        IpAddr::V4(v4) => (1, v4.octets().to_vec()),
        IpAddr::V6(v6) => (2, v6.octets().to_vec()),
    };
    let mut value = vec![0, family];
    value.extend(port.to_be_bytes());
    value.extend(octets.iter().zip(COOKIE.iter().chain(transaction)).map(|(a, b)| a ^ b));
    value
}

fn unmask(value: &[u8], transaction: &[u8; 12]) -> Option<SocketAddr> {
    let (head, octets) = value.split_at_checked(4)?;
    let port = u16::from_be_bytes([head[2] ^ COOKIE[0], head[3] ^ COOKIE[1]]);
    let plain: Vec<u8> =
        octets.iter().zip(COOKIE.iter().chain(transaction)).map(|(a, b)| a ^ b).collect();
    let ip = match head[1] {
        1 if octets.len() == 4 => IpAddr::from(<[u8; 4]>::try_from(plain).ok()?),
        2 if octets.len() == 16 => IpAddr::from(<[u8; 16]>::try_from(plain).ok()?),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request of RFC 5769, section 2.4: long-term credentials.
    const SAMPLE: &[u8] = b"\x00\x01\x00\x60\x21\x12\xa4\x42\x78\xad\x34\x33\xc6\xad\x72\xc0\
        \x29\xda\x41\x2e\x00\x06\x00\x12\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\
        \xaf\xe3\x82\xb9\x00\x00\x00\x15\x00\x1c\x66\x2f\x2f\x34\x39\x39\x6b\x39\x35\x34\x64\x36\
        \x4f\x4c\x33\x34\x6f\x4c\x39\x46\x53\x54\x76\x79\x36\x34\x73\x41\x00\x14\x00\x0b\x65\x78\
        \x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67\x00\x00\x08\x00\x14\xf6\x70\x24\x65\x6d\xd6\x4a\x3e\
        \x02\xb8\xe0\x71\x2e\x85\xc9\xa2\x8c\xa8\x96\x66";

    #[test]
    fn the_sample_of_the_standard_is_good_with_its_password_only() {
        let message = Message::parse(SAMPLE).unwrap();
        let username = message.text(kind::USERNAME).unwrap();
        assert_eq!(message.text(kind::REALM), Some("example.org"));
        let key =
            |password| super::super::authority::long_term_key(username, "example.org", password);
        assert!(message.is_signed_with(&key("TheMatrIX")));
        assert!(!message.is_signed_with(&key("TheMatrix")));
    }

    #[test]
    fn what_was_written_is_read_back() {
        let key = super::super::authority::long_term_key("a", "b", "c");
        for address in ["192.0.2.1:80", "[2001:db8::9]:65535"] {
            let address = address.parse().unwrap();
            let bytes = Writer::new(Method::Send, Class::Indication, [9; 12])
                .address(kind::PEER, address)
                .attribute(kind::DATA, b"seven..")
                .sign(&key);
            let message = Message::parse(&bytes).unwrap();
            assert_eq!((message.method, message.class), (Method::Send, Class::Indication));
            assert_eq!(message.peers(), Some(vec![address]));
            assert_eq!(message.find(kind::DATA), Some(&b"seven.."[..]));
            assert!(message.is_signed_with(&key));
        }
    }

    #[test]
    fn truncated_messages_are_none() {
        assert!((0..SAMPLE.len()).all(|end| Message::parse(&SAMPLE[..end]).is_none()));
    }
}
