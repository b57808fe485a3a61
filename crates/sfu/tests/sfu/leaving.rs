//! When the shell may forget somebody.

use std::time::Instant;

use parlor_model::call::ClientMessage;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::ticket::Ticket;
use parlor_model::time::UnixMillis;
use parlor_sfu::{
    Certificate, ConnectionId, Input, Output, Room, RoomConfig, RoomLimits, RoomTimes, RouteChange,
    SpreadConfig,
};
use parlor_testkit::{Sim, nothing};

use crate::ms;

const SOCKET: ConnectionId = ConnectionId(1);

/// What a room says of routes, stays and the socket.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Gone(ParticipantId),
    Left(ParticipantId),
    Closed,
}

/// A room at the beginning of its time, with somebody in it.
fn room_with(now: Instant, ticket: Ticket) -> Room {
    let config = RoomConfig {
        org: OrgId::from_random([1; 16]),
        room: RoomId::from_random([2; 16]),
        name: "room".into(),
        candidates: vec![([10, 0, 0, 1], 10_000).into()],
        tcp_candidates: Vec::new(),
        ufrag_prefix: String::new(),
        certificate: Certificate::generate(),
        seed: [7; 32],
        limits: RoomLimits::default(),
        times: RoomTimes::default(),
        spread: SpreadConfig::default(),
    };
    let wall = UnixMillis::new(1_800_000_000_000);
    let mut room = Room::new(config, now, wall);
    room.handle(now, Input::Connect(SOCKET, Box::new(ticket), None));
    room
}

fn say(room: &mut Room, now: Instant, message: ClientMessage) -> Vec<Said> {
    room.handle(now, Input::Message(SOCKET, message));
    let outputs = std::iter::from_fn(|| room.poll());
    outputs
        .filter_map(|output| match output {
            Output::Left(id) => Some(Said::Left(id)),
            Output::Close(SOCKET) => Some(Said::Closed),
            Output::Route(RouteChange::Gone(id)) => Some(Said::Gone(id)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_place_is_free_before_anybody_hears_of_it() {
    let mut sim = Sim::seeded(1);
    let ticket = sim.ticket("ana");
    let ana = ticket.participant;
    let now = sim.started_at();
    let mut room = room_with(now, ticket);
    assert_eq!(say(&mut room, now, ClientMessage::Leave), [Said::Left(ana), Said::Closed]);
}

#[test]
fn another_transport_does_not_end_the_stay() {
    let mut sim = Sim::seeded(2);
    let client = sim.join("ana", nothing());
    sim.run(ms(100));
    let sdp = sim.last_offer(client);
    let ticket = sim.ticket("ana");
    let ana = ticket.participant;
    let now = sim.started_at();
    let mut room = room_with(now, ticket);
    let offer = |sdp| ClientMessage::Offer { sdp, sends: Vec::new(), slots: Vec::new() };
    let session = sdp.split(' ').nth(1).unwrap();
    let other = sdp.replacen(session, "77", 1);
    assert_ne!(sdp, other);
    assert_eq!(say(&mut room, now, offer(sdp)), []);
    assert_eq!(say(&mut room, now, offer(other)), [Said::Gone(ana)]);
    let all = [Said::Left(ana), Said::Closed, Said::Gone(ana)];
    assert_eq!(say(&mut room, now, ClientMessage::Leave), all);
}
