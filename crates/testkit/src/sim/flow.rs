//! What is on its way, and what happens when it arrives.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::time::Instant;

use parlor_client::Output as ClientOutput;
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_model::id::RoomId;
use parlor_sfu::{ConnectionId, Input, Output, Received, Room, Route, Sink, Transport};

use super::{Sim, TURN};
use crate::person::{Person, Who};

/// Something on its way.
pub(super) enum Delivery {
    ToRoom(Who, Vec<u8>),
    ToClient(Who, Vec<u8>),
    RoomMessage(ConnectionId, Box<ServerMessage>),
    ClientMessage(ConnectionId, Who, Box<ClientMessage>),
    SocketClosed(ConnectionId),
}

/// The media that a room or a shard puts out, run by run.
#[derive(Default)]
pub(super) struct Media(Vec<Run>);

/// Packets of one size to one place, the last may be shorter.
struct Run {
    destination: SocketAddr,
    packets: Vec<u8>,
    size: usize,
}

impl Sink for Media {
    fn run(&mut self, to: &Route, packets: &[u8], size: usize) {
        // Cut up later: this is within what is counted as the room's work.
        let (destination, packets) = (to.destination, packets.to_vec());
        self.0.push(Run { destination, packets, size });
    }
}

impl Sim {
    pub(super) fn next_event(&self) -> Option<Instant> {
        let delivery = self.queue.peek().map(|Reverse((at, _))| *at);
        let clients = self.people.iter().filter_map(|person| person.client.next_timeout());
        let room = self.room_deadline();
        let shards = self.shards.deadline(self.now);
        clients.chain(delivery).chain(room).chain(self.flush_at).chain(shards).min()
    }

    /// A shell serves a room that wants to be woken at once after the turn.
    fn room_deadline(&self) -> Option<Instant> {
        self.room.next_timeout().map(|at| at.max(self.now + TURN))
    }

    pub(super) fn step(&mut self) {
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
            self.flush_room();
        }
        if self.flush_at.is_none() && self.room.next_timeout().is_some_and(|at| at <= self.now) {
            self.timeouts += 1;
            self.give_room(Input::Timeout);
            self.flush_room();
        }
        self.step_shards();
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::ToRoom(who, bytes) => self.deliver_to_room(who, &bytes),
            Delivery::ToClient(who, bytes) => {
                let source = self.server;
                self.give(who, parlor_client::Input::Datagram { source, bytes: &bytes });
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
        let received =
            Received { transport: Transport::Udp, source, destination: self.server, bytes };
        self.give_room(Input::Datagram(endpoint.participant, received));
        self.flush_at.get_or_insert(self.now + TURN);
    }

