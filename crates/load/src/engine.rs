//! A thread that moves the datagrams of many peers: one epoll, one heap of
//! deadlines. Signalling asks it for things by [`Engine::with`].

mod path;
mod work;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::Context as _;
use mio::{Poll, Waker};
use tokio::sync::oneshot;

use crate::histogram::Histogram;
use crate::peer::{Counts, Peer, Tally};
use crate::target::Place;
use work::Work;

/// Commands under way to one thread; who asks for more waits.
const QUEUE: usize = 1024;
/// Wakes the thread for a command.
const WAKER: mio::Token = mio::Token(usize::MAX);

/// Names a peer of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerId(usize);

/// What a thread has counted since the mark.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Of all peers.
    pub counts: Counts,
    /// Of all peers.
    pub tally: Tally,
    /// The time on the way between two sockets of the thread itself, without
    /// any server.
    pub path: Histogram,
    /// The peers' sockets.
    pub ports: Vec<u16>,
}

impl std::ops::AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        self.tally.delays.merge(&other.tally.delays);
        self.tally.late.merge(&other.tally.late);
        self.path.merge(&other.path);
        self.ports.extend(other.ports);
    }
}

type Act = Box<dyn FnOnce(&mut Peer, Instant) + Send>;
type ActOnAll = Box<dyn FnMut(&mut Peer, Instant) + Send>;

enum Command {
    Add(Box<Peer>, oneshot::Sender<anyhow::Result<PeerId>>),
    With(PeerId, Act),
    All(ActOnAll),
    Remove(PeerId),
    Mark,
    Report(oneshot::Sender<Counted>),
    Stop,
}

/// The handle of a running thread.
pub struct Engine {
    commands: SyncSender<Command>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
    /// Its number in `/proc/self/task`.
    pub thread_id: u32,
}

impl Engine {
    /// Starts one whose calibration goes over the address of this place.
    ///
    /// # Errors
    ///
    /// When the kernel gives no epoll, socket or thread.
    pub fn start(place: Place) -> anyhow::Result<Self> {
        let poll = Poll::new().context("no epoll")?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).context("no eventfd")?);
        let (commands, inbox) = sync_channel(QUEUE);
        let mut work = Work::new(poll, inbox, place)?;
        let (tell, told) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("load".to_owned())
            .spawn(move || {
                drop(tell.send(crate::meter::own_thread_id()));
                work.run();
            })
            .context("no thread")?;
        let thread_id = told.recv().context("the thread ended")??;
        Ok(Self { commands, waker, thread: Some(thread), thread_id })
    }

    /// Takes a peer over.
    ///
    /// # Errors
    ///
    /// When the kernel watches no more sockets.
    pub async fn add(&self, peer: Peer) -> anyhow::Result<PeerId> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Add(Box::new(peer), reply));
        answer.await.expect("the engine runs as long as its handle")
    }

    /// Does something with a peer, on the thread. `None`: the peer is gone.
    pub async fn with<T: Send + 'static>(
        &self,
        peer: PeerId,
        act: impl FnOnce(&mut Peer, Instant) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let act = move |peer: &mut Peer, now: Instant| drop(reply.send(act(peer, now)));
        self.send(Command::With(peer, Box::new(act)));
        answer.await.ok()
    }

    /// Does something with every peer.
    pub fn all(&self, act: impl FnMut(&mut Peer, Instant) + Send + 'static) {
        self.send(Command::All(Box::new(act)));
    }

    /// Closes a peer's socket.
    pub fn remove(&self, peer: PeerId) {
        self.send(Command::Remove(peer));
    }

    /// Counts from here on.
    pub fn mark(&self) {
        self.send(Command::Mark);
    }

    /// What was counted since.
    pub async fn report(&self) -> Counted {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Report(reply));
        answer.await.expect("the engine runs as long as its handle")
    }

    fn send(&self, command: Command) {
        self.commands.send(command).expect("the engine runs as long as its handle");
        self.waker.wake().expect("an eventfd takes a number");
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A thread that is gone already needs no telling.
        drop(self.commands.send(Command::Stop));
        drop(self.waker.wake());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
