//! The rooms of a worker: opens them, hands them their input, wakes them when
//! they want to be woken, and drops them when nobody is left.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use parlor_model::command::{EndReason, PresentParticipant, Reply};
use parlor_model::id::{OrgId, RoomId};
use parlor_model::ticket::Ticket;
use parlor_sfu::{
    ConnectionId, Endpoint, Input, PacketKind, Received, ReplyTo, Room, RoomCommand, RoomConfig,
    RoomLimits, RoomTimes, Route, ShardEvent, Sink, Transmit,
};
use tracing::{error, info};

use super::FLUSH_DELAY;
use super::handshakes::Handshakes;
use super::surroundings::Surroundings;
use super::timers::Timers;
use crate::mail::ShardKey;
use crate::outgoing::Closing;
use crate::random;
use crate::strain::Strain;
use crate::streams::StreamKey;
use crate::turn::is_relayed;

/// When an empty room that could not be dropped, because somebody was on the
/// way to it, is looked at again.
const EMPTY_RECHECK: Duration = Duration::from_secs(1);

struct LiveRoom {
    org: OrgId,
    room: Room,
    /// Whether the room is in the queue of those to be flushed.
    awaits_flush: bool,
}

/// Where a room's media go out.
struct MediaOut<'a> {
    room: RoomId,
    around: &'a mut Surroundings,
}

impl Sink for MediaOut<'_> {
    fn run(&mut self, to: &Route, packets: &[u8], size: usize) {
        self.around.send_run(self.room, to, packets, size);
    }
}

/// All rooms of a worker.
pub(super) struct Rooms {
    live: IndexMap<RoomId, LiveRoom>,
    /// The same rooms by organization: looking at each of thousands of rooms
    /// would cost the calls of this thread milliseconds.
    by_org: HashMap<OrgId, BTreeSet<RoomId>>,
    timers: Timers,
    /// Rooms that hold forwarded media, in the order in which they are due.
    flushes: VecDeque<(Instant, RoomId)>,
    pub(super) handshakes: Handshakes,
    pub(super) strain: Strain,
    pub(super) around: Surroundings,
}

impl Rooms {
    pub(super) fn new(around: Surroundings) -> Self {
        Self {
            live: IndexMap::new(),
            by_org: HashMap::new(),
            timers: Timers::default(),
            flushes: VecDeque::new(),
            handshakes: Handshakes::default(),
            strain: Strain::default(),
            around,
        }
    }

    /// Makes the ticket's room if it does not live yet.
    pub(super) fn open(&mut self, now: Instant, ticket: &Ticket) -> io::Result<()> {
        if self.live.contains_key(&ticket.room) {
            let wall = (self.around.wall_clock)();
            self.input(ticket.room, now, Input::WallClock(wall));
            return Ok(());
        }
        let config = RoomConfig {
            org: ticket.org,
            room: ticket.room,
            name: ticket.room_name.clone(),
            candidates: self.around.candidates.clone(),
            tcp_candidates: self.around.tcp_candidates.clone(),
            ufrag_prefix: self.around.ufrag_prefix.clone(),
            certificate: self.around.certificate.clone(),
            seed: random::seed()?,
            limits: RoomLimits::default(),
            times: RoomTimes::default(),
            spread: self.around.spread(),
        };
        let mut room = Room::new(config, now, (self.around.wall_clock)());
        room.handle(now, Input::Strain(self.strain.steps()));
        self.live.insert(ticket.room, LiveRoom { org: ticket.org, room, awaits_flush: false });
        self.by_org.entry(ticket.org).or_default().insert(ticket.room);
        self.around.directory.opened(ticket.room);
        info!(room.id = %ticket.room, org.id = %ticket.org, "room opened");
        Ok(())
    }

    /// Has every room leave out as many steps of each video as there is strain.
    pub(super) fn tell_strain(&mut self, now: Instant) {
        let steps = self.strain.steps();
        for room in self.live.keys().copied().collect::<Vec<_>>() {
            self.input(room, now, Input::Strain(steps));
        }
    }

    /// Hands a datagram to the participant it belongs to. `whose` is whom the
    /// media of this address belong to, once one packet of a run was located.
    pub(super) fn datagram(
        &mut self,
        now: Instant,
        received: Received<'_>,
        whose: &mut Option<Endpoint>,
    ) {
        let counts = &mut self.around.counts;
        counts.packets_in += 1;
        counts.bytes_in += received.bytes.len() as u64;
        // Nobody has such an address; it would be somebody's relay otherwise.
        let is_forged = is_relayed(received.source.ip());
        let is_media = PacketKind::of(received.bytes) == Some(PacketKind::Media);
        let known = whose.filter(|_| is_media);
        let located = known.or_else(|| self.around.demux.locate(received.source, received.bytes));
        if is_media {
            *whose = located;
        }
        let Some(endpoint) = located.filter(|_| !is_forged) else {
            counts.packets_unknown += 1;
            self.around.answer_stranger(now, received);
            return;
        };
        self.deliver(now, endpoint, received);
    }

