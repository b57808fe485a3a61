//! A node, and the people in its rooms.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use futures_util::{SinkExt, StreamExt};
use parlor_bus::{Bus, TicketKey};
use parlor_media::{MediaConfig, MediaNode, system_clock};
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Everybody's organization.
pub(crate) fn org() -> OrgId {
    OrgId::from_random([1; 16])
}

/// The room with this number.
pub(crate) fn room(number: usize) -> RoomId {
    RoomId::from_random((number as u128).to_be_bytes())
}

/// A running node with people in it.
pub(crate) struct Crowd {
    pub(crate) bus: Bus,
    node: MediaNode,
    /// Of the first in the first room, whom nobody else reads for.
    first: Socket,
    /// The others' sockets are read, and what they hear is thrown away.
    tasks: JoinSet<()>,
}

impl Crowd {
    /// Starts a node and lets people join.
    pub(crate) async fn gather(people: usize, rooms: usize) -> Self {
        let key = TicketKey::from_bytes([7; 32]);
        let (bus, requests) = Bus::local();
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let config = MediaConfig {
            threads: None,
            udp_port: 0,
            max_load: 100,
            own_receivers: parlor_media::OWN_RECEIVERS,
            ips: vec![loopback],
            announce: Vec::new(),
            streams: parlor_media::StreamConfig::default(),
            ticket_key: key.clone(),
            facts: parlor_bus::facts().0,
            wall_clock: system_clock(),
        };
        let node = MediaNode::start(config, requests).expect("loopback has free ports");
        let listener = TcpListener::bind((loopback, 0)).await.expect("free ports");
        let address = listener.local_addr().expect("the listener is bound");
        let router = node.router();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.expect("it listens") });
        let first = join(address, &key, 0, room(0)).await;
        for number in 1..people {
            let socket = join(address, &key, number, room(number % rooms)).await;
            tasks.spawn(listen(socket));
        }
        Self { bus, node, first, tasks }
    }

    /// Waits until the first one hears what is meant.
    pub(crate) async fn first_hears(&mut self, is_meant: impl Fn(&ServerMessage) -> bool) {
        while !is_meant(&hear(&mut self.first).await) {}
    }

    /// Stops everything.
    pub(crate) async fn disperse(mut self) {
        self.node.shutdown().await;
        self.tasks.shutdown().await;
    }
}

async fn join(address: SocketAddr, key: &TicketKey, number: usize, room: RoomId) -> Socket {
    let ticket = Ticket {
        org: org(),
        room,
        room_name: format!("room-{room}"),
        participant: ParticipantId::from_random((number as u128).to_be_bytes()),
        expires_at: system_clock()().plus_seconds(60),
        user_id: Some(format!("user-{number}")),
        user_name: format!("Somebody {number}"),
        is_owner: false,
        permissions: Permissions::participant(),
        is_audience: false,
        eject: EjectLimits::default(),
        max_participants: 2000,
        org_places: None,
        is_unique_user: false,
        access: TicketAccess::Full,
        is_check: false,
    };
    let url = format!("ws://{address}/_parlor/call");
    let (mut socket, _) = connect_async(url).await.expect("the node takes call sockets");
    let hello = ClientMessage::Hello { ticket: key.seal(&ticket), user_data: None };
    let text = serde_json::to_string(&hello).expect("messages have string keys");
    socket.send(Message::text(text)).await.expect("the socket is open");
    while !matches!(hear(&mut socket).await, ServerMessage::Welcome { .. }) {}
    socket
}

async fn hear(socket: &mut Socket) -> ServerMessage {
    loop {
        let frame = socket.next().await.expect("the socket is open").expect("frames are whole");
        if let Message::Text(text) = frame {
            return serde_json::from_str(&text).expect("the room speaks the protocol");
        }
    }
}

async fn listen(mut socket: Socket) {
    // Answers pings, until the node closes.
    while let Some(Ok(_)) = socket.next().await {}
}
