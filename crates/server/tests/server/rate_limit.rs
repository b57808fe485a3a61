//! The rate limits as callers meet them; the algorithm has its own tests.

use axum::body::Body;
use axum::http::{self, Request, StatusCode};
use parlor_model::key_permission::KeyPermission;
use parlor_server::PeerAddr;
use serde_json::json;

use crate::support::{Answer, TestServer};

async fn limited() -> TestServer {
    TestServer::with(|settings| settings.has_rate_limits = true).await
}

#[tokio::test]
async fn burst_of_100_in_5_seconds_is_admitted_and_no_more() {
    let server = limited().await;
    for left in (0..100).rev() {
        let answer = server.key().get("/v1/presence").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
    }
    let answer = server.key().get("/v1/presence").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("x-ratelimit-limit"), "100");
    assert_eq!(answer.header("x-ratelimit-reset"), (server.now() + 5).to_string());
    server.clock.advance_millis(4_999);
    let answer = server.key().get("/v1/presence").await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    server.clock.advance_millis(1);
    assert_eq!(server.key().get("/v1/presence").await.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_and_classes_are_counted_apart() {
    let server = limited().await;
    let second = server.limited_key(KeyPermission::WriteRooms).await;
    for _ in 0..50 {
        assert_eq!(server.key().delete("/v1/rooms/nobody").await.status, StatusCode::NOT_FOUND);
    }
    let answer = server.key().delete("/v1/rooms/nobody").await;
    assert_eq!(answer.info(), "too many requests: at most 50 in 30 s; try again in 30 s");
    assert_eq!(server.key().get("/v1/rooms").await.status, StatusCode::OK);
    assert_eq!(
        server.bearer(&second).delete("/v1/rooms/nobody").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn both_bases_and_the_operations_without_an_engine_count_too() {
    let server = limited().await;
    for _ in 0..5 {
        let answer = server.key().post("/v1/rooms/a/recordings/start", json!({})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let answer = server.key().post("/api/v1/rooms/a/dialOut/start", json!({})).await;
    assert_eq!(answer.info(), "too many requests: at most 5 in 5 s; try again in 5 s");
}

#[tokio::test]
async fn rate_limit_comes_before_the_permission() {
    let server = TestServer::with(|settings| {
        settings.has_rate_limits = true;
        settings.limits.rate.standard = parlor_server::Limit::per_seconds(1, 5);
    })
    .await;
    let reader = server.limited_key(KeyPermission::ReadRooms).await;
    let caller = server.bearer(&reader);
    assert_eq!(caller.post("/v1/rooms", json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(caller.post("/v1/rooms", json!({})).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn unknown_keys_are_not_counted() {
    let server = limited().await;
    for _ in 0..200 {
        assert_eq!(server.bad_key().get("/v1/rooms").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn nothing_is_counted_where_limits_are_off() {
    let server = TestServer::start().await;
    for _ in 0..150 {
        let answer = server.key().get("/v1/presence").await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (StatusCode::OK, ""));
    }
}

#[tokio::test]
async fn joins_are_counted_by_address() {
    let mut server = limited().await;
    let address = server.listen().await;
    let join = || {
        crate::bad_input::request(
            address,
            "POST /_parlor/join HTTP/1.1\r\nhost: a\r\ncontent-length: 12\r\n\r\n{\"room\":\"a\"}",
        )
    };
    for _ in 0..50 {
        assert!(join().await.starts_with("HTTP/1.1 404"));
    }
    let refused = join().await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    assert!(refused.contains("access-control-allow-origin: *"), "{refused}");
}

/// A request whose sender's address is known, as on a socket.
async fn from(server: &TestServer, peer: &str, request: http::request::Builder) -> Answer {
    let peer = PeerAddr(format!("{peer}:4711").parse().unwrap());
    let body = Body::from(r#"{"room":"a"}"#);
    server.send(request.extension(peer).body(body).unwrap()).await
}

#[tokio::test]
async fn room_pages_are_counted_by_address_and_stay_pages() {
    let server = limited().await;
    for _ in 0..100 {
        let answer = from(&server, "198.51.100.7", Request::get("/a")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let asked = server.live.lock().unwrap().asked.len();
    let answer = from(&server, "198.51.100.7", Request::get("/a")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(server.live.lock().unwrap().asked.len(), asked);
    let other = from(&server, "198.51.100.8", Request::get("/a")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let join = from(&server, "198.51.100.7", Request::post("/_parlor/join")).await;
    assert_eq!(join.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn log_reports_are_counted_by_address_before_they_are_read() {
    let server = limited().await;
    for _ in 0..200 {
        let answer = from(&server, "198.51.100.7", Request::post("/_parlor/logs")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    let answer = from(&server, "198.51.100.7", Request::post("/_parlor/logs")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
    let other = from(&server, "198.51.100.8", Request::post("/_parlor/logs")).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn behind_a_proxy_joins_are_counted_by_the_address_that_it_names() {
    let server = TestServer::with(|settings| {
        settings.has_rate_limits = true;
        settings.is_behind_proxy = true;
        settings.limits.rate.join = parlor_server::Limit::per_seconds(1, 10);
    })
    .await;
    let join = |client: &'static str| {
        let request = Request::post("/_parlor/join").header("x-forwarded-for", client);
        from(&server, "10.0.0.2", request)
    };
    assert_eq!(join("203.0.113.1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(join("203.0.113.2").await.status, StatusCode::NOT_FOUND);
    let again = join("203.0.113.1, 203.0.113.2").await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
}