    /// The same for a packet of a connection.
    pub(super) fn stream_packet(
        &mut self,
        now: Instant,
        key: StreamKey,
        destination: SocketAddr,
        bytes: &[u8],
    ) {
        let StreamKey { transport, remote: source } = key;
        let received = Received { transport, source, destination, bytes };
        let Surroundings { streams, demux, counts, .. } = &mut self.around;
        counts.stream_packets_in += 1;
        counts.stream_bytes_in += bytes.len() as u64;
        match streams.locate(key, &received, demux) {
            Some(endpoint) => self.deliver(now, endpoint, received),
            None => counts.packets_unknown += 1,
        }
    }

    fn deliver(&mut self, now: Instant, endpoint: Endpoint, received: Received<'_>) {
        match PacketKind::of(received.bytes) {
            Some(PacketKind::Media) => {
                // The common case: no look at timers, for the flush does that.
                let input = Input::Datagram(endpoint.participant, received);
                if self.feed(endpoint.room, now, input) {
                    self.await_flush(endpoint.room, now);
                }
            }
            Some(PacketKind::Dtls) if self.handshakes.may_pass() => {
                self.shake_hands(now, endpoint, received);
            }
            Some(PacketKind::Dtls) => {
                let is_kept = self.handshakes.push(endpoint, &received);
                let counts = &mut self.around.counts;
                counts.handshakes_deferred += u64::from(is_kept);
                counts.handshakes_dropped += u64::from(!is_kept);
            }
            Some(PacketKind::Stun) | None => {
                self.input(endpoint.room, now, Input::Datagram(endpoint.participant, received));
            }
        }
    }

    /// Serves the handshake packets that wait, as far as this turn has time.
    pub(super) fn serve_handshakes(&mut self) {
        while let Some(waiting) = self.handshakes.pop() {
            self.shake_hands(Instant::now(), waiting.whose, waiting.received());
        }
    }

    fn shake_hands(&mut self, now: Instant, endpoint: Endpoint, received: Received<'_>) {
        let began = Instant::now();
        self.input(endpoint.room, now, Input::Datagram(endpoint.participant, received));
        self.handshakes.spend(began.elapsed());
    }

    /// Hands over anything else.
    pub(super) fn input(&mut self, id: RoomId, now: Instant, input: Input<'_>) {
        if self.feed(id, now, input) {
            self.reschedule(id, now);
            self.close_if_empty(id, now);
        }
    }

    /// Hands over what comes from a call socket.
    pub(super) fn call_input(&mut self, from: ConnectionId, now: Instant, input: Input<'_>) {
        if let Some(room) = self.around.calls.room_of(from) {
            self.input(room, now, input);
        }
    }

    /// Tells rooms about sockets that did not keep up.
    pub(super) fn report_overflows(&mut self, now: Instant) {
        while let Some((room, connection)) = self.around.calls.pop_overflowed() {
            self.input(room, now, Input::Disconnected(connection));
        }
    }

    /// Takes what a shard of one of the rooms tells.
    pub(super) fn take_events(&mut self, now: Instant, shard: ShardKey, events: Vec<ShardEvent>) {
        if let Some((room, index)) = self.around.lines.of(shard) {
            self.around.lines.note_events((room, index), events.len());
            self.input(room, now, Input::FromShard(index, events));
        }
    }

    /// Sends what a shard cannot send by itself.
    pub(super) fn take_media(&mut self, shard: ShardKey, media: Vec<Transmit>) {
        if let Some((room, _)) = self.around.lines.of(shard) {
            media.into_iter().for_each(|packet| self.around.transmit(room, packet));
        }
    }

    /// Tells rooms about shards that were lost.
    pub(super) fn report_lost_shards(&mut self, now: Instant) {
        while let Some((room, index)) = self.around.lines.pop_lost() {
            self.input(room, now, Input::ShardLost(index));
        }
    }

    /// Asks a room. `None` if it does not live here.
    pub(super) fn ask(&mut self, id: RoomId, now: Instant, command: RoomCommand) -> Option<Reply> {
        // The room answers at once, so one mark serves all requests.
        let mark = ReplyTo(0);
        self.input(id, now, Input::Command(command, mark));
        self.around.replies.pop().map(|(_mark, reply)| reply)
    }

    /// Who is in the rooms of an organization.
    pub(super) fn presence_of(&mut self, org: OrgId, now: Instant) -> Vec<PresentParticipant> {
        let rooms: Vec<RoomId> = self.by_org.get(&org).into_iter().flatten().copied().collect();
        let replies = rooms.into_iter().filter_map(|id| self.ask(id, now, RoomCommand::Presence));
        replies
            .flat_map(|reply| match reply {
                Reply::Presence { participants } => participants,
                _ => Vec::new(),
            })
            .collect()
    }

    /// The wall clock was moved on purpose. Whoever has to go by it is gone when
    /// this returns.
    pub(super) fn wall_jumped(&mut self, now: Instant) {
        let wall = (self.around.wall_clock)();
        for id in self.live.keys().copied().collect::<Vec<_>>() {
            self.input(id, now, Input::WallJumped(wall));
            self.input(id, now, Input::Timeout);
        }
    }

