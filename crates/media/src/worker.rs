//! A worker: one OS thread, its UDP ports, its rooms. Each turn of its loop
//! reads a bounded number of datagrams and messages, hands them to their
//! rooms, serves the timers that are due, and sends what came out of it.
//!
//! Media that a room forwards is held inside the room for up to
//! [`FLUSH_DELAY`], so that the packets of one video frame are encrypted and
//! sent together; everything else leaves at the end of its turn.

mod calls;
mod falls;
mod handshakes;
mod hosted;
mod ledger;
mod lines;
mod rooms;
mod strangers;
mod streams;
mod surroundings;
mod timers;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use parlor_bus::Facts;
use parlor_model::id::ParticipantId;
use parlor_model::ticket::Ticket;
use parlor_sfu::{Certificate, Demux, Input, Received, Transport};
use serde_json::Value;
use tokio::sync::mpsc::{self, error::TryRecvError};
use tracing::{error, info, warn};

use crate::config::WallClock;
use crate::counters::{Counts, Published};
use crate::directory::{Claim, Directory};
use crate::egress::Egress;
use crate::inbox::{CallSocket, ToWorker};
use crate::mail::{Address, Letter, Mailbox};
use crate::node::ufrag_prefix;
use crate::outgoing::Closing;
use crate::priority;
use crate::streams::FromStream;
use crate::udp::{Inbound, UdpPort};
use crate::websocket::{refusal, room_deleted};
use calls::Calls;
use falls::Falls;
use hosted::Hosted;
use ledger::Ledger;
use lines::Lines;
use rooms::Rooms;
use streams::Streams;
use surroundings::Surroundings;

/// How long forwarded media may wait for its neighbours before it is encrypted
/// and sent. Longer makes longer runs, which are cheaper a packet, and adds
/// that much delay to the call. Rooms allow two milliseconds.
const FLUSH_DELAY: Duration = Duration::from_millis(1);

/// Most datagrams read from one port before rooms, messages and timers get
/// their turn.
const MAX_DATAGRAMS_PER_TURN: usize = 64;

/// Most letters of other workers taken in a turn. Of a room and its shards
/// there are one or two a turn in each direction.
const MAX_LETTERS_PER_TURN: usize = 64;

/// How long a turn may take messages from the inbox. An offer costs some tenths
/// of a millisecond: longer lets a crowd in faster, and makes the media of those
/// inside wait longer.
const MESSAGES_PER_TURN: Duration = Duration::from_millis(1);

/// How often is looked whether there is enough time for all that is sent.
const STRAIN_EVERY: Duration = Duration::from_secs(1);

/// After so many seconds without a look nothing of a strain is left.
const MOST_LOOKS_MISSED: u64 = 20;

/// The token of the waker; ports have the numbers below it.
pub(crate) const WAKER: Token = Token(usize::MAX);

/// What a worker is made of.
pub(crate) struct WorkerParts {
    /// Its number in the directory.
    pub(crate) index: usize,
    pub(crate) poll: Poll,
    pub(crate) sockets: Vec<UdpSocket>,
    pub(crate) inbox: mpsc::Receiver<ToWorker>,
    pub(crate) streams: mpsc::Receiver<FromStream>,
    pub(crate) mailbox: Mailbox,
    /// Of all workers, by number.
    pub(crate) addresses: Arc<[Address]>,
    pub(crate) own_receivers: usize,
    pub(crate) directory: Arc<Directory>,
    pub(crate) published: Arc<Published>,
    /// Addresses announced to clients, with this worker's port.
    pub(crate) candidates: Vec<SocketAddr>,
    /// Addresses announced for ICE-TCP.
    pub(crate) tcp_candidates: Vec<SocketAddr>,
    pub(crate) facts: Facts,
    pub(crate) wall_clock: WallClock,
}

/// Tells the directory when the thread ends, however it ends.
struct Lifeline {
    directory: Arc<Directory>,
    index: usize,
    is_ordered: bool,
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        if !self.is_ordered {
            error!(
                worker = self.index,
                "a media thread has ended; its calls are lost, and the node should be restarted"
            );
        }
        self.directory.retire(self.index);
    }
}

