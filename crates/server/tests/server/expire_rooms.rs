//! The job that removes expired rooms.

use parlor_model::command::PresentParticipant;
use parlor_model::id::{MeetingId, ParticipantId};
use parlor_model::time::UnixMillis;
use serde_json::json;

use crate::support::{START_SECONDS, TestServer};

const HOUR: i64 = 3600;

async fn server_with_room_that_expires_in_an_hour() -> TestServer {
    let server = TestServer::start().await;
    let created = server
        .key()
        .create_room("brief", json!({"exp": START_SECONDS + HOUR}))
        .await;
    assert_eq!(created.status, 200, "{created}");
    server
}

async fn reason_at_the_door(server: &TestServer) -> String {
    let answer = server
        .anonymous()
        .post("/_parlor/join", json!({"room": "brief"}))
        .await;
    answer.body["reason"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn expired_room_is_closed_for_a_day_and_then_unknown() {
    let server = server_with_room_that_expires_in_an_hour().await;
    server.clock.advance(24 * HOUR);
    server.jobs().run_round().await;
    assert_eq!(reason_at_the_door(&server).await, "exp-room");
    server.clock.advance(HOUR + 1);
    server.jobs().run_round().await;
    assert_eq!(reason_at_the_door(&server).await, "no-room");
}

#[tokio::test]
async fn expired_room_with_somebody_inside_is_kept() {
    let server = server_with_room_that_expires_in_an_hour().await;
    let record = server.key().get("/v1/rooms/brief").await;
    server
        .live
        .lock()
        .unwrap()
        .present
        .push(PresentParticipant {
            room: record.body["id"].as_str().unwrap().parse().unwrap(),
            room_name: "brief".to_owned(),
            participant: ParticipantId::from_random([1; 16]),
            user_id: None,
            user_name: "Ana".to_owned(),
            meeting: MeetingId::from_random([2; 16]),
            joined_at: UnixMillis::new(START_SECONDS * 1000),
        });
    server.clock.advance(26 * HOUR);
    server.jobs().run_round().await;
    assert_eq!(reason_at_the_door(&server).await, "exp-room");

    server.live.lock().unwrap().present.clear();
    server.jobs().run_round().await;
    assert_eq!(reason_at_the_door(&server).await, "no-room");
}

#[tokio::test]
async fn expired_room_is_kept_while_the_live_rooms_do_not_answer() {
    let mut server = server_with_room_that_expires_in_an_hour().await;
    server.stop_live_rooms().await;
    server.clock.advance(26 * HOUR);
    server.jobs().run_round().await;
    assert_eq!(reason_at_the_door(&server).await, "exp-room");
}

#[tokio::test]
async fn living_room_is_left_alone() {
    let server = server_with_room_that_expires_in_an_hour().await;
    server.jobs().run_round().await;
    assert_eq!(server.key().get("/v1/rooms/brief").await.status, 200);
}
