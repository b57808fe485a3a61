//! Connections that carry media: cutting them into packets, and a TURN client
//! that knows its password and sends what it likes.
//!
//! The modules are taken by their files: the crate they belong to has sockets.

#![no_main]
#![allow(dead_code, unused_imports, reason = "not everything of the modules is of use here")]

#[path = "../../crates/media/src"]
mod media {
    #[path = "streams/framing.rs"]
    pub mod framing;
    pub mod turn;
}

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use media::framing::{Deframer, Framing};
use media::turn::{Action, Around, Family, RelayAddresses, Session, is_relayed};

struct Node(RelayAddresses);

impl Around for Node {
    fn password(&self, username: &str) -> Option<String> {
        (username.len() < 4).then(|| "p".to_owned())
    }

    fn has_ip(&self, ip: IpAddr) -> bool {
        ip == server().ip()
    }

    fn has_address(&self, address: SocketAddr) -> bool {
        address == server()
    }

    fn relayed(&self, asked: Option<Family>) -> Option<SocketAddr> {
        Some(self.0.next(asked.unwrap_or(Family::V4)))
    }
}

fn server() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 10_000))
}

fuzz_target!(|data: &[u8]| {
    let Some((how, data)) = data.split_first() else {
        return;
    };
    let piece = usize::from(how >> 1).max(1);
    let framing = if how & 1 == 0 { Framing::Length } else { Framing::Turn };
    let mut deframer = Deframer::new(framing);
    let node = Node(RelayAddresses::default());
    let mut session = Session::new(SocketAddr::from(([198, 51, 100, 1], 9)), "n".into());
    let mut now = Instant::now();
    for bytes in data.chunks(piece) {
        deframer.push(bytes);
        loop {
            let packet = match deframer.next() {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(_) => return,
            };
            assert!(packet.len() <= 2048);
            now += Duration::from_secs(1);
            let signed = sign(packet);
            match session.handle(now, &node, signed.as_deref().unwrap_or(packet)) {
                Ok(Action::Relay(from, to, _)) => {
                    assert!(is_relayed(from.ip()) && to == server(), "it led elsewhere: {to}");
                }
                Ok(Action::Reply(_) | Action::Nothing) => {}
                Err(_) => return,
            }
            session.wrap(now, server(), packet);
        }
    }
});

/// Requests get a good integrity, so that mutations reach what is behind it.
fn sign(packet: &[u8]) -> Option<Vec<u8>> {
    use aws_lc_rs::hmac;
    use md5::{Digest as _, Md5};
    if packet.len() < 20 || packet[0] >> 6 != 0 {
        return None;
    }
    let mut bytes = packet.to_vec();
    for (kind, value) in [(0x0006_u16, &b"u"[..]), (0x0014, b"parlor"), (0x0015, b"n")] {
        bytes.extend(kind.to_be_bytes());
        bytes.extend((value.len() as u16).to_be_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    let length = bytes.len() - 20 + 24;
    bytes[2..4].copy_from_slice(&(length as u16).to_be_bytes());
    let key = Md5::digest("u:parlor:p");
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = hmac::sign(&key, &bytes);
    bytes.extend([0, 8, 0, 20]);
    bytes.extend(tag.as_ref());
    Some(bytes)
}
