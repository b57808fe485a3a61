//! API and live rooms together: a real media node, and call sockets through
//! the listener.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::StatusCode;
use futures_util::{SinkExt as _, StreamExt as _};
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_model::event::LeaveReason;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::bad_input::request;
use crate::support::TestServer;

/// Longest wait for anything that is to happen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A participant: somebody on a call socket.
pub(crate) struct Participant {
    pub(crate) id: String,
    /// As the join gave it.
    pub(crate) log_pass: String,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Participant {
    /// Asks to join over HTTP and redeems the ticket on the call socket.
    pub(crate) async fn join(address: SocketAddr, wanted: &Value) -> Self {
        let (participant, welcome) = Self::arrive(address, wanted).await;
        assert!(matches!(welcome, Some(ServerMessage::Welcome { .. })), "{welcome:?}");
        participant
    }

    /// The same, wherever it leads: and the room's first word.
    pub(crate) async fn arrive(
        address: SocketAddr,
        wanted: &Value,
    ) -> (Self, Option<ServerMessage>) {
        Self::ask(address, wanted).await.enter().await
    }

    /// Asks to join over HTTP alone.
    pub(crate) async fn ask(address: SocketAddr, wanted: &Value) -> Asked {
        let body = wanted.to_string();
        let head = format!(
            "POST /_parlor/join HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let answer = request(address, head + &body).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        Asked { address, answer: serde_json::from_str(body).unwrap() }
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        let text = serde_json::to_string(message).unwrap();
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Leaves, and says who it was once the room has let go.
    pub(crate) async fn leave(mut self) -> String {
        self.say(&ClientMessage::Leave).await;
        while self.hear().await.is_some() {}
        self.id
    }

    /// The next message of the room; `None` once the socket is closed.
    pub(crate) async fn hear(&mut self) -> Option<ServerMessage> {
        let hearing = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Some(serde_json::from_str(&text).unwrap());
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        timeout(PATIENCE, hearing).await.expect("a message, or the end")
    }
}

/// Somebody with a ticket.
pub(crate) struct Asked {
    address: SocketAddr,
    answer: Value,
}

impl Asked {
    /// Redeems it on the call socket: and the room's first word.
    pub(crate) async fn enter(self) -> (Participant, Option<ServerMessage>) {
        let answer = self.answer;
        let url = format!("ws://{}{}", self.address, answer["call_url"].as_str().unwrap());
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let id = answer["participant"].as_str().unwrap().to_owned();
        let log_pass = answer["log_pass"].as_str().unwrap().to_owned();
        let mut participant = Participant { id, log_pass, socket };
        let ticket = answer["ticket"].as_str().unwrap().to_owned();
        participant.say(&ClientMessage::Hello { ticket, user_data: None }).await;
        let first = participant.hear().await;
        (participant, first)
    }
}

#[tokio::test]
async fn who_joined_is_present_and_who_left_is_not() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({})).await;
    let token = server
        .key()
        .make_token(json!({ "room_name": "standup", "user_name": "Ana", "user_id": "u-1" }))
        .await;
    let mut ana = Participant::join(address, &json!({ "room": "standup", "token": token })).await;
    let bo = Participant::join(address, &json!({ "room": "standup", "user_name": "Bo" })).await;
    let answer = server.key().get("/v1/rooms/standup/presence").await;
    assert_eq!(answer.body["total_count"], 2, "{answer}");
    let first = &answer.body["data"][0];
    assert_eq!((&first["id"], &first["userId"]), (&json!(ana.id), &json!("u-1")));
    assert_eq!((&first["userName"], &first["room"]), (&json!("Ana"), &json!("standup")));
    assert_eq!(answer.body["data"][1]["id"], bo.id);
    ana.say(&ClientMessage::Leave).await;
    while ana.hear().await.is_some() {}
    let answer = server.key().get("/v1/presence").await;
    let people = answer.body["standup"].as_array().unwrap();
    assert_eq!(people.len(), 1, "{answer}");
    assert_eq!(people[0]["userName"], "Bo");
}

#[tokio::test]
async fn deleting_the_room_removes_everybody_in_it() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({})).await;
    let mut ana = Participant::join(address, &json!({ "room": "standup" })).await;
    assert_eq!(server.key().delete("/v1/rooms/standup").await.status, StatusCode::OK);
    let mut last = None;
    while let Some(message) = ana.hear().await {
        last = Some(message);
    }
    assert!(
        matches!(last, Some(ServerMessage::Removed { reason: LeaveReason::RoomEnded })),
        "{last:?}"
    );
    assert_eq!(server.key().get("/v1/presence").await.body, json!({}));
}

#[tokio::test]
async fn room_that_is_full_says_so_at_the_door_and_lets_in_again_when_somebody_left() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({ "max_participants": 1 })).await;
    let mut ana = Participant::join(address, &json!({ "room": "standup" })).await;
    let ask = || server.anonymous_post("/_parlor/join", r#"{"room":"standup"}"#);
    let refused = ask().await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused}");
    assert_eq!(refused.body["reason"], "meeting-full");
    ana.say(&ClientMessage::Leave).await;
    while ana.hear().await.is_some() {}
    assert_eq!(ask().await.status, StatusCode::OK);
}

#[tokio::test]
async fn ready_as_long_as_the_media_node_runs() {
    let (mut server, _) = TestServer::with_media().await;
    assert_eq!(server.anonymous().get("/readyz").await.status, StatusCode::OK);
    server.media.take().unwrap().shutdown().await;
    server.clock.advance(1);
    let answer = server.anonymous().get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
}

