//! `/_dev`: the routes of the emulator.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use parlor_model::key_permission::KeyPermission;
use serde_json::{Value, json};

use crate::live::Participant;
use crate::support::{START_SECONDS, TestServer};

const ORDERS: [(Method, &str); 6] = [
    (Method::GET, "/_dev/clock"),
    (Method::POST, "/_dev/clock"),
    (Method::POST, "/_dev/reset"),
    (Method::GET, "/_dev/faults"),
    (Method::POST, "/_dev/faults"),
    (Method::DELETE, "/_dev/faults"),
];

async fn emulator() -> TestServer {
    TestServer::emulator(|_| {}).await
}

#[tokio::test]
async fn serve_has_none_of_these_routes() {
    let server = TestServer::start().await;
    for (method, path) in ORDERS {
        let answer = server.key().send(method.clone(), path, "{}").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(answer.body["error"], "not-found", "{method} {path}");
    }
}

#[tokio::test]
async fn every_order_wants_a_key_of_every_permission() {
    let server = emulator().await;
    let limited = server.limited_key(KeyPermission::WriteDomain).await;
    for (method, path) in ORDERS {
        let answer = server.anonymous().send(method.clone(), path, "{}").await;
        assert_eq!(answer.body["error"], "authorization-header-error", "{method} {path}");
        let answer = server.bad_key().send(method.clone(), path, "{}").await;
        assert_eq!(answer.body["error"], "authentication-error", "{method} {path}");
        let answer = server.bearer(&limited).send(method.clone(), path, "{}").await;
        assert_eq!(answer.info(), "the API key lacks the permission admin:organization");
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_not_read_the_answers() {
    let server = emulator().await;
    for method in [Method::GET, Method::OPTIONS] {
        let request = Request::builder()
            .method(method)
            .uri("/_dev/clock")
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST")
            .body(Body::empty());
        let answer = server.send(request.unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn clock_moves_and_says_where_it_stands() {
    let server = emulator().await;
    let answer = server.key().get("/_dev/clock").await;
    assert_eq!(answer.body, json!({"now": START_SECONDS, "advanced_seconds": 0}));
    let answer = server.key().post("/_dev/clock", json!({"advance": "24h"})).await;
    assert_eq!(answer.body, json!({"now": START_SECONDS + 86_400, "advanced_seconds": 86_400}));
    let answer = server.key().post("/_dev/clock", json!({"advance": 0.5})).await;
    assert_eq!(answer.body, json!({"now": START_SECONDS + 86_400, "advanced_seconds": 86_400.5}));
}

#[tokio::test]
async fn clock_refuses_what_is_not_a_step_forwards() {
    let server = emulator().await;
    for bad in [json!(-1), json!(0), json!("soon"), json!("-24h"), json!({}), json!("3661d")] {
        let answer = server.key().post("/_dev/clock", json!({ "advance": bad })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    }
    for body in ["", "[]", "{", "{\"advance\":\"1h\",\"x\":1}"] {
        let answer = server.key().send(Method::POST, "/_dev/clock", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    }
    assert_eq!(server.key().post("/_dev/clock", json!({"advance": "3660d"})).await.status, 200);
    let answer = server.key().post("/_dev/clock", json!({"advance": "1s"})).await;
    assert!(answer.info().contains("10 years ahead in all"), "{answer}");
}

#[tokio::test]
async fn rooms_tokens_keys_and_limits_see_the_new_time_at_once() {
    let server = TestServer::emulator(|settings| {
        settings.has_rate_limits = true;
        settings.limits.rate.standard = parlor_server::Limit::per_seconds(5, 3600);
    })
    .await;
    let key = server.key();
    let in_an_hour = START_SECONDS + 3600;
    key.create_room("brief", json!({ "exp": in_an_hour })).await;
    let token = key.make_token(json!({"room_name": "brief", "exp": in_an_hour})).await;
    let brief_key = server.key_expiring_in(3600).await;
    assert_eq!(server.bearer(&brief_key).get("/v1/rooms/brief").await.status, 200);
    for status in [200, 200, 200, 429] {
        assert_eq!(key.get("/v1/rooms/brief").await.status, status);
    }
    key.post("/_dev/clock", json!({"advance": "1h1s"})).await;
    assert_eq!(key.get("/v1/rooms/brief").await.status, StatusCode::NOT_FOUND);
    let answer = key.get(&format!("/v1/meeting-tokens/{token}")).await;
    assert!(answer.info().contains("expired"), "{answer}");
    assert_eq!(server.bearer(&brief_key).get("/v1/rooms").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn jobs_have_run_when_the_clock_has_moved() {
    let server = emulator().await;
    server.key().create_room("brief", json!({ "exp": START_SECONDS + 60 })).await;
    let reason = || async {
        let answer = server.anonymous().post("/_parlor/join", json!({"room": "brief"})).await;
        answer.body["reason"].as_str().unwrap_or_default().to_owned()
    };
    server.key().post("/_dev/clock", json!({"advance": "24h"})).await;
    assert_eq!(reason().await, "exp-room");
    server.key().post("/_dev/clock", json!({"advance": "2m"})).await;
    assert_eq!(reason().await, "no-room");
}

#[tokio::test]
async fn reset_leaves_the_organization_and_its_keys() {
    let server = emulator().await;
    let key = server.key();
    key.create_room("standup", json!({})).await;
    key.post("/v1/", json!({"properties": {"lang": "de"}})).await;
    key.post("/_dev/clock", json!({"advance": "7d"})).await;
    key.post("/_dev/faults", json!({"rules": [{"route": "GET /rooms", "status": 500}]})).await;

    let answer = key.post("/_dev/reset", json!({})).await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({"reset": true})));

    assert_eq!(key.get("/v1/rooms").await.body, json!({"total_count": 0, "data": []}));
    assert_eq!(key.get("/v1/").await.body["config"]["lang"], "en");
    assert_eq!(key.get("/_dev/clock").await.body["now"], START_SECONDS);
    assert_eq!(key.get("/_dev/faults").await.body["rules"], json!([]));
    assert_eq!(server.other_org().get("/v1/rooms").await.status, StatusCode::OK);
    assert_eq!(key.create_room("standup", json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn reset_takes_no_parameters() {
    let server = emulator().await;
    server.key().create_room("standup", json!({})).await;
    let answer = server.key().post("/_dev/reset", json!({"only": "rooms"})).await;
    assert_eq!(answer.info(), "unknown parameter 'only'");
    assert_eq!(server.key().get("/v1/rooms/standup").await.status, StatusCode::OK);
}

async fn set_faults(server: &TestServer, faults: Value) {
    let answer = server.key().post("/_dev/faults", faults).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
}

#[tokio::test]
async fn fault_hits_its_operation_so_many_times_and_no_other() {
    let server = emulator().await;
    let rule = json!({"route": "POST /rooms", "status": 429, "retry_after": 7, "times": 2});
    set_faults(&server, json!({ "rules": [rule] })).await;
    for _ in 0..2 {
        let answer = server.key().post("/v1/rooms", json!({"name": "standup"})).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(
            (&answer.body["error"], answer.header("retry-after")),
            (&json!("rate-limit-error"), "7")
        );
        assert_eq!(server.key().get("/v1/rooms/standup").await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(server.key().post("/v1/rooms", json!({"name": "standup"})).await.status, 200);
    assert_eq!(server.key().get("/_dev/faults").await.body["rules"][0]["hits"], 2);
    let answer = server.key().send(Method::DELETE, "/_dev/faults", "").await;
    assert_eq!(answer.body["rules"], json!([]));
}

#[tokio::test]
async fn every_server_error_has_our_envelope() {
    let server = emulator().await;
    for status in [500, 501, 502, 503, 504, 599] {
        set_faults(&server, json!({"rules": [{"route": "*", "status": status}]})).await;
        for path in ["/v1/rooms", "/api/v1/presence"] {
            let answer = server.key().get(path).await;
            assert_eq!(answer.status, status);
            let kind = if status == 501 { "not-implemented" } else { "server-error" };
            assert_eq!(answer.body["error"], kind);
            assert!(answer.info().contains("/_dev/faults"), "{answer}");
        }
    }
    assert_eq!(server.key().get("/_dev/faults").await.status, StatusCode::OK);
    let anonymous = server.anonymous().get("/v1/rooms").await;
    assert_eq!(anonymous.body["error"], "authorization-header-error", "the key comes first");
}

#[tokio::test]
async fn routes_may_be_written_as_documentation_writes_them() {
    let server = emulator().await;
    let ways =
        ["GET /rooms/:name", "get /v1/rooms/{name}", " GET  /rooms/{id}/ ", "GET /api/v1/rooms/:n"];
    for route in ways {
        set_faults(&server, json!({"rules": [{"route": route, "status": 503}]})).await;
        assert_eq!(server.key().get("/v1/rooms/a").await.status, 503, "{route}");
        assert_eq!(server.key().get("/v1/rooms").await.status, 200, "{route}");
    }
    for route in
        ["", "GET", "GET /room", "/rooms", "GET /rooms/standup", "PATCH /rooms", "GET /_dev/clock"]
    {
        let rules = json!({"rules": [{"route": route, "status": 503}]});
        let answer = server.key().post("/_dev/faults", rules).await;
        assert!(
            answer.info().starts_with(&format!("route was '{route}' but should be")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn latency_holds_the_answer_back() {
    let server = emulator().await;
    set_faults(&server, json!({"rules": [{"route": "GET /", "latency_ms": 60}]})).await;
    let before = std::time::Instant::now();
    assert_eq!(server.key().get("/v1/").await.status, StatusCode::OK);
    assert!(before.elapsed().as_millis() >= 60);
}

#[tokio::test]
async fn same_seed_fails_the_same_requests() {
    let server = emulator().await;
    let run = async |seed: u64| {
        let rules = json!([{"route": "GET /presence", "status": 500, "probability": 0.5}]);
        set_faults(&server, json!({ "seed": seed, "rules": rules })).await;
        let mut statuses = Vec::new();
        for _ in 0..32 {
            statuses.push(server.key().get("/v1/presence").await.status.as_u16());
        }
        statuses
    };
    let first = run(7).await;
    assert!(first.contains(&200) && first.contains(&500));
    assert_eq!(run(7).await, first);
    assert_ne!(run(8).await, first);
}

#[tokio::test]
async fn whose_time_is_over_is_in_the_history_when_the_clock_has_moved() {
    let (server, address) = TestServer::emulator_with_media(|_| {}).await;
    let key = server.key();
    let exp = START_SECONDS + 3600;
    key.create_room("brief", json!({ "exp": exp, "eject_at_room_exp": true })).await;
    let mut ana = Participant::join(address, &json!({"room": "brief"})).await;
    assert_eq!(key.get("/v1/presence").await.body["brief"][0]["id"], ana.id);

    key.post("/_dev/clock", json!({"advance": "2h"})).await;

    assert_eq!(key.get("/v1/presence").await.body, json!({}));
    let meetings = key.get("/v1/meetings").await.body;
    assert_eq!(meetings["data"][0]["participants"][0]["participant_id"], ana.id);
    assert_eq!(meetings["data"][0]["ongoing"], false);
    while ana.hear().await.is_some() {}
}

#[tokio::test]
async fn reset_ends_calls_and_their_history() {
    let (server, address) = TestServer::emulator_with_media(|_| {}).await;
    let key = server.key();
    key.create_room("standup", json!({})).await;
    let mut ana = Participant::join(address, &json!({"room": "standup"})).await;
    let answer = key.post("/_dev/reset", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    while ana.hear().await.is_some() {}
    assert_eq!(key.get("/v1/presence").await.body, json!({}));
    let meetings = key.get("/v1/meetings").await;
    assert_eq!(meetings.body, json!({"total_count": 0, "data": []}));
}
