//! A room with one participant in it, who may then send what it likes.

use std::sync::LazyLock;
use std::time::Instant;

use parlor_model::call::ClientMessage;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;
use parlor_sfu::{
    Certificate, ConnectionId, Input, Output, Room, RoomConfig, RoomLimits, RoomTimes, Route, Sink,
    SpreadConfig,
};

pub const SOCKET: ConnectionId = ConnectionId(1);
pub const WALL: i64 = 1_800_000_000_000;

/// Made once: its key pair takes longer than all the rest.
static CERTIFICATE: LazyLock<Certificate> = LazyLock::new(Certificate::generate);

pub fn participant() -> ParticipantId {
    ParticipantId::from_random([3; 16])
}

pub fn room(now: Instant) -> Room {
    let config = RoomConfig {
        org: OrgId::from_random([1; 16]),
        room: RoomId::from_random([2; 16]),
        name: "room".into(),
        candidates: vec![([10, 0, 0, 1], 10_000).into()],
        tcp_candidates: vec![([10, 0, 0, 1], 443).into()],
        ufrag_prefix: "00".into(),
        certificate: CERTIFICATE.clone(),
        seed: [7; 32],
        limits: RoomLimits::default(),
        times: RoomTimes::default(),
        spread: SpreadConfig::default(),
    };
    let mut room = Room::new(config, now, UnixMillis::new(WALL));
    room.handle(now, Input::Connect(SOCKET, Box::new(ticket()), None));
    drain(&mut room);
    room
}

fn ticket() -> Ticket {
    Ticket {
        org: OrgId::from_random([1; 16]),
        room: RoomId::from_random([2; 16]),
        room_name: "room".into(),
        participant: participant(),
        expires_at: UnixMillis::new(WALL + 60_000),
        user_id: None,
        user_name: "ana".into(),
        is_owner: true,
        permissions: Permissions::participant(),
        is_audience: false,
        eject: EjectLimits::default(),
        max_participants: 10,
        is_unique_user: false,
        access: TicketAccess::Full,
        is_check: false,
    }
}

/// Carries out a message. What came of it.
pub fn say(room: &mut Room, now: Instant, message: ClientMessage) -> Vec<Output> {
    room.handle(now, Input::Message(SOCKET, message));
    let outputs = drain(room);
    room.flush(now, &mut Nowhere);
    drain(room);
    outputs
}

/// Where media go that nobody looks at.
pub struct Nowhere;

impl Sink for Nowhere {
    fn run(&mut self, _: &Route, _: &[u8], _: usize) {}
}

pub fn drain(room: &mut Room) -> Vec<Output> {
    std::iter::from_fn(|| room.poll()).collect()
}
