//! `POST /_parlor/join`: who may enter, as whom, with what.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use insta::assert_snapshot;
use parlor_model::key_permission::KeyPermission;
use parlor_model::permission::Grant;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;
use serde_json::{Value, json};

use crate::meeting_tokens::self_signed;
use crate::presence::enter;
use crate::support::{Answer, TestServer};

async fn join(server: &TestServer, room: &str, token: Option<&str>) -> Answer {
    let mut body = json!({ "room": room });
    if let Some(token) = token {
        body["token"] = Value::from(token);
    }
    server.anonymous().post("/_parlor/join", body).await
}

fn ticket(server: &TestServer, answer: &Answer) -> Ticket {
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    let sealed = answer.body["ticket"].as_str().unwrap();
    server.ticket_key.open(sealed, UnixMillis::new(server.now() * 1000)).unwrap()
}

#[tokio::test]
async fn public_room_lets_anybody_in() {
    let server = TestServer::start().await;
    let room = server.key().create_room("standup", json!({ "enable_chat": true })).await;
    let body = json!({ "room": "standup", "user_name": "Ana" });
    let answer = server.anonymous().post("/_parlor/join", body).await;
    assert_eq!(answer.body["call_url"], "/_parlor/call");
    assert_eq!(
        answer.body["room"],
        json!({
            "id": room.body["id"], "name": "standup", "domainName": "acme",
            "config": { "enable_chat": true },
            "domainConfig": answer.body["room"]["domainConfig"], "tokenConfig": {}
        })
    );
    let effective = &answer.body["effective"];
    assert_eq!(
        (&effective["user_name"], &effective["is_name_fixed"]),
        (&json!("Ana"), &json!(false))
    );
    assert_eq!(effective["properties"]["enable_chat"], true);
    let ticket = ticket(&server, &answer);
    assert_eq!(ticket.participant.to_string(), answer.body["participant"].as_str().unwrap());
    assert_eq!(ticket.room.to_string(), room.body["id"].as_str().unwrap());
    assert_eq!((ticket.room_name.as_str(), ticket.user_name.as_str()), ("standup", "Ana"));
    assert_eq!((ticket.user_id, ticket.is_owner, ticket.max_participants), (None, false, 200));
    assert_eq!(ticket.expires_at, UnixMillis::new((server.now() + 60) * 1000));
    assert_eq!(ticket.eject, EjectLimits::default());
}

#[tokio::test]
async fn every_stay_has_its_own_session_id() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let first = join(&server, "standup", None).await;
    let second = join(&server, "standup", None).await;
    assert_ne!(first.body["participant"], second.body["participant"]);
}

#[tokio::test]
async fn no_room() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let expected = r#"404 {"error":"not-found","info":"The meeting you're trying to join does not exist.","reason":"no-room"}"#;
    for name in ["nobody", "Standup", "", "stand up", "../standup"] {
        assert_eq!(join(&server, name, None).await.to_string(), expected, "{name}");
    }
}