    /// Ends every call, because the thread ends.
    pub(super) fn end_all(&mut self, now: Instant) {
        for id in self.live.keys().copied().collect::<Vec<_>>() {
            self.ask(id, now, RoomCommand::End(EndReason::Shutdown));
        }
    }

    /// After a panic: gives up every room and all that may be half changed.
    pub(super) fn begin_anew(&mut self) {
        for id in self.live.keys().copied().collect::<Vec<_>>() {
            self.give_up(id, Closing::RESTART);
        }
        self.timers = Timers::default();
        self.flushes.clear();
        self.handshakes = Handshakes::default();
        self.around.begin_anew();
    }

    /// Serves every room whose time has come.
    pub(super) fn run_timers(&mut self, now: Instant) {
        self.flush_due(now);
        while let Some(id) = self.timers.pop_due(now) {
            if self.feed(id, now, Input::Timeout) {
                self.flush(id, now);
                self.close_if_empty(id, now);
            }
        }
    }

    /// Puts out the media that has waited long enough.
    pub(super) fn flush_due(&mut self, now: Instant) {
        while let Some((due, id)) = self.flushes.front().copied()
            && due <= now
        {
            self.flushes.pop_front();
            self.flush(id, now);
        }
    }

    /// When forwarded media must be put out next.
    pub(super) fn flush_deadline(&self) -> Option<Instant> {
        self.flushes.front().map(|(due, _)| *due)
    }

    /// When a room wants to be woken next, flushes aside.
    pub(super) fn timer_deadline(&mut self) -> Option<Instant> {
        self.timers.next()
    }

    pub(super) fn is_live(&self, id: RoomId) -> bool {
        self.live.contains_key(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// One input and all its output. `false` if the room does not live here,
    /// or no longer.
    fn feed(&mut self, id: RoomId, now: Instant, input: Input<'_>) -> bool {
        self.run(id, |room, around| {
            room.handle(now, input);
            while let Some(output) = room.poll() {
                around.carry_out(now, id, output);
            }
        })
    }

    fn flush(&mut self, id: RoomId, now: Instant) {
        if let Some(live) = self.live.get_mut(&id) {
            live.awaits_flush = false;
        }
        let is_alive = self.run(id, |room, around| {
            room.flush(now, &mut MediaOut { room: id, around });
            while let Some(output) = room.poll() {
                around.carry_out(now, id, output);
            }
        });
        if is_alive {
            self.reschedule(id, now);
        }
    }

    /// Works on a room. `false` if it does not live here, or no longer.
    fn run(&mut self, id: RoomId, work: impl FnOnce(&mut Room, &mut Surroundings)) -> bool {
        let Some(live) = self.live.get_mut(&id) else {
            return false;
        };
        let around = &mut self.around;
        // A fault in one room must not take the worker's other rooms along.
        // What the room leaves behind is thrown away whole.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut live.room, around)));
        if outcome.is_err() {
            self.abandon(id);
        }
        outcome.is_ok()
    }

    fn await_flush(&mut self, id: RoomId, now: Instant) {
        if let Some(live) = self.live.get_mut(&id)
            && !live.awaits_flush
        {
            live.awaits_flush = true;
            self.flushes.push_back((now + FLUSH_DELAY, id));
        }
    }

    /// Notes when the room wants to be woken. A room that wants it at once
    /// (it holds media, or a timer has just passed) is served after the flush
    /// delay, so that no room can keep the worker spinning.
    fn reschedule(&mut self, id: RoomId, now: Instant) {
        let Some(live) = self.live.get_mut(&id) else {
            return;
        };
        if live.awaits_flush {
            return;
        }
        let deadline = live.room.next_timeout().map(|at| at.max(now + FLUSH_DELAY));
        self.timers.set(id, deadline);
    }

    fn close_if_empty(&mut self, id: RoomId, now: Instant) {
        if !self.live.get(&id).is_some_and(|live| live.room.is_empty()) {
            return;
        }
        if !self.around.directory.close(id) {
            self.timers.set(id, Some(now + EMPTY_RECHECK));
            return;
        }
        self.forget(id);
        self.around.calls.close_room(id, Closing::DONE);
        info!(room.id = %id, "room closed");
    }

    /// Gives up a room whose code panicked: its people have to join again.
    fn abandon(&mut self, id: RoomId) {
        error!(room.id = %id, "a room failed and was given up");
        self.give_up(id, Closing::FAULT);
    }

    fn give_up(&mut self, id: RoomId, closing: Closing) {
        self.forget(id);
        self.around.demux.forget_room(id);
        self.around.streams.forget_room(id);
        self.around.directory.lost(id);
        self.around.tell_the_rest(id);
        self.around.calls.close_room(id, closing);
    }

    fn forget(&mut self, id: RoomId) {
        if let Some(live) = self.live.swap_remove(&id)
            && let Entry::Occupied(mut rooms) = self.by_org.entry(live.org)
        {
            rooms.get_mut().remove(&id);
            if rooms.get().is_empty() {
                rooms.remove();
            }
        }
        self.timers.set(id, None);
        self.around.lines.forget_room(id);
    }
}
