//! The facts that leave a node.

use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::ParticipantId;

use crate::support::{TestNode, room};

/// A fact in short.
fn short(event: &RoomEvent) -> (u64, &'static str, Option<ParticipantId>) {
    let (what, who) = match &event.fact {
        Fact::MeetingStarted => ("started", None),
        Fact::MeetingEnded => ("ended", None),
        Fact::ParticipantJoined { participant, .. } => ("joined", Some(*participant)),
        Fact::ParticipantLeft { participant, reason: LeaveReason::RoomEnded, .. } => {
            ("stopped", Some(*participant))
        }
        Fact::ParticipantLeft { participant, .. } => ("left", Some(*participant)),
        Fact::WaitingParticipantJoined { participant, .. } => ("knocked", Some(*participant)),
        Fact::WaitingParticipantLeft { participant, .. } => ("no longer", Some(*participant)),
    };
    (event.seq, what, who)
}

#[tokio::test]
async fn they_are_told_in_order_and_a_stop_tells_the_rest_and_then_nothing() {
    let mut node = TestNode::start().await;
    let (mut ana, ana_id) = node.join(room(1)).await;
    let (mut bo, bo_id) = node.join(room(1)).await;
    let (_cy, cy_id) = node.join(room(2)).await;
    bo.say(&ClientMessage::Leave).await;
    bo.closed().await;
    ana.said().await;
    let closed = ana.closed();
    let (((code, _), ()), mut told) =
        (tokio::join!(closed, node.node.shutdown()), Vec::<RoomEvent>::new());
    // They may come back to the successor: nobody has told them that it is over.
    assert_eq!(code, 1012);
    while node.facts.next(&mut told).await > 0 {}

    let of = |n: u8| told.iter().filter(move |event| event.room == room(n)).map(short);
    let expected = [
        (0, "started", None),
        (1, "joined", Some(ana_id)),
        (2, "joined", Some(bo_id)),
        (3, "left", Some(bo_id)),
        (4, "stopped", Some(ana_id)),
        (5, "ended", None),
    ];
    assert!(of(1).eq(expected), "{:?}", of(1).collect::<Vec<_>>());
    assert!(of(2).eq([
        (0, "started", None),
        (1, "joined", Some(cy_id)),
        (2, "stopped", Some(cy_id)),
        (3, "ended", None),
    ]));
    assert!(told.iter().all(|event| event.room_name == "standup"));
}

#[tokio::test]
async fn somebody_hidden_makes_none() {
    let mut node = TestNode::start().await;
    let mut ticket = node.ticket(room(1));
    ticket.permissions.has_presence = false;
    let mut eve = node.socket().await;
    eve.hello(node.seal(&ticket)).await;
    assert!(matches!(eve.next().await, ServerMessage::Welcome { .. }));
    node.node.shutdown().await;
    assert_eq!(node.facts.next(&mut Vec::new()).await, 0);
}
