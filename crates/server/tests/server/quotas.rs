//! What organizations and keys are held to.

use axum::http::{Method, StatusCode};
use parlor_model::call::{RefusalReason, ServerMessage};
use parlor_server::Limit;
use parlor_store::key::KeyValue;
use serde_json::{Value, json};

use crate::live::Participant;
use crate::person::SignedIn;
use crate::support::{Answer, Caller, TestServer};

async fn set_quota(server: &TestServer, quota: Value) -> Answer {
    let path = format!("/organizations/{}/quota", server.org);
    server.key().send(Method::PATCH, &path, quota.to_string()).await
}

async fn quotas(server: &TestServer) -> Value {
    let shown = server.key().get(&format!("/api/organizations/{}", server.org)).await;
    assert_eq!(shown.status, StatusCode::OK, "{shown}");
    shown.body["quotas"].clone()
}

async fn key_held_to(server: &TestServer, limits: Value) -> KeyValue {
    let wanted = json!({"name": "held", "permissions": ["admin:organization"], "limits": limits});
    let made = server.key().post("/api-keys", wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    KeyValue::unchecked(made.body["value"].as_str().unwrap())
}

#[tokio::test]
async fn an_organization_has_so_many_rooms_and_no_more() {
    let server = TestServer::start().await;
    assert_eq!(set_quota(&server, json!({"rooms": 2})).await.status, StatusCode::NO_CONTENT);
    for name in ["a", "b"] {
        assert_eq!(server.key().create_room(name, json!({})).await.status, StatusCode::OK);
    }
    let refused = server.key().create_room("c", json!({})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    for part in ["`rooms`", " is 2", "delete rooms", "operator"] {
        assert!(refused.info().contains(part), "{refused}");
    }
    assert_eq!(server.key().get("/v1/rooms/c").await.status, StatusCode::NOT_FOUND);
    assert_eq!(quotas(&server).await["rooms"], json!({"limit": 2, "used": 2}));

    server.key().delete("/v1/rooms/a").await;
    let both = json!({"rooms": [{"name": "c"}, {"name": "d"}]});
    let refused = server.key().post("/v1/batch/rooms", both).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused}");
    assert_eq!(quotas(&server).await["rooms"]["used"], 1, "all of them or none");
    let taken = server.key().create_room("b", json!({})).await;
    assert!(taken.info().contains("already exists"), "{taken}");

    set_quota(&server, json!({"rooms": null})).await;
    for name in ["c", "d"] {
        assert_eq!(server.key().create_room(name, json!({})).await.status, StatusCode::OK);
    }
    assert_eq!(quotas(&server).await["rooms"], json!({"limit": null, "used": 3}));
}

#[tokio::test]
async fn expired_rooms_make_place() {
    let server = TestServer::start().await;
    set_quota(&server, json!({"rooms": 1})).await;
    let soon = json!({"exp": server.now() + 60});
    assert_eq!(server.key().create_room("a", soon).await.status, StatusCode::OK);
    assert_eq!(server.key().create_room("b", json!({})).await.status, StatusCode::BAD_REQUEST);
    server.clock.advance(60);
    assert_eq!(server.key().create_room("b", json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_can_be_held_to_less_than_its_organization() {
    let server = TestServer::start().await;
    let held = key_held_to(&server, json!({"rooms": 1})).await;
    assert_eq!(server.bearer(&held).create_room("a", json!({})).await.status, StatusCode::OK);
    let refused = server.bearer(&held).create_room("b", json!({})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused}");
    assert_eq!(server.key().create_room("b", json!({})).await.status, StatusCode::OK);
    let shown = server.bearer(&held).get("/api-keys/current").await;
    assert_eq!(shown.body["limits"], json!({"rooms": 1}));
    for limits in [json!({"rooms": "1"}), json!({"concurrentParticipants": 1}), json!(1)] {
        let wanted = json!({"name": "x", "permissions": [], "limits": limits});
        let refused = server.key().post("/api-keys", wanted).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused}");
    }
}

#[tokio::test]
async fn limits_of_a_key_change_with_the_next_request() {
    let server = TestServer::start().await;
    let held = key_held_to(&server, json!({"rooms": 1, "requestsPer5s": 50})).await;
    let change = async |by: &Caller<'_>, limits: Value| {
        by.send(Method::PATCH, "/api-keys/held", json!({"limits": limits}).to_string()).await
    };
    assert_eq!(server.bearer(&held).create_room("a", json!({})).await.status, StatusCode::OK);
    let full = server.bearer(&held).create_room("b", json!({})).await;
    assert_eq!(full.status, StatusCode::BAD_REQUEST);
    let changed = change(&server.key(), json!({"rooms": 2})).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed}");
    assert_eq!(changed.body["limits"], json!({"rooms": 2, "requestsPer5s": 50}));
    assert_eq!(server.bearer(&held).create_room("b", json!({})).await.status, StatusCode::OK);
    change(&server.key(), json!({"rooms": null, "requestsPer5s": null})).await;
    let shown = server.bearer(&held).get("/api-keys/current").await;
    assert_eq!(shown.body["limits"], Value::Null, "{shown}");
    for wrong in
        [json!({"rooms": "1"}), json!({"concurrentParticipants": 1}), json!(1), json!(null)]
    {
        let refused = change(&server.key(), wrong).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused}");
    }
    let log = server.key().get(&format!("/audit/organizations/{}?action=update", server.org)).await;
    assert_eq!(log.body["items"][5]["metadata"]["limits"], json!({"rooms": 2}), "{log}");
}

