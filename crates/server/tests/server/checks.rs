//! Checks before a call: nobody hears of them.

use axum::http::StatusCode;
use parlor_model::call::{ClientMessage, RefusalReason, ServerMessage};
use serde_json::{Value, json};

use crate::live::Participant;
use crate::support::TestServer;

#[tokio::test]
async fn a_check_is_a_room_of_its_own_that_leaves_no_trace() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({ "max_participants": 1 })).await;
    let owner = Participant::join(address, &json!({ "room": "standup" })).await;
    let wanted = json!({ "room": "standup", "purpose": "check" });
    let mut ana = Participant::join(address, &wanted).await;
    let mut bo = Participant::join(address, &wanted).await;
    for check in [&mut ana, &mut bo] {
        check.say(&ClientMessage::Ping).await;
        // They are unseen, and hear of nobody else who is.
        assert_eq!(check.hear().await, Some(ServerMessage::HiddenCount { hidden: 0 }));
        assert_eq!(check.hear().await, Some(ServerMessage::Pong));
    }
    let presence = server.key().get("/v1/presence").await;
    assert_eq!(presence.body["standup"].as_array().map(Vec::len), Some(1), "{presence}");
    assert_eq!(presence.body.as_object().map(serde_json::Map::len), Some(1), "{presence}");
    let act = json!({ "pass": ana.log_pass, "operation": "start-recording" }).to_string();
    let refused = server.anonymous_post("/_parlor/act", &act).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    ana.leave().await;
    bo.leave().await;
    owner.leave().await;
    server.wait_for_facts(4).await;
    let meetings = server.key().get("/v1/meetings").await;
    assert_eq!(meetings.body["total_count"], 1, "{meetings}");
    let people = meetings.body["data"][0]["participants"].as_array().map(Vec::len);
    assert_eq!(people, Some(1), "{meetings}");
}

#[tokio::test]
async fn a_check_does_not_touch_the_stay_that_it_is_begun_from() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({})).await;
    let mut ana = Participant::join(address, &json!({ "room": "standup" })).await;
    let wanted = json!({ "room": "standup", "purpose": "check", "pass": ana.log_pass });
    let check = Participant::join(address, &wanted).await;
    assert_ne!(check.id, ana.id);
    check.leave().await;
    ana.say(&ClientMessage::Ping).await;
    assert_eq!(ana.hear().await, Some(ServerMessage::Pong));
    let presence = server.key().get("/v1/presence").await;
    assert_eq!(presence.body["standup"][0]["id"], ana.id.as_str(), "{presence}");
}

#[tokio::test]
async fn checks_need_a_room_one_may_join_and_are_few() {
    let (server, address) = TestServer::with_media().await;
    let private = json!({ "name": "board", "privacy": "private" });
    server.key().post("/v1/rooms", private).await;
    let ask = async |room: &str, purpose: Value| {
        let body = json!({ "room": room, "purpose": purpose }).to_string();
        server.anonymous_post("/_parlor/join", &body).await.status
    };
    assert_eq!(ask("board", json!("check")).await, StatusCode::FORBIDDEN);
    assert_eq!(ask("nowhere", json!("check")).await, StatusCode::NOT_FOUND);
    server.key().create_room("standup", json!({})).await;
    assert_eq!(ask("standup", json!("chess")).await, StatusCode::BAD_REQUEST);

    let wanted = json!({ "room": "standup", "purpose": "check" });
    let mut checks = Vec::new();
    for _ in 0..50 {
        checks.push(Participant::join(address, &wanted).await);
    }
    let (_late, first) = Participant::arrive(address, &wanted).await;
    let Some(ServerMessage::Refused { reason, .. }) = first else { panic!("{first:?}") };
    assert_eq!(reason, RefusalReason::MeetingFull);
    Participant::join(address, &json!({ "room": "standup" })).await;
}
