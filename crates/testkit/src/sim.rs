//! The simulation itself: events in order of time, and nothing between them.

mod flow;
mod shards;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use parlor_client::{Participant, ParticipantConfig, SlotCount, TrackScript};
use parlor_model::call::ClientMessage;
use parlor_model::command::Reply;
use parlor_model::event::RoomEvent;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;
use parlor_sfu::{
    Certificate, ConnectionId, Demux, Input, ReplyTo, Room, RoomCommand, RoomConfig, RoomLimits,
    RoomTimes, SpreadConfig,
};

use crate::check::Check;
use crate::link::Link;
use crate::person::{Person, Tap, Who};
use flow::Delivery;
use shards::Shards;

/// How long a shell lets forwarded packets wait for each other.
const TURN: Duration = Duration::from_millis(1);
/// The wall clock when a simulation begins.
const BEGINNING: UnixMillis = UnixMillis::new(1_800_000_000_000);

/// In order of time, then of sending.
type Queue = BinaryHeap<Reverse<(Instant, u64)>>;

/// A room, the people around it, and their clock.
pub struct Sim {
    started_at: Instant,
    now: Instant,
    /// How far the wall clock was moved, in milliseconds.
    wall_offset: i64,
    random: u64,
    server: SocketAddr,
    room: Room,
    shards: Shards,
    demux: Demux,
    people: Vec<Person>,
    tickets: BTreeMap<String, Ticket>,
    queue: Queue,
    deliveries: BTreeMap<u64, Delivery>,
    sent: u64,
    flush_at: Option<Instant>,
    timeouts: usize,
    connections: u64,
    events: Vec<RoomEvent>,
    replies: Vec<Reply>,
}

impl Sim {
    /// An empty room. Everything random follows from the seed, and from
    /// `PARLOR_SEED` when it is set: the nightly run repeats every simulation
    /// under many seeds, and a failure is repeated with the one it prints.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::with_limits(seed, RoomLimits::default())
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(seed: u64, limits: RoomLimits) -> Self {
        let own_receivers = 0;
        let spread =
            SpreadConfig { shards: shards_of_this_run(), own_receivers, ..Default::default() };
        Self::with(seed, limits, spread)
    }

    /// The same with so many shards, opened when there are more receivers than
    /// so many.
    #[must_use]
    pub fn with_shards(seed: u64, shards: usize, own_receivers: usize) -> Self {
        let spread = SpreadConfig { shards, own_receivers, ..Default::default() };
        Self::with(seed, RoomLimits::default(), spread)
    }

