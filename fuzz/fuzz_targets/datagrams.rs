//! Datagrams to a room whose participant has offered: STUN with the right names
//! and a good or bad integrity, DTLS, RTP and RTCP, mutated at will.
//!
//! Input: packets, each behind a byte that says what is done to it and one for
//! its length.

#![no_main]

#[path = "support.rs"]
mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use libfuzzer_sys::fuzz_target;
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_sfu::{Demux, Input, Output, Received, RouteChange, Transport};

const OFFER: &str = include_str!("../seeds/offers/chromium.sdp");
const LOCAL: ([u8; 4], u16) = ([10, 0, 0, 1], 10_000);

struct Names {
    ufrag: String,
    password: String,
}

fuzz_target!(|data: &[u8]| {
    let start = Instant::now();
    let mut room = support::room(start);
    let offer = ClientMessage::Offer { sdp: OFFER.into(), sends: Vec::new(), slots: Vec::new() };
    let outputs = support::say(&mut room, start, offer);
    let mut demux = Demux::new();
    let names = names(&outputs);
    apply(&mut demux, start, outputs);
    let mut rest = data;
    let mut now = start;
    while let [how, length, tail @ ..] = rest {
        let (packet, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = tail;
        now += Duration::from_millis(u64::from(how >> 4));
        let packet = dress(*how, packet, &names);
        let source = SocketAddr::from(([198, 51, 100, 1], 4000 + u16::from(how & 1)));
        let transport = if how & 2 == 0 { Transport::Udp } else { Transport::Tcp };
        let received =
            Received { transport, source, destination: SocketAddr::from(LOCAL), bytes: &packet };
        // Whether it would be found to be theirs or not.
        let _whose = demux.locate(source, &packet);
        room.handle(now, Input::Datagram(support::participant(), received));
        apply(&mut demux, now, support::drain(&mut room));
        room.handle(now, Input::Timeout);
        apply(&mut demux, now, support::drain(&mut room));
    }
});

/// With bit 2 the packet becomes the attributes of a good request, so that
/// mutations get past the password.
fn dress(how: u8, packet: &[u8], names: &Names) -> Vec<u8> {
    if how & 4 == 0 {
        return packet.to_vec();
    }
    let username = format!("{}:abcd", names.ufrag);
    let mut bytes = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    bytes.extend([9; 12]);
    let mut attribute = |kind: u16, value: &[u8]| {
        bytes.extend(kind.to_be_bytes());
        bytes.extend((value.len() as u16).to_be_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    };
    attribute(0x0006, username.as_bytes());
    attribute(0x0024, &[1, 2, 3, 4]);
    attribute(0x802a, &[0; 8]);
    bytes.extend_from_slice(packet);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let length = bytes.len() - 20 + 24;
    bytes[2..4].copy_from_slice(&(length as u16).to_be_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, names.password.as_bytes());
    let tag = hmac::sign(&key, &bytes);
    bytes.extend([0, 8, 0, 20]);
    bytes.extend(tag.as_ref());
    bytes
}

fn apply(demux: &mut Demux, now: Instant, outputs: Vec<Output>) {
    let room = parlor_model::id::RoomId::from_random([2; 16]);
    for output in outputs {
        if let Output::Route(change) = output {
            demux.apply(now, room, change);
        }
    }
}

fn names(outputs: &[Output]) -> Names {
    let mut names = Names { ufrag: String::new(), password: String::new() };
    for output in outputs {
        match output {
            Output::Route(RouteChange::Ufrag(ufrag, _)) => names.ufrag.clone_from(ufrag),
            Output::Message(_, message) => {
                if let ServerMessage::Answer { sdp, .. } = &**message {
                    let line = sdp.lines().find_map(|line| line.strip_prefix("a=ice-pwd:"));
                    names.password = line.unwrap_or_default().trim().to_owned();
                }
            }
            _ => {}
        }
    }
    assert!(!names.password.is_empty(), "the offer of the seeds is answered");
    names
}
