//! The lobby from the door to the webhooks, over a real media node.

use std::collections::BTreeMap;

use parlor_model::call::{ClientMessage, RefusalReason, ServerMessage};
use serde_json::{Value, json};

use crate::live::Participant;
use crate::receiver::Receiver;
use crate::support::TestServer;

/// The next message that is wanted.
async fn hear(who: &mut Participant, wanted: fn(&ServerMessage) -> bool) -> ServerMessage {
    loop {
        let message = who.hear().await.expect("the room goes on");
        if wanted(&message) {
            return message;
        }
    }
}

async fn knock(address: std::net::SocketAddr, name: &str) -> Participant {
    let (mut who, first) = Participant::arrive(address, &json!({ "room": "board" })).await;
    assert!(matches!(first, Some(ServerMessage::Waiting { is_host_present: true, .. })));
    who.say(&ClientMessage::RequestAccess { name: name.to_owned() }).await;
    who
}

#[tokio::test]
async fn an_owner_lets_in_who_knocks_and_webhooks_hear_of_it() {
    let change = |settings: &mut parlor_server::Settings| {
        settings.webhooks.allows_private_addresses = true;
    };
    let (mut server, address) = TestServer::emulator_with_media(change).await;
    let mut receiver = Receiver::start().await;
    let types = json!({"eventTypes": ["waiting-participant.joined", "waiting-participant.left"]});
    server.webhook(&mut receiver, types).await;
    server.dispatch();
    let room =
        json!({ "name": "board", "privacy": "private", "properties": { "enable_knocking": true } });
    server.key().post("/v1/rooms", room).await;
    let token = server.key().make_token(json!({ "is_owner": true, "room_name": "board" })).await;
    let mut host = Participant::join(address, &json!({ "room": "board", "token": token })).await;

    let mut ana = knock(address, "Ana").await;
    let added = hear(&mut host, |it| matches!(it, ServerMessage::WaitingAdded { .. })).await;
    let ServerMessage::WaitingAdded { waiting } = added else { panic!("{added:?}") };
    assert_eq!((waiting.id.to_string(), waiting.name.as_str()), (ana.id.clone(), "Ana"));
    let presence = server.key().get("/v1/rooms/board/presence").await;
    assert_eq!(presence.body["total_count"], 1, "{presence}");

    let participants = BTreeMap::from([(waiting.id, true)]);
    host.say(&ClientMessage::AnswerKnocks { everybody: None, participants }).await;
    hear(&mut ana, |it| matches!(it, ServerMessage::Welcome { .. })).await;
    hear(&mut host, |it| matches!(it, ServerMessage::ParticipantJoined { .. })).await;

    let mut bo = knock(address, "Bo").await;
    hear(&mut host, |it| matches!(it, ServerMessage::WaitingAdded { .. })).await;
    let participants = BTreeMap::new();
    host.say(&ClientMessage::AnswerKnocks { everybody: Some(false), participants }).await;
    let refused = hear(&mut bo, |it| matches!(it, ServerMessage::Refused { .. })).await;
    let ServerMessage::Refused { reason, info } = refused else { panic!("{refused:?}") };
    assert_eq!((reason, info.as_str()), (RefusalReason::NotAllowed, "Join request rejected"));
    assert!(bo.hear().await.is_none());

    let mut told = Vec::new();
    for _ in 0..4 {
        let event = receiver.next().await.json();
        let payload: &Value = &event["payload"];
        assert_eq!((&payload["room"], payload.get("user_id")), (&json!("board"), None), "{event}");
        assert_eq!(payload.get("duration").is_some(), event["type"] == "waiting-participant.left");
        told.push(format!("{} {}", event["type"], payload["user_name"]).replace('"', ""));
    }
    assert_eq!(
        told,
        [
            "waiting-participant.joined Ana",
            "waiting-participant.left Ana",
            "waiting-participant.joined Bo",
            "waiting-participant.left Bo",
        ]
    );
    let meetings = server.key().get("/v1/meetings?room=board").await;
    assert_eq!(meetings.body["data"][0]["participants"].as_array().map(Vec::len), Some(2));
}