    /// Anybody sends a datagram from anywhere: does the room send something back?
    pub fn is_answered(&mut self, source: SocketAddr, bytes: &[u8]) -> bool {
        let Some(endpoint) = self.demux.locate(source, bytes) else {
            return false;
        };
        let received =
            Received { transport: Transport::Udp, source, destination: self.server, bytes };
        let input = Input::Datagram(endpoint.participant, received);
        self.room.handle(self.now, input);
        let mut is_answered = false;
        while let Some(output) = self.room.poll() {
            is_answered |=
                matches!(&output, Output::Datagram(answer) if answer.destination == source);
            self.carry_out(output);
        }
        is_answered
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
            ClientMessage::Resume { participant, secret } => {
                Input::Resume(connection, participant, secret)
            }
            other => Input::Message(connection, other),
        };
        self.give_room(input);
    }

    pub(super) fn give(&mut self, who: Who, input: parlor_client::Input<'_>) {
        self.people[who.0].client.handle(self.now, input);
        self.collect_client(who);
    }

    pub(super) fn collect_client(&mut self, who: Who) {
        let mut datagrams = Vec::new();
        while let Some(output) = self.people[who.0].client.poll() {
            match output {
                ClientOutput::Message(message) => self.send_message(who, message),
                ClientOutput::Datagram(transmit) => datagrams.push(transmit.contents),
            }
        }
        // What a client sends at one moment comes stream by stream in the order of a
        // hash map, another one in each run.
        datagrams.sort_by_key(|datagram| source_of(datagram));
        for datagram in datagrams {
            self.people[who.0].tap.keep(&datagram);
            let chance = self.chance();
            let now = self.now;
            if let Some(at) = self.up(who).arrival(now, datagram.len(), chance) {
                self.send_at(at, Delivery::ToRoom(who, datagram));
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
            self.send_at(at, Delivery::ClientMessage(connection, who, Box::new(message)));
        }
    }

    pub(super) fn give_room(&mut self, input: Input<'_>) {
        for output in room_works(&mut self.room, self.now, input) {
            self.carry_out(output);
        }
    }

    fn flush_room(&mut self) {
        let mut media = Media::default();
        for output in room_flushes(&mut self.room, self.now, &mut media) {
            self.carry_out(output);
        }
        self.send_media(media);
    }

    /// Sends what was put out; returns how many packets that were.
    pub(super) fn send_media(&mut self, media: Media) -> u64 {
        let mut packets_sent = 0;
        for Run { destination, packets, size } in media.0 {
            for packet in packets.chunks(size) {
                packets_sent += 1;
                self.send_to_client(destination, packet.to_vec());
            }
        }
        packets_sent
    }

    fn send_to_client(&mut self, destination: SocketAddr, packet: Vec<u8>) {
        let is_theirs = |person: &Person| person.address == destination;
        let Some(index) = self.people.iter().position(is_theirs) else {
            return;
        };
        let (now, chance) = (self.now, self.chance());
        if let Some(at) = self.people[index].down.arrival(now, packet.len(), chance) {
            self.send_at(at, Delivery::ToClient(Who(index), packet));
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Datagram(it) => self.send_to_client(it.destination, it.contents),
            Output::Message(connections, message) => {
                for connection in connections {
                    self.send_down(connection, Delivery::RoomMessage(connection, message.clone()));
                }
            }
            Output::Close(connection) => {
                self.send_down(connection, Delivery::SocketClosed(connection));
            }
            Output::Event(event) => self.events.push(*event),
            Output::Reply(_, reply) => self.replies.push(reply),
            Output::Left(_) => {}
            Output::OpenShard(number, shard) => self.shards.open(number, *shard),
            Output::Shard(number, input) => self.shards.push(self.now, number, input),
            Output::CloseShard(number) => self.shards.close(number),
            Output::Route(change) => {
                self.demux.apply(self.now, RoomId::from_random([2; 16]), change);
            }
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
        self.people.iter().position(|person| person.connection == Some(connection)).map(Who)
    }

    pub(super) fn send_at(&mut self, at: Instant, delivery: Delivery) {
        self.sent += 1;
        self.queue.push(Reverse((at, self.sent)));
        self.deliveries.insert(self.sent, delivery);
    }
}

/// All that the room does is done below here and in [`room_flushes`]. What
/// counts its instructions (`scripts/bench-check.sh`) looks for these names, so
/// they stay functions.
#[inline(never)]
fn room_works(room: &mut Room, now: Instant, input: Input<'_>) -> Vec<Output> {
    room.handle(now, input);
    std::iter::from_fn(|| room.poll()).collect()
}

/// The same for what has gathered in a turn.
#[inline(never)]
fn room_flushes(room: &mut Room, now: Instant, media: &mut Media) -> Vec<Output> {
    room.flush(now, media);
    std::iter::from_fn(|| room.poll()).collect()
}

/// The SSRC of an RTP packet; of everything else 0, so that it keeps its order.
fn source_of(datagram: &[u8]) -> u32 {
    match datagram {
        // Version 2, and no payload type that is RTCP's (RFC 5761, 4).
        [0x80..=0xbf, kind, _, _, _, _, _, _, a, b, c, d, ..]
            if !(64..96).contains(&(kind & 0x7f)) =>
        {
            u32::from_be_bytes([*a, *b, *c, *d])
        }
        _ => 0,
    }
}
