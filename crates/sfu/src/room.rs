//! The room: the one door. [`Room::handle`] takes what happened, and
//! [`Room::poll`] gives what is to be done about it, until it has nothing more.
//!
//! By stage, each in its own file:
//! - `admit`: tickets, resuming, the welcome. `lobby`: those who knock.
//! - `message`: what admitted clients say. `offer`: negotiation. `publish`: what
//!   they send. `subscribe`: which slot carries whose track.
//! - `media`: datagrams in, packets across. `forwarding`: what the forwarding
//!   plane is told and tells. `keyframes`: who waits for one, and asking for it.
//!   `videos`: who is sent how much of them.
//! - `presence`: who is here, who sees whom, leaving. `meeting`: facts, and what
//!   lasts as long as a meeting.
//! - `timers`: everything that happens by itself. `command`: the server's
//!   wishes. `permissions`: what people may do from now on; `administration`:
//!   what they do to each other.

mod administration;
mod admit;
mod command;
mod forwarding;
mod keyframes;
mod lobby;
mod media;
mod meeting;
mod message;
mod offer;
mod permissions;
mod presence;
mod publish;
mod subscribe;
mod timers;
mod videos;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use indexmap::IndexMap;
use parlor_model::call::{ServerMessage, SlotTrack};
use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

use crate::alarms::Alarms;
use crate::audible::Audible;
use crate::config::RoomConfig;
use crate::io::{ConnectionId, Input, Output, Sink};
use crate::pacer::Pacer;
use crate::participant::Participant;
use crate::peer::PeerEvent;
use crate::secrets::Secrets;
use crate::speaker::Speakers;
use crate::spread::Spread;
use crate::ticket_stubs::TicketStubs;
use crate::waiting::Lobby;
use meeting::Meeting;

/// A live room.
pub struct Room {
    config: RoomConfig,
    secrets: Secrets,
    /// The wall clock when it was last told. Deadlines are reckoned from it
    /// once, so that a clock that is set later does not eject anybody.
    anchor: (Instant, UnixMillis),
    /// When the room was made. What is in no hurry is done at whole intervals
    /// from here, so that many are served together.
    made_at: Instant,
    now: Instant,
    /// In order of joining.
    participants: IndexMap<ParticipantId, Participant>,
    lobby: Lobby,
    /// When somebody, in the call or in the lobby, is to be looked at.
    alarms: Alarms,
    connections: BTreeMap<ConnectionId, ParticipantId>,
    /// Tickets that were redeemed, until they expire.
    spent: TicketStubs,
    meeting: Option<Meeting>,
    /// Whose views changed and were not shown yet, and when they are.
    stale_views: BTreeSet<ParticipantId>,
    views_news: Pacer,
    /// When everybody is shown the session data.
    session_data_news: Pacer,
    /// When everybody is told how many are hidden, and how many they know of.
    hidden_news: Pacer,
    hidden_told: usize,
    speakers: Speakers,
    audible: Audible,
    /// Whose tracks lack a keyframe, and when one is to be asked for.
    wanting: BTreeSet<SlotTrack>,
    ask_at: Option<Instant>,
    /// How many steps of each video are left out for want of time.
    strain: u8,
    /// Sends what passes on its way.
    spread: Spread,
    /// Whose peers were written to and not drained yet.
    dirty: VecDeque<ParticipantId>,
    /// Whether [`Room::poll`] is to drain them, once it has nothing else.
    is_flushing: bool,
    /// Scratch for draining a peer, kept for its allocation.
    peer_events: Vec<PeerEvent>,
    outputs: VecDeque<Output>,
}

