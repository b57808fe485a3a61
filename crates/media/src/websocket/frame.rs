//! Text frames ↔ call messages.

use axum::extract::ws::{CloseFrame, Message};
use parlor_model::call::{ClientMessage, MAX_MESSAGE_BYTES, ServerMessage};
use serde_json::error::Category;
use tungstenite::Error as SocketError;

use crate::outgoing::Closing;

/// Longest explanation sent back, in characters. Parser errors quote what they
/// did not expect, which may be long.
const MAX_INFO_CHARS: usize = 300;

pub(super) const BINARY: Closing = Closing { code: 1003, reason: "messages are JSON text frames" };
pub(super) const NOT_JSON: Closing = Closing { code: 1007, reason: "a message was not JSON" };
pub(super) const TOO_LONG: Closing =
    Closing { code: 1009, reason: "a message was longer than 262144 bytes" };
const NOT_UTF8: Closing = Closing { code: 1007, reason: "a text frame was not UTF-8" };
const BROKEN: Closing = Closing { code: 1002, reason: "a frame broke the WebSocket protocol" };

const _: () = assert!(MAX_MESSAGE_BYTES == 262_144, "TOO_LONG names the limit");

/// What a text frame holds.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// A message of the protocol.
    Message(ClientMessage),
    /// JSON, but no message we know: what to answer.
    Rejected(Box<ServerMessage>),
}

/// Reads a text frame.
pub(super) fn read(text: &str) -> Result<Content, Closing> {
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(TOO_LONG);
    }
    match serde_json::from_str(text) {
        Ok(message) => Ok(Content::Message(message)),
        Err(error) if error.classify() == Category::Data => {
            let message = kind_of(text);
            let info = shorten(&error.to_string(), MAX_INFO_CHARS);
            let answer = ServerMessage::Rejected { message, info };
            Ok(Content::Rejected(Box::new(answer)))
        }
        Err(_syntax) => Err(NOT_JSON),
    }
}

/// The frame that closes a socket.
pub(super) fn close(closing: Closing) -> Message {
    Message::Close(Some(CloseFrame { code: closing.code, reason: closing.reason.into() }))
}

/// How to close after the library refused a frame. `None`: the connection is
/// gone, there is nobody to tell.
pub(super) fn closing_for(error: axum::Error) -> Option<Closing> {
    match error.into_inner().downcast_ref::<SocketError>()? {
        SocketError::Capacity(_) => Some(TOO_LONG),
        SocketError::Utf8(_) => Some(NOT_UTF8),
        SocketError::Protocol(_) => Some(BROKEN),
        _ => None,
    }
}

fn kind_of(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    shorten(value.get("type").and_then(|kind| kind.as_str()).unwrap_or_default(), 64)
}

fn shorten(text: &str, chars: usize) -> String {
    text.char_indices().nth(chars).map_or_else(|| text.to_owned(), |(end, _)| text[..end].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read() {
        assert_eq!(read(r#"{"type":"leave"}"#), Ok(Content::Message(ClientMessage::Leave)));
    }

    #[test]
    fn json_that_is_no_message_is_rejected_by_its_type() {
        for (text, kind) in [
            (r#"{"type":"dance"}"#, "dance"),
            (r#"{"type":"publish","source":"cam-audio"}"#, "publish"),
            (r#"{"type":"set_user_name","name":"a","now":true}"#, "set_user_name"),
            (r#"{"type":7}"#, ""),
            ("{}", ""),
            ("[]", ""),
            ("null", ""),
            ("3", ""),
        ] {
            let content = read(text).unwrap();
            let Content::Rejected(answer) = content else { panic!("{text} is taken") };
            let ServerMessage::Rejected { message, info } = *answer else { panic!("{text}") };
            assert_eq!(message, kind, "{text}");
            assert!(!info.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_closes() {
        for text in ["", "{", r#"{"type":"leave""#, r#"{"type":"leave"} x"#, "\u{0}", "leave"] {
            assert_eq!(read(text), Err(NOT_JSON), "{text}");
        }
        let deep = format!(r#"{{"type":"set_user_data","data":{}1}}"#, "[".repeat(100_000));
        assert_eq!(read(&deep), Err(NOT_JSON));
    }

    #[test]
    fn over_long_messages_close() {
        let text = format!(r#"{{"type":"set_user_name","name":"{}"}}"#, "x".repeat(262_144));
        assert_eq!(read(&text), Err(TOO_LONG));
    }

    #[test]
    fn answers_quote_little() {
        let text = format!(r#"{{"type":"{}"}}"#, "ä".repeat(100_000));
        let Ok(Content::Rejected(answer)) = read(&text) else { panic!("not rejected") };
        assert!(serde_json::to_string(&answer).unwrap().len() < 1000);
    }
}
