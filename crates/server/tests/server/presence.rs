//! `/presence` and `/rooms/:name/presence`.

use axum::http::StatusCode;
use insta::assert_snapshot;
use parlor_model::command::PresentParticipant;
use parlor_model::id::{MeetingId, ParticipantId};
use parlor_model::time::UnixMillis;
use serde_json::json;

use crate::support::{START_SECONDS, TestServer};

/// Puts somebody into a room, some seconds after the start of the test.
pub(crate) async fn enter(
    server: &TestServer,
    room: &str,
    name: &str,
    user_id: Option<&str>,
    after: i64,
) {
    let record = server.key().get(&format!("/v1/rooms/{room}")).await;
    let number = u8::try_from(server.live.lock().unwrap().present.len()).unwrap();
    server.live.lock().unwrap().present.push(PresentParticipant {
        room: record.body["id"].as_str().unwrap().parse().unwrap(),
        room_name: room.to_owned(),
        participant: ParticipantId::from_random([number; 16]),
        user_id: user_id.map(str::to_owned),
        user_name: name.to_owned(),
        meeting: MeetingId::from_random([200; 16]),
        joined_at: UnixMillis::new((START_SECONDS + after) * 1000),
    });
}

async fn with_people() -> TestServer {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    server.key().create_room("retro", json!({})).await;
    server.key().create_room("empty", json!({})).await;
    enter(&server, "standup", "Ana", Some("u-1"), 0).await;
    enter(&server, "standup", "", None, 5).await;
    enter(&server, "retro", "Cleo", Some("u-3"), 7).await;
    server.clock.advance(10);
    server
}

#[tokio::test]
async fn presence_of_a_room_lists_people_in_order_of_joining() {
    let server = with_people().await;
    let answer = server.key().get("/v1/rooms/standup/presence").await;
    assert_snapshot!(answer, @r#"200 {"total_count":2,"data":[{"room":"standup","id":"[id]","userId":"u-1","userName":"Ana","mtgSessionId":"[id]","joinTime":"2030-01-01T00:00:00.000Z","duration":10},{"room":"standup","id":"[id]","userId":null,"userName":null,"mtgSessionId":"[id]","joinTime":"2030-01-01T00:00:05.000Z","duration":5}]}"#);
}

#[tokio::test]
async fn presence_of_an_empty_room_is_empty_and_of_an_unknown_one_404() {
    let server = with_people().await;
    let answer = server.key().get("/v1/rooms/empty/presence").await;
    assert_snapshot!(answer, @r#"200 {"total_count":0,"data":[]}"#);
    let answer = server.key().get("/v1/rooms/nobody/presence").await;
    assert_snapshot!(answer, @r#"404 {"error":"not-found","info":"room nobody not found"}"#);
}

#[tokio::test]
async fn presence_can_be_limited_and_filtered() {
    let server = with_people().await;
    let ask = async |query: &str| {
        let answer = server.key().get(&format!("/v1/rooms/standup/presence?{query}")).await;
        (answer.body["total_count"].clone(), answer.body["data"].as_array().unwrap().len())
    };
    assert_eq!(ask("limit=1").await, (json!(2), 1));
    assert_eq!(ask("userId=u-1").await, (json!(1), 1));
    assert_eq!(ask("userName=Ana").await, (json!(1), 1));
    assert_eq!(ask("userId=u-1&userName=Bo").await, (json!(0), 0));
    assert_eq!(ask("limit=&userId=").await, (json!(2), 2));
    let answer = server.key().get("/v1/rooms/standup/presence?limit=none").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn presence_of_the_domain_is_keyed_by_room_and_leaves_empty_rooms_out() {
    let server = with_people().await;
    let answer = server.key().get("/v1/presence").await;
    let rooms: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(rooms, ["retro", "standup"]);
    assert_eq!(answer.body["standup"].as_array().unwrap().len(), 2);
    assert_eq!(answer.body["retro"][0]["userName"], "Cleo");
}

#[tokio::test]
async fn presence_of_a_domain_without_people_is_an_empty_object() {
    let server = TestServer::start().await;
    assert_snapshot!(server.key().get("/v1/presence").await, @"200 {}");
}
