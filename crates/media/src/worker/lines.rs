//! The lines from the rooms of a worker to their shards, which other workers
//! run. What rooms tell their shards within [`FLUSH_DELAY`] goes as one letter
//! each: a shard puts out at once what a letter brings.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use parlor_model::id::RoomId;
use parlor_sfu::{Shard, ShardInput, ShardLost, ShardQueue};
use tracing::{info, warn};

use super::FLUSH_DELAY;
use crate::counters::Counts;
use crate::directory::Directory;
use crate::mail::{Address, Commission, Letter, Link, ShardKey, Tether, Undelivered};
use crate::udp::UdpPort;

/// Which shard of which room.
pub(super) type Which = (RoomId, usize);

/// All lines of a worker.
pub(super) struct Lines {
    /// This worker's number.
    own: usize,
    addresses: Arc<[Address]>,
    lines: BTreeMap<Which, Line>,
    by_number: BTreeMap<u64, Which>,
    last_number: u64,
    /// Those with something to send, and when it is time; `None`: now.
    dirty: BTreeSet<Which>,
    due: Option<Instant>,
    /// Those that were lost, of which their rooms do not know yet.
    lost: Vec<Which>,
}

/// One line.
struct Line {
    key: ShardKey,
    host: usize,
    tether: Tether,
    queue: ShardQueue,
    /// What found the box full. Counted as on its way.
    unsent: Option<Letter>,
}

impl Lines {
    pub(super) fn new(own: usize, addresses: Arc<[Address]>) -> Self {
        Self {
            own,
            addresses,
            lines: BTreeMap::new(),
            by_number: BTreeMap::new(),
            last_number: 0,
            dirty: BTreeSet::new(),
            due: None,
            lost: Vec::new(),
        }
    }

    /// How many shards a room may have.
    pub(super) fn most_shards(&self) -> usize {
        self.addresses.len().saturating_sub(1).min(parlor_sfu::MAX_SHARDS)
    }

    /// The workers that run shards for this one's rooms.
    pub(super) fn hosts(&self) -> impl Iterator<Item = usize> {
        self.lines.values().map(|line| line.host)
    }

    /// Has the worker with the most time that has none of the room's shards run
    /// this one.
    pub(super) fn open(
        &mut self,
        which: Which,
        shard: Shard,
        ports: &[UdpPort],
        directory: &Directory,
    ) {
        let (room, index) = which;
        let its = self.lines.range((room, 0)..=(room, usize::MAX)).map(|(_, line)| line.host);
        let taken: Vec<_> = its.chain([self.own]).collect();
        let Some(host) = directory.idlest_worker_but(&taken) else {
            return self.lost.push(which);
        };
        let sockets = ports.iter().map(UdpPort::try_clone_socket).collect::<io::Result<Vec<_>>>();
        let sockets = match sockets {
            Ok(sockets) => sockets,
            Err(error) => {
                warn!(room.id = %room, %error, "a room cannot be spread over threads");
                return self.lost.push(which);
            }
        };
        self.last_number += 1;
        let key = ShardKey { owner: self.own, number: self.last_number };
        let link = Arc::<Link>::default();
        let tether = |link: &Arc<Link>, other: usize| Tether {
            link: Arc::clone(link),
            other: self.addresses[other].clone(),
            is_released: false,
        };
        let commission = Commission { shard, tether: tether(&link, self.own), sockets };
        let line = Line {
            key,
            host,
            tether: tether(&link, host),
            queue: ShardQueue::default(),
            unsent: Some(Letter::Open(key, Box::new(commission))),
        };
        info!(room.id = %room, shard = index, thread = host, "a room spreads to another thread");
        self.by_number.insert(key.number, which);
        self.lines.insert(which, line);
        self.dirty.insert(which);
    }

