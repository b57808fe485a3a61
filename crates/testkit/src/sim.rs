//! The simulation itself: events in order of time, and nothing between them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use parlor_client::{
    Output as ClientOutput, Participant, ParticipantConfig, SlotCount, TrackScript,
};
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_model::command::Reply;
use parlor_model::event::RoomEvent;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket};
use parlor_model::time::UnixMillis;
use parlor_sfu::{
    Certificate, ConnectionId, Demux, Input, Output, Received, ReplyTo, Room, RoomCommand,
    RoomConfig, RoomLimits, RoomTimes,
};

use crate::check::Check;
use crate::link::Link;
use crate::person::{Person, Tap, Who};

/// How long a shell lets forwarded packets wait for each other.
const TURN: Duration = Duration::from_millis(1);
/// The wall clock when a simulation begins.
const BEGINNING: UnixMillis = UnixMillis::new(1_800_000_000_000);

/// Something on its way.
enum Delivery {
    ToRoom(Who, Vec<u8>),
    ToClient(Who, Vec<u8>),
    RoomMessage(ConnectionId, Box<ServerMessage>),
    ClientMessage(ConnectionId, Who, Box<ClientMessage>),
    SocketClosed(ConnectionId),
}

/// In order of time, then of sending.
type Queue = BinaryHeap<Reverse<(Instant, u64)>>;

/// A room, the people around it, and their clock.
pub struct Sim {
    started_at: Instant,
    now: Instant,
    random: u64,
    server: SocketAddr,
    room: Room,
    demux: Demux,
    people: Vec<Person>,
    tickets: BTreeMap<String, Ticket>,
    queue: Queue,
    deliveries: BTreeMap<u64, Delivery>,
    sent: u64,
    flush_at: Option<Instant>,
    connections: u64,
    events: Vec<RoomEvent>,
    replies: Vec<Reply>,
}

impl Sim {
    /// An empty room. Everything random follows from the seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::with_limits(seed, RoomLimits::default())
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(seed: u64, limits: RoomLimits) -> Self {
        let started_at = Instant::now();
        let server = SocketAddr::from(([10, 0, 0, 1], 10_000));
        let mut seed_bytes = [0; 32];
        seed_bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let config = RoomConfig {
            org: OrgId::from_random([1; 16]),
            room: RoomId::from_random([2; 16]),
            name: "room".into(),
            candidates: vec![server],
            certificate: Certificate::generate(),
            seed: seed_bytes,
            limits,
            times: RoomTimes::default(),
        };
        Self {
            started_at,
            now: started_at,
            random: seed,
            server,
            room: Room::new(config, started_at, BEGINNING),
            demux: Demux::new(),
            people: Vec::new(),
            tickets: BTreeMap::new(),
            queue: BinaryHeap::new(),
            deliveries: BTreeMap::new(),
            sent: 0,
            flush_at: None,
            connections: 0,
            events: Vec::new(),
            replies: Vec::new(),
        }
    }

