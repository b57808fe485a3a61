//! What workers tell each other: the rooms of one and the shards that another
//! runs for them. In batches of a turn, so that a letter costs nothing a packet.
//!
//! The boxes are bounded. A letter that finds one full stays where it is until
//! the next turn; how much may wait in all is counted by each pair of room and
//! shard, in their [`Link`].

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use mio::Waker;
use parlor_sfu::{Shard, ShardEvent, ShardInput, Transmit};

/// Most letters that wait for a worker: of a shard there are one or two a turn.
const BOX_LENGTH: usize = 1024;

/// Names a shard: the worker whose room it is of, and that worker's number for
/// it, which is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShardKey {
    pub(crate) owner: usize,
    pub(crate) number: u64,
}

/// A letter.
pub(crate) enum Letter {
    /// Run this shard.
    Open(ShardKey, Box<Commission>),
    /// For a shard.
    Inputs(ShardKey, Vec<ShardInput>),
    /// For the room of a shard.
    Events(ShardKey, Vec<ShardEvent>),
    /// Media of a shard that only the room's own worker can send.
    Media(ShardKey, Vec<Transmit>),
}

/// What it takes to run a shard.
pub(crate) struct Commission {
    pub(crate) shard: Shard,
    pub(crate) tether: Tether,
    /// The sockets of its room's worker: receivers know only those.
    pub(crate) sockets: Vec<UdpSocket>,
}

/// What both ends of a shard share.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// Inputs that were sent and not handed over.
    pub(crate) inputs: AtomicUsize,
    /// The same for what comes back.
    pub(crate) events: AtomicUsize,
    /// Whether one end is gone. The other looks when it is woken.
    is_over: AtomicBool,
}

/// One end of a link. When it is dropped, wherever it lies then, the other end
/// hears of it.
pub(crate) struct Tether {
    pub(crate) link: Arc<Link>,
    pub(crate) other: Address,
    /// Whether the other end need not hear of it: the node stops.
    pub(crate) is_released: bool,
}

impl Drop for Tether {
    fn drop(&mut self) {
        if !self.is_released {
            self.link.is_over.store(true, Ordering::Release);
            self.other.ring();
        }
    }
}

/// Where a worker is reached. Clones share the box.
#[derive(Clone)]
pub(crate) struct Address {
    letters: SyncSender<Letter>,
    is_rung: Arc<AtomicBool>,
    waker: Arc<Waker>,
}

/// A worker's box.
pub(crate) struct Mailbox {
    letters: Receiver<Letter>,
    is_rung: Arc<AtomicBool>,
}

/// Why a letter was not taken.
pub(crate) enum Undelivered {
    /// The box is full: the letter is tried again.
    Full(Letter),
    /// Nobody will ever read it.
    Gone,
}

/// A box whose letters wake a worker, and its address.
pub(crate) fn mailbox(waker: Arc<Waker>) -> (Address, Mailbox) {
    let (sender, letters) = sync_channel(BOX_LENGTH);
    let is_rung = Arc::<AtomicBool>::default();
    let address = Address { letters: sender, is_rung: Arc::clone(&is_rung), waker };
    (address, Mailbox { letters, is_rung })
}

impl Link {
    /// Whether the other end is gone.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

impl Address {
    /// Puts a letter into the box, and wakes its owner.
    pub(crate) fn send(&self, letter: Letter) -> Result<(), Undelivered> {
        let sent = self.letters.try_send(letter);
        self.ring();
        sent.map_err(|error| match error {
            TrySendError::Full(letter) => Undelivered::Full(letter),
            TrySendError::Disconnected(_) => Undelivered::Gone,
        })
    }

    /// Has the owner look, once however often it is rung before it does.
    fn ring(&self) {
        if !self.is_rung.swap(true, Ordering::AcqRel) {
            // Fails only where the system is out of memory; the owner looks with
            // its next turn then.
            self.waker.wake().ok();
        }
    }
}

impl Mailbox {
    /// Whether somebody has rung. From now on they ring again.
    pub(crate) fn take_ring(&self) -> bool {
        self.is_rung.load(Ordering::Relaxed) && self.is_rung.swap(false, Ordering::AcqRel)
    }

    /// The next letter.
    pub(crate) fn take(&self) -> Option<Letter> {
        self.letters.try_recv().ok()
    }
}
