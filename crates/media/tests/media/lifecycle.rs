//! Starting, stopping, and what a node leaves behind.

use parlor_bus::Bus;
use parlor_media::{MediaConfig, MediaError, MediaNode};
use parlor_model::call::{ClientMessage, RefusalReason, ServerMessage};
use parlor_model::command::{Command, EndReason, Reply};
use parlor_model::ticket::Ticket;

use crate::support::{TestNode, config, room};

#[tokio::test]
async fn second_node_on_the_same_port_says_so() {
    let node = TestNode::start().await;
    let taken = node.node.udp_addrs()[0];
    let (_bus, requests) = Bus::local();
    let key = parlor_bus::TicketKey::from_bytes([1; 32]);
    let config = MediaConfig { udp_port: taken.port(), ..config(key) };
    let error = MediaNode::start(config, requests).err().unwrap();
    assert!(matches!(error, MediaError::PortTaken { addr } if addr == taken));
    assert!(error.to_string().contains(&format!("UDP port {}", taken.port())));
}

#[tokio::test]
async fn each_thread_has_its_own_port() {
    let node = TestNode::start().await;
    let addrs = node.node.udp_addrs();
    assert_eq!(addrs.len(), 2);
    assert_ne!(addrs[0].port(), addrs[1].port());
}

#[tokio::test]
async fn rooms_go_when_everybody_has_left() {
    let node = TestNode::start().await;
    for n in 1..=4 {
        let (mut socket, _) = node.join(room(n)).await;
        socket.say(&ClientMessage::Leave).await;
        socket.closed().await;
    }
    node.until(|stats| {
        let live: u64 = stats.workers.iter().map(|worker| worker.rooms).sum();
        stats.rooms == 0 && stats.participants == 0 && live == 0
    })
    .await;
}

#[tokio::test]
async fn shutdown_closes_call_sockets_and_frees_the_ports() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    let mut silent = node.socket().await;
    let addrs = node.node.udp_addrs();
    let closed = async { (ana.closed().await, silent.closed().await) };
    let (((ana_code, reason), (silent_code, _)), ()) = tokio::join!(closed, node.node.shutdown());
    assert_eq!((ana_code, silent_code), (1012, 1012), "{reason}");
    for addr in addrs {
        std::net::UdpSocket::bind(addr).unwrap();
    }
    let asked = node.bus.request(Command::RoomPresence { room: room(1) }).await;
    assert_eq!(asked, Err(parlor_bus::BusError::Closed));
}

#[tokio::test]
async fn presence_of_an_unknown_room_is_empty() {
    let node = TestNode::start().await;
    let asked = node.bus.request(Command::RoomPresence { room: room(1) }).await;
    assert_eq!(asked, Ok(Reply::Presence { participants: Vec::new() }));
}

#[tokio::test]
async fn whoever_leaves_is_forgotten_though_the_room_goes_on() {
    let node = TestNode::start().await;
    let _ana = node.join(room(1)).await;
    for _ in 0..3 {
        let (mut bo, _) = node.join(room(1)).await;
        bo.say(&ClientMessage::Leave).await;
        bo.closed().await;
    }
    node.until(|stats| stats.participants == 1).await;
}

#[tokio::test]
async fn the_room_of_a_check_is_gone_with_the_check_long_before_its_ticket() {
    let node = TestNode::start().await;
    let mut ticket = node.ticket(room(1));
    ticket.permissions.has_presence = false;
    let expires_at = ticket.expires_at.plus_seconds(3600);
    let mut ana = node.socket().await;
    ana.hello(node.seal(&Ticket { is_check: true, expires_at, ..ticket })).await;
    let welcome = ana.next().await;
    assert!(matches!(welcome, ServerMessage::Welcome { .. }), "{welcome:?}");
    ana.say(&ClientMessage::Leave).await;
    node.until(|stats| stats.rooms == 0).await;
}

#[tokio::test]
async fn a_deleted_room_is_not_entered_with_an_old_ticket() {
    let node = TestNode::start().await;
    let ticket = node.seal(&node.ticket(room(1)));
    let end = Command::EndRoom { room: room(1), reason: EndReason::RoomDeleted };
    assert_eq!(node.bus.request(end).await, Ok(Reply::Ended { removed: 0 }));
    let mut late = node.socket().await;
    late.hello(ticket).await;
    let refused = late.next().await;
    let ServerMessage::Refused { reason, info } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(reason, RefusalReason::NoRoom);
    assert_eq!(info, "the room was deleted");
    assert_eq!(late.closed().await.0, 1000);
    assert_eq!(node.node.stats().rooms, 0);
}

#[tokio::test]
async fn a_thread_that_failed_begins_anew_and_people_come_back_as_themselves() {
    let node = TestNode::start().await;
    let mut ticket = node.ticket(room(1));
    for _ in 0..3 {
        let mut ana = node.socket().await;
        ana.hello(node.seal(&ticket)).await;
        let ServerMessage::Welcome { participant, .. } = ana.next().await else {
            panic!("not let in");
        };
        assert_eq!(participant.id, ticket.participant);
        let failed = node.bus.request(Command::FailThread { room: room(1) }).await;
        assert_eq!(failed, Ok(Reply::Done));
        assert_eq!(ana.closed().await.0, 1012);
        node.until(|stats| stats.participants == 0).await;
        // What the server seals for somebody who shows an earlier pass.
        ticket.expires_at = ticket.expires_at.plus_millis(1);
    }
    assert_eq!(node.bus.request(Command::FailThread { room: room(1) }).await, Ok(Reply::NoCall));
    node.node.shutdown().await;
}
