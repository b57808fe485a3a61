//! What `parlor dev` can do and `serve` cannot, for tests of applications:
//! move the clock, start over, and make requests fail on purpose.

mod injector;

use std::sync::Arc;
use std::time::Duration;

use parlor_bus::FactsProgress;
use tokio::sync::Mutex;

use crate::clock::DevClock;
use crate::jobs::Jobs;

pub use injector::{FaultInjector, WebhookStrike};
pub(crate) use injector::{Refusal, Strike};

/// The parts that the routes under `/_dev` work on. Clones share them.
#[derive(Clone)]
pub struct Dev {
    pub(crate) clock: Arc<DevClock>,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) faults: FaultInjector,
    /// How far the history is behind the rooms.
    pub(crate) facts: FactsProgress,
    /// Held by whoever moves the clock or starts over: one after the other.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Dev {
    /// The `clock` that every part of this server goes by, its `jobs`, the
    /// faults that its webhook deliveries meet, too, and how far the history
    /// is.
    #[must_use]
    pub fn new(
        clock: Arc<DevClock>,
        jobs: Arc<Jobs>,
        faults: FaultInjector,
        facts: FactsProgress,
    ) -> Self {
        Self { clock, jobs, faults, facts, turn: Arc::default() }
    }

    /// Waits until what happened in the rooms is in the history, for a while:
    /// a store in trouble must not hold the answer back for ever.
    pub(crate) async fn settle(&self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        if tokio::time::timeout(PATIENCE, self.facts.settle()).await.is_err() {
            tracing::warn!("the history is far behind the rooms");
        }
    }
}
