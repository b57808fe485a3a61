//! Actions on a room that hosts a call: over a real media node where it
//! matters what the people in it see, else over its stand-in.

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use parlor_model::call::ServerMessage;
use parlor_model::event::LeaveReason;
use serde_json::{Value, json};

use crate::live::Participant;
use crate::presence::enter;
use crate::support::{Answer, TestServer};

/// Every action, with a body that is as it should be.
fn actions() -> [(Method, &'static str, Value); 5] {
    [
        (Method::POST, "send-app-message", json!({"data": {"a": 1}})),
        (Method::GET, "get-session-data", json!({})),
        (Method::POST, "set-session-data", json!({"data": {"a": 1}})),
        (Method::POST, "eject", json!({"user_ids": ["u-1"]})),
        (Method::POST, "update-permissions", json!({"data": {"*": {"canSend": false}}})),
    ]
}

async fn hosting() -> TestServer {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    server.key().create_room("empty", json!({})).await;
    enter(&server, "standup", "Ana", Some("u-1"), 0).await;
    server
}

async fn act(server: &TestServer, action: &str, body: Value) -> Answer {
    server.key().post(&format!("/v1/rooms/standup/{action}"), body).await
}

/// The next message that is not about something else.
async fn hear(who: &mut Participant, wanted: fn(&ServerMessage) -> bool) -> ServerMessage {
    loop {
        let message = who.hear().await.expect("the room goes on");
        if wanted(&message) {
            return message;
        }
    }
}

#[tokio::test]
async fn actions_need_a_room_and_somebody_in_it() {
    let server = hosting().await;
    for (method, action, body) in actions() {
        let send = async |room: &str| {
            let path = format!("/v1/rooms/{room}/{action}");
            server.key().send(method.clone(), &path, body.to_string()).await
        };
        let answer = send("empty").await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (StatusCode::NOT_FOUND, &json!("not-found"))
        );
        assert_eq!(answer.info(), "room empty does not seem to be hosting a call currently");
        let answer = send("nobody").await;
        assert_eq!(
            (answer.status, answer.info()),
            (StatusCode::NOT_FOUND, "room nobody not found")
        );
        assert_eq!(send("standup").await.status, StatusCode::OK, "{action}");
        if action == "eject" {
            enter(&server, "standup", "Ana", Some("u-1"), 0).await;
        }
    }
}