/// The state of one thread.
pub(crate) struct Worker {
    poll: Poll,
    inbox: mpsc::Receiver<ToWorker>,
    streams: mpsc::Receiver<FromStream>,
    inbound: Inbound,
    rooms: Rooms,
    mailbox: Mailbox,
    /// What it sends for the rooms of other workers.
    hosted: Hosted,
    /// Whether the mailbox may hold more than the last turn took.
    has_letters: bool,
    published: Arc<Published>,
    strain_at: Instant,
    is_stopping: bool,
    index: usize,
    /// Whether the inboxes may hold more than the last turn took.
    has_mail: bool,
}

impl Worker {
    pub(crate) fn new(parts: WorkerParts) -> io::Result<Self> {
        let registry = parts.poll.registry();
        let sockets = parts.sockets.into_iter().enumerate();
        let ports = sockets
            .map(|(index, socket)| UdpPort::register(socket, registry, Token(index)))
            .collect::<io::Result<Vec<_>>>()?;
        let around = Surroundings {
            calls: Calls::default(),
            egress: Egress::default(),
            demux: Demux::new(),
            replies: Vec::new(),
            directory: parts.directory,
            certificate: Certificate::generate(),
            ufrag_prefix: ufrag_prefix(parts.index),
            candidates: parts.candidates,
            tcp_candidates: parts.tcp_candidates,
            streams: Streams::default(),
            lines: Lines::new(parts.index, parts.addresses),
            own_receivers: parts.own_receivers,
            facts: parts.facts,
            ledger: Ledger::default(),
            wall_clock: parts.wall_clock,
            strangers: strangers::Strangers::default(),
            ports,
            counts: Counts::default(),
        };
        Ok(Self {
            poll: parts.poll,
            inbox: parts.inbox,
            streams: parts.streams,
            inbound: Inbound::new(),
            rooms: Rooms::new(around),
            mailbox: parts.mailbox,
            hosted: Hosted::default(),
            has_letters: false,
            published: parts.published,
            strain_at: Instant::now(),
            is_stopping: false,
            index: parts.index,
            has_mail: false,
        })
    }

    /// Runs until it is told to stop. What a panic leaves behind is thrown away,
    /// all but the sockets and queues, and the worker begins anew: its calls are
    /// lost, but their people find it again where it was.
    pub(crate) fn run(mut self) {
        priority::raise();
        let mut lifeline = Lifeline {
            directory: Arc::clone(&self.rooms.around.directory),
            index: self.index,
            is_ordered: false,
        };
        let mut falls = Falls::default();
        while catch_unwind(AssertUnwindSafe(|| self.run_until_stopped())).is_err() {
            error!(worker = self.index, "a media thread has failed and begins anew");
            thread::sleep(falls.pause(Instant::now()));
            let has_begun = falls::until_it_holds(|| {
                self.hosted.clear();
                self.rooms.begin_anew();
            });
            if !has_begun {
                return;
            }
            (self.has_mail, self.has_letters) = (true, true);
        }
        lifeline.is_ordered = self.is_stopping;
        if self.is_stopping {
            self.hosted.leave();
        }
        // The sockets first: for their clients the stay is not over, they may
        // come back to the successor. For history it is.
        self.rooms.around.calls.close_all(Closing::RESTART);
        self.rooms.end_all(Instant::now());
    }