impl Room {
    /// An empty room. `wall` is the wall clock at `now`.
    #[must_use]
    pub fn new(config: RoomConfig, now: Instant, wall: UnixMillis) -> Self {
        Self {
            spread: Spread::new(config.spread.clone(), now, wall),
            secrets: Secrets::new(config.seed),
            config,
            anchor: (now, wall),
            made_at: now,
            now,
            participants: IndexMap::new(),
            lobby: Lobby::default(),
            alarms: Alarms::default(),
            connections: BTreeMap::new(),
            spent: TicketStubs::default(),
            meeting: None,
            stale_views: BTreeSet::new(),
            views_news: Pacer::default(),
            session_data_news: Pacer::default(),
            hidden_news: Pacer::default(),
            hidden_told: 0,
            speakers: Speakers::default(),
            audible: Audible::default(),
            wanting: BTreeSet::new(),
            ask_at: None,
            strain: 0,
            dirty: VecDeque::new(),
            is_flushing: false,
            peer_events: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes something that happened. Poll until empty afterwards.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        // Time never goes back, whatever order a shell stamps its inputs in.
        self.now = self.now.max(now);
        match input {
            Input::Datagram(participant, received) => self.handle_datagram(participant, received),
            Input::Timeout => self.handle_timeout(),
            Input::Heard(connection) => self.handle_heard(connection),
            Input::WallClock(wall) => self.anchor = (self.now, wall),
            Input::WallJumped(wall) => self.handle_wall_jumped(wall),
            Input::Connect(connection, ticket, user_data) => {
                self.handle_connect(connection, *ticket, user_data);
            }
            Input::Resume(connection, participant, secret) => {
                self.handle_resume(connection, participant, &secret);
            }
            Input::Message(connection, message) => self.handle_message(connection, message),
            Input::Disconnected(connection) => self.handle_disconnected(connection),
            Input::Command(command, reply_to) => self.handle_command(command, reply_to),
            Input::Strain(steps) => self.handle_strain(steps),
            Input::FromShard(shard, events) => self.handle_shard(shard, events),
            Input::ShardLost(shard) => self.handle_shard_lost(shard),
        }
    }

    /// Puts out everything that is waiting: forwarded media to `sink`, the rest
    /// when polled. The end of a shell's turn; due when [`Self::next_timeout`]
    /// says so, after [`Input::Timeout`], and within two milliseconds after a
    /// datagram. Poll until empty afterwards.
    pub fn flush(&mut self, now: Instant, sink: &mut impl Sink) {
        self.now = self.now.max(now);
        self.spread.flush(self.now, sink);
        self.take_news();
        self.is_flushing = true;
    }

    /// The next thing to do. One input makes at most a few outputs for each
    /// participant, and for each datagram that a peer has to send.
    ///
    /// A flush drains one peer at a time, when everything before it was taken.
    pub fn poll(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            self.is_flushing = self.is_flushing && self.flush_next();
            if !self.is_flushing {
                return None;
            }
        }
    }

    /// When [`Input::Timeout`] and [`Self::flush`] are due; in the past means at
    /// once.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.earliest_deadline()
    }

    /// Whether the room may be dropped: nobody is in it or waits, and no redeemed ticket
    /// is still valid that a new room would not know to be spent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_deserted = self.participants.is_empty() && self.lobby.waiting.is_empty();
        is_deserted && self.spent.is_empty() && self.outputs.is_empty()
    }

    /// Whether nobody is sent to, and the forwarding plane keeps nothing.
    #[must_use]
    pub fn sends_nothing(&self) -> bool {
        self.spread.is_empty()
    }

    /// The wall clock now.
    fn wall(&self) -> UnixMillis {
        let (instant, wall) = self.anchor;
        let elapsed = self.now.saturating_duration_since(instant).as_millis();
        wall.plus_millis(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }

    fn send(&mut self, to: ParticipantId, message: ServerMessage) {
        let connection = self.participants.get(&to).and_then(Participant::connection);
        if let Some(connection) = connection {
            self.outputs.push_back(Output::Message(vec![connection], Box::new(message)));
        }
    }

    /// Sends to everybody that `is_meant`.
    fn send_where(&mut self, is_meant: impl Fn(&Participant) -> bool, message: ServerMessage) {
        let meant = self.participants.values().filter(|participant| is_meant(participant));
        let connections: Vec<_> = meant.filter_map(Participant::connection).collect();
        if !connections.is_empty() {
            self.outputs.push_back(Output::Message(connections, Box::new(message)));
        }
    }
}
