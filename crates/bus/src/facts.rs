//! The way of facts within one process: from the media threads, which must
//! never wait, to one consumer, which writes them down.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use parlor_model::event::RoomEvent;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};

/// Most facts that may wait for the consumer. More bridges a longer stall of
/// the store and holds more memory (about a kilobyte each); fewer loses facts
/// sooner.
pub const FACTS_LENGTH: usize = 65_536;

/// Most facts that [`FactStream::next`] gives at once.
pub const FACTS_AT_ONCE: usize = 512;

/// A queue of facts.
#[must_use]
pub fn facts() -> (Facts, FactStream) {
    with_length(FACTS_LENGTH)
}

fn with_length(length: usize) -> (Facts, FactStream) {
    let (sender, receiver) = mpsc::channel(length);
    let (told, (settled, heard)) = (Arc::new(AtomicU64::new(0)), watch::channel(0));
    let progress = FactsProgress { told, settled: heard };
    let facts = Facts { queue: sender, lost: Arc::default(), progress };
    (facts, FactStream { queue: receiver, taken: 0, settled })
}

/// The telling side. Clones share the queue.
#[derive(Clone, Debug)]
pub struct Facts {
    queue: mpsc::Sender<RoomEvent>,
    lost: Arc<AtomicU64>,
    progress: FactsProgress,
}

impl Facts {
    /// Tells a fact, and never waits. With a full queue, or nobody to hear it,
    /// the fact is dropped and counted: the consumer finds a gap in `seq`.
    /// The first loss is logged; the count says the rest.
    pub fn tell(&self, event: RoomEvent) {
        // Counted before, so that whoever waits for it does not miss it.
        self.progress.told.fetch_add(1, AcqRel);
        let (event, reason) = match self.queue.try_send(event) {
            Ok(()) => return,
            Err(TrySendError::Full(event)) => (event, "the queue of facts is full"),
            Err(TrySendError::Closed(event)) => (event, "nobody takes facts"),
        };
        self.progress.told.fetch_sub(1, AcqRel);
        if self.lost.fetch_add(1, Relaxed) == 0 {
            tracing::error!(
                room.id = %event.room, meeting.id = %event.meeting, event.seq,
                "{reason}: history and webhooks miss this fact, and perhaps others"
            );
        }
    }

    /// How many facts were dropped so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// How far the consumer is. It keeps no queue open.
    #[must_use]
    pub fn progress(&self) -> FactsProgress {
        self.progress.clone()
    }
}

/// How far the consumer of the facts is.
#[derive(Clone, Debug)]
pub struct FactsProgress {
    told: Arc<AtomicU64>,
    settled: watch::Receiver<u64>,
}

impl FactsProgress {
    /// Waits until the consumer is done with every fact that was told before
    /// this call; returns at once when there is no consumer any more.
    pub async fn settle(&self) {
        let told = self.told.load(Acquire);
        let mut settled = self.settled.clone();
        // An error means that the stream is gone.
        settled.wait_for(|settled| *settled >= told).await.ok();
    }
}

/// The consuming side.
#[derive(Debug)]
pub struct FactStream {
    queue: mpsc::Receiver<RoomEvent>,
    taken: u64,
    settled: watch::Sender<u64>,
}

impl FactStream {
    /// Waits for facts and appends those that are there, at most
    /// [`FACTS_AT_ONCE`], in the order they were told. Returns how many; 0 when
    /// every teller is gone and the queue is empty. Dropping the future loses
    /// nothing. Who asks for more is done with what was given before.
    pub async fn next(&mut self, into: &mut Vec<RoomEvent>) -> usize {
        self.settled.send_replace(self.taken);
        let count = self.queue.recv_many(into, FACTS_AT_ONCE).await;
        self.taken += count as u64;
        count
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use parlor_model::event::Fact;
    use parlor_model::id::{MeetingId, OrgId, RoomId};
    use parlor_model::time::UnixMillis;

    use super::*;

    fn event(seq: u64) -> RoomEvent {
        RoomEvent {
            org: OrgId::from_random([1; 16]),
            room: RoomId::from_random([2; 16]),
            room_name: "room".to_owned(),
            seq,
            at: UnixMillis::new(0),
            meeting: MeetingId::from_random([3; 16]),
            meeting_started_at: UnixMillis::new(0),
            fact: Fact::MeetingStarted,
        }
    }

    #[tokio::test]
    async fn facts_come_in_order_and_in_batches_and_then_end() {
        let (teller, mut stream) = facts();
        for seq in 0..600 {
            teller.clone().tell(event(seq));
        }
        drop(teller);
        let mut told = Vec::new();
        assert_eq!(stream.next(&mut told).await, FACTS_AT_ONCE);
        assert_eq!(stream.next(&mut told).await, 600 - FACTS_AT_ONCE);
        assert_eq!(stream.next(&mut told).await, 0);
        assert!(told.iter().map(|event| event.seq).eq(0..600));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_dropped_and_counted() {
        let (teller, mut stream) = with_length(2);
        for seq in 0..5 {
            teller.tell(event(seq));
        }
        assert_eq!(teller.lost(), 3);
        let mut told = Vec::new();
        assert_eq!(stream.next(&mut told).await, 2);
        teller.tell(event(5));
        assert_eq!(stream.next(&mut told).await, 1);
        assert_eq!(told.iter().map(|event| event.seq).collect::<Vec<_>>(), [0, 1, 5]);
    }

    #[tokio::test]
    async fn facts_are_settled_when_the_consumer_asks_for_more() {
        let (teller, mut stream) = facts();
        let progress = teller.progress();
        assert!(progress.settle().now_or_never().is_some());
        teller.tell(event(0));
        let mut told = Vec::new();
        stream.next(&mut told).await;
        assert!(progress.settle().now_or_never().is_none());
        assert!(stream.next(&mut told).now_or_never().is_none());
        assert!(progress.settle().now_or_never().is_some());
        teller.tell(event(1));
        drop(stream);
        assert!(progress.settle().now_or_never().is_some(), "nobody is left to wait for");
    }

    #[test]
    fn without_a_consumer_nothing_waits() {
        let (teller, stream) = facts();
        drop(stream);
        teller.tell(event(0));
        assert_eq!(teller.lost(), 1);
    }
}
