//! Look-ups of arbitrary datagrams, among names that come and go.

#![no_main]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use parlor_model::id::{ParticipantId, RoomId};
use parlor_sfu::{Demux, PacketKind, RouteChange, requested_ufrag};

fuzz_target!(|data: &[u8]| {
    let mut demux = Demux::new();
    let mut now = Instant::now();
    let mut rest = data;
    while let [what, who, length, tail @ ..] = rest {
        let (bytes, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = tail;
        now += Duration::from_secs(u64::from(what >> 4));
        let room = RoomId::from_random([who >> 6; 16]);
        let participant = ParticipantId::from_random([who & 0x3f; 16]);
        let address = SocketAddr::from(([192, 0, 2, who & 7], 4000));
        match what & 7 {
            0 => {
                let ufrag = String::from_utf8_lossy(bytes).into_owned();
                demux.apply(now, room, RouteChange::Ufrag(ufrag, participant));
            }
            1 => demux.apply(now, room, RouteChange::Address(address, participant)),
            2 => demux.apply(now, room, RouteChange::Gone(participant)),
            3 => demux.forget_room(room),
            _ => {
                let located = demux.locate(address, bytes);
                assert!(located.is_none() || PacketKind::of(bytes).is_some());
                let _names_nobody = requested_ufrag(bytes).is_none();
            }
        }
        assert!(demux.len() <= 256);
    }
});
