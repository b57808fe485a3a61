//! What `parlor dev` can do and `serve` cannot, for tests of applications:
//! move the clock, start over, and make requests fail on purpose.

mod injector;

use std::sync::Arc;

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
    /// Held by whoever moves the clock or starts over: one after the other.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Dev {
    /// The `clock` that every part of this server goes by, its `jobs`, and the
    /// faults that its webhook deliveries meet, too.
    #[must_use]
    pub fn new(clock: Arc<DevClock>, jobs: Arc<Jobs>, faults: FaultInjector) -> Self {
        Self { clock, jobs, faults, turn: Arc::default() }
    }
}