    /// Takes what a room tells its shard.
    pub(super) fn push(
        &mut self,
        now: Instant,
        which: Which,
        input: ShardInput,
        counts: &mut Counts,
    ) {
        let Some(line) = self.lines.get_mut(&which) else {
            return;
        };
        let was_empty = line.queue.is_empty();
        let pushed = line.queue.push(now, input, line.tether.link.inputs.load(Relaxed));
        counts.shard_inputs_dropped += line.queue.take_dropped();
        match pushed {
            Ok(()) if was_empty => {
                if self.dirty.is_empty() {
                    self.due = Some(now + FLUSH_DELAY);
                }
                self.dirty.insert(which);
            }
            Ok(()) => {}
            Err(ShardLost) => self.lose(which, counts),
        }
    }

    /// The room has nobody there any more.
    pub(super) fn close(&mut self, which: Which) {
        if let Some(line) = self.lines.remove(&which) {
            self.by_number.remove(&line.key.number);
        }
        self.dirty.remove(&which);
    }

    /// A room is no more.
    pub(super) fn forget_room(&mut self, room: RoomId) {
        if self.lines.is_empty() && self.lost.is_empty() {
            return;
        }
        let its = self.lines.range((room, 0)..=(room, usize::MAX)).map(|(which, _)| *which);
        for which in its.collect::<Vec<_>>() {
            self.close(which);
        }
        self.lost.retain(|(lost, _)| *lost != room);
    }

    /// After a panic: everything.
    pub(super) fn clear(&mut self) {
        self.dirty.clear();
        self.lost.clear();
        self.by_number.clear();
        self.lines.clear();
    }

    /// Sends what rooms have told, if it is time.
    pub(super) fn send_due(&mut self, now: Instant) {
        if self.due.is_some_and(|due| due > now) {
            return;
        }
        self.due = None;
        for which in std::mem::take(&mut self.dirty) {
            let Some(line) = self.lines.get_mut(&which) else {
                continue;
            };
            if !line.send() {
                // The other's box was full.
                self.dirty.insert(which);
                self.due = Some(now + FLUSH_DELAY);
            }
        }
    }

    /// When [`Self::send_due`] is due, or somebody is to hear of a lost shard.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let is_due = !self.lost.is_empty() || !self.dirty.is_empty() && self.due.is_none();
        if is_due {
            return Some(now);
        }
        self.due.filter(|_| !self.dirty.is_empty())
    }

    /// Looks who has gone.
    pub(super) fn look(&mut self, counts: &mut Counts) {
        let over = self.lines.iter().filter(|(_, line)| line.tether.link.is_over());
        for which in over.map(|(which, _)| *which).collect::<Vec<_>>() {
            self.lose(which, counts);
        }
    }

    /// The next shard that was lost.
    pub(super) fn pop_lost(&mut self) -> Option<Which> {
        self.lost.pop()
    }

    /// Whose a shard is. `None`: it was given up.
    pub(super) fn of(&self, key: ShardKey) -> Option<Which> {
        self.by_number.get(&key.number).copied()
    }

    /// So many events of the shard have come.
    pub(super) fn note_events(&self, which: Which, events: usize) {
        if let Some(line) = self.lines.get(&which) {
            line.tether.link.events.fetch_sub(events, Relaxed);
        }
    }

    fn lose(&mut self, which: Which, counts: &mut Counts) {
        let (room, shard) = which;
        warn!(room.id = %room, shard, "a thread that sent for a room is lost; its people join again");
        counts.shards_lost += 1;
        self.close(which);
        self.lost.push(which);
    }
}

impl Line {
    /// `false`: something is left for the next turn.
    fn send(&mut self) -> bool {
        if let Some(letter) = self.unsent.take()
            && !self.send_letter(letter)
        {
            return false;
        }
        if self.queue.is_empty() {
            return true;
        }
        let inputs = self.queue.take();
        self.tether.link.inputs.fetch_add(inputs.len(), Relaxed);
        self.send_letter(Letter::Inputs(self.key, inputs))
    }

    fn send_letter(&mut self, letter: Letter) -> bool {
        match self.tether.other.send(letter) {
            // Whoever is gone without an order has ended the link.
            Ok(()) | Err(Undelivered::Gone) => true,
            Err(Undelivered::Full(letter)) => {
                self.unsent = Some(letter);
                false
            }
        }
    }
}
