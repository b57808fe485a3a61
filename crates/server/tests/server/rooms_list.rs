//! `GET /rooms`: pagination in full.

use axum::http::StatusCode;
use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Answer, TestServer};

/// A server with rooms `r0` … of which the last is the newest, a second apart.
async fn with_rooms(count: usize) -> TestServer {
    let server = TestServer::start().await;
    for number in 0..count {
        server.key().create_room(&format!("r{number}"), json!({})).await;
        server.clock.advance(1);
    }
    server
}

fn names(answer: &Answer) -> Vec<&str> {
    let rooms = answer.body["data"].as_array().unwrap();
    rooms.iter().map(|room| room["name"].as_str().unwrap()).collect()
}

async fn id_of(server: &TestServer, name: &str) -> String {
    let room = server.key().get(&format!("/v1/rooms/{name}")).await;
    room.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn domain_without_rooms_has_an_empty_list() {
    let server = TestServer::start().await;
    assert_snapshot!(server.key().get("/v1/rooms").await, @r#"200 {"total_count":0,"data":[]}"#);
}

#[tokio::test]
async fn rooms_are_listed_newest_first() {
    let server = with_rooms(3).await;
    let answer = server.key().get("/v1/rooms").await;
    assert_eq!(names(&answer), ["r2", "r1", "r0"]);
    assert_eq!(answer.body["data"][0], server.key().get("/v1/rooms/r2").await.body);
}

#[tokio::test]
async fn starting_after_continues_with_older_rooms_until_nothing_is_left() {
    let server = with_rooms(5).await;
    let mut seen = Vec::new();
    let mut path = "/v1/rooms?limit=2".to_owned();
    loop {
        let page = server.key().get(&path).await;
        assert_eq!(page.body["total_count"], 5);
        if names(&page).is_empty() {
            assert_eq!(page.status, StatusCode::OK);
            break;
        }
        seen.extend(names(&page).into_iter().map(str::to_owned));
        let last = id_of(&server, seen.last().unwrap()).await;
        path = format!("/v1/rooms?limit=2&starting_after={last}");
    }
    assert_eq!(seen, ["r4", "r3", "r2", "r1", "r0"]);
}

#[tokio::test]
async fn ending_before_ends_just_before_that_room() {
    let server = with_rooms(5).await;
    let id = id_of(&server, "r0").await;
    let answer = server.key().get(&format!("/v1/rooms?limit=2&ending_before={id}")).await;
    assert_eq!(names(&answer), ["r2", "r1"]);
    let id = id_of(&server, "r4").await;
    let answer = server.key().get(&format!("/v1/rooms?ending_before={id}")).await;
    assert!(names(&answer).is_empty());
}

#[tokio::test]
async fn ending_before_oldest_is_the_page_of_the_oldest_rooms() {
    let server = with_rooms(7).await;
    let answer = server.key().get("/v1/rooms?limit=5&ending_before=OLDEST").await;
    assert_eq!(names(&answer), ["r4", "r3", "r2", "r1", "r0"]);
}

#[tokio::test]
async fn limit_above_100_is_clamped() {
    let server = with_rooms(101).await;
    for path in [
        "/v1/rooms",
        "/v1/rooms?limit=1000",
        "/v1/rooms?limit=99999999999999",
        "/v1/rooms?limit=99999999999999999999999999",
    ] {
        let answer = server.key().get(path).await;
        assert_eq!((names(&answer).len(), &answer.body["total_count"]), (100, &json!(101)));
    }
}

#[tokio::test]
async fn limit_under_1_or_not_an_integer_is_400() {
    let server = TestServer::start().await;
    for limit in ["0", "-1", "1.5", "ten"] {
        let answer = server.key().get(&format!("/v1/rooms?limit={limit}")).await;
        let info = format!("limit was '{limit}' but should be an integer of at least 1");
        assert_eq!((answer.status, answer.info()), (StatusCode::BAD_REQUEST, info.as_str()));
    }
}

#[tokio::test]
async fn unknown_cursor_is_400() {
    let server = with_rooms(1).await;
    for parameter in ["starting_after", "ending_before"] {
        let answer = server.key().get(&format!("/v1/rooms?{parameter}=nothing")).await;
        let info =
            format!("{parameter} was 'nothing' but should be the id of an object of this list");
        assert_eq!((answer.status, answer.info()), (StatusCode::BAD_REQUEST, info.as_str()));
    }
    let id = id_of(&server, "r0").await;
    let answer = server.other_org().get(&format!("/v1/rooms?starting_after={id}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn both_cursors_together_are_400() {
    let server = with_rooms(2).await;
    let id = id_of(&server, "r0").await;
    let path = format!("/v1/rooms?starting_after={id}&ending_before={id}");
    assert_snapshot!(server.key().get(&path).await, @r#"400 {"error":"invalid-request-error","info":"starting_after and ending_before cannot be used together"}"#);
}

#[tokio::test]
async fn expired_rooms_are_left_out_of_list_and_count() {
    let server = with_rooms(2).await;
    server.key().create_room("brief", json!({ "exp": server.now() + 10 })).await;
    assert_eq!(server.key().get("/v1/rooms").await.body["total_count"], 3);
    server.clock.advance(10);
    let answer = server.key().get("/v1/rooms").await;
    assert_eq!((names(&answer), &answer.body["total_count"]), (vec!["r1", "r0"], &json!(2)));
}

#[tokio::test]
async fn rooms_of_one_second_have_a_stable_order() {
    let server = TestServer::start().await;
    for number in 0..10 {
        server.key().create_room(&format!("r{number}"), json!({})).await;
    }
    let whole = server.key().get("/v1/rooms").await;
    let mut paged = Vec::new();
    let mut path = "/v1/rooms?limit=3".to_owned();
    loop {
        let page = server.key().get(&path).await;
        let Some(last) = page.body["data"].as_array().unwrap().last() else {
            break;
        };
        path = format!("/v1/rooms?limit=3&starting_after={}", last["id"].as_str().unwrap());
        paged.extend(names(&page).into_iter().map(str::to_owned));
    }
    assert_eq!(paged, names(&whole));
}
