//! `/batch/rooms`: all or nothing.

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use parlor_model::command::Command;
use parlor_model::key_permission::KeyPermission;
use serde_json::{Value, json};

use crate::presence::enter;
use crate::support::{Answer, START_SECONDS, TestServer};

const PATH: &str = "/v1/batch/rooms";

async fn create(server: &TestServer, rooms: Value) -> Answer {
    server.key().post(PATH, json!({ "rooms": rooms })).await
}

async fn delete(server: &TestServer, body: Value) -> Answer {
    server.key().send(Method::DELETE, PATH, body.to_string()).await
}

async fn count(server: &TestServer) -> Value {
    server.key().get("/v1/rooms").await.body["total_count"].clone()
}

#[tokio::test]
async fn batch_answers_a_bare_array_in_the_order_of_the_request() {
    let server = TestServer::start().await;
    let rooms = json!([
        {"name": "one", "privacy": "private"},
        {"properties": {"start_video_off": true}},
        {"name": "three"}
    ]);
    let answer = create(&server, rooms).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    let made = answer.body.as_array().unwrap();
    assert_eq!(made.len(), 3);
    assert_eq!((&made[0]["name"], &made[0]["privacy"]), (&json!("one"), &json!("private")));
    assert_eq!(made[1]["name"].as_str().unwrap().len(), 20);
    assert_eq!(made[1]["config"], json!({"start_video_off": true}));
    assert_eq!(server.key().get("/v1/rooms/three").await.body, made[2]);
    assert_eq!(count(&server).await, 3);
    assert_snapshot!(create(&server, json!([])).await, @"200 []");
}

#[tokio::test]
async fn batch_of_a_thousand_is_made_and_deleted_and_one_more_is_too_many() {
    let server = TestServer::start().await;
    let names: Vec<String> = (0..1001).map(|n| format!("r{n}")).collect();
    let rooms: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    let answer = create(&server, json!(rooms)).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"rooms has 1001 items but should be a list of at most 1000"}"#);
    let answer = create(&server, json!(rooms[..1000])).await;
    assert_eq!(answer.body.as_array().unwrap().len(), 1000);
    assert_eq!(count(&server).await, 1000);
    let answer = delete(&server, json!({ "rooms": names })).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = delete(&server, json!({ "rooms": names[1..] })).await;
    assert_snapshot!(answer, @r#"200 {"deleted_count":999}"#);
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn nothing_is_made_when_one_name_is_taken_or_there_twice() {
    let server = TestServer::start().await;
    server.key().create_room("taken", json!({})).await;
    let answer = create(&server, json!([{"name": "a"}, {"name": "taken"}, {"name": "b"}])).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"a room named taken already exists"}"#);
    let answer = create(&server, json!([{"name": "a"}, {}, {"name": "a"}])).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"a room named a already exists"}"#);
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn nothing_is_made_when_one_room_is_wrong() {
    let server = TestServer::start().await;
    let bad = [
        json!({"colour": "red"}),
        json!({"name": "a b"}),
        json!({"name": "docs"}),
        json!({"privacy": "secret"}),
        json!({"properties": {"exp": 1}}),
        json!({"properties": {"max_participants": 0}}),
        json!("name"),
        json!(null),
    ];
    for room in bad {
        let answer = create(&server, json!([{"name": "fine"}, room])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{room}: {answer}");
    }
    assert_eq!(count(&server).await, 0);
    let answer = server.key().post(PATH, json!({})).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"missing required field 'rooms'"}"#);
    let answer = create(&server, json!({"name": "a"})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = server.key().post(PATH, json!({"rooms": [], "limit": 1})).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'limit'"}"#);
}

#[tokio::test]
async fn batch_names_at_most_ten_different_buckets() {
    let server = TestServer::start().await;
    let room =
        |n: u32| json!({"properties": {"recordings_bucket": {"bucket_name": n.to_string()}}});
    let rooms: Vec<Value> = (0..11).map(room).collect();
    let answer = create(&server, json!(rooms)).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"a batch should name at most 10 different recordings_buckets"}"#);
    let rooms: Vec<Value> = (0..30).map(|n| room(n % 10)).collect();
    assert_eq!(create(&server, json!(rooms)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn expired_rooms_of_the_names_are_replaced_and_their_calls_end() {
    let server = TestServer::start().await;
    let old = server.key().create_room("brief", json!({"exp": START_SECONDS + 60})).await;
    server.clock.advance(60);
    server.live.lock().unwrap().asked.clear();
    assert_eq!(create(&server, json!([{"name": "brief"}])).await.status, StatusCode::OK);
    let asked = server.live.lock().unwrap().asked.clone();
    let room = old.body["id"].as_str().unwrap().parse().unwrap();
    assert!(
        matches!(asked[..], [Command::EndRoom { room: ended, .. }] if ended == room),
        "{asked:?}"
    );
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn deletion_counts_what_there_was_and_ends_the_calls() {
    let server = TestServer::start().await;
    for name in ["one", "two", "three"] {
        server.key().create_room(name, json!({})).await;
    }
    enter(&server, "one", "Ana", None, 0).await;
    let names = json!({"rooms": ["one", "nobody", "two", "one"]});
    assert_snapshot!(delete(&server, names).await, @r#"200 {"deleted_count":2}"#);
    assert!(server.live.lock().unwrap().present.is_empty());
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn deletion_without_names_deletes_nothing() {
    let server = TestServer::start().await;
    server.key().create_room("one", json!({})).await;
    for bad in [
        json!({}),
        json!({"rooms": []}),
        json!({"rooms": null}),
        json!({"rooms": "one"}),
        json!({"rooms": ["one", 7]}),
        json!({"rooms": ["one", "a b"]}),
        json!({"rooms": ["one"], "all": true}),
    ] {
        let answer = delete(&server, bad.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer}");
    }
    assert_eq!(server.key().delete(PATH).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.key().send(Method::DELETE, PATH, "[").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn rooms_of_another_organization_are_not_deleted_and_their_names_are_free() {
    let server = TestServer::start().await;
    server.key().create_room("one", json!({})).await;
    let caller = server.other_org();
    let answer = caller.send(Method::DELETE, PATH, r#"{"rooms":["one"]}"#).await;
    assert_snapshot!(answer, @r#"200 {"deleted_count":0}"#);
    assert_eq!(count(&server).await, 1);
    let answer = caller.post(PATH, json!({"rooms": [{"name": "one"}]})).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn making_and_deleting_are_two_permissions() {
    let server = TestServer::start().await;
    let deleter = server.limited_key(KeyPermission::DeleteRooms).await;
    let answer = server.bearer(&deleter).post(PATH, json!({"rooms": [{"name": "one"}]})).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let body = r#"{"rooms":["one"]}"#;
    let answer = server.bearer(&deleter).send(Method::DELETE, PATH, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let reader = server.limited_key(KeyPermission::ReadRooms).await;
    let answer = server.bearer(&reader).send(Method::DELETE, PATH, body).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn batches_have_a_limit_of_their_own() {
    let server = TestServer::with(|settings| settings.has_rate_limits = true).await;
    for _ in 0..10 {
        assert_eq!(create(&server, json!([])).await.status, StatusCode::OK);
    }
    let answer = delete(&server, json!({})).await;
    assert_eq!(answer.info(), "too many requests: at most 10 in 30 s; try again in 30 s");
    assert_eq!(server.key().get("/v1/rooms").await.status, StatusCode::OK);
}