    /// A ticket for a new stay, good for a minute.
    pub fn ticket(&mut self, user_name: &str) -> Ticket {
        let mut bytes = [0; 16];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.draw().to_be_bytes());
        }
        Ticket {
            org: OrgId::from_random([1; 16]),
            room: RoomId::from_random([2; 16]),
            room_name: "room".into(),
            participant: ParticipantId::from_random(bytes),
            expires_at: self.wall().plus_seconds(60),
            user_id: None,
            user_name: user_name.into(),
            is_owner: false,
            permissions: Permissions::participant(),
            eject: EjectLimits::default(),
            max_participants: 200,
            is_unique_user: false,
        }
    }

    /// Somebody joins who can send these tracks.
    pub fn join(&mut self, user_name: &str, tracks: Vec<TrackScript>) -> Who {
        let ticket = self.ticket(user_name);
        self.join_with(ticket, tracks)
    }

    /// The same with a ticket of one's own.
    ///
    /// # Panics
    ///
    /// When more people join than there are addresses.
    pub fn join_with(&mut self, ticket: Ticket, tracks: Vec<TrackScript>) -> Who {
        let who = Who(self.people.len());
        let port = u16::try_from(20_000 + who.0).expect("few people in a simulation");
        let address = SocketAddr::from(([10, 0, 1, 1], port));
        let (name, id) = (
            format!("{}-{}", ticket.participant, who.0),
            ticket.participant,
        );
        self.tickets.insert(name.clone(), ticket);
        let config = ParticipantConfig {
            ticket: name,
            user_data: None,
            address,
            tracks,
            slots: SlotCount::default(),
        };
        self.people.push(Person {
            id,
            client: Participant::new(config, self.now),
            address,
            connection: None,
            tap: Tap::default(),
            last_offer: String::new(),
            up: Link::default(),
            down: Link::default(),
        });
        self.open_socket(who);
        who
    }

    /// Lets time pass.
    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(at) = self.next_event().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = end;
    }

    /// Somebody does something.
    pub fn act(&mut self, who: Who, act: impl FnOnce(&mut Participant, Instant)) {
        act(&mut self.people[who.0].client, self.now);
        self.collect_client(who);
    }

    /// Somebody says goodbye, as a closed tab does.
    pub fn leave(&mut self, who: Who) {
        self.act(who, |client, _| client.leave());
    }

    /// Somebody's call socket breaks, noticed by both ends.
    pub fn lose_socket(&mut self, who: Who) {
        if let Some(connection) = self.people[who.0].connection.take() {
            self.give(who, parlor_client::Input::Closed);
            self.give_room(Input::Disconnected(connection));
        }
    }

    /// Somebody opens a call socket, and says hello or resumes.
    pub fn open_socket(&mut self, who: Who) {
        self.connections += 1;
        self.people[who.0].connection = Some(ConnectionId(self.connections));
        self.give(who, parlor_client::Input::Opened);
    }

    /// Somebody's network is gone: nothing passes, and nobody notices.
    pub fn cut_off(&mut self, who: Who) {
        self.up(who).cut(true);
        self.down(who).cut(true);
    }

    /// The path from somebody to the room.
    pub fn up(&mut self, who: Who) -> &mut Link {
        &mut self.people[who.0].up
    }

    /// The path from the room to somebody.
    pub fn down(&mut self, who: Who) -> &mut Link {
        &mut self.people[who.0].down
    }

    /// The server asks the room something.
    ///
    /// # Panics
    ///
    /// When the room does not answer.
    pub fn command(&mut self, command: RoomCommand) -> Reply {
        self.give_room(Input::Command(command, ReplyTo(1)));
        self.replies.pop().expect("every command has a reply")
    }

    /// Anybody sends a datagram from somebody's address.
    pub fn inject(&mut self, who: Who, bytes: Vec<u8>) {
        self.send_at(self.now, Delivery::ToRoom(who, bytes));
    }

    /// A message arrives on somebody's call socket that their client did not write.
    pub fn forge(&mut self, who: Who, message: ClientMessage) {
        if let Some(connection) = self.people[who.0].connection {
            self.give_room(Input::Message(connection, message));
        }
    }

    /// Somebody opens a call socket with words of their own.
    pub fn say_first(&mut self, who: Who, message: ClientMessage) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        self.people[who.0].connection = Some(connection);
        self.send_at(
            self.now,
            Delivery::ClientMessage(connection, who, Box::new(message)),
        );
    }

    /// Begins or stops to keep copies of what somebody sends; returns those
    /// kept so far.
    pub fn tap(&mut self, who: Who, is_on: bool) -> Vec<Vec<u8>> {
        self.people[who.0].tap.replace_if(is_on)
    }

    /// The text of somebody's last offer.
    #[must_use]
    pub fn last_offer(&self, who: Who) -> String {
        self.people[who.0].last_offer.clone()
    }

    /// Looks at somebody.
    #[must_use]
    pub fn check(&self, who: Who) -> Check<'_> {
        Check {
            sim: self,
            client: &self.people[who.0].client,
        }
    }

    /// Somebody's client.
    #[must_use]
    pub fn client(&self, who: Who) -> &Participant {
        &self.people[who.0].client
    }

    /// Somebody's session id.
    #[must_use]
    pub fn id(&self, who: Who) -> ParticipantId {
        self.people[who.0].id
    }

    /// The facts the room told so far.
    #[must_use]
    pub fn events(&self) -> &[RoomEvent] {
        &self.events
    }

    /// The room.
    #[must_use]
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// The look-up tables.
    #[must_use]
    pub fn demux(&self) -> &Demux {
        &self.demux
    }

    /// The wall clock.
    #[must_use]
    pub fn wall(&self) -> UnixMillis {
        let elapsed = self.now.duration_since(self.started_at).as_millis();
        BEGINNING.plus_millis(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }

    /// When it all began.
    #[must_use]
    pub fn started_at(&self) -> Instant {
        self.started_at
    }

    fn next_event(&self) -> Option<Instant> {
        let delivery = self.queue.peek().map(|Reverse((at, _))| *at);
        let clients = self
            .people
            .iter()
            .filter_map(|person| person.client.next_timeout());
        let room = self.room_deadline();
        clients
            .chain(delivery)
            .chain(room)
            .chain(self.flush_at)
            .min()
    }

    /// A shell serves a room that wants to be woken at once after the turn.
    fn room_deadline(&self) -> Option<Instant> {
        self.room.next_timeout().map(|at| at.max(self.now + TURN))
    }

    fn step(&mut self) {
        while let Some(Reverse((at, number))) = self.queue.peek().copied()
            && at <= self.now
        {
            self.queue.pop();
            if let Some(delivery) = self.deliveries.remove(&number) {
                self.deliver(delivery);
            }
        }
        for index in 0..self.people.len() {
            let due = self.people[index].client.next_timeout();
            if due.is_some_and(|due| due <= self.now) {
                self.give(Who(index), parlor_client::Input::Timeout);
            }
        }
        if self.flush_at.is_some_and(|at| at <= self.now) {
            self.flush_at = None;
            self.give_room(Input::Flush);
        }
        if self.flush_at.is_none() && self.room.next_timeout().is_some_and(|at| at <= self.now) {
            self.give_room(Input::Timeout);
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::ToRoom(who, bytes) => self.deliver_to_room(who, &bytes),
            Delivery::ToClient(who, bytes) => {
                let source = self.server;
                self.give(
                    who,
                    parlor_client::Input::Datagram {
                        source,
                        bytes: &bytes,
                    },
                );
            }
            Delivery::RoomMessage(connection, message) => {
                if let Some(who) = self.owner(connection) {
                    self.give(who, parlor_client::Input::Message(message));
                }
            }
            Delivery::ClientMessage(connection, who, message) => {
                self.deliver_message(connection, who, *message);
            }
            Delivery::SocketClosed(connection) => {
                if let Some(who) = self.owner(connection) {
                    self.people[who.0].connection = None;
                    self.give(who, parlor_client::Input::Closed);
                }
            }
        }
    }

    fn deliver_to_room(&mut self, who: Who, bytes: &[u8]) {
        let source = self.people[who.0].address;
        let Some(endpoint) = self.demux.locate(source, bytes) else {
            return;
        };
        let received = Received {
            source,
            destination: self.server,
            bytes,
        };
        self.give_room(Input::Datagram(endpoint.participant, received));
        self.flush_at.get_or_insert(self.now + TURN);
    }

    fn deliver_message(&mut self, connection: ConnectionId, who: Who, message: ClientMessage) {
        if self.people[who.0].connection != Some(connection) {
            return;
        }
        let input = match message {
            ClientMessage::Hello { ticket, user_data } => {
                let Some(ticket) = self.tickets.get(&ticket).cloned() else {
                    return;
                };
                Input::Connect(connection, Box::new(ticket), user_data)
            }
            ClientMessage::Resume {
                participant,
                secret,
            } => Input::Resume(connection, participant, secret),
            other => Input::Message(connection, other),
        };
        self.give_room(input);
    }

    fn give(&mut self, who: Who, input: parlor_client::Input<'_>) {
        self.people[who.0].client.handle(self.now, input);
        self.collect_client(who);
    }

    fn collect_client(&mut self, who: Who) {
        while let Some(output) = self.people[who.0].client.poll() {
            match output {
                ClientOutput::Message(message) => self.send_message(who, message),
                ClientOutput::Datagram(transmit) => {
                    self.people[who.0].tap.keep(&transmit.contents);
                    let chance = self.chance();
                    let (now, bytes) = (self.now, transmit.contents.len());
                    if let Some(at) = self.up(who).arrival(now, bytes, chance) {
                        self.send_at(at, Delivery::ToRoom(who, transmit.contents));
                    }
                }
            }
        }
    }

    fn send_message(&mut self, who: Who, message: ClientMessage) {
        if let ClientMessage::Offer { sdp, .. } = &message {
            self.people[who.0].last_offer.clone_from(sdp);
        }
        let person = &self.people[who.0];
        if let Some(connection) = person.connection.filter(|_| !person.is_cut_off()) {
            let at = person.up.message_arrival(self.now);
            self.send_at(
                at,
                Delivery::ClientMessage(connection, who, Box::new(message)),
            );
        }
    }

    fn give_room(&mut self, input: Input<'_>) {
        self.room.handle(self.now, input);
        while let Some(output) = self.room.poll() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Datagram(transmit) => {
                let is_theirs = |person: &Person| person.address == transmit.destination;
                let Some(index) = self.people.iter().position(is_theirs) else {
                    return;
                };
                let (now, chance) = (self.now, self.chance());
                let arrival = self.people[index]
                    .down
                    .arrival(now, transmit.contents.len(), chance);
                if let Some(at) = arrival {
                    self.send_at(at, Delivery::ToClient(Who(index), transmit.contents));
                }
            }
            Output::Message(connections, message) => {
                for connection in connections {
                    self.send_down(
                        connection,
                        Delivery::RoomMessage(connection, message.clone()),
                    );
                }
            }
            Output::Close(connection) => {
                self.send_down(connection, Delivery::SocketClosed(connection));
            }
            Output::Event(event) => self.events.push(event),
            Output::Reply(_, reply) => self.replies.push(reply),
            Output::Route(change) => self.demux.apply(RoomId::from_random([2; 16]), change),
        }
    }

    fn send_down(&mut self, connection: ConnectionId, delivery: Delivery) {
        let Some(who) = self.owner(connection) else {
            return;
        };
        let person = &self.people[who.0];
        if !person.is_cut_off() {
            let at = person.down.message_arrival(self.now);
            self.send_at(at, delivery);
        }
    }

    fn owner(&self, connection: ConnectionId) -> Option<Who> {
        self.people
            .iter()
            .position(|person| person.connection == Some(connection))
            .map(Who)
    }

    fn send_at(&mut self, at: Instant, delivery: Delivery) {
        self.sent += 1;
        self.queue.push(Reverse((at, self.sent)));
        self.deliveries.insert(self.sent, delivery);
    }

    /// Evenly distributed over 0 to 1.
    fn chance(&mut self) -> f64 {
        // 32 bits are exact in a float and fine enough for any loss.
        f64::from((self.draw() >> 32) as u32) / f64::from(u32::MAX)
    }

    /// `SplitMix64` (Steele, Lea, Flood 2014): small, even and repeatable.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
