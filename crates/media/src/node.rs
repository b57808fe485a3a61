//! The node: starts the workers, hands out places to call sockets, stops
//! everything again.

mod start;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Instant;

use axum::Router;
use parlor_bus::{Requests, TicketKey};
use parlor_sfu::ConnectionId;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use crate::config::{MediaConfig, MediaError, WallClock};
use crate::counters::{Counts, Published};
use crate::directory::Directory;
use crate::inbox::{Inbox, ToWorker};
use crate::load::{LOOK_EVERY, Looks};
use crate::requests;
use crate::streams::{StreamDoor, StreamInbox, StreamPlaces};
use crate::turn::RelayAddresses;
use crate::websocket::{self, Places};

/// A running media node. Stop it with [`MediaNode::shutdown`].
pub struct MediaNode {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    udp_addrs: Vec<SocketAddr>,
    published: Vec<Arc<Published>>,
}

/// What a node is doing.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NodeStats {
    /// Rooms that live or are about to.
    pub rooms: usize,
    /// Participants inside, those in their grace time included.
    pub participants: usize,
    /// Each worker's counts.
    pub workers: Vec<Counts>,
    /// The share of its time that each worker works, in percent.
    pub loads: Vec<u8>,
}

/// What a node's tasks share.
pub(crate) struct Shared {
    pub(crate) directory: Arc<Directory>,
    pub(crate) inboxes: Vec<Inbox>,
    pub(crate) stream_inboxes: Vec<StreamInbox>,
    pub(crate) stream_places: StreamPlaces,
    /// The addresses offered for ICE-TCP.
    tcp: Vec<SocketAddr>,
    /// Whose addresses those are that are offered for UDP.
    pub(crate) media_addresses: BTreeMap<SocketAddr, usize>,
    pub(crate) relay_addresses: RelayAddresses,
    pub(crate) ticket_key: TicketKey,
    pub(crate) wall_clock: WallClock,
    /// Every task of the node.
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the node stops.
    pub(crate) stop: CancellationToken,
    last_connection: AtomicU64,
    pub(crate) places: Places,
}

impl MediaNode {
    /// Binds the ports and starts the threads and the bus task.
    ///
    /// # Errors
    /// When a port is taken or the system refuses something; nothing of the
    /// node is left running then. Must be called within a tokio runtime.
    pub fn start(config: MediaConfig, requests: Requests) -> Result<Self, MediaError> {
        let runtime =
            tokio::runtime::Handle::try_current().map_err(|_none| MediaError::NoRuntime)?;
        let started = start::workers(&config)?;
        let shared = Arc::new(Shared {
            directory: started.directory,
            inboxes: started.inboxes,
            stream_inboxes: started.stream_inboxes,
            stream_places: StreamPlaces::new(config.streams.per_address),
            tcp: config.streams.tcp,
            media_addresses: started.candidates,
            relay_addresses: RelayAddresses::default(),
            ticket_key: config.ticket_key,
            wall_clock: config.wall_clock,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            last_connection: AtomicU64::new(0),
            places: Places::new(),
        });
        let bus_task = requests::answer_all(Arc::clone(&shared), requests, shared.stop.clone());
        shared.tasks.spawn_on(bus_task, &runtime);
        let looks = look_at_loads(Arc::clone(&shared), started.published.clone());
        shared.tasks.spawn_on(looks, &runtime);
        info!(threads = started.threads.len(), "media node started");
        Ok(Self {
            shared,
            threads: started.threads,
            udp_addrs: started.udp_addrs,
            published: started.published,
        })
    }

    /// The route of the call sockets, `GET /_parlor/call`.
    pub fn router(&self) -> Router {
        websocket::router(Arc::clone(&self.shared))
    }

    /// Where connections that carry media are handed in.
    #[must_use]
    pub fn streams(&self) -> StreamDoor {
        StreamDoor(Arc::clone(&self.shared))
    }

    /// The bound UDP addresses, worker by worker.
    #[must_use]
    pub fn udp_addrs(&self) -> Vec<SocketAddr> {
        self.udp_addrs.clone()
    }

    /// What the node is doing. Each worker's counts are those of the end of
    /// its last turn.
    #[must_use]
    pub fn stats(&self) -> NodeStats {
        let (rooms, participants) = self.shared.directory.sizes();
        let workers = self.published.iter().map(|published| published.load()).collect();
        NodeStats { rooms, participants, workers, loads: self.shared.directory.loads.all() }
    }

    /// Closes all call sockets so that clients join again elsewhere or later
    /// (close code 1012), and waits until every thread and task has ended.
    pub async fn shutdown(mut self) {
        self.shared.stop.cancel();
        for inbox in &self.shared.inboxes {
            // A worker that has already stopped needs no order.
            inbox.send(ToWorker::Stop).await.ok();
        }
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
        let threads = std::mem::take(&mut self.threads);
        let joined = tokio::task::spawn_blocking(move || {
            threads.into_iter().all(|thread| thread.join().is_ok())
        });
        if !joined.await.unwrap_or(false) {
            error!("a media thread had panicked");
        }
        info!("media node stopped");
    }
}

impl Drop for MediaNode {
    /// A node that is dropped without [`MediaNode::shutdown`] stops all the
    /// same, but nobody waits for it.
    fn drop(&mut self) {
        self.shared.stop.cancel();
        for inbox in &self.shared.inboxes {
            // Refused by a worker that has stopped, or that is so busy that it
            // will find its inbox closed later.
            inbox.try_send(ToWorker::Stop).ok();
        }
    }
}

impl Shared {
    /// A number no other call socket of this node has or had.
    pub(crate) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.last_connection.fetch_add(1, Relaxed) + 1)
    }

    /// The worker whose rooms made this username fragment.
    pub(crate) fn worker_of_ufrag(&self, ufrag: &str) -> Option<usize> {
        ufrag_worker(ufrag).filter(|worker| *worker < self.inboxes.len())
    }

    /// Which of the addresses offered for ICE-TCP a connection to `local` has
    /// reached: behind a port mapping it is another one.
    pub(crate) fn tcp_address(&self, local: SocketAddr) -> Option<SocketAddr> {
        let bound = self.tcp.iter().find(|address| **address == local);
        let fitting = || self.tcp.iter().find(|address| address.is_ipv4() == local.is_ipv4());
        bound.or_else(fitting).copied()
    }
}

/// Looks once a second how busy the workers are.
async fn look_at_loads(shared: Arc<Shared>, published: Vec<Arc<Published>>) {
    let mut looks = Looks::new(Instant::now(), published.len());
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shared.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let busy = published.iter().map(|published| published.load().busy_micros);
        looks.look(Instant::now(), busy, &shared.directory.loads);
    }
}

/// How the username fragments of a worker's rooms begin.
pub(crate) fn ufrag_prefix(worker: usize) -> String {
    format!("{worker:02x}")
}

/// The worker whose fragments begin like this one.
fn ufrag_worker(ufrag: &str) -> Option<usize> {
    usize::from_str_radix(ufrag.get(..2)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_names_its_worker() {
        for worker in [0, 7, crate::MAX_THREADS - 1] {
            let ufrag = format!("{}0123456789abcdef", ufrag_prefix(worker));
            assert_eq!(ufrag_worker(&ufrag), Some(worker));
        }
        for foreign in ["", "a", "é1", "zz11", "+1ab"] {
            assert!(ufrag_worker(foreign).is_none_or(|worker| worker < 256), "{foreign}");
        }
    }
}
