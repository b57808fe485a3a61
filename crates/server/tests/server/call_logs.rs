//! What clients report (`POST /_parlor/logs`) and what callers of the API see
//! of it (`GET /logs`).

use axum::body::Body;
use axum::http::header::ORIGIN;
use axum::http::{Method, Request, StatusCode};
use insta::assert_snapshot;
use parlor_model::event::Fact;
use parlor_model::key_permission::KeyPermission;
use serde_json::{Value, json};

use crate::meetings::Call;
use crate::support::{Answer, TestServer};

/// A server, and the pass and session id of somebody who may enter.
async fn with_pass() -> (TestServer, String, String) {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let answer = server.anonymous_post("/_parlor/join", r#"{"room":"standup"}"#).await;
    let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
    let (pass, participant) = (text("log_pass"), text("participant"));
    (server, pass, participant)
}

fn line(level: i64, server: &TestServer, message: &str) -> Value {
    json!({ "time": server.now() * 1000 - 250, "level": level, "message": message })
}

async fn report(server: &TestServer, pass: &str, logs: Value, metrics: Value) -> Answer {
    let body = json!({ "pass": pass, "logs": logs, "metrics": metrics });
    server.anonymous_post("/_parlor/logs", &body.to_string()).await
}

fn messages(answer: &Answer) -> Vec<&str> {
    let lines = answer.body["logs"].as_array().unwrap_or_else(|| panic!("{answer}"));
    lines.iter().map(|line| line["message"].as_str().unwrap()).collect()
}

/// Three reports a minute apart, each with a line of every level.
async fn with_reports() -> (TestServer, String) {
    let (server, pass, session) = with_pass().await;
    for name in ["a", "b", "c"] {
        let logs = (0..3).map(|level| line(level, &server, &format!("{name}{level}")));
        let answer = report(&server, &pass, logs.collect(), json!([])).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
        server.clock.advance(60);
    }
    (server, session)
}

#[tokio::test]
async fn what_a_client_reports_is_listed_with_its_measurements() {
    let (server, pass, session) = with_pass().await;
    let call = Call::new(&server, "standup", 5, 0);
    let peer = call.participant(1).to_string();
    let mut entry = line(1, &server, "participant left");
    entry["code"] = json!(8020);
    entry["peer"] = json!(peer);
    let metrics = json!([{ "time": server.now() * 1000, "recvBitsPerSecond": 1_500_000,
        "videoRecvPacketLoss": 0.01, "unheardOf": 5 }]);
    let answer = report(&server, &pass, json!([entry]), metrics).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let path = format!("/v1/logs?userSessionId={session}&includeMetrics=true");
    let answer = server.key().get(&path).await;
    assert_snapshot!(answer, @r#"200 {"logs":[{"time":"2030-01-01T00:00:00.000000000Z","clientTime":"2029-12-31T23:59:59.750000000Z","message":"participant left","mtgSessionId":null,"userSessionId":"[id]","peerId":"[id]","domainName":"acme","level":1,"code":8020}],"metrics":[{"time":"2030-01-01T00:00:00.000000000Z","clientTime":"2030-01-01T00:00:00.000000000Z","mtgSessionId":null,"userSessionId":"[id]","domainName":"acme","recvBitsPerSecond":1500000.0,"videoRecvPacketLoss":0.01}]}"#);
    let only = server.key().get(&format!("{path}&includeLogs=false")).await;
    assert_eq!((only.body.get("logs"), &only.body["metrics"]), (None, &answer.body["metrics"]));
    let neither = format!("/v1/logs?userSessionId={session}&includeLogs=false");
    assert_eq!(server.key().get(&neither).await.body, json!({}));
}

#[tokio::test]
async fn logs_of_a_meeting_are_those_of_everybody_in_it() {
    let (server, pass, session) = with_pass().await;
    let mut call = Call::new(&server, "standup", 5, 0);
    let joined = Fact::ParticipantJoined {
        participant: session.parse().unwrap(),
        user_id: None,
        user_name: String::new(),
        is_owner: false,
        permissions: parlor_model::permission::Permissions::owner(),
        eject_at: None,
    };
    call.tell(&server, 0, Fact::MeetingStarted);
    call.tell(&server, 0, joined);
    server.wait_for_facts(2).await;
    report(&server, &pass, json!([line(1, &server, "hello")]), json!([])).await;
    let meeting = call.meeting();
    let answer = server.key().get(&format!("/v1/logs?mtgSessionId={meeting}")).await;
    assert_eq!(messages(&answer), ["hello"]);
    assert_eq!(answer.body["logs"][0]["mtgSessionId"], meeting.to_string());
    let unknown = server.key().get("/v1/logs?mtgSessionId=nothing").await;
    assert_snapshot!(unknown, @r#"200 {"logs":[]}"#);
}

#[tokio::test]
async fn logs_are_filtered_ordered_and_paged() {
    let (server, session) = with_reports().await;
    let start = (server.now() - 180) * 1000;
    let minute = |number: i64| start + number * 60_000;
    let cases = [
        (String::new(), "c2 c1 c0 b2 b1 b0 a2 a1 a0"),
        ("order=asc".to_owned(), "a0 a1 a2 b0 b1 b2 c0 c1 c2"),
        ("order=DESC&limit=2".to_owned(), "c2 c1"),
        ("order=ASC&limit=2&offset=3".to_owned(), "b0 b1"),
        ("offset=99999999999999999999999".to_owned(), ""),
        ("logLevel=ERROR".to_owned(), "c0 b0 a0"),
        ("logLevel=debug".to_owned(), "c2 b2 a2"),
        (format!("startTime={}", minute(1)), "c2 c1 c0 b2 b1 b0"),
        (format!("startTime={}&endTime={}", minute(1), minute(1)), "b2 b1 b0"),
    ];
    for (query, expected) in cases {
        let path = format!("/v1/logs?userSessionId={session}&{query}");
        let answer = server.key().get(path.trim_end_matches('&')).await;
        assert_eq!(messages(&answer).join(" "), expected, "{query}: {answer}");
    }
}

#[tokio::test]
async fn one_of_the_session_ids_is_required() {
    let server = TestServer::start().await;
    for query in ["", "?userSessionId=", "?order=asc&limit=3"] {
        let answer = server.key().get(&format!("/v1/logs{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
        assert_eq!(answer.info(), "mtgSessionId or userSessionId is required");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_said_in_the_words_of_the_schema() {
    let server = TestServer::start().await;
    let cases = [
        ("colour=red", r#""colour" is not allowed [Received colour="red"]"#),
        (
            "logLevel=WARN",
            "\"logLevel\" must be one of [ERROR, INFO, DEBUG] [Received logLevel=\"WARN\"]\n",
        ),
        ("order=up", "\"order\" must be one of [ASC, DESC] [Received order=\"up\"]\n"),
        ("includeLogs=2", r#""includeLogs" must be a boolean [Received includeLogs="2"]"#),
        ("limit=0", r#""limit" must be greater than or equal to 1 [Received limit="0"]"#),
        ("offset=-1", r#""offset" must be greater than or equal to 0 [Received offset="-1"]"#),
        ("startTime=soon", r#""startTime" must be a number [Received startTime="soon"]"#),
    ];
    for (query, info) in cases {
        let answer = server.key().get(&format!("/v1/logs?userSessionId=x&{query}")).await;
        assert_eq!((answer.status, answer.info()), (StatusCode::BAD_REQUEST, info), "{query}");
    }
}

#[tokio::test]
async fn another_organization_sees_nothing_and_a_key_needs_the_permission() {
    let (server, session) = with_reports().await;
    let path = format!("/v1/logs?userSessionId={session}");
    assert_snapshot!(server.other_org().get(&path).await, @r#"200 {"logs":[]}"#);
    let key = server.limited_key(KeyPermission::ReadRooms).await;
    assert_eq!(server.bearer(&key).get(&path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_stay_and_an_organization_report_so_many_bytes_and_no_more() {
    let (server, pass, _) = with_pass().await;
    let logs = json!([line(1, &server, &"x".repeat(60_000))]);
    let mut kept = 0;
    let refused = loop {
        let answer = report(&server, &pass, logs.clone(), json!([])).await;
        if answer.status != StatusCode::NO_CONTENT {
            break answer;
        }
        kept += 1;
        server.clock.advance(10);
    };
    assert_eq!((refused.status, kept), (StatusCode::TOO_MANY_REQUESTS, 69), "{refused}");
    assert!(refused.info().starts_with("too many bytes of logs: at most 4194304 in 86400 s"));
    // Somebody else still may, until the organization's minute is full.
    let mut kept = 0;
    let refused = 'full: loop {
        let join = server.anonymous_post("/_parlor/join", r#"{"room":"standup"}"#).await;
        let pass = join.body["log_pass"].as_str().unwrap();
        for _ in 0..12 {
            let answer = report(&server, pass, logs.clone(), json!([])).await;
            if answer.status != StatusCode::NO_CONTENT {
                break 'full answer;
            }
            kept += 1;
        }
    };
    assert!(refused.info().starts_with("too many bytes of logs: at most 4194304 in 60 s"));
    assert!((60..=69).contains(&kept), "{kept}");
    server.clock.advance(60);
    let join = server.anonymous_post("/_parlor/join", r#"{"room":"standup"}"#).await;
    let pass = join.body["log_pass"].as_str().unwrap();
    assert_eq!(report(&server, pass, logs, json!([])).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_report_needs_a_pass_that_is_good() {
    let (server, pass, _) = with_pass().await;
    let logs = json!([line(1, &server, "hello")]);
    let answer = server.anonymous_post("/_parlor/logs", "{}").await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"missing required field 'pass'"}"#);
    let ticket = server.anonymous_post("/_parlor/join", r#"{"room":"standup"}"#).await;
    for bad in ["", "x.y", &pass[1..], ticket.body["ticket"].as_str().unwrap()] {
        let answer = report(&server, bad, logs.clone(), json!([])).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{bad}: {answer}");
    }
    server.clock.advance(24 * 60 * 60 + 1);
    let answer = report(&server, &pass, logs, json!([])).await;
    assert_snapshot!(answer, @r#"403 {"error":"forbidden-error","info":"the pass is not valid: send `log_pass` of the answer to the join"}"#);
}

#[tokio::test]
async fn a_report_has_bounds() {
    let (server, pass, session) = with_pass().await;
    let many: Vec<_> = (0..201).map(|_| line(1, &server, "m")).collect();
    let answer = report(&server, &pass, json!(many), json!([])).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"the report has 201 entries but at most 200 are taken"}"#);
    let large = "x".repeat(65 * 1024);
    let answer = report(&server, &pass, json!([line(1, &server, &large)]), json!([])).await;
    assert_snapshot!(answer, @r#"413 {"error":"invalid-request-error","info":"the body is larger than 65536 bytes"}"#);
    let long = "y".repeat(10_000);
    let answer = report(&server, &pass, json!([line(1, &server, &long)]), json!([])).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
    let kept = server.key().get(&format!("/v1/logs?userSessionId={session}")).await;
    assert_eq!(messages(&kept)[0].len(), 2000);
    let wrong = [
        json!({ "pass": pass, "logs": {} }),
        json!({ "pass": pass, "logs": [{}] }),
        json!({ "pass": pass, "logs": [{ "time": 1, "level": 9, "message": "m" }] }),
        json!({ "pass": pass, "logs": [{ "time": "now", "level": 1, "message": "m" }] }),
        json!({ "pass": pass, "metrics": [{ "time": 1, "recvBitsPerSecond": "much" }] }),
        json!({ "pass": 7 }),
        json!([]),
    ];
    for body in wrong {
        let answer = server.anonymous_post("/_parlor/logs", &body.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {answer}");
    }
    let extreme = json!([{ "time": i64::MAX, "level": 0, "message": "\u{0}" }]);
    let answer = report(&server, &pass, extreme, json!([])).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
    let kept = server.key().get(&format!("/v1/logs?userSessionId={session}")).await;
    assert_eq!(kept.status, StatusCode::OK, "{kept}");
}

#[tokio::test]
async fn a_stay_reports_twelve_times_a_minute_at_most() {
    let (server, pass, _) = with_pass().await;
    let logs = json!([line(1, &server, "hello")]);
    for _ in 0..12 {
        let answer = report(&server, &pass, logs.clone(), json!([])).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
    }
    let answer = report(&server, &pass, logs.clone(), json!([])).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
    server.clock.advance(60);
    let answer = report(&server, &pass, logs, json!([])).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
}

#[tokio::test]
async fn pages_of_other_origins_may_report_without_a_preflight() {
    let (server, pass, _) = with_pass().await;
    let body = json!({ "pass": pass, "logs": [line(1, &server, "hello")] }).to_string();
    let request = Request::builder()
        .method(Method::POST)
        .uri("/_parlor/logs")
        .header(ORIGIN, "https://app.example")
        .header("content-type", "text/plain;charset=UTF-8")
        .body(Body::from(body))
        .unwrap();
    let answer = server.send(request).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