    fn run_until_stopped(&mut self) {
        let mut events = Events::with_capacity(64);
        while !self.is_stopping {
            if let Err(error) = self.wait(&mut events)
                && error.kind() != io::ErrorKind::Interrupted
            {
                error!(%error, "a media thread cannot wait for its sockets and stops");
                return;
            }
            self.turn(&events);
        }
    }

    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let ports = &self.rooms.around.ports;
        let has_work = self.has_mail
            || self.has_letters
            || self.rooms.handshakes.are_waiting()
            || ports.iter().any(|port| port.is_readable);
        if has_work {
            return self.poll.poll(events, Some(Duration::ZERO));
        }
        let now = Instant::now();
        let lines = self.rooms.around.lines.deadline(now);
        let flushes = [self.rooms.flush_deadline(), self.hosted.flush_deadline(), lines];
        if let Some(due) = flushes.into_iter().flatten().min() {
            // The rest of a frame arrives within microseconds. Waking up for
            // each of its packets costs more than taking them together when
            // the flush is due, which is soon.
            thread::sleep(due.saturating_duration_since(now));
            return self.poll.poll(events, Some(Duration::ZERO));
        }
        let timers = [self.rooms.timer_deadline(), self.hosted.timer_deadline(now)];
        let timeout = timers.into_iter().flatten().min();
        let timeout = timeout.map(|due| due.saturating_duration_since(now));
        self.poll.poll(events, timeout)
    }

    fn turn(&mut self, events: &Events) {
        let began = Instant::now();
        self.rooms.handshakes.begin_turn();
        self.take_events(events);
        for port in 0..self.rooms.around.ports.len() {
            self.receive(port);
        }
        self.take_messages();
        self.take_stream_packets();
        self.take_letters();
        self.rooms.serve_handshakes();
        self.rooms.report_overflows(began);
        self.rooms.report_lost_shards(began);
        let now = Instant::now();
        self.look_at_strain(now);
        self.rooms.run_timers(now);
        self.hosted.run(now, &mut self.rooms.around.counts);
        self.rooms.around.lines.send_due(now);
        self.rooms.around.send_collected();
        self.publish(began);
    }

    /// Has rooms send less while this worker, or one that sends for its rooms,
    /// has too little time.
    fn look_at_strain(&mut self, now: Instant) {
        if now < self.strain_at {
            return;
        }
        // Who had nothing to do did not look.
        let missed = now.duration_since(self.strain_at).as_secs().min(MOST_LOOKS_MISSED);
        self.strain_at = now + STRAIN_EVERY;
        let around = &self.rooms.around;
        let loads = &around.directory.loads;
        let busiest = around.lines.hosts().chain([self.index]).map(|worker| loads.percent(worker));
        let percent = busiest.max().unwrap_or(0);
        let before = self.rooms.strain.steps();
        (0..=missed).for_each(|_| self.rooms.strain.look(percent));
        let steps = self.rooms.strain.steps();
        if steps == before {
            return;
        }
        if steps > before {
            warn!(worker = self.index, steps, "videos are sent with fewer layers: too little time");
        } else {
            info!(worker = self.index, steps, "videos are sent with more layers again");
        }
        self.rooms.tell_strain(now);
    }

    fn take_events(&mut self, events: &Events) {
        let Surroundings { ports, counts, .. } = &mut self.rooms.around;
        for event in events {
            let Some(port) = ports.get_mut(event.token().0) else {
                continue;
            };
            if event.is_readable() {
                port.is_readable = true;
            }
            if event.is_writable() {
                port.drain(counts);
            }
        }
        // A wake-up and the message it announces may fall into different turns.
        self.has_mail = true;
    }

    fn receive(&mut self, index: usize) {
        let mut datagrams = 0;
        while datagrams < MAX_DATAGRAMS_PER_TURN {
            let Surroundings { ports, counts, .. } = &mut self.rooms.around;
            let port = &mut ports[index];
            if !port.is_readable {
                return;
            }
            port.receive(&mut self.inbound, counts);
            let (now, destination) = (Instant::now(), port.local());
            for (source, run) in self.inbound.runs() {
                let mut whose = None;
                for bytes in run {
                    datagrams += 1;
                    let transport = Transport::Udp;
                    let received = Received { transport, source, destination, bytes };
                    self.rooms.datagram(now, received, &mut whose);
                }
            }
            self.rooms.flush_due(now);
        }
    }

    fn take_messages(&mut self) {
        let began = Instant::now();
        let mut now = began;
        while now.duration_since(began) < MESSAGES_PER_TURN {
            match self.inbox.try_recv() {
                Ok(message) => self.take_message(now, message),
                Err(reason) => {
                    self.has_mail = false;
                    // Nobody is left who could say stop.
                    self.is_stopping |= reason == TryRecvError::Disconnected;
                    return;
                }
            }
            now = Instant::now();
        }
    }

    fn take_stream_packets(&mut self) {
        for _ in 0..MAX_DATAGRAMS_PER_TURN {
            let Ok(message) = self.streams.try_recv() else {
                return;
            };
            match message {
                FromStream::Opened(key, end) => self.rooms.around.streams.open(key, end),
                FromStream::Packet(key, destination, bytes) => {
                    self.rooms.stream_packet(Instant::now(), key, destination, &bytes);
                }
                FromStream::Closed(key, number) => self.rooms.around.streams.close(key, number),
            }
        }
        self.has_mail = true;
    }

    fn take_letters(&mut self) {
        // A ring that is not taken would keep the next one from waking this thread.
        let is_rung = self.mailbox.take_ring();
        if !std::mem::take(&mut self.has_letters) && !is_rung {
            return;
        }
        for _ in 0..MAX_LETTERS_PER_TURN {
            let now = Instant::now();
            match self.mailbox.take() {
                Some(Letter::Open(key, commission)) => self.hosted.open(key, *commission),
                Some(Letter::Inputs(key, inputs)) => self.hosted.take(now, key, inputs),
                Some(Letter::Events(key, events)) => self.rooms.take_events(now, key, events),
                Some(Letter::Media(key, media)) => self.rooms.take_media(key, media),
                None => {
                    self.hosted.look();
                    let Surroundings { lines, counts, .. } = &mut self.rooms.around;
                    lines.look(counts);
                    return;
                }
            }
        }
        self.has_letters = true;
    }

    fn take_message(&mut self, now: Instant, message: ToWorker) {
        match message {
            ToWorker::Connect(socket, claim, ticket, user_data) => {
                self.connect(now, socket, claim, ticket, user_data);
            }
            ToWorker::Resume(socket, claim, participant, secret) => {
                self.resume(now, socket, claim, participant, secret);
            }
            ToWorker::Message(connection, message) => {
                self.rooms.call_input(connection, now, Input::Message(connection, message));
            }
            ToWorker::Reject(connection, rejection) => {
                self.rooms.around.calls.send(&[connection], &rejection);
                self.rooms.call_input(connection, now, Input::Heard(connection));
            }
            // It may have waited for this turn; what counts is when it came.
            ToWorker::Heard(connection, at) => {
                self.rooms.call_input(connection, at, Input::Heard(connection));
            }
            ToWorker::Disconnected(connection) => {
                self.rooms.call_input(connection, now, Input::Disconnected(connection));
                self.rooms.around.calls.remove(connection);
            }
            ToWorker::Ask(room, command, answer, absent) => {
                answer.reply(self.rooms.ask(room, now, command).unwrap_or(absent));
            }
            ToWorker::AskOrg(org, answer) => {
                answer.send(self.rooms.presence_of(org, now)).ok();
            }
            ToWorker::WallJumped(done) => {
                self.rooms.wall_jumped(now);
                done.send(()).ok();
            }
            ToWorker::Fail => {
                let is_ordered = true;
                assert!(!is_ordered, "a media thread was told to fail");
            }
            ToWorker::Stop => self.is_stopping = true,
        }
    }

    fn connect(
        &mut self,
        now: Instant,
        socket: CallSocket,
        mut claim: Claim,
        ticket: Box<Ticket>,
        user_data: Option<Value>,
    ) {
        // It may have been deleted while the joiner was on the way.
        if self.rooms.around.directory.is_deleted(now, ticket.room) {
            return refuse_deleted(socket);
        }
        if let Err(error) = self.rooms.open(now, &ticket) {
            error!(room.id = %ticket.room, %error, "a room could not be opened");
            return socket.outgoing.close(Closing::FAULT);
        }
        // Their place is theirs until the room has counted them.
        let _arrival = claim.take_arrival();
        // The room lives, and its emptiness is judged below: from here on the
        // claim would only keep it from closing.
        drop(claim);
        let (room, connection) = (ticket.room, socket.connection);
        self.rooms.around.calls.insert(connection, room, socket.outgoing);
        self.rooms.input(room, now, Input::Connect(connection, ticket, user_data));
    }

    fn resume(
        &mut self,
        now: Instant,
        socket: CallSocket,
        claim: Claim,
        participant: ParticipantId,
        secret: String,
    ) {
        let (room, connection) = (claim.room(), socket.connection);
        drop(claim);
        self.rooms.around.calls.insert(connection, room, socket.outgoing);
        if self.rooms.is_live(room) {
            self.rooms.input(room, now, Input::Resume(connection, participant, secret));
        } else {
            self.rooms.around.calls.send(&[connection], &refusal("the call has ended; join again"));
            self.rooms.around.calls.close(connection, Closing::DONE);
        }
    }

    fn publish(&mut self, began: Instant) {
        let (rooms, connections) = (self.rooms.len(), self.rooms.around.calls.len());
        let streams = self.rooms.around.streams.len();
        let counts = &mut self.rooms.around.counts;
        counts.turns += 1;
        counts.busy_micros += u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        counts.rooms = rooms as u64;
        counts.connections = connections as u64;
        counts.streams = streams as u64;
        self.published.store(counts);
    }
}

fn refuse_deleted(socket: CallSocket) {
    if let Ok(text) = serde_json::to_string(&room_deleted()) {
        socket.outgoing.send(text.into()).ok();
    }
    socket.outgoing.close(Closing::DONE);
}
