//! Somebody in a call, by the socket that the call page uses.

use std::net::TcpStream;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use super::process::{Dev, request};

/// Is in a room until dropped.
pub(super) struct Person {
    /// The session id.
    pub(super) id: String,
    _socket: WebSocket<TcpStream>,
}

impl Person {
    /// Goes in without a token.
    pub(super) fn enter(dev: &Dev, room: &str) -> Self {
        Self::enter_with(dev, room, None)
    }

    /// Goes in, and returns when the room has said welcome.
    pub(super) fn enter_with(dev: &Dev, room: &str, token: Option<&str>) -> Self {
        let (url, wanted) = (dev.field("url"), json!({"room": room, "token": token}));
        let (status, answer) = request(url, "", "POST", "/_parlor/join", &wanted.to_string());
        assert_eq!(status, 200, "{answer}");
        let host = url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(host).unwrap();
        let call = format!("ws://{host}{}", answer["call_url"].as_str().unwrap());
        let (mut socket, _) = tungstenite::client(call, stream).unwrap();
        let hello = json!({"type": "hello", "ticket": answer["ticket"]});
        socket.send(Message::text(hello.to_string())).unwrap();
        let welcome = socket.read().unwrap();
        let welcome: Value = serde_json::from_str(welcome.to_text().unwrap()).unwrap();
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        Self { id: answer["participant"].as_str().unwrap().to_owned(), _socket: socket }
    }
}
