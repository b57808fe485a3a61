//! `POST /_parlor/act`: what people in a call ask the server to do with it,
//! over a real media node.

use std::net::SocketAddr;

use axum::http::StatusCode;
use parlor_model::call::{ClientMessage, ServerMessage};
use serde_json::{Value, json};

use crate::live::Participant;
use crate::support::{Answer, TestServer};

/// A call with an owner, somebody who may transcribe, and a guest.
struct Call {
    server: TestServer,
    owner: Participant,
    scribe: Participant,
    guest: Participant,
}

async fn join(server: &TestServer, address: SocketAddr, token: Option<Value>) -> Participant {
    let mut wanted = json!({ "room": "standup" });
    if let Some(token) = token {
        wanted["token"] = server.key().make_token(token).await.into();
    }
    Participant::join(address, &wanted).await
}

async fn call() -> Call {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({ "enable_recording": "cloud" })).await;
    let owner = join(&server, address, Some(json!({ "is_owner": true }))).await;
    let permissions = json!({ "canAdmin": ["transcription"] });
    let scribe = join(&server, address, Some(json!({ "permissions": permissions }))).await;
    let guest = join(&server, address, None).await;
    Call { server, owner, scribe, guest }
}

impl Call {
    async fn act(&self, who: &Participant, operation: &str, body: Value) -> Answer {
        let wanted = json!({ "pass": who.log_pass, "operation": operation, "body": body });
        self.server.anonymous_post("/_parlor/act", &wanted.to_string()).await
    }
}

const OPERATIONS: [(&str, &str); 9] = [
    ("start-recording", "recordings/start"),
    ("update-recording", "recordings/update"),
    ("stop-recording", "recordings/stop"),
    ("start-live-streaming", "live-streaming/start"),
    ("update-live-streaming", "live-streaming/update"),
    ("stop-live-streaming", "live-streaming/stop"),
    ("start-transcription", "transcription/start"),
    ("update-transcription", "transcription/update"),
    ("stop-transcription", "transcription/stop"),
];

#[tokio::test]
async fn they_are_answered_as_the_operations_of_the_api() {
    let call = call().await;
    for (operation, path) in OPERATIONS {
        for body in
            [json!({}), json!({ "language": 7 }), json!({ "rtmpUrl": "rtmp://a.example/b" })]
        {
            let asked = call.act(&call.owner, operation, body.clone()).await;
            let path = format!("/v1/rooms/standup/{path}");
            let told = call.server.key().post(&path, body).await;
            assert_eq!((asked.status, asked.body), (told.status, told.body), "{operation}");
        }
    }
    let asked = call.act(&call.owner, "start-recording", Value::Null).await;
    assert_eq!(asked.status, StatusCode::NOT_IMPLEMENTED, "{asked}");
}

#[tokio::test]
async fn they_need_the_permission_and_somebody_who_is_still_there() {
    let mut call = call().await;
    for (operation, _) in OPERATIONS {
        let refused = call.act(&call.guest, operation, json!({})).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{operation}: {refused}");
        let is_transcription = operation.ends_with("transcription");
        let scribe = call.act(&call.scribe, operation, json!({})).await;
        assert_eq!(scribe.status == StatusCode::FORBIDDEN, !is_transcription, "{operation}");
    }
    // Permissions are those of now.
    let participants = json!({ (&call.scribe.id): { "permissions": { "canAdmin": false } } });
    let change = json!({ "type": "update_participants", "participants": participants });
    call.owner.say(&serde_json::from_value::<ClientMessage>(change).unwrap()).await;
    loop {
        match call.scribe.hear().await.expect("the room goes on") {
            ServerMessage::ParticipantUpdated { participant }
                if participant.id.to_string() == call.scribe.id =>
            {
                break;
            }
            _ => {}
        }
    }
    let refused = call.act(&call.scribe, "start-transcription", json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");

    let Call { server, owner, .. } = call;
    let pass = owner.log_pass.clone();
    owner.leave().await;
    let body = json!({ "pass": pass, "operation": "start-recording" }).to_string();
    let refused = server.anonymous_post("/_parlor/act", &body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
}

#[tokio::test]
async fn nonsense_is_refused() {
    let server = TestServer::start().await;
    for (body, status) in [
        (json!({}), StatusCode::BAD_REQUEST),
        (json!({ "pass": 1 }), StatusCode::BAD_REQUEST),
        (json!({ "pass": "x", "operation": "start-recording" }), StatusCode::FORBIDDEN),
        (json!([]), StatusCode::BAD_REQUEST),
    ] {
        let answer = server.anonymous_post("/_parlor/act", &body.to_string()).await;
        assert_eq!(answer.status, status, "{answer}");
    }
    server.key().create_room("standup", json!({})).await;
    let joined = server.anonymous_post("/_parlor/join", r#"{"room":"standup"}"#).await;
    for (operation, body) in [("dance", json!({})), ("start-recording", json!(7))] {
        let pass = &joined.body["log_pass"];
        let wanted = json!({ "pass": pass, "operation": operation, "body": body });
        let answer = server.anonymous_post("/_parlor/act", &wanted.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    }
}
