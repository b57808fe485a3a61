//! `GET /logs/api`: which requests were made, and that no secret is in it.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use parlor_model::id::WebhookId;
use parlor_server::{Actor, Noted};
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

/// What is in the log, the newest first, once so many requests are.
async fn logged(server: &TestServer, count: u64, query: &str) -> Answer {
    server.wait_for_logged(count).await;
    server.key().get(&format!("/v1/logs/api{query}")).await
}

fn urls(answer: &Answer) -> Vec<&str> {
    let entries = answer.body.as_array().unwrap_or_else(|| panic!("{answer}"));
    entries.iter().map(|entry| entry["url"].as_str().unwrap()).collect()
}

fn delivery(server: &TestServer, url: &str) -> Noted {
    Noted {
        org: server.org,
        actor: Actor::Webhook(WebhookId::from_random([3; 16])),
        ip: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
        method: Method::POST,
        url: url.to_owned(),
        status: 0,
        at: parlor_server::Clock::now(&*server.clock),
        request: Some(br#"{"type":"meeting.started"}"#.to_vec()),
        response: None,
    }
}

#[tokio::test]
async fn requests_are_logged_with_both_bodies() {
    let server = TestServer::start().await;
    server.key().post("/v1/rooms", json!({ "name": "standup" })).await;
    server.key().get("/v1/rooms/nobody?x=1").await;
    let answer = logged(&server, 2, "").await;
    let made = answer.body[1]["response"].as_str().unwrap();
    let room = server.key().get("/v1/rooms/standup").await;
    assert_eq!(serde_json::from_str::<Value>(made).unwrap(), room.body);
    let mut shown = answer;
    shown.body[1]["response"] = json!("the room");
    assert_snapshot!(shown, @r#"200 [{"id":"[id]","userId":"[id]","domainId":"[id]","source":"api","ip":"","method":"GET","url":"/v1/rooms/nobody?x=1","status":404,"createdAt":"2030-01-01T00:00:00.000Z","request":null,"response":"{\"error\":\"not-found\",\"info\":\"room nobody not found\"}"},{"id":"[id]","userId":"[id]","domainId":"[id]","source":"api","ip":"","method":"POST","url":"/v1/rooms","status":200,"createdAt":"2030-01-01T00:00:00.000Z","request":"{\"name\":\"standup\"}","response":"the room"}]"#);
    // The log's own answers are not kept a second time.
    let answer = logged(&server, 4, "?limit=2").await;
    assert_eq!(urls(&answer), ["/v1/rooms/standup", "/v1/logs/api"]);
    assert_eq!(answer.body[1]["response"], Value::Null);
}

#[tokio::test]
async fn refusals_are_logged_and_strangers_are_not() {
    let server = TestServer::start().await;
    server.anonymous().get("/v1/rooms").await;
    server.bad_key().get("/v1/rooms").await;
    let key = server.limited_key(parlor_model::key_permission::KeyPermission::ReadLogs).await;
    server.bearer(&key).post("/v1/rooms", json!({ "name": "standup" })).await;
    server.key().send(Method::POST, "/v1/rooms", r#"{"name":"a", hmac: "sesame"}"#).await;
    let answer = logged(&server, 2, "").await;
    let entries = answer.body.as_array().unwrap();
    assert_eq!(entries.len(), 2, "{answer}");
    assert_eq!((&entries[1]["status"], &entries[1]["request"]), (&json!(403), &Value::Null));
    assert_eq!((&entries[0]["status"], &entries[0]["request"]), (&json!(400), &Value::Null));
}

#[tokio::test]
async fn no_secret_is_in_the_log() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let made = server.key().post("/v1/meeting-tokens", json!({})).await;
    let token = made.body["token"].as_str().unwrap().to_owned();
    server.key().get(&format!("/v1/meeting-tokens/{token}?ignoreNbf=true")).await;
    server.key().get(&format!("/v1/meeting-tokens/{}", &token[3..])).await;
    server.key().get(&format!("/v1/rooms?token={token}&api_key=sesame-1")).await;
    let streams = json!({ "endpoints": [{ "endpoint": "rtmps://host/app/sesame-2" }],
        "rtmpUrl": "rtmp://host/sesame-3" });
    server.key().post("/v1/rooms/standup/live-streaming/start", streams).await;
    let hook = json!({ "url": "https://user:sesame-4@host/", "hmac": "sesame-5",
        "basicAuth": "sesame-6", "deep": [{ "Client-Secret": { "a": "sesame-7" } }] });
    server.key().post("/v1/rooms/standup/set-session-data", hook).await;
    let bearer = json!({ "data": { "note": format!("Bearer {}", server.key.expose()) } });
    server.key().post("/v1/rooms/standup/send-app-message", bearer).await;
    let answer = logged(&server, 8, "?limit=100").await;
    assert_eq!(answer.body.as_array().unwrap().len(), 8, "{answer}");
    let text = &answer.text;
    assert!(!text.contains("sesame") && !text.contains(server.key.expose()), "{text}");
    let parts: Vec<&str> = token.split('.').collect();
    assert!(parts.iter().all(|part| !text.contains(part)), "{text}");
    assert!(urls(&answer).contains(&"/v1/meeting-tokens/[redacted]?ignoreNbf=true"), "{answer}");
}

/// What becomes of a request with this one field, which is secret.
async fn logged_field(server: &TestServer, seen: &mut u64, body: &Value) -> Value {
    let path = "/v1/rooms/standup/set-session-data";
    let answer = server.key().post(path, body.clone()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {answer}");
    let field = body.as_object().unwrap().keys().next().unwrap();
    assert!(answer.info().contains(field), "the field is not what is refused: {answer}");
    assert!(!answer.info().contains("sesame"), "{answer}");
    let entry = logged(server, *seen + 1, "?limit=1").await.body[0].clone();
    // The request, and the look at the log.
    *seen += 2;
    assert_eq!(entry["url"], path, "{entry}");
    assert!(entry["request"].as_str().unwrap().contains(field.as_str()), "{entry}");
    entry
}

/// Each alone, so that it is the one that the error speaks of.
#[tokio::test]
async fn no_error_repeats_a_secret() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let mut seen = 1;
    let names = [
        "hmac",
        "basicAuth",
        "token",
        "api_key",
        "accessKey",
        "privateKey",
        "Client-Secret",
        "password",
        "passphrase",
        "credential",
        "streamKey",
        "rtmpUrl",
        "endpoints",
        "download_link",
        "signature",
        "log_pass",
        "authorization",
    ];
    for name in names {
        for value in [json!("sesame !"), json!(["sesame"]), json!({ "a": "sesame" })] {
            let body = json!({ name: value });
            let entry = logged_field(&server, &mut seen, &body).await;
            assert!(!entry.to_string().contains("sesame"), "{name}: {entry}");
        }
    }
    let nested = json!({ "colour": { "deep": [{ "hmac": "sesame" }] } });
    let entry = logged_field(&server, &mut seen, &nested).await;
    assert!(!entry.to_string().contains("sesame"), "{entry}");
    // What is no secret is there: the above could fail.
    let entry = logged_field(&server, &mut seen, &json!({ "colour": "vermilion" })).await;
    assert_eq!(entry.to_string().matches("vermilion").count(), 2, "{entry}");
    for (name, value) in [("hmac", "sesame !"), ("basicAuth", "sesame\n")] {
        let body = json!({ name: value, "url": "https://receiver.example/" });
        let answer = server.key().post("/v1/webhooks", body).await;
        assert!(answer.info().starts_with(&format!("\"{name}\" must be")), "{answer}");
        assert!(!answer.text.contains("sesame"), "{answer}");
    }
}

#[tokio::test]
async fn addresses_are_cut() {
    let server = TestServer::start().await;
    server.key().get(&format!("/v1/rooms?x={}", "a".repeat(20_000))).await;
    let answer = logged(&server, 1, "").await;
    assert_eq!(urls(&answer)[0].len(), 2048);
}

#[tokio::test]
async fn bodies_are_cut() {
    let server = TestServer::start().await;
    let data = json!({ "data": "ü".repeat(5000) });
    server.key().post("/v1/rooms/standup/send-app-message", data).await;
    let answer = logged(&server, 1, "").await;
    assert!(answer.body[0]["request"].as_str().unwrap().len() <= 4100, "{answer}");
}

#[tokio::test]
async fn requests_are_paged_and_filtered_by_address() {
    let server = TestServer::start().await;
    for number in 1..=25 {
        server.key().get(&format!("/v1/rooms?limit={number}")).await;
    }
    server.key().get("/v1/presence").await;
    let answer = logged(&server, 26, "").await;
    assert_eq!((urls(&answer).len(), urls(&answer)[0]), (20, "/v1/presence"));
    let last = answer.body[19]["id"].as_str().unwrap().to_owned();
    let next = logged(&server, 27, &format!("?starting_after={last}")).await;
    assert_eq!(urls(&next).last(), Some(&"/v1/rooms?limit=1"));
    assert_eq!(urls(&next).len(), 6);
    let before = logged(&server, 28, &format!("?limit=2&ending_before={last}")).await;
    assert_eq!(urls(&before), ["/v1/rooms?limit=9", "/v1/rooms?limit=8"]);
    let oldest = logged(&server, 29, "?limit=2&ending_before=OLDEST").await;
    assert_eq!(urls(&oldest), ["/v1/rooms?limit=2", "/v1/rooms?limit=1"]);
    let rooms = logged(&server, 30, "?url=/v1/rooms&limit=1").await;
    assert_eq!(urls(&rooms), ["/v1/rooms?limit=25"]);
    assert_snapshot!(logged(&server, 31, "?url=/v1/nothing").await, @r#"200 []"#);
}

#[tokio::test]
async fn requests_to_webhooks_are_a_list_of_their_own() {
    let server = TestServer::start().await;
    server.request_log.note(delivery(&server, "https://receiver.example/hook?secret=sesame"));
    assert_snapshot!(logged(&server, 1, "?source=webhook").await, @r#"200 [{"id":"[id]","userId":"[id]","domainId":"[id]","source":"webhook","ip":"192.0.2.7","method":"POST","url":"https://receiver.example/hook?secret=[redacted]","status":0,"createdAt":"2030-01-01T00:00:00.000Z","request":"{\"type\":\"meeting.started\"}","response":null}]"#);
    assert_eq!(urls(&logged(&server, 2, "").await), ["/v1/logs/api?source=webhook"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_said_in_the_words_of_the_schema() {
    let server = TestServer::start().await;
    let cases = [
        ("colour=red", r#""colour" is not allowed [Received colour="red"]"#),
        ("source=mail", "\"source\" must be one of [api, webhook] [Received source=\"mail\"]\n"),
        ("limit=0", r#""limit" must be greater than or equal to 1 [Received limit="0"]"#),
        (
            "starting_after=x",
            r#""starting_after" must be the id of an object of this list [Received starting_after="x"]"#,
        ),
        (
            "starting_after=x&ending_before=y",
            "starting_after and ending_before cannot be used together",
        ),
    ];
    for (query, info) in cases {
        let answer = server.key().get(&format!("/v1/logs/api?{query}")).await;
        assert_eq!((answer.status, answer.info()), (StatusCode::BAD_REQUEST, info), "{query}");
    }
}

#[tokio::test]
async fn another_organization_has_its_own_log() {
    let server = TestServer::start().await;
    server.key().get("/v1/rooms").await;
    let mine = logged(&server, 1, "").await;
    let id = mine.body[0]["id"].as_str().unwrap();
    let theirs = server.other_org().get("/v1/logs/api").await;
    assert_eq!(theirs.body, json!([]));
    let foreign = server.other_org().get(&format!("/v1/logs/api?starting_after={id}")).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "{foreign}");
}
