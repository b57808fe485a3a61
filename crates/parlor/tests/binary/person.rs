//! Somebody in a call, by the socket that the call page uses.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use super::process::{Dev, request_as};

/// More than the server says to somebody whom it is about to remove.
const MESSAGES: usize = 8;

/// Is in a room until dropped.
pub(super) struct Person {
    /// The session id.
    pub(super) id: String,
    socket: WebSocket<TcpStream>,
}

impl Person {
    /// Goes in without a token.
    pub(super) fn enter(dev: &Dev, room: &str) -> Self {
        Self::enter_with(dev, room, None)
    }

    /// Goes in, and returns when the room has said welcome.
    pub(super) fn enter_with(dev: &Dev, room: &str, token: Option<&str>) -> Self {
        let host = dev.field("url").strip_prefix("http://").unwrap();
        Self::enter_by(dev, host, &json!({"room": room, "token": token}))
    }

    /// Goes into a room of the organization of that domain.
    pub(super) fn enter_at(dev: &Dev, domain: &str, room: &str) -> Self {
        let (_, port) = dev.field("url").rsplit_once(':').unwrap();
        Self::enter_by(dev, &format!("{domain}.localhost:{port}"), &json!({"room": room}))
    }

    fn enter_by(dev: &Dev, name: &str, wanted: &Value) -> Self {
        let (url, join) = (dev.field("url"), ("POST", "/_parlor/join"));
        let (status, answer) = request_as(url, name, "", join, &wanted.to_string());
        assert_eq!(status, 200, "{answer}");
        let host = url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let call = format!("ws://{host}{}", answer["call_url"].as_str().unwrap());
        let (mut socket, _) = tungstenite::client(call, stream).unwrap();
        let hello = json!({"type": "hello", "ticket": answer["ticket"]});
        socket.send(Message::text(hello.to_string())).unwrap();
        let welcome = socket.read().unwrap();
        let welcome: Value = serde_json::from_str(welcome.to_text().unwrap()).unwrap();
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        Self { id: answer["participant"].as_str().unwrap().to_owned(), socket }
    }

    /// Stays until the server removes everybody, and says why it did.
    pub(super) fn removed(mut self) -> String {
        // The server's pings come as well, for as long as somebody is there.
        for _ in 0..MESSAGES {
            let message = self.socket.read().unwrap();
            if let Ok(Value::Object(said)) = serde_json::from_str(message.to_text().unwrap())
                && said["type"] == "removed"
            {
                return said["reason"].as_str().unwrap().to_owned();
            }
        }
        panic!("nobody was removed");
    }
}
