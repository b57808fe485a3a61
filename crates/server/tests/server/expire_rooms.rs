//! The job that removes expired rooms.

use parlor_model::command::PresentParticipant;
use parlor_model::id::{MeetingId, ParticipantId, RoomId};
use parlor_model::rest::rooms::Privacy;
use parlor_model::time::UnixMillis;
use parlor_server::Clock as _;
use parlor_store::rooms::{self, NewRoom};
use parlor_store::{Connection, StoreError};
use serde_json::json;

use crate::support::{START_SECONDS, TestServer};

const HOUR: i64 = 3600;

async fn server_with_room_that_expires_in_an_hour() -> TestServer {
    let server = TestServer::start().await;
    let created = server.key().create_room("brief", json!({"exp": START_SECONDS + HOUR})).await;
    assert_eq!(created.status, 200, "{created}");
    server
}

fn ana_in(room: RoomId) -> PresentParticipant {
    PresentParticipant {
        room,
        room_name: "brief".to_owned(),
        participant: ParticipantId::from_random([1; 16]),
        user_id: None,
        user_name: "Ana".to_owned(),
        meeting: MeetingId::from_random([2; 16]),
        joined_at: UnixMillis::new(START_SECONDS * 1000),
    }
}

async fn reason_at_the_door(server: &TestServer) -> String {
    let answer = server.anonymous().post("/_parlor/join", json!({"room": "brief"})).await;
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
        .push(ana_in(record.body["id"].as_str().unwrap().parse().unwrap()));
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

#[tokio::test]
async fn all_that_is_due_goes_in_one_round_past_rooms_with_somebody_inside() {
    let server = TestServer::start().await;
    let org_id = server.org;
    let rooms: Vec<NewRoom> = (0..=u8::MAX)
        .flat_map(|high| [0, 1].map(|low| (high, low)))
        .map(|(high, low)| NewRoom {
            id: RoomId::from_random([high, low, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            org_id,
            name: format!("brief-{high}-{low}"),
            privacy: Privacy::Public,
            properties: "{}".to_owned(),
            expires_at: Some(UnixMillis::new((START_SECONDS + i64::from(high)) * 1000)),
        })
        .collect();
    let inhabited: Vec<RoomId> = rooms.iter().take(250).map(|room| room.id).collect();
    for room in &inhabited {
        let mut live = server.live.lock().unwrap();
        live.present.push(ana_in(*room));
    }
    let now = server.clock.now();
    let create = move |connection: &mut dyn Connection| -> Result<(), StoreError> {
        for room in &rooms {
            rooms::create(connection, room, now)?;
        }
        Ok(())
    };
    server.store.write(create).await.unwrap();
    server.clock.advance(26 * HOUR);
    server.jobs().run_round().await;
    let now = server.clock.now();
    let kept = server.store.read(|c| rooms::list_expired(c, now, None, 1000));
    let kept: Vec<RoomId> = kept.unwrap().iter().map(|room| room.id).collect();
    assert_eq!(kept, inhabited);
}
