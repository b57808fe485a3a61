//! What rooms act upon: carries out each output of a room.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use parlor_bus::Facts;
use parlor_model::call::ServerMessage;
use parlor_model::command::Reply;
use parlor_model::event::{Fact, RoomEvent};
use parlor_model::id::{ParticipantId, RoomId};
use parlor_sfu::{
    Certificate, ConnectionId, Demux, Output, Received, ReplyTo, Route, SpreadConfig, Transmit,
    Transport,
};
use tracing::info;

use super::calls::Calls;
use super::ledger::Ledger;
use super::lines::Lines;
use super::strangers::Strangers;
use super::streams::Streams;
use crate::config::WallClock;
use crate::counters::Counts;
use crate::directory::Directory;
use crate::egress::{Egress, Run};
use crate::outgoing::Closing;
use crate::streams::StreamKey;
use crate::turn::{answer_binding, is_relayed};
use crate::udp::{UdpPort, port_for};

/// Everything around the rooms of a worker.
pub(super) struct Surroundings {
    pub(super) calls: Calls,
    pub(super) egress: Egress,
    pub(super) demux: Demux,
    /// Answers to the request that is being handled.
    pub(super) replies: Vec<(ReplyTo, Reply)>,
    pub(super) directory: Arc<Directory>,
    /// The DTLS identity of this worker's rooms.
    pub(super) certificate: Certificate,
    /// The addresses its rooms announce.
    pub(super) candidates: Vec<SocketAddr>,
    /// Those they announce for ICE-TCP.
    pub(super) tcp_candidates: Vec<SocketAddr>,
    /// How their username fragments begin.
    pub(super) ufrag_prefix: String,
    pub(super) streams: Streams,
    pub(super) lines: Lines,
    /// How many receivers of a room are served here before others take some.
    pub(super) own_receivers: usize,
    pub(super) ports: Vec<UdpPort>,
    pub(super) counts: Counts,
    pub(super) facts: Facts,
    pub(super) ledger: Ledger,
    pub(super) wall_clock: WallClock,
    pub(super) strangers: Strangers,
}

impl Surroundings {
    /// Does what a room wants done.
    pub(super) fn carry_out(&mut self, now: Instant, room: RoomId, output: Output) {
        match output {
            Output::Datagram(transmit) => self.transmit(room, transmit),
            Output::Message(to, message) => self.send(room, &to, &message),
            Output::Close(connection) => self.calls.close(connection, Closing::DONE),
            Output::Event(event) => self.tell(*event),
            Output::Reply(to, reply) => self.replies.push((to, reply)),
            Output::Left(participant) => self.directory.left(participant),
            Output::Route(change) => {
                self.streams.apply(room, &change);
                self.demux.apply(now, room, change);
            }
            Output::OpenShard(index, shard) => {
                self.lines.open((room, index), *shard, &self.ports, &self.directory);
            }
            Output::Shard(index, input) => {
                self.lines.push(now, (room, index), input, &mut self.counts);
            }
            Output::CloseShard(index) => self.lines.close((room, index)),
        }
    }

    /// From where else rooms may send.
    pub(super) fn spread(&self) -> SpreadConfig {
        SpreadConfig {
            shards: self.lines.most_shards(),
            own_receivers: self.own_receivers,
            // Connections belong to this thread.
            can_leave: |to| to.transport == Transport::Udp && !is_relayed(to.destination.ip()),
        }
    }

    /// Sends the packets that were collected.
    pub(super) fn send_collected(&mut self) {
        self.egress.flush(&mut self.ports, &mut self.counts);
    }

    /// After a panic: forgets what belonged to rooms that are no more.
    pub(super) fn begin_anew(&mut self) {
        self.calls.close_all(Closing::RESTART);
        self.calls = Calls::default();
        self.egress = Egress::default();
        self.demux = Demux::new();
        self.streams = Streams::default();
        self.lines.clear();
        self.replies.clear();
        for port in &mut self.ports {
            // Whether something was left to read is not known any more.
            port.is_readable = true;
        }
    }

    /// Says to who asks by STUN, and names nobody, where the question came from.
    pub(super) fn answer_stranger(&mut self, now: Instant, received: Received<'_>) {
        if is_relayed(received.source.ip()) || !self.strangers.may_be_answered(now) {
            return;
        }
        if let Some(answer) = answer_binding(received.source, received.bytes) {
            let port = port_for(&self.ports, received.destination, received.source);
            self.egress.push(port, received.source, &answer);
        }
    }

    /// Tells what a room that failed could not.
    pub(super) fn tell_the_rest(&mut self, room: RoomId) {
        for event in self.ledger.close(room, (self.wall_clock)()) {
            self.tell(event);
        }
    }

    fn tell(&mut self, event: RoomEvent) {
        log(&event);
        self.ledger.note(&event);
        self.facts.tell(event);
    }

    pub(super) fn transmit(&mut self, room: RoomId, transmit: Transmit) {
        let (transport, remote) = (transmit.transport, transmit.destination);
        if transport == Transport::Tcp || is_relayed(remote.ip()) {
            let key = StreamKey { transport, remote };
            return self.streams.send(key, room, transmit, &mut self.counts);
        }
        let port = port_for(&self.ports, transmit.source, transmit.destination);
        if self.egress.is_full(port, transmit.destination) {
            self.send_collected();
        }
        self.egress.push(port, transmit.destination, &transmit.contents);
    }

    /// Sends media where they lie: one call a run.
    pub(super) fn send_run(&mut self, room: RoomId, to: &Route, packets: &[u8], size: usize) {
        let Route { participant, transport, source, destination } = *to;
        if transport == Transport::Tcp || is_relayed(destination.ip()) {
            for packet in packets.chunks(size.max(1)) {
                let contents = packet.to_vec();
                let transmit = Transmit { participant, transport, source, destination, contents };
                self.transmit(room, transmit);
            }
            return;
        }
        let run = Run {
            destination,
            contents: packets,
            segment_bytes: size,
            packets: packets.len().div_ceil(size.max(1)),
        };
        let port = port_for(&self.ports, source, destination);
        self.ports[port].send(&run, &mut self.counts);
    }

    fn send(&mut self, room: RoomId, to: &[ConnectionId], message: &ServerMessage) {
        if let ServerMessage::Welcome { participant, .. }
        | ServerMessage::Waiting { participant, .. } = message
        {
            self.directory.entered(participant.id, room);
        }
        self.calls.send(to, message);
    }
}

/// The log is for whoever looks on; history has its own way.
fn log(event: &RoomEvent) {
    let (room, meeting) = (event.room, event.meeting);
    match &event.fact {
        Fact::MeetingStarted => {
            info!(room.id = %room, meeting.id = %meeting, event.seq, "meeting started");
        }
        Fact::MeetingEnded => {
            info!(room.id = %room, meeting.id = %meeting, event.seq, "meeting ended");
        }
        Fact::ParticipantJoined { participant, is_owner, .. } => {
            log_participant(event, *participant, &format!("joined, owner: {is_owner}"));
        }
        Fact::ParticipantLeft { participant, reason, .. } => {
            log_participant(event, *participant, &format!("left: {reason:?}"));
        }
        Fact::WaitingParticipantJoined { participant, .. } => {
            log_participant(event, *participant, "knocked");
        }
        Fact::WaitingParticipantLeft { participant, .. } => {
            log_participant(event, *participant, "waits no longer");
        }
    }
}

fn log_participant(event: &RoomEvent, participant: ParticipantId, what: &str) {
    info!(
        room.id = %event.room, meeting.id = %event.meeting, participant.id = %participant,
        event.seq, "participant {what}"
    );
}
