//! What the server asks of live rooms, over the bus. A command has taken effect
//! when it is answered: whatever it makes the room say stands before the
//! answer to a ping that is sent afterwards.

use parlor_bus::BusError;
use parlor_model::call::{
    ClientMessage, Everybody, Recipients, RefusalReason, ServerMessage, TrackSource, TrackState,
    server_sender,
};
use parlor_model::command::{Command, MergeStrategy, Reply, SessionDataChange};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use parlor_model::permission::{Grant, PermissionChange};
use serde_json::{Map, json};

use crate::support::{TestNode, room};

fn to_all() -> Recipients {
    Recipients::All(Everybody::Everybody)
}

fn set(data: serde_json::Value) -> SessionDataChange {
    let data: Map<_, _> = serde_json::from_value(data).expect("an object");
    SessionDataChange { strategy: MergeStrategy::Replace, data, keys_to_delete: Vec::new() }
}

fn mute() -> PermissionChange {
    PermissionChange { can_send: Some(Grant::Whole(false)), ..PermissionChange::default() }
}

/// Every command that needs a call.
fn calls_for(n: u8) -> Vec<Command> {
    let room = room(n);
    vec![
        Command::SendAppMessage { room, to: to_all(), data: json!(1) },
        Command::ReadSessionData { room },
        Command::SetSessionData { room, change: set(json!({})) },
        Command::Eject { room, ids: Vec::new(), user_ids: vec!["ana".into()], is_ban: true },
        Command::UpdatePermissions { room, everybody: Some(mute()), participants: [].into() },
        Command::IsHosting { room },
    ]
}

#[tokio::test]
async fn a_room_without_people_hosts_no_call() {
    let node = TestNode::start().await;
    for command in calls_for(1) {
        assert_eq!(node.bus.request(command.clone()).await, Ok(Reply::NoCall), "{command:?}");
    }
    // The room still lives, for the ticket that was spent.
    let (mut ana, _) = node.join(room(1)).await;
    ana.say(&ClientMessage::Leave).await;
    ana.closed().await;
    for command in calls_for(1) {
        assert_eq!(node.bus.request(command.clone()).await, Ok(Reply::NoCall), "{command:?}");
    }
    let (_bo, _) = node.join(room(1)).await;
    for command in calls_for(1) {
        assert_ne!(node.bus.request(command.clone()).await, Ok(Reply::NoCall), "{command:?}");
    }
}

#[tokio::test]
async fn an_answered_command_has_been_said() -> Result<(), BusError> {
    let node = TestNode::start().await;
    let (mut ana, ana_id) = node.join(room(1)).await;
    let (mut bo, bo_id) = node.join(room(1)).await;
    let (mut elsewhere, _) = node.join(room(2)).await;
    ana.said().await;

    let send = Command::SendAppMessage { room: room(1), to: to_all(), data: json!({"n": 1}) };
    assert_eq!(node.bus.request(send).await?, Reply::Done);
    let message = ServerMessage::AppMessage { from: server_sender(room(1)), data: json!({"n": 1}) };
    for socket in [&mut ana, &mut bo] {
        assert_eq!(socket.said().await, std::slice::from_ref(&message));
    }
    let to = Recipients::Some(vec![bo_id, ParticipantId::from_random([0xee; 16])]);
    let send = Command::SendAppMessage { room: room(1), to, data: json!("you") };
    assert_eq!(node.bus.request(send).await?, Reply::Done);
    assert_eq!((ana.said().await.len(), bo.said().await.len()), (0, 1));

    let change = set(json!({"turn": 3}));
    let data = change.data.clone();
    let asked = node.bus.request(Command::SetSessionData { room: room(1), change }).await?;
    assert_eq!(asked, Reply::Done);
    assert_eq!(ana.said().await, [ServerMessage::SessionData { data }]);
    let read = node.bus.request(Command::ReadSessionData { room: room(1) }).await?;
    assert_eq!(read, Reply::SessionData { data: json!({"turn": 3}) });

    let participants = [(bo_id, mute())].into();
    let update = Command::UpdatePermissions { room: room(1), everybody: None, participants };
    assert_eq!(node.bus.request(update).await?, Reply::Done);
    let said = ana.said().await;
    let [ServerMessage::ParticipantUpdated { participant }] = said.as_slice() else {
        panic!("{said:?}");
    };
    assert_eq!(participant.id, bo_id);
    assert_eq!(participant.tracks[&TrackSource::CamVideo], TrackState::NotPermitted);

    let ids = vec![bo_id];
    let eject = Command::Eject { room: room(1), ids, user_ids: Vec::new(), is_ban: false };
    assert_eq!(node.bus.request(eject).await?, Reply::Ejected { ids: vec![bo_id] });
    let reason = LeaveReason::Ejected;
    assert_eq!(ana.said().await, [ServerMessage::ParticipantLeft { id: bo_id, reason }]);
    bo.until(|it| (it == ServerMessage::Removed { reason }).then_some(())).await;
    assert_eq!(bo.closed().await.0, 1000);
    assert_eq!(elsewhere.said().await, []);
    assert_ne!(ana_id, bo_id);
    Ok(())
}

#[tokio::test]
async fn a_ban_holds_against_a_ticket_that_was_given_before() -> Result<(), BusError> {
    let node = TestNode::start().await;
    let _ana = node.join(room(1)).await;
    let mut ticket = node.ticket(room(1));
    ticket.user_id = Some("bo".to_owned());
    let user_ids = vec!["bo".to_owned()];
    let ban = Command::Eject { room: room(1), ids: Vec::new(), user_ids, is_ban: true };
    assert_eq!(node.bus.request(ban).await?, Reply::Ejected { ids: Vec::new() });
    let mut bo = node.socket().await;
    bo.hello(node.seal(&ticket)).await;
    let refused = bo.next().await;
    let ServerMessage::Refused { reason, info } = refused else { panic!("{refused:?}") };
    assert_eq!(reason, RefusalReason::NotAllowed);
    assert!(info.contains("removed"), "{info}");
    Ok(())
}

#[tokio::test]
async fn a_clock_that_is_moved_ends_what_is_due_and_disconnects_nobody() -> Result<(), BusError> {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    let mut ticket = node.ticket(room(1));
    ticket.eject.after_seconds = Some(24 * 3600);
    let mut bo = node.socket().await;
    bo.hello(node.seal(&ticket)).await;
    bo.said().await;
    let old = node.ticket(room(1));
    ana.said().await;

    node.advance(25 * 3_600_000).await;
    bo.until(|it| (it == ServerMessage::Removed { reason: LeaveReason::TimeLimit }).then_some(()))
        .await;
    ana.until(|it| matches!(it, ServerMessage::ParticipantLeft { .. }).then_some(())).await;
    assert_eq!(ana.said().await, []);
    let mut late = node.socket().await;
    late.hello(node.seal(&old)).await;
    assert!(matches!(late.next().await, ServerMessage::Refused { .. }));
    // Rooms that open later go by the same clock.
    let mut ticket = node.ticket(room(2));
    ticket.expires_at = ticket.expires_at.plus_millis(25 * 3_600_000);
    let mut cy = node.socket().await;
    cy.hello(node.seal(&ticket)).await;
    let welcome = cy.next().await;
    let ServerMessage::Welcome { now, .. } = welcome else { panic!("{welcome:?}") };
    assert!(now.millis_since(crate::support::now()) > 24 * 3_600_000);
    Ok(())
}
