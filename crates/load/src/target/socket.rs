//! A WebSocket with a patience.

use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long an answer may take, also of a server that is very busy.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a server sends.
pub(super) enum Frame {
    Text(String),
    Binary(Vec<u8>),
}

impl Socket {
    pub(super) async fn open(url: &str, protocol: Option<&str>) -> anyhow::Result<Self> {
        let mut request = url.into_client_request().context("no address of a WebSocket")?;
        if let Some(protocol) = protocol {
            let value = HeaderValue::from_str(protocol).context("no name of a protocol")?;
            request.headers_mut().insert("sec-websocket-protocol", value);
        }
        let opened = timeout(PATIENCE, connect_async(request)).await;
        let (socket, _response) = opened
            .context("the server does not open its WebSocket")?
            .with_context(|| format!("no WebSocket at {}", url.split('?').next().unwrap_or(url)))?;
        Ok(Self(socket))
    }

    pub(super) async fn say_text(&mut self, text: String) -> anyhow::Result<()> {
        self.0.send(Message::text(text)).await.context("the server closed its WebSocket")
    }

    pub(super) async fn say_bytes(&mut self, bytes: Vec<u8>) -> anyhow::Result<()> {
        self.0.send(Message::binary(bytes)).await.context("the server closed its WebSocket")
    }

    /// The next frame with content, however long it takes.
    pub(super) async fn next(&mut self) -> anyhow::Result<Frame> {
        loop {
            match self.0.next().await.context("the server closed its WebSocket")? {
                Ok(Message::Text(text)) => return Ok(Frame::Text(text.as_str().to_owned())),
                Ok(Message::Binary(bytes)) => return Ok(Frame::Binary(bytes.to_vec())),
                Ok(Message::Close(frame)) => bail!("the server closed its WebSocket: {frame:?}"),
                Ok(_) => {}
                Err(error) => return Err(error).context("the WebSocket broke"),
            }
        }
    }

    /// The next frame, soon.
    pub(super) async fn next_soon(&mut self) -> anyhow::Result<Frame> {
        timeout(PATIENCE, self.next()).await.context("the server does not answer")?
    }

    pub(super) async fn close(mut self) {
        // What cannot be closed is closed already.
        drop(timeout(PATIENCE, self.0.close(None)).await);
    }
}
