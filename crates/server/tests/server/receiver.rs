//! A receiver of webhooks that does what it is told, right or wrong.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Conduct {
    /// Answers with this status.
    Status(u16),
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends this again and again, until the other side has enough.
    Endless { head: &'static str, again: &'static [u8], every: Duration },
    /// Takes the request and says nothing.
    Silence,
}

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The first line.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The id of the event, or nothing for the test message.
    pub(crate) fn event(&self) -> String {
        self.json()["id"].as_str().unwrap_or_default().to_owned()
    }
}

/// A receiver on loopback, until it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    conduct: Arc<Mutex<Conduct>>,
    received: mpsc::Receiver<Received>,
    _tasks: JoinSet<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let conduct = Arc::new(Mutex::new(Conduct::Status(200)));
        let (sender, received) = mpsc::channel(10_000);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&conduct), sender));
        Self { address, conduct, received, _tasks: tasks }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// From the next request on.
    pub(crate) fn conduct(&self, conduct: Conduct) {
        *self.conduct.lock().unwrap() = conduct;
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(PATIENCE, self.received.recv()).await;
        next.expect("a request comes in").unwrap()
    }

    /// The events of the next requests.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.next().await.event());
        }
        events
    }

    /// What came in and was not looked at.
    pub(crate) fn rest(&mut self) -> Vec<Received> {
        let mut rest = Vec::new();
        while let Ok(received) = self.received.try_recv() {
            rest.push(received);
        }
        rest
    }
}

async fn accept(
    listener: TcpListener,
    conduct: Arc<Mutex<Conduct>>,
    sender: mpsc::Sender<Received>,
) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (conduct, sender) = (Arc::clone(&conduct), sender.clone());
        connections.spawn(async move {
            // The other side may hang up whenever it likes.
            drop(serve(stream, &conduct, &sender).await);
        });
    }
}

async fn serve(
    stream: TcpStream,
    conduct: &Mutex<Conduct>,
    sender: &mpsc::Sender<Received>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(received) = read(&mut stream).await? {
        let now = conduct.lock().unwrap().clone();
        sender.send(received).await.unwrap();
        match now {
            Conduct::Status(status) => {
                let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 2\r\n\r\nok");
                stream.write_all(answer.as_bytes()).await?;
            }
            Conduct::Bytes(bytes) => return stream.write_all(&bytes).await,
            Conduct::Endless { head, again, every } => {
                stream.write_all(head.as_bytes()).await?;
                loop {
                    stream.write_all(again).await?;
                    stream.flush().await?;
                    tokio::time::sleep(every).await;
                }
            }
            Conduct::Silence => std::future::pending().await,
        }
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Received>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut received = Received { line: lines[0].clone(), headers, body: String::new() };
    let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    received.body = String::from_utf8(body).unwrap();
    Ok(Some(received))
}
