//! What the thread does: wait, read, do what is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use anyhow::Context as _;
use mio::{Events, Interest, Poll, Token};

use super::path::Path;
use super::{Command, Counted, PeerId, WAKER};
use crate::peer::{Buffers, Peer, Tally};
use crate::target::Place;

/// The calibration's socket.
const PATH: Token = Token(usize::MAX - 1);
/// Sockets told of at once.
const EVENTS: usize = 1024;

pub(super) struct Work {
    poll: Poll,
    inbox: Receiver<Command>,
    /// By [`PeerId`]; places are not used again.
    peers: Vec<Option<Slot>>,
    deadlines: BinaryHeap<Reverse<(Instant, usize)>>,
    buffers: Buffers,
    tally: Tally,
    path: Path,
    is_over: bool,
}

struct Slot {
    peer: Peer,
    /// The earliest of its entries among the deadlines.
    scheduled: Option<Instant>,
}

impl Work {
    pub(super) fn new(poll: Poll, inbox: Receiver<Command>, place: Place) -> anyhow::Result<Self> {
        let path = Path::new(place, poll.registry(), PATH)?;
        Ok(Self {
            poll,
            inbox,
            peers: Vec::new(),
            deadlines: BinaryHeap::new(),
            buffers: Buffers::default(),
            tally: Tally::default(),
            path,
            is_over: false,
        })
    }

    pub(super) fn run(&mut self) {
        let mut events = Events::with_capacity(EVENTS);
        while !self.is_over {
            let now = Instant::now();
            let due = self.next_due();
            let timeout = due.saturating_duration_since(now);
            // Interrupted by a signal: the next turn waits again.
            drop(self.poll.poll(&mut events, Some(timeout)));
            for event in &events {
                match event.token() {
                    WAKER => self.take_commands(),
                    PATH => self.path.read(),
                    Token(index) => self.read(index),
                }
            }
            self.do_what_is_due();
        }
    }

    fn next_due(&self) -> Instant {
        let peers = self.deadlines.peek().map(|Reverse((at, _))| *at);
        peers.map_or(self.path.due, |at| at.min(self.path.due))
    }

    fn read(&mut self, index: usize) {
        if let Some(Some(slot)) = self.peers.get_mut(index) {
            slot.peer.read(&mut self.buffers, &mut self.tally);
            schedule(slot, index, &mut self.deadlines);
        }
    }

    fn do_what_is_due(&mut self) {
        let now = Instant::now();
        if self.path.due <= now {
            self.path.send(now);
        }
        while let Some(Reverse((at, index))) = self.deadlines.peek().copied()
            && at <= now
        {
            self.deadlines.pop();
            let Some(slot) = &mut self.peers[index] else { continue };
            // An entry that an earlier one of the same peer has overtaken.
            if slot.scheduled != Some(at) {
                continue;
            }
            slot.scheduled = None;
            if slot.peer.due() <= now {
                slot.peer.turn(Instant::now(), &mut self.tally);
            }
            schedule(slot, index, &mut self.deadlines);
        }
    }

    fn take_commands(&mut self) {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Add(peer, reply) => {
                    // Who does not wait any more needs no answer.
                    drop(reply.send(self.add(*peer).map(PeerId)));
                }
                Command::With(PeerId(index), act) => self.with(index, act),
                Command::All(mut act) => {
                    for index in 0..self.peers.len() {
                        self.with(index, |peer, now| act(peer, now));
                    }
                }
                Command::Remove(PeerId(index)) => self.peers[index] = None,
                Command::Mark => self.mark(),
                Command::Report(reply) => drop(reply.send(self.report())),
                Command::Stop => self.is_over = true,
            }
        }
    }

    fn add(&mut self, mut peer: Peer) -> anyhow::Result<usize> {
        let index = self.peers.len();
        let source = peer.wire_mut().source();
        let registry = self.poll.registry();
        registry.register(source, Token(index), Interest::READABLE).context("epoll is full")?;
        let mut slot = Slot { peer, scheduled: None };
        schedule(&mut slot, index, &mut self.deadlines);
        self.peers.push(Some(slot));
        Ok(index)
    }

    fn with(&mut self, index: usize, act: impl FnOnce(&mut Peer, Instant)) {
        let Some(Some(slot)) = self.peers.get_mut(index) else {
            return;
        };
        let now = Instant::now();
        act(&mut slot.peer, now);
        slot.peer.turn(now, &mut self.tally);
        schedule(slot, index, &mut self.deadlines);
    }

    fn mark(&mut self) {
        self.tally = Tally::default();
        self.path.times = crate::histogram::Histogram::default();
        for slot in self.peers.iter_mut().flatten() {
            slot.peer.mark();
        }
    }

    fn report(&self) -> Counted {
        let mut counted = Counted {
            tally: self.tally.clone(),
            path: self.path.times.clone(),
            ..Counted::default()
        };
        for slot in self.peers.iter().flatten() {
            counted.counts += slot.peer.counts();
            counted.ports.push(slot.peer.address().port());
        }
        counted
    }
}

/// Enters a deadline that is earlier than what is entered already.
fn schedule(slot: &mut Slot, index: usize, deadlines: &mut BinaryHeap<Reverse<(Instant, usize)>>) {
    let due = slot.peer.due();
    if slot.scheduled.is_none_or(|at| due < at) {
        slot.scheduled = Some(due);
        deadlines.push(Reverse((due, index)));
    }
}