    fn with(seed: u64, limits: RoomLimits, spread: SpreadConfig) -> Self {
        let started_at = Instant::now();
        let server = SocketAddr::from(([10, 0, 0, 1], 10_000));
        let seed = seed ^ seed_of_this_run();
        // What str0m's clients choose at random (sources, first numbers) comes from
        // this generator, which belongs to the thread.
        fastrand::seed(seed);
        let mut seed_bytes = [0; 32];
        seed_bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let config = RoomConfig {
            org: OrgId::from_random([1; 16]),
            room: RoomId::from_random([2; 16]),
            name: "room".into(),
            candidates: vec![server],
            tcp_candidates: Vec::new(),
            ufrag_prefix: String::new(),
            certificate: Certificate::generate(),
            seed: seed_bytes,
            limits,
            times: RoomTimes::default(),
            spread,
        };
        Self {
            started_at,
            now: started_at,
            wall_offset: 0,
            random: seed,
            server,
            room: Room::new(config, started_at, BEGINNING),
            shards: Shards::default(),
            demux: Demux::new(),
            people: Vec::new(),
            tickets: BTreeMap::new(),
            queue: BinaryHeap::new(),
            deliveries: BTreeMap::new(),
            sent: 0,
            flush_at: None,
            timeouts: 0,
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
            is_audience: false,
            eject: EjectLimits::default(),
            max_participants: 200,
            org_places: None,
            is_unique_user: false,
            access: TicketAccess::Full,
            is_check: false,
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
        let (name, id) = (format!("{}-{}", ticket.participant, who.0), ticket.participant);
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

    /// Somebody says something on their call socket.
    pub fn say(&mut self, who: Who, message: ClientMessage) {
        self.act(who, |client, _| client.say(message));
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

    /// Whether somebody's call socket is open.
    #[must_use]
    pub fn is_connected(&self, who: Who) -> bool {
        self.people[who.0].connection.is_some()
    }

    /// Somebody's network is gone: nothing passes, and nobody notices.
    pub fn cut_off(&mut self, who: Who) {
        self.up(who).cut(true);
        self.down(who).cut(true);
    }

    /// Somebody's network changes: another address, the same call socket.
    ///
    /// # Panics
    ///
    /// When more people move than there are addresses.
    pub fn relocate(&mut self, who: Who) {
        let port = u16::try_from(30_000 + who.0).expect("few people in a simulation");
        let address = SocketAddr::from(([10, 0, 2, 1], port));
        self.people[who.0].address = address;
        self.act(who, |client, now| client.relocate(now, address));
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
        self.send_at(self.now, Delivery::ClientMessage(connection, who, Box::new(message)));
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

    /// The wall clock is set, and the room told so.
    pub fn set_wall(&mut self, wall: UnixMillis) {
        self.give_room(Input::WallClock(wall));
    }

    /// The wall clock jumps, and the room is told that it was on purpose.
    pub fn jump_wall(&mut self, millis: i64) {
        self.wall_offset += millis;
        self.give_room(Input::WallJumped(self.wall()));
    }

    /// The machine has too little time, and leaves so many steps of videos out.
    pub fn strain(&mut self, steps: u8) {
        self.give_room(Input::Strain(steps));
    }

    /// Looks at somebody.
    #[must_use]
    pub fn check(&self, who: Who) -> Check<'_> {
        Check { sim: self, client: &self.people[who.0].client }
    }

    /// Somebody's client.
    #[must_use]
    pub fn client(&self, who: Who) -> &Participant {
        &self.people[who.0].client
    }

    /// Whether somebody's call socket is open.
    #[must_use]
    pub fn has_socket(&self, who: Who) -> bool {
        self.people[who.0].connection.is_some()
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

    /// How often the room was woken by its own timers so far.
    #[must_use]
    pub fn timeouts(&self) -> usize {
        self.timeouts
    }

    /// Whether the room sends to nobody, and keeps nothing to send.
    #[must_use]
    pub fn sends_nothing(&self) -> bool {
        self.room.sends_nothing() && self.shards.len() == 0
    }

    /// How many shards are open, and how many packets they have sent.
    #[must_use]
    pub fn shards(&self) -> (usize, u64) {
        (self.shards.len(), self.shards.sent())
    }

    /// The threads of the shards do nothing any more, or go on.
    pub fn stall_shards(&mut self, are_stalled: bool) {
        self.shards.stall(are_stalled);
    }

    /// The thread of a shard fails.
    pub fn lose_shard(&mut self, number: usize) {
        self.shards.lose(number);
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
        let elapsed = i64::try_from(elapsed).unwrap_or(i64::MAX);
        BEGINNING.plus_millis(elapsed).plus_millis(self.wall_offset)
    }

    /// What the virtual clock shows.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// When it all began.
    #[must_use]
    pub fn started_at(&self) -> Instant {
        self.started_at
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

/// The number in `PARLOR_SEED`; without one, 0.
fn seed_of_this_run() -> u64 {
    number_of_this_run("PARLOR_SEED")
}

/// The number in `PARLOR_SHARDS`: with it, all simulations send by that many
/// shards.
fn shards_of_this_run() -> usize {
    usize::try_from(number_of_this_run("PARLOR_SHARDS")).unwrap_or(0)
}

fn number_of_this_run(variable: &str) -> u64 {
    std::env::var(variable).unwrap_or_default().parse().unwrap_or(0)
}