#[tokio::test]
async fn not_allowed_into_a_private_room_without_a_token() {
    let server = TestServer::start().await;
    server.key().post("/v1/rooms", json!({ "name": "board", "privacy": "private" })).await;
    assert_snapshot!(join(&server, "board", None).await, @r#"403 {"error":"forbidden-error","info":"You are not allowed to join this meeting","reason":"not-allowed"}"#);
    assert_eq!(join(&server, "board", Some("")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn token_for_the_room_or_for_every_room_opens_a_private_room() {
    let server = TestServer::start().await;
    server.key().post("/v1/rooms", json!({ "name": "board", "privacy": "private" })).await;
    for properties in [json!({ "room_name": "board" }), json!({})] {
        let token = server.key().make_token(properties).await;
        assert_eq!(join(&server, "board", Some(&token)).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn not_allowed_with_a_token_for_another_room() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    for other in ["retro", "Standup"] {
        let token = server.key().make_token(json!({ "room_name": other })).await;
        let answer = join(&server, "standup", Some(&token)).await;
        assert_eq!(
            answer.to_string(),
            r#"403 {"error":"forbidden-error","info":"You are not allowed to join this meeting","reason":"not-allowed"}"#
        );
    }
}

#[tokio::test]
async fn not_allowed_with_a_token_that_is_not_ours() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let reader = server.limited_key(KeyPermission::ReadRooms).await;
    let claims = json!({ "d": server.org.to_string(), "o": true });
    let tokens = [
        "nonsense".to_owned(),
        self_signed("another key", &claims),
        self_signed(reader.expose(), &claims),
        server.other_org().make_token(json!({})).await,
    ];
    for token in &tokens {
        let answer = join(&server, "standup", Some(token)).await;
        assert_eq!(
            (answer.status, &answer.body["reason"]),
            (StatusCode::FORBIDDEN, &json!("not-allowed"))
        );
    }
}

#[tokio::test]
async fn exp_room() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({ "exp": server.now() + 60 })).await;
    server.clock.advance_millis(59_999);
    assert_eq!(join(&server, "standup", None).await.status, StatusCode::OK);
    server.clock.advance_millis(1);
    assert_snapshot!(join(&server, "standup", None).await, @r#"410 {"error":"not-found","info":"This room is no longer open: its expiry time has passed.","reason":"exp-room"}"#);
}

#[tokio::test]
async fn nbf_room_says_when_it_opens() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({ "nbf": server.now() + 60 })).await;
    assert_snapshot!(join(&server, "standup", None).await, @r#"403 {"error":"forbidden-error","info":"This room is not open yet.","reason":"nbf-room","opens_at":1893456060.0}"#);
    let owner = server.key().make_token(json!({ "is_owner": true })).await;
    assert_eq!(join(&server, "standup", Some(&owner)).await.body["reason"], "nbf-room");
    server.clock.advance(60);
    assert_eq!(join(&server, "standup", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn meeting_full_until_somebody_leaves() {
    let server = TestServer::start().await;
    server.key().create_room("duo", json!({ "max_participants": 2 })).await;
    enter(&server, "duo", "Ana", None, 0).await;
    assert_eq!(join(&server, "duo", None).await.status, StatusCode::OK);
    enter(&server, "duo", "Bo", None, 0).await;
    assert_snapshot!(join(&server, "duo", None).await, @r#"503 {"error":"server-error","info":"Meeting is full","reason":"meeting-full"}"#);
    server.live.lock().unwrap().present.pop();
    assert_eq!(join(&server, "duo", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_takes_an_own_place_or_is_not_seen_enters_a_full_meeting() {
    let server = TestServer::start().await;
    let properties = json!({ "max_participants": 1, "enforce_unique_user_ids": true });
    server.key().create_room("solo", properties).await;
    enter(&server, "solo", "Ana", Some("u-1"), 0).await;
    let again = json!({ "user_id": "u-1" });
    let unseen = json!({ "permissions": { "hasPresence": false } });
    for (token, status) in [
        (again, StatusCode::OK),
        (unseen, StatusCode::OK),
        (json!({ "user_id": "u-2" }), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let token = server.key().make_token(token).await;
        assert_eq!(join(&server, "solo", Some(&token)).await.status, status);
    }
}

#[tokio::test]
async fn exp_token() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let token = server.key().make_token(json!({ "exp": server.now() + 60 })).await;
    assert_eq!(join(&server, "standup", Some(&token)).await.status, StatusCode::OK);
    server.clock.advance(60);
    assert_snapshot!(join(&server, "standup", Some(&token)).await, @r#"403 {"error":"forbidden-error","info":"The meeting token has expired.","reason":"exp-token"}"#);
}

#[tokio::test]
async fn nbf_token_says_when_it_opens() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let token = server.key().make_token(json!({ "nbf": server.now() + 60 })).await;
    assert_snapshot!(join(&server, "standup", Some(&token)).await, @r#"403 {"error":"forbidden-error","info":"The meeting token is not valid yet.","reason":"nbf-token","opens_at":1893456060.0}"#);
}

#[tokio::test]
async fn who_must_knock_gets_a_ticket_for_the_lobby() {
    let server = TestServer::start().await;
    let room = json!({
        "name": "board", "privacy": "private",
        "properties": { "enable_knocking": true, "nbf": server.now() - 60 }
    });
    server.key().post("/v1/rooms", room).await;
    let knocking = server.key().make_token(json!({ "knocking": true, "is_owner": true })).await;
    for token in [None, Some(knocking.as_str())] {
        let answer = join(&server, "board", token).await;
        assert_eq!(answer.body["effective"]["access"], "lobby");
        assert_eq!(ticket(&server, &answer).access, TicketAccess::Lobby);
    }
    let token = server.key().make_token(json!({})).await;
    let answer = join(&server, "board", Some(&token)).await;
    assert_eq!(answer.body["effective"]["access"], "full");
    assert_eq!(ticket(&server, &answer).access, TicketAccess::Full);
    // A token that is no good does not even let its holder knock.
    assert_eq!(join(&server, "board", Some("bad")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn closed_rooms_have_no_open_lobby() {
    let server = TestServer::start().await;
    let room = json!({
        "name": "board", "privacy": "private",
        "properties": { "enable_knocking": true, "nbf": server.now() + 60 }
    });
    server.key().post("/v1/rooms", room).await;
    assert_eq!(join(&server, "board", None).await.body["reason"], "nbf-room");
}

#[tokio::test]
async fn knocking_token_means_nothing_where_nobody_may_knock() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let token = server.key().make_token(json!({ "knocking": true })).await;
    assert_eq!(join(&server, "standup", Some(&token)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn token_beats_room_and_room_beats_domain() {
    let server = TestServer::start().await;
    let domain = json!({ "properties": { "lang": "fr", "enable_prejoin_ui": false } });
    assert_eq!(server.key().post("/v1", domain).await.status, StatusCode::OK);
    server.key().create_room("standup", json!({ "lang": "de", "start_video_off": true })).await;
    let token = server.key().make_token(json!({ "start_video_off": false, "lang": "sv" })).await;
    let properties = |answer: Answer| answer.body["effective"]["properties"].clone();
    let plain = properties(join(&server, "standup", None).await);
    assert_eq!((&plain["lang"], &plain["start_video_off"]), (&json!("de"), &json!(true)));
    assert_eq!(plain["enable_prejoin_ui"], false);
    let with_token = properties(join(&server, "standup", Some(&token)).await);
    assert_eq!(
        (&with_token["lang"], &with_token["start_video_off"]),
        (&json!("sv"), &json!(false))
    );
}

#[tokio::test]
async fn token_decides_name_id_and_ownership() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({ "max_participants": 3 })).await;
    let properties = json!({ "user_name": "Ana", "user_id": "u-1", "is_owner": true });
    let token = server.key().make_token(properties).await;
    let body = json!({ "room": "standup", "token": token, "user_name": "Mallory" });
    let answer = server.anonymous().post("/_parlor/join", body).await;
    assert_eq!(answer.body["effective"]["is_name_fixed"], true);
    let ticket = ticket(&server, &answer);
    assert_eq!((ticket.user_name.as_str(), ticket.user_id.as_deref()), ("Ana", Some("u-1")));
    assert_eq!((ticket.is_owner, ticket.max_participants), (true, 3));
    assert_eq!(ticket.permissions.can_admin, Grant::Whole(true));
}

#[tokio::test]
async fn eject_limits_are_the_tokens_where_it_has_any() {
    let server = TestServer::start().await;
    let exp = server.now() + 600;
    let room = json!({ "exp": exp, "eject_at_room_exp": true, "eject_after_elapsed": 300 });
    server.key().create_room("standup", room).await;
    let of_room = EjectLimits { at: Some(UnixMillis::new(exp * 1000)), after_seconds: Some(300) };
    assert_eq!(ticket(&server, &join(&server, "standup", None).await).eject, of_room);
    let token = server.key().make_token(json!({ "exp": server.now() + 60 })).await;
    assert_eq!(ticket(&server, &join(&server, "standup", Some(&token)).await).eject, of_room);
    let token = server.key().make_token(json!({ "eject_after_elapsed": 30 })).await;
    let of_token = EjectLimits { at: None, after_seconds: Some(30) };
    assert_eq!(ticket(&server, &join(&server, "standup", Some(&token)).await).eject, of_token);
}

#[tokio::test]
async fn what_only_key_holders_may_see_is_not_sent_to_browsers() {
    let server = TestServer::start().await;
    let hook = "https://hooks.example.org/joined";
    server.key().create_room("standup", json!({ "meeting_join_hook": hook })).await;
    let answer = join(&server, "standup", None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.text.contains("hooks.example.org"), "{answer}");
}

#[tokio::test]
async fn rooms_of_a_further_organization_are_joined_at_its_own_host() {
    let server = TestServer::start().await;
    server.other_org().create_room("standup", json!({})).await;
    let ask = |host: &str| {
        Request::post("/_parlor/join")
            .header("host", host)
            .body(Body::from(r#"{"room":"standup"}"#))
            .unwrap()
    };
    assert_eq!(server.send(ask("globex.parlor.test:8080")).await.status, StatusCode::OK);
    assert_eq!(server.send(ask("parlor.test:8080")).await.body["reason"], "no-room");
}

#[tokio::test]
async fn nobody_new_is_let_in_while_media_have_no_time() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let inside = join(&server, "standup", None).await;
    server.live.lock().unwrap().load = 85;
    let refused = join(&server, "standup", None).await;
    assert_snapshot!(refused, @r#"503 {"error":"overloaded-error","info":"the server is at its limit for calls: its media thread for this room is busy 85 % of the time, and from 85 % (media.max_load) on nobody new is let in; try again in a few seconds"}"#);
    assert_eq!(refused.header("retry-after"), "5");
    // Whoever was inside comes back.
    let back = json!({ "room": "standup", "pass": inside.body["log_pass"] });
    let back = server.anonymous().post("/_parlor/join", back).await;
    assert_eq!(back.body["participant"], inside.body["participant"], "{back}");
    server.live.lock().unwrap().load = 84;
    assert_eq!(join(&server, "standup", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn malformed_join_requests_are_refused() {
    let server = TestServer::start().await;
    let send = |body: &'static str| server.anonymous_post("/_parlor/join", body);
    assert_eq!(send("{").await.body["error"], "json-parsing-error");
    assert_snapshot!(send("").await, @r#"400 {"error":"invalid-request-error","info":"missing required field 'room'"}"#);
    assert_snapshot!(send("[]").await, @r#"400 {"error":"invalid-request-error","info":"the body should be a JSON object"}"#);
    assert_eq!(send(r#"{"room":7}"#).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(r#"{"room":"a","token":7}"#).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn fields_of_the_wrong_type_are_told_in_our_words() {
    let server = TestServer::start().await;
    let ask = async |body: Value| server.anonymous().post("/_parlor/join", body).await;
    assert_snapshot!(ask(json!({"room": 7})).await, @r#"400 {"error":"invalid-request-error","info":"room was '7' but should be a string"}"#);
    assert_snapshot!(ask(json!({"room": null})).await, @r#"400 {"error":"invalid-request-error","info":"missing required field 'room'"}"#);
    assert_snapshot!(ask(json!({"room": "a", "token": [1]})).await, @r#"400 {"error":"invalid-request-error","info":"token was '[redacted]' but should be a string"}"#);
    assert_snapshot!(ask(json!({"room": "a", "user_name": {}})).await, @r#"400 {"error":"invalid-request-error","info":"user_name was '{}' but should be a string"}"#);
}

#[tokio::test]
async fn pages_of_any_origin_may_ask() {
    let server = TestServer::start().await;
    let preflight = Request::options("/_parlor/join")
        .header("origin", "https://app.example.org")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(preflight).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-headers"), "content-type");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let refused = join(&server, "nobody", None).await;
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    let wrong = server.anonymous().send(Method::GET, "/_parlor/join", "").await;
    assert_eq!(
        (wrong.status, wrong.header("access-control-allow-origin")),
        (StatusCode::METHOD_NOT_ALLOWED, "*")
    );
}
