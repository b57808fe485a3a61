//! A node behind a real HTTP server, and call sockets that speak to it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use parlor_bus::{Bus, FactStream, Requests, TicketKey};
use parlor_media::{MediaConfig, MediaNode, NodeStats, WallClock};
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_model::command::{Command, Reply};
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Longest wait for anything that is to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What tickets are sealed with.
pub(crate) const KEY: [u8; 32] = [42; 32];

/// A node and everything around it.
pub(crate) struct TestNode {
    pub(crate) node: MediaNode,
    pub(crate) bus: Bus,
    pub(crate) http: SocketAddr,
    pub(crate) facts: FactStream,
    /// How far the node's wall clock is ahead, in milliseconds.
    ahead: Arc<AtomicI64>,
    key: TicketKey,
    _server: JoinSet<()>,
}

pub(crate) fn config(key: TicketKey) -> MediaConfig {
    MediaConfig {
        threads: Some(2),
        udp_port: 0,
        max_load: 100,
        own_receivers: parlor_media::OWN_RECEIVERS,
        ips: vec![LOOPBACK],
        announce: Vec::new(),
        streams: parlor_media::StreamConfig::default(),
        ticket_key: key,
        facts: parlor_bus::facts().0,
        wall_clock: parlor_media::system_clock(),
    }
}

impl TestNode {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With a configuration changed like this.
    pub(crate) async fn start_with(change: impl FnOnce(&mut MediaConfig)) -> Self {
        let key = TicketKey::from_bytes(KEY);
        let (bus, requests): (Bus, Requests) = Bus::local();
        let (facts, fact_stream) = parlor_bus::facts();
        let ahead = Arc::<AtomicI64>::default();
        let wall_clock = moved_clock(&ahead);
        let mut config = MediaConfig { facts, wall_clock, ..config(key.clone()) };
        change(&mut config);
        let node = MediaNode::start(config, requests).unwrap();
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let http = listener.local_addr().unwrap();
        let router = node.router();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { node, bus, http, facts: fact_stream, ahead, key, _server: server }
    }

    /// Moves the wall clock of everybody.
    pub(crate) async fn advance(&self, millis: i64) {
        self.ahead.fetch_add(millis, Ordering::Relaxed);
        let done = self.bus.request(Command::AdvanceClock { millis }).await;
        assert_eq!(done, Ok(Reply::Done));
    }

    /// A ticket for this room, for somebody new.
    pub(crate) fn ticket(&self, room: RoomId) -> Ticket {
        static LAST: AtomicU8 = AtomicU8::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [number; 16];
        bytes[..4].copy_from_slice(&std::process::id().to_be_bytes());
        Ticket {
            org: org(),
            room,
            room_name: "standup".to_owned(),
            participant: ParticipantId::from_random(bytes),
            // Rooms remember redeemed tickets until these expire; short ones
            // let a test see its room go.
            expires_at: now().plus_millis(1500),
            user_id: None,
            user_name: format!("guest {number}"),
            is_owner: false,
            permissions: Permissions::participant(),
            is_audience: false,
            eject: EjectLimits::default(),
            max_participants: 10,
            org_places: None,
            is_unique_user: false,
            access: TicketAccess::Full,
            is_check: false,
        }
    }

    pub(crate) fn seal(&self, ticket: &Ticket) -> String {
        self.key.seal(ticket)
    }

    /// A call socket that has said nothing yet.
    pub(crate) async fn socket(&self) -> CallSocket {
        let url = format!("ws://{}/_parlor/call", self.http);
        let (stream, _response) = tokio_tungstenite::connect_async(url).await.unwrap();
        CallSocket { stream }
    }

    /// A call socket that was let in, and who it is.
    pub(crate) async fn join(&self, room: RoomId) -> (CallSocket, ParticipantId) {
        let (socket, participant, _secret) = self.join_with_secret(room).await;
        (socket, participant)
    }

    pub(crate) async fn join_with_secret(
        &self,
        room: RoomId,
    ) -> (CallSocket, ParticipantId, String) {
        let ticket = self.ticket(room);
        let mut socket = self.socket().await;
        socket.hello(self.seal(&ticket)).await;
        let secret = socket
            .until(|message| match message {
                ServerMessage::Welcome { participant, resume_secret, .. } => {
                    assert_eq!(participant.id, ticket.participant);
                    Some(resume_secret)
                }
                _ => None,
            })
            .await;
        (socket, ticket.participant, secret)
    }

    /// Waits until the node's figures satisfy the condition.
    pub(crate) async fn until(&self, is_met: impl Fn(&NodeStats) -> bool) {
        let polled = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            while !is_met(&self.node.stats()) {
                ticks.tick().await;
            }
        };
        if timeout(PATIENCE, polled).await.is_err() {
            panic!("never came to be; last: {:?}", self.node.stats());
        }
    }
}

/// A client's end of a call socket.
pub(crate) struct CallSocket {
    pub(crate) stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl CallSocket {
    pub(crate) async fn hello(&mut self, ticket: String) {
        self.say(&ClientMessage::Hello { ticket, user_data: None }).await;
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        self.send(Message::text(serde_json::to_string(message).unwrap())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// The next message of the room.
    pub(crate) async fn next(&mut self) -> ServerMessage {
        loop {
            match self.next_frame().await {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    /// What the room has said up to now: everything before its answer to a ping.
    pub(crate) async fn said(&mut self) -> Vec<ServerMessage> {
        self.say(&ClientMessage::Ping).await;
        let mut said = Vec::new();
        loop {
            match self.next().await {
                ServerMessage::Pong => return said,
                message => said.push(message),
            }
        }
    }

    /// Skips messages until one is picked.
    pub(crate) async fn until<T>(&mut self, pick: impl Fn(ServerMessage) -> Option<T>) -> T {
        let picked = async {
            loop {
                if let Some(picked) = pick(self.next().await) {
                    return picked;
                }
            }
        };
        timeout(PATIENCE, picked).await.expect("what was waited for was not said")
    }

    /// Closes the socket and waits until the node has closed it, too.
    pub(crate) async fn closed_by_us(mut self) {
        self.stream.close(None).await.unwrap();
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    /// Skips everything until the socket is closed: the code and reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        let closed = async {
            loop {
                if let Message::Close(close) = self.next_frame().await {
                    let close = close.expect("the node always says why");
                    return (close.code.into(), close.reason.to_string());
                }
            }
        };
        timeout(PATIENCE, closed).await.expect("the socket was not closed")
    }

    async fn next_frame(&mut self) -> Message {
        let frame = timeout(PATIENCE, self.stream.next()).await.expect("nothing was said");
        frame.expect("the socket ended").unwrap()
    }
}

pub(crate) fn org() -> OrgId {
    OrgId::from_random([9; 16])
}

pub(crate) fn room(n: u8) -> RoomId {
    RoomId::from_random([n; 16])
}

pub(crate) fn now() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixMillis::new(i64::try_from(since_epoch.as_millis()).unwrap())
}

fn moved_clock(ahead: &Arc<AtomicI64>) -> WallClock {
    let ahead = Arc::clone(ahead);
    Arc::new(move || now().plus_millis(ahead.load(Ordering::Relaxed)))
}