#[tokio::test]
async fn actions_of_another_organization_find_no_room_and_reach_nobody() {
    let server = hosting().await;
    server.live.lock().unwrap().asked.clear();
    for (method, action, body) in actions() {
        let path = format!("/v1/rooms/standup/{action}");
        let answer = server.other_org().send(method, &path, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{action}");
        assert_eq!(answer.info(), "room standup not found");
    }
    assert_eq!(server.live.lock().unwrap().asked, []);
}

#[tokio::test]
async fn actions_look_at_the_body_before_the_room() {
    let server = hosting().await;
    for (method, action, _) in actions() {
        if method == Method::GET {
            continue;
        }
        let path = format!("/v1/rooms/nobody/{action}");
        let answer = server.key().post(&path, json!({"colour": "red"})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{action}: {answer}");
        assert_eq!(answer.info(), "\"colour\" is not allowed [Received colour=\"red\"]");
        let answer = server.key().send(Method::POST, &path, "[").await;
        assert_eq!(answer.body["error"], "json-parsing-error", "{action}");
    }
}

#[tokio::test]
async fn actions_answer_503_while_the_live_rooms_are_gone() {
    let mut server = hosting().await;
    server.stop_live_rooms().await;
    for (method, action, body) in actions() {
        let path = format!("/v1/rooms/standup/{action}");
        let answer = server.key().send(method, &path, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{action}: {answer}");
    }
}

#[tokio::test]
async fn app_message_is_an_object_of_at_most_4096_bytes() {
    let server = hosting().await;
    let send = async |body: Value| act(&server, "send-app-message", body).await;
    let fits = json!({"data": {"a": "x".repeat(4096 - 8)}});
    assert_snapshot!(send(fits).await, @r#"200 {"sent":"true"}"#);
    let large = send(json!({"data": {"a": "x".repeat(4096 - 7)}})).await;
    assert_snapshot!(large, @r#"400 {"error":"invalid-request-error","info":"\"data\" has 4097 bytes when serialised but may have at most 4096"}"#);
    assert_snapshot!(send(json!({})).await, @r#"400 {"error":"invalid-request-error","info":"missing required field 'data'"}"#);
    for bad in [json!("text"), json!([1]), json!(null), json!(7)] {
        assert_eq!(send(json!({"data": bad})).await.status, StatusCode::BAD_REQUEST);
    }
    let everybody = json!({"data": {}, "recipient": "*"});
    assert_eq!(send(everybody).await.status, StatusCode::OK);
    let whom = send(json!({"data": {}, "recipient": "ana"})).await;
    assert_snapshot!(whom, @r#"400 {"error":"invalid-request-error","info":"\"recipient\" must be a session id or * [Received recipient=\"ana\"]"}"#);
}

#[tokio::test]
async fn session_data_is_replaced_or_merged_with_a_known_strategy() {
    let server = hosting().await;
    let set = async |body: Value| act(&server, "set-session-data", body).await;
    assert_snapshot!(server.key().get("/v1/rooms/standup/get-session-data").await, @r#"200 {"data":{}}"#);
    assert_snapshot!(set(json!({"data": {"slide": 4}})).await, @r#"200 {"sent":"true"}"#);
    assert_snapshot!(server.key().get("/v1/rooms/standup/get-session-data").await, @r#"200 {"data":{"slide":4}}"#);
    assert_eq!(set(json!({})).await.status, StatusCode::OK);
    assert_snapshot!(set(json!({"mergeStrategy": "deep"})).await, @r#"400 {"error":"invalid-request-error","info":"\"mergeStrategy\" must be one of [replace, shallow-merge] [Received mergeStrategy=\"deep\"]\n"}"#);
    for bad in [json!({"data": []}), json!({"keysToDelete": "a"}), json!({"keysToDelete": [1]})] {
        assert_eq!(set(bad.clone()).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn eject_takes_at_most_a_hundred_ids_and_at_least_one() {
    let server = hosting().await;
    let eject = async |body: Value| act(&server, "eject", body).await;
    for none in [json!({}), json!({"ids": []}), json!({"ids": [], "user_ids": [], "ban": true})] {
        let answer = eject(none).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.info(), "\"value\" must contain at least one of [ids, user_ids]");
    }
    let ids = |count: usize| (0..count).map(|n| format!("u-{}", n + 5)).collect::<Vec<_>>();
    assert_eq!(eject(json!({"user_ids": ids(101)})).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(eject(json!({"ids": ids(101)})).await.status, StatusCode::BAD_REQUEST);
    let unknown = eject(json!({"ids": ids(100), "user_ids": ids(100)})).await;
    assert_snapshot!(unknown, @r#"200 {"ejectedIds":[]}"#);
    for bad in [json!({"ids": "a"}), json!({"ids": [1]}), json!({"ids": ["a"], "ban": "yes"})] {
        assert_eq!(eject(bad.clone()).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_snapshot!(eject(json!({"user_ids": ["u-1"]})).await, @r#"200 {"ejectedIds":["[id]"]}"#);
}

#[tokio::test]
async fn permissions_are_checked_key_by_key() {
    let server = hosting().await;
    let update = async |body: Value| act(&server, "update-permissions", body).await;
    let whole = json!({"data": {"*": {
        "hasPresence": true, "canSend": ["video", "customAudio"], "canAdmin": ["streaming"],
        "canReceive": {"base": {"video": false, "customVideo": {"*": false}},
                       "byUserId": {"u-1": true}, "byParticipantId": {}}
    }, "someone": {}}});
    assert_snapshot!(update(whole).await, @r#"200 {"status":"sent"}"#);
    assert_snapshot!(update(json!({})).await, @r#"400 {"error":"invalid-request-error","info":"missing required field 'data'"}"#);
    assert_snapshot!(update(json!({"data": {"*": {"canSend": ["smell"]}}})).await, @r#"400 {"error":"invalid-request-error","info":"\"data.*.canSend[0]\" must be one of [video, audio, screenVideo, screenAudio, customVideo, customAudio] [Received data.*.canSend[0]=\"smell\"]\n"}"#);
    for bad in [
        json!({"hasPresence": 1}),
        json!({"canAdmin": ["all"]}),
        json!({"canReceive": true}),
        json!({"canReceive": {"base": "all"}}),
        json!({"isOwner": true}),
        json!({"canReceive": {"byUserId": {"u".repeat(4096): true}}}),
        json!(null),
    ] {
        let answer = update(json!({"data": {"*": bad}})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer}");
    }
}

#[tokio::test]
async fn people_in_the_call_see_what_the_server_does() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({})).await;
    let mut ana = Participant::join(address, &json!({"room": "standup"})).await;
    let mut bo = Participant::join(address, &json!({"room": "standup"})).await;

    let answer = act(&server, "send-app-message", json!({"data": {"n": 1}})).await;
    assert_snapshot!(answer, @r#"200 {"sent":"true"}"#);
    let heard = hear(&mut ana, |message| matches!(message, ServerMessage::AppMessage { .. })).await;
    assert!(matches!(&heard, ServerMessage::AppMessage { data, .. } if data == &json!({"n": 1})));
    hear(&mut bo, |message| matches!(message, ServerMessage::AppMessage { .. })).await;

    let change = json!({"data": {"slide": 4}});
    assert_eq!(act(&server, "set-session-data", change).await.status, StatusCode::OK);
    let merge =
        json!({"data": {"x": 1}, "mergeStrategy": "shallow-merge", "keysToDelete": ["slide"]});
    assert_eq!(act(&server, "set-session-data", merge).await.status, StatusCode::OK);
    let read = server.key().get("/v1/rooms/standup/get-session-data").await;
    assert_snapshot!(read, @r#"200 {"data":{"x":1}}"#);
    let large = json!({"data": {"x": "y".repeat(100 * 1024)}});
    let answer = act(&server, "set-session-data", large).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.status);

    let answer = act(&server, "eject", json!({"ids": [ana.id.clone(), "nobody"]})).await;
    assert_eq!(answer.body, json!({"ejectedIds": [ana.id]}));
    let removed = hear(&mut ana, |message| matches!(message, ServerMessage::Removed { .. })).await;
    assert!(
        matches!(removed, ServerMessage::Removed { reason: LeaveReason::Ejected }),
        "{removed:?}"
    );
}
