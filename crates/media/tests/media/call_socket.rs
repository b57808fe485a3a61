//! Joining, leaving and coming back over call sockets, and what the bus sees.

use parlor_model::call::{ClientMessage, Recipients, RefusalReason, ServerMessage};
use parlor_model::command::{Command, EndReason, PresentParticipant, Reply};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{TestNode, org, room};

async fn present(node: &TestNode, command: Command) -> Vec<ParticipantId> {
    match node.bus.request(command).await.unwrap() {
        Reply::Presence { participants } => {
            participants.into_iter().map(|p: PresentParticipant| p.participant).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is a picker of messages, as `until` takes")]
fn left(message: ServerMessage) -> Option<(ParticipantId, LeaveReason)> {
    match message {
        ServerMessage::ParticipantLeft { id, reason } => Some((id, reason)),
        _ => None,
    }
}

#[tokio::test]
async fn those_who_join_see_each_other_and_the_bus_sees_them() {
    let node = TestNode::start().await;
    let (mut ana, ana_id) = node.join(room(1)).await;
    let (mut bo, bo_id) = node.join(room(1)).await;
    let (_cy, cy_id) = node.join(room(2)).await;

    let joined = ana
        .until(|message| match message {
            ServerMessage::ParticipantJoined { participant } => Some(participant.id),
            _ => None,
        })
        .await;
    assert_eq!(joined, bo_id);
    assert_eq!(present(&node, Command::RoomPresence { room: room(1) }).await, [ana_id, bo_id]);
    assert_eq!(present(&node, Command::RoomPresence { room: room(3) }).await, []);
    let mut all = present(&node, Command::OrgPresence { org: org() }).await;
    let mut expected = vec![ana_id, bo_id, cy_id];
    all.sort();
    expected.sort();
    assert_eq!(all, expected);

    bo.say(&ClientMessage::Leave).await;
    assert_eq!(ana.until(left).await, (bo_id, LeaveReason::Left));
    assert_eq!(bo.closed().await.0, 1000);
    assert_eq!(present(&node, Command::RoomPresence { room: room(1) }).await, [ana_id]);
}

#[tokio::test]
async fn app_messages_reach_the_others() {
    let node = TestNode::start().await;
    let (mut ana, ana_id) = node.join(room(1)).await;
    let (mut bo, bo_id) = node.join(room(1)).await;
    let data = json!({"move": [1, 2]});
    let to = Recipients::Some(vec![bo_id]);
    ana.say(&ClientMessage::AppMessage { to, data: data.clone() }).await;
    let heard = bo
        .until(|message| match message {
            ServerMessage::AppMessage { from, data } => Some((from, data)),
            _ => None,
        })
        .await;
    assert_eq!(heard, (ana_id, data));
}

#[tokio::test]
async fn closed_tab_is_gone_at_once() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    let (mut bo, bo_id) = node.join(room(1)).await;
    let going_away = CloseFrame { code: CloseCode::Away, reason: "".into() };
    bo.stream.close(Some(going_away)).await.unwrap();
    // The reason is theirs, so it was not waited for them to come back.
    assert_eq!(ana.until(left).await, (bo_id, LeaveReason::Left));
}

#[tokio::test]
async fn lost_socket_is_gone_after_the_grace_time() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    let (bo, bo_id) = node.join(room(1)).await;
    drop(bo);
    assert_eq!(ana.until(left).await, (bo_id, LeaveReason::Disconnected));
}

#[tokio::test]
async fn lost_socket_may_resume() {
    let node = TestNode::start().await;
    let (mut ana, ana_id) = node.join(room(1)).await;
    let (bo, bo_id, secret) = node.join_with_secret(room(1)).await;
    drop(bo);
    let mut again = node.socket().await;
    again.say(&ClientMessage::Resume { participant: bo_id, secret }).await;
    let resumed = again
        .until(|message| match message {
            ServerMessage::Welcome { participant, is_resumed, .. } => {
                Some((participant.id, is_resumed))
            }
            _ => None,
        })
        .await;
    assert_eq!(resumed, (bo_id, true));
    ana.say(&ClientMessage::AppMessage {
        to: Recipients::Some(vec![bo_id]),
        data: json!("still there?"),
    })
    .await;
    let from = again
        .until(|message| match message {
            ServerMessage::AppMessage { from, .. } => Some(from),
            _ => None,
        })
        .await;
    assert_eq!(from, ana_id);
}

#[tokio::test]
async fn resume_with_a_wrong_secret_or_id_is_refused() {
    let node = TestNode::start().await;
    let (_ana, ana_id) = node.join(room(1)).await;
    for participant in [ana_id, ParticipantId::from_random([0xee; 16])] {
        let mut thief = node.socket().await;
        thief.say(&ClientMessage::Resume { participant, secret: "0".repeat(32) }).await;
        assert_refused(&mut thief).await;
    }
    assert_eq!(present(&node, Command::RoomPresence { room: room(1) }).await, [ana_id]);
}

#[tokio::test]
async fn tickets_open_once_unchanged_and_in_time() {
    let node = TestNode::start().await;
    let (_ana, _) = node.join(room(1)).await;
    let ticket = node.ticket(room(1));
    let mut expired = ticket.clone();
    expired.expires_at = crate::support::now().plus_seconds(-1);
    let forged = parlor_bus::TicketKey::from_bytes([1; 32]).seal(&ticket);
    for bad in [node.seal(&expired), forged, "nonsense".to_owned(), String::new()] {
        let mut socket = node.socket().await;
        socket.hello(bad).await;
        assert_refused(&mut socket).await;
    }

    let mut first = node.socket().await;
    first.hello(node.seal(&ticket)).await;
    assert!(matches!(first.next().await, ServerMessage::Welcome { .. }));
    let mut second = node.socket().await;
    second.hello(node.seal(&ticket)).await;
    assert_refused(&mut second).await;
}

async fn assert_refused(socket: &mut crate::support::CallSocket) {
    let ServerMessage::Refused { reason, info } = socket.next().await else {
        panic!("not refused");
    };
    assert_eq!(reason, RefusalReason::ConnectionError);
    assert!(info.contains("join"), "the info names the way out: {info}");
    assert_eq!(socket.closed().await.0, 1000);
}

#[tokio::test]
async fn ended_room_removes_everybody() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    let (mut bo, _) = node.join(room(1)).await;
    let end = Command::EndRoom { room: room(1), reason: EndReason::RoomDeleted };
    assert_eq!(node.bus.request(end.clone()).await, Ok(Reply::Ended { removed: 2 }));
    for socket in [&mut ana, &mut bo] {
        let reason = socket
            .until(|message| match message {
                ServerMessage::Removed { reason } => Some(reason),
                _ => None,
            })
            .await;
        assert_eq!(reason, LeaveReason::RoomEnded);
        assert_eq!(socket.closed().await.0, 1000);
    }
    assert_eq!(node.bus.request(end).await, Ok(Reply::Ended { removed: 0 }));
    node.until(|stats| stats.rooms == 0 && stats.participants == 0).await;
}

#[tokio::test]
async fn client_pings_are_answered_and_the_node_pings() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    ana.say(&ClientMessage::Ping).await;
    ana.until(|message| matches!(message, ServerMessage::Pong).then_some(())).await;
    let ping = async {
        loop {
            if let Some(Ok(Message::Ping(_))) = futures_util::StreamExt::next(&mut ana.stream).await
            {
                break;
            }
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, ping).await.unwrap();
}
