//! A call that goes on while requests about it are measured: people on call
//! sockets, without media.

use std::thread;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use parlor_model::call::{ClientMessage, PING_INTERVAL_MS};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::client::{Client, request};
use crate::{Options, Outcome};

/// A running call; it ends when this is dropped.
pub(crate) struct Call {
    pub(crate) room: String,
    _until: DropGuard,
}

impl Call {
    /// Makes a room and lets `people` join it.
    pub(crate) fn begin(options: &Options, people: usize) -> Outcome<Self> {
        let mut client = Client::connect(options)?;
        let made = client.ask(&request(options, "POST", "/v1/rooms", "{}"))?;
        let made: Value = serde_json::from_str(&made)?;
        let room = made["name"].as_str().ok_or("a room has a name")?.to_owned();
        let until = CancellationToken::new();
        for _ in 0..people {
            let wanted = json!({"room": room}).to_string();
            let answer = client.ask(&request(options, "POST", "/_parlor/join", &wanted))?;
            let answer: Value = serde_json::from_str(&answer)?;
            let path = answer["call_url"].as_str().ok_or("a call socket")?;
            let url = format!("ws://{}{path}", options.host);
            let ticket = answer["ticket"].as_str().ok_or("a ticket")?.to_owned();
            stay(url, ticket, until.clone())?;
        }
        Ok(Self { room, _until: until.drop_guard() })
    }
}

/// Joins, and pings from a thread of its own until told to end.
fn stay(url: String, ticket: String, until: CancellationToken) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut socket = runtime.block_on(async {
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
        socket.send(said(&ClientMessage::Hello { ticket, user_data: None })?).await?;
        let welcome = socket.next().await.ok_or("no welcome")??;
        if !welcome.to_text()?.contains("welcome") {
            return Err(format!("not let in: {welcome}").into());
        }
        Outcome::Ok(socket)
    })?;
    thread::spawn(move || {
        let mut pings = Duration::ZERO;
        runtime.block_on(until.run_until_cancelled(async {
            loop {
                tokio::select! {
                    heard = socket.next() => if heard.is_none() { return },
                    () = tokio::time::sleep(pings) => {
                        pings = Duration::from_millis(u64::from(PING_INTERVAL_MS));
                        let Ok(ping) = said(&ClientMessage::Ping) else { return };
                        if socket.send(ping).await.is_err() {
                            return;
                        }
                    }
                }
            }
        }));
    });
    Ok(())
}

fn said(message: &ClientMessage) -> Outcome<Message> {
    Ok(Message::text(serde_json::to_string(message)?))
}