#[tokio::test]
async fn call_socket_is_refused_in_our_envelope_too() {
    let (server, _) = TestServer::with_media().await;
    let answer = server.anonymous().post("/_parlor/call", json!({})).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{answer}");
    assert_eq!(answer.body["error"], "invalid-request-error", "{answer}");
    let answer = server.anonymous().get("/_parlor/call").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn history_has_the_meeting_and_every_stay_to_the_second() {
    let (mut server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({})).await;
    let token = json!({ "room_name": "standup", "user_name": "Ana", "user_id": "u-1" });
    let token = server.key().make_token(token).await;
    let wanted = json!({ "room": "standup", "token": token });
    let start = server.now();
    let ana = Participant::join(address, &wanted).await;
    server.advance_everywhere(5).await;
    let bo = Participant::join(address, &json!({ "room": "standup", "user_name": "Bo" })).await;
    server.advance_everywhere(10).await;
    let first = ana.leave().await;
    server.advance_everywhere(3).await;
    let ana = Participant::join(address, &wanted).await;
    let second = ana.id.clone();
    server.wait_for_facts(5).await;
    let running = server.key().get("/v1/meetings?ongoing=true").await.body["data"][0].clone();
    assert_eq!((&running["ongoing"], &running["duration"]), (&json!(true), &json!(18)));
    server.advance_everywhere(2).await;
    ana.leave().await;
    server.advance_everywhere(3).await;
    let third = bo.leave().await;
    server.wait_for_facts(8).await;

    let presence = server.key().get("/v1/presence").await;
    assert_eq!(presence.body, json!({}));
    let meetings = server.key().get("/v1/meetings").await;
    let meeting = &meetings.body["data"][0];
    assert_eq!(meetings.body["total_count"], 1, "{meetings}");
    let stay = |id: &str, user: Option<&str>, name: &str, joined: i64, duration: i64| {
        json!({ "user_id": user, "participant_id": id, "user_name": name,
            "join_time": start + joined, "duration": duration })
    };
    let people = json!([
        stay(&first, Some("u-1"), "Ana", 0, 15),
        stay(&third, None, "Bo", 5, 18),
        stay(&second, Some("u-1"), "Ana", 18, 2),
    ]);
    let expected = json!({ "id": meeting["id"], "room": "standup", "start_time": start,
        "duration": 23, "ongoing": false, "max_participants": 2, "participants": people });
    assert_eq!(meeting, &expected);
    let path = format!("/v1/meetings/{}/participants", meeting["id"].as_str().unwrap());
    assert_eq!(server.key().get(&path).await.body["data"], people);
    server.stop_in_order().await;
}

#[tokio::test]
async fn stopping_in_order_ends_every_meeting_in_the_records() {
    let (mut server, address) = TestServer::with_media().await;
    server.key().create_room("standup", json!({})).await;
    let _ana = Participant::join(address, &json!({ "room": "standup" })).await;
    server.advance_everywhere(5).await;
    let _bo = Participant::join(address, &json!({ "room": "standup" })).await;
    server.advance_everywhere(7).await;
    server.stop_in_order().await;
    let meetings = server.key().get("/v1/meetings").await;
    let meeting = &meetings.body["data"][0];
    assert_eq!(
        (&meeting["ongoing"], &meeting["duration"]),
        (&json!(false), &json!(12)),
        "{meetings}"
    );
    let people = meeting["participants"].as_array().unwrap();
    assert_eq!(people.iter().map(|one| &one["duration"]).collect::<Vec<_>>(), [12, 7]);
}

#[tokio::test]
async fn audience_is_hidden_sees_owners_only_and_is_counted_nowhere() {
    let (server, address) = TestServer::with_media().await;
    server.key().create_room("talk", json!({ "enable_hidden_participants": true })).await;
    let guest = Participant::join(address, &json!({ "room": "talk" })).await;
    let owner = json!({ "room_name": "talk", "is_owner": true });
    let token = server.key().make_token(owner).await;
    let host = Participant::join(address, &json!({ "room": "talk", "token": token })).await;
    let shown = json!({ "room_name": "talk", "permissions": { "hasPresence": true } });
    let token = server.key().make_token(shown).await;
    let speaker = Participant::join(address, &json!({ "room": "talk", "token": token })).await;
    let answer = server.key().get("/v1/rooms/talk/presence").await;
    let present: Vec<_> =
        answer.body["data"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(present, [&json!(host.id), &json!(speaker.id)], "{answer}");
    drop(host);
    let mut guest = guest;
    // The host came, and then nobody else whom they could see.
    let mut seen = Vec::new();
    guest.say(&ClientMessage::Ping).await;
    while let Some(message) = guest.hear().await {
        match message {
            ServerMessage::ParticipantJoined { participant } => {
                seen.push(participant.id.to_string());
            }
            ServerMessage::Pong => break,
            _ => {}
        }
    }
    assert_eq!(seen.len(), 1);
    assert_ne!(seen[0], speaker.id);
}

#[tokio::test]
async fn silent_call_sockets_of_one_address_keep_nobody_else_out() {
    let (_server, address) = TestServer::with_media().await;
    let open = |from: &'static str| async move {
        let url = format!("ws://{address}/_parlor/call");
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", from.parse().unwrap());
        tokio_tungstenite::connect_async(request).await
    };
    let mut silent = Vec::new();
    for _ in 0..parlor_media::MAX_AT_THE_DOOR_PER_ADDRESS {
        silent.push(open("203.0.113.9").await.unwrap());
    }
    assert!(open("203.0.113.9").await.is_err());
    assert!(open("203.0.113.10").await.is_ok());
    assert!(open("2001:db8::1").await.is_ok());
}