#[tokio::test]
async fn key_with_limits_lifts_none() {
    let server = TestServer::start().await;
    let held = key_held_to(&server, json!({"rooms": 1})).await;
    let by_held = server.bearer(&held);
    let lift = json!({"limits": {"rooms": null}}).to_string();
    for (method, path, body) in [
        (Method::PATCH, "/api-keys/held", lift.as_str()),
        (Method::PATCH, "/api-keys/main", lift.as_str()),
        (Method::POST, "/api-keys/main/rotate", ""),
    ] {
        let refused = by_held.send(method, path, body.to_owned()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}: {refused}");
    }
    let wider =
        json!({"name": "wide", "permissions": [], "limits": {"rooms": 9, "requestsPer5s": 3}});
    assert_eq!(by_held.post("/api-keys", wider).await.status, StatusCode::CREATED);
    let made = server.key().get("/api-keys/wide").await;
    assert_eq!(made.body["limits"], json!({"rooms": 1, "requestsPer5s": 3}));
    let own = by_held.send(Method::POST, "/api-keys/held/rotate", "").await;
    assert_eq!(own.status, StatusCode::CREATED, "{own}");
    let successor = server.key().get("/api-keys/held").await;
    assert_eq!(successor.body["limits"], json!({"rooms": 1}));
}

#[tokio::test]
async fn rates_of_an_organization_and_a_key_stand_in_for_the_servers() {
    let server = TestServer::with(|settings| settings.has_rate_limits = true).await;
    let held = key_held_to(&server, json!({"requestsPer5s": 1, "authenticatedRateLimit": 2})).await;
    set_quota(&server, json!({"requestsPer5s": 3, "authenticatedRateLimit": 50})).await;
    for left in [2, 1, 0] {
        let answer = server.key().get("/v1/presence").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("x-ratelimit-limit"), "3");
        assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
    }
    let refused = server.key().get("/v1/presence").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let own = [StatusCode::OK, StatusCode::TOO_MANY_REQUESTS];
    for status in own {
        let answer = server.bearer(&held).get("/v1/presence").await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (status, "1"));
    }

    let shown = server.key().get("/api-keys").await;
    assert_eq!(shown.header("x-ratelimit-limit-authenticated"), "50");
    for status in [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
        let answer = server.bearer(&held).get("/api-keys").await;
        assert_eq!(answer.status, status, "{answer}");
        assert_eq!(answer.header("x-ratelimit-limit-authenticated"), "2");
    }
    assert_eq!(server.key().get("/api-keys").await.status, StatusCode::OK, "the others go on");
}

#[tokio::test]
async fn what_is_about_no_organization_is_counted_by_credential() {
    let server = TestServer::with(|settings| {
        settings.has_rate_limits = true;
        settings.limits.rate.authenticated = Limit::per_seconds(3, 60);
    })
    .await;
    let held = key_held_to(&server, json!({"authenticatedRateLimit": 2})).await;
    for status in [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
        let answer = server.bearer(&held).get("/organizations").await;
        assert_eq!(answer.status, status, "{answer}");
        assert_eq!(answer.header("x-ratelimit-limit-authenticated"), "2");
    }
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    for left in ["2", "1", "0"] {
        let answer = ana.send(Method::GET, "/users/me", None, "").await;
        assert_eq!(answer.header("x-ratelimit-remaining-authenticated"), left, "{answer}");
    }
    let body = json!({"name": "One more"}).to_string();
    let refused = ana.send(Method::POST, "/organizations", None, &body).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{refused}");
    assert_eq!(bo.send(Method::GET, "/users/me", None, "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_organization_has_so_many_people_in_all_rooms_and_no_more() {
    let (server, address) = TestServer::with_media().await;
    for name in ["a", "b"] {
        server.key().create_room(name, json!({})).await;
    }
    set_quota(&server, json!({"concurrentParticipants": 2})).await;
    let ana = Participant::join(address, &json!({"room": "a"})).await;
    let _bo = Participant::join(address, &json!({"room": "b"})).await;
    let used = json!({"limit": 2, "used": 2});
    assert_eq!(quotas(&server).await["concurrentParticipants"], used);
    let refused = server.anonymous().post("/_parlor/join", json!({"room": "b"})).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused}");
    assert_eq!(refused.body["reason"], "meeting-full");
    assert!(refused.info().contains("concurrentParticipants"), "{refused}");
    ana.leave().await;
    let again = Participant::join(address, &json!({"room": "b"})).await;
    drop(again);
}

#[tokio::test]
async fn who_takes_over_a_stay_of_their_own_needs_no_further_place() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("a", json!({"enforce_unique_user_ids": true})).await;
    set_quota(&server, json!({"concurrentParticipants": 1})).await;
    let token = async |user: &str| {
        server.key().make_token(json!({"room_name": "a", "user_id": user})).await
    };
    let request = json!({"room": "a", "token": token("ana").await});
    let _laptop = Participant::join(address, &request).await;
    let phone = Participant::ask(address, &request).await;
    let (_phone, welcome) = phone.enter().await;
    assert!(matches!(welcome, Some(ServerMessage::Welcome { .. })), "{welcome:?}");
    let other = json!({"room": "a", "token": token("bo").await});
    let refused = server.anonymous().post("/_parlor/join", other).await;
    assert_eq!(refused.body["reason"], "meeting-full", "{refused}");
}

