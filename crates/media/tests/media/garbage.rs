//! What nobody should send. The node answers or closes, and the next join
//! works.

use std::net::UdpSocket;

use parlor_model::call::ServerMessage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{PATIENCE, TestNode, room};

/// Frames that close a socket, with the code they close it with.
fn closing_frames() -> Vec<(Message, u16)> {
    let long_name = |chars: usize| {
        Message::text(format!(r#"{{"type":"set_user_name","name":"{}"}}"#, "x".repeat(chars)))
    };
    let text = |bytes: &'static [u8]| {
        Message::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true))
    };
    vec![
        (Message::text(""), 1007),
        (Message::text("{"), 1007),
        (Message::text("\u{0}\u{1}"), 1007),
        (Message::text(r#"{"type":"leave"} trailing"#), 1007),
        (Message::text(format!(r#"{{"type":"set_user_data","data":{}"#, "[".repeat(9_999))), 1007),
        (text(b"\"\xff\xfe\""), 1007),
        (Message::binary(vec![1, 2, 3]), 1003),
        (Message::binary(Vec::new()), 1003),
        (long_name(256 * 1024), 1009),
        (long_name(1024 * 1024), 1009),
        (Message::Frame(Frame::message("x", OpCode::Data(Data::Continue), true)), 1002),
    ]
}

#[tokio::test]
async fn bad_frames_before_hello_close_the_socket() {
    let node = TestNode::start().await;
    for (frame, code) in closing_frames() {
        let mut socket = node.socket().await;
        let shown = format!("{frame:.60?}");
        socket.send(frame).await;
        assert_eq!(socket.closed().await.0, code, "{shown}");
    }
    node.join(room(1)).await;
}

#[tokio::test]
async fn silent_sockets_of_one_address_use_up_its_share_and_no_more() {
    let node = TestNode::start().await;
    let mut silent = Vec::new();
    for _ in 0..parlor_media::MAX_AT_THE_DOOR_PER_ADDRESS {
        silent.push(node.socket().await);
    }
    // Nothing in front of this node says who asks, so that all are alike.
    let url = format!("ws://{}/_parlor/call", node.http);
    let refused = tokio_tungstenite::connect_async(url).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(answer)) = refused else {
        panic!("let in");
    };
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    silent.pop().unwrap().closed_by_us().await;
    node.join(room(1)).await;
}

#[tokio::test]
async fn bad_frames_in_a_call_close_the_socket_and_nobody_elses() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    for (frame, code) in closing_frames() {
        let (mut socket, _) = node.join(room(2)).await;
        let shown = format!("{frame:.60?}");
        socket.send(frame).await;
        assert_eq!(socket.closed().await.0, code, "{shown}");
        // The stay is in its grace time; end it, for the room has ten seats.
        node.bus
            .request(parlor_model::command::Command::EndRoom {
                room: room(2),
                reason: parlor_model::command::EndReason::Shutdown,
            })
            .await
            .unwrap();
    }
    ana.say(&parlor_model::call::ClientMessage::Ping).await;
    ana.until(|message| matches!(message, ServerMessage::Pong).then_some(())).await;
}

#[tokio::test]
async fn first_message_must_be_hello_or_resume() {
    let node = TestNode::start().await;
    for text in [r#"{"type":"ping"}"#, r#"{"type":"leave"}"#, "{}", "[]", r#"{"type":"hello"}"#] {
        let mut socket = node.socket().await;
        socket.send(Message::text(text)).await;
        let (code, reason) = socket.closed().await;
        assert_eq!((code, reason.contains("hello")), (1008, true), "{text}");
    }
}

#[tokio::test]
async fn unknown_messages_are_rejected_by_name_and_the_call_goes_on() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    for (text, kind) in [
        (r#"{"type":"dance"}"#, "dance"),
        (r#"{"type":"publish"}"#, "publish"),
        (r#"{"type":"offer","sdp":7,"sends":[],"slots":[]}"#, "offer"),
        ("3", ""),
        (&"[".repeat(10_000), ""),
    ] {
        ana.send(Message::text(text)).await;
        let rejected = ana
            .until(|message| match message {
                ServerMessage::Rejected { message, .. } => Some(message),
                _ => None,
            })
            .await;
        assert_eq!(rejected, kind, "{text}");
    }
}

#[tokio::test]
async fn half_a_frame_and_a_cut_line_do_no_harm() {
    let node = TestNode::start().await;
    for bytes in [&b""[..], b"\x81", b"\x81\xfe\xff", b"\x81\x85\x01\x02\x03\x04\x05"] {
        let mut stream = upgraded(&node).await;
        stream.write_all(bytes).await.unwrap();
        drop(stream);
    }
    node.join(room(1)).await;
    node.until(|stats| stats.rooms == 1 && stats.participants == 1).await;
}

/// A TCP connection on which the WebSocket handshake is done.
async fn upgraded(node: &TestNode) -> TcpStream {
    let mut stream = TcpStream::connect(node.http).await.unwrap();
    let request = format!(
        "GET /_parlor/call HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        node.http
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    stream
}

#[tokio::test]
async fn plain_request_is_told_what_this_is() {
    let node = TestNode::start().await;
    let mut stream = TcpStream::connect(node.http).await.unwrap();
    let request =
        format!("GET /_parlor/call HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", node.http);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains(r#"{"error":"invalid-request-error","info":"the call socket is"#));
}

#[tokio::test]
async fn garbage_datagrams_are_counted_and_dropped() {
    let node = TestNode::start().await;
    let (mut ana, _) = node.join(room(1)).await;
    let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let datagrams = garbage_datagrams();
    let addrs = node.node.udp_addrs();
    for addr in &addrs {
        for datagram in &datagrams {
            socket.send_to(datagram, addr).unwrap();
        }
    }
    // What was sent last arrives last; anything before it may be lost in a
    // full buffer, but most is not.
    let least = (addrs.len() * datagrams.len() / 2) as u64;
    node.until(|stats| {
        let unknown: u64 = stats.workers.iter().map(|worker| worker.packets_unknown).sum();
        unknown >= least
    })
    .await;
    ana.say(&parlor_model::call::ClientMessage::Ping).await;
    ana.until(|message| matches!(message, ServerMessage::Pong).then_some(())).await;
    node.join(room(1)).await;
}

fn garbage_datagrams() -> Vec<Vec<u8>> {
    // A binding request with a user name that nobody has.
    let mut stun = vec![0, 1, 0, 16, 0x21, 0x12, 0xA4, 0x42];
    stun.extend([7; 12]);
    stun.extend([0, 6, 0, 9]);
    stun.extend(b"nobody:me\0\0\0");
    let mut datagrams: Vec<Vec<u8>> = (0..stun.len()).map(|end| stun[..end].to_vec()).collect();
    datagrams.push(stun);
    for first in 0..=255u8 {
        for length in [1, 2, 12, 20, 100, 1200] {
            let mut bytes = vec![first.wrapping_mul(31); length];
            bytes[0] = first;
            datagrams.push(bytes);
        }
    }
    datagrams
}