#[tokio::test]
async fn of_two_with_a_ticket_to_the_last_place_one_gets_in() {
    let (server, address) = TestServer::with_media().await;
    for name in ["a", "b"] {
        server.key().create_room(name, json!({})).await;
    }
    set_quota(&server, json!({"concurrentParticipants": 1})).await;
    let first = Participant::ask(address, &json!({"room": "a"})).await;
    let second = Participant::ask(address, &json!({"room": "b"})).await;
    let (_ana, welcome) = first.enter().await;
    assert!(matches!(welcome, Some(ServerMessage::Welcome { .. })), "{welcome:?}");
    let (_bo, refusal) = second.enter().await;
    let Some(ServerMessage::Refused { reason: RefusalReason::MeetingFull, info }) = refusal else {
        panic!("{refusal:?}");
    };
    assert!(info.contains("which is 1"), "{info}");
}

#[tokio::test]
async fn no_recording_starts_once_the_minutes_are_used_up() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("a", json!({"enable_recording": "cloud"})).await;
    let _ana = Participant::join(address, &json!({"room": "a"})).await;
    let start = "/v1/rooms/a/recordings/start";
    let answer = server.key().post(start, json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_IMPLEMENTED, "{answer}");
    set_quota(&server, json!({"recordingMinutes": 0})).await;
    let answer = server.key().post(start, json!({})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    assert!(answer.info().contains("recordingMinutes"), "{answer}");
    let used = json!({"limit": 0, "used": 0});
    assert_eq!(quotas(&server).await["recordingMinutes"], used);
}

#[tokio::test]
async fn quotas_are_the_operators_to_set() {
    let server = TestServer::start().await;
    let path = format!("/organizations/{}/quota", server.org);
    let refused = server.other_org().send(Method::PATCH, &path, "{}").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    let wrong = set_quota(&server, json!({"rooms": -1})).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let nobody = "/organizations/00000000-0000-4000-8000-000000000000/quota";
    let nowhere = server.key().send(Method::PATCH, nobody, "{}").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    let region = server.key().send(Method::PATCH, &format!("{path}/eu"), "{}").await;
    assert_eq!(region.status, StatusCode::NOT_FOUND, "{region}");
}

#[tokio::test]
async fn a_suspended_organization_makes_no_rooms_and_lets_nobody_in_until_it_goes_on() {
    let server = TestServer::start().await;
    let key = server.key();
    assert_eq!(key.create_room("before", json!({})).await.status, StatusCode::OK);
    let organization = format!("/api/organizations/{}", server.org);
    let until = json!({"reason": "unpaid", "until": "2030-01-02T00:00:00Z"});
    let suspended = key.post(&format!("{organization}/suspend"), until).await;
    assert_eq!(suspended.status, StatusCode::NO_CONTENT, "{suspended}");
    let many = key.post("/v1/batch/rooms", json!({"rooms": [{"name": "c"}]})).await;
    for refused in [key.create_room("after", json!({})).await, many] {
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
        assert!(refused.info().contains("suspended"), "{refused}");
    }
    let sandbox = key.post("/sandbox", json!({})).await;
    assert_eq!(sandbox.status, StatusCode::FORBIDDEN, "{sandbox}");
    assert!(sandbox.body["detail"].as_str().unwrap().contains("suspended"), "{sandbox}");
    let join = async || server.anonymous().post("/_parlor/join", json!({"room": "before"})).await;
    let refused = join().await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert!(refused.text.contains("suspended"), "{refused}");
    // What is there can be looked at and deleted.
    assert_eq!(key.get("/v1/rooms/before").await.status, StatusCode::OK);
    server.clock.advance(86_400);
    assert_eq!(join().await.status, StatusCode::OK);
    assert_eq!(key.create_room("after", json!({})).await.status, StatusCode::OK);
}
