//! Writes down what happens in the rooms.
//!
//! ```text
//! media threads ─ Facts ─ FactStream ─► Recorder ─► one transaction a batch:
//!                                          ▲          history and outbox
//!                   live rooms ─ presence ─┘ (whom no fact says to have left)
//! ```
//! Facts come in order and are written in order. While the store cannot take
//! them they wait in the bounded stream; what does not fit there is counted by
//! [`Facts::lost`](parlor_bus::Facts::lost). What a loss or a crash leaves open
//! in the records is closed by asking the live rooms, at the start and each
//! minute.

mod reconcile;
mod write;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, OptionFuture};
use parlor_bus::{Bus, FactStream};
use parlor_store::{Store, history};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::webhooks::Bell;
use reconcile::Suspects;

/// How often a sign of life is written. A crash is taken to have happened at
/// the last one: less often makes the durations of the meetings that it ended
/// less exact, more often writes more on an idle server.
const ALIVE: Duration = Duration::from_secs(10);

/// How often the records are compared with the live rooms, unless the clock
/// is moved.
const ROUND: Duration = Duration::from_secs(60);

/// The consumer of the rooms' facts.
pub struct Recorder {
    store: Store,
    bus: Bus,
    clock: Arc<dyn Clock>,
    bell: Bell,
    written: watch::Sender<u64>,
}

impl Recorder {
    /// A recorder that writes into `store`, asks the live rooms on `bus` and
    /// rings `bell` when there may be something to send.
    #[must_use]
    pub fn new(store: Store, bus: Bus, clock: Arc<dyn Clock>, bell: Bell) -> Self {
        Self { store, bus, clock, bell, written: watch::Sender::new(0) }
    }

    /// How many facts have been written.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Closes what an earlier process left open, then writes facts until their
    /// stream ends. `shutdown` does not stop it, but bounds how long a store
    /// that fails is tried again.
    pub async fn run(self, mut facts: FactStream, shutdown: CancellationToken) {
        self.conclude_last_run(&shutdown).await;
        let mut told = Vec::new();
        let mut alive = interval(ALIVE);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut rounds = interval_at(Instant::now() + ROUND, ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut asking: Option<BoxFuture<'_, Option<Suspects>>> = None;
        let mut jumped = self.clock.jumped();
        loop {
            tokio::select! {
                // The order matters: suspects are only looked at when no fact
                // is waiting that may say what became of them.
                biased;
                () = &mut jumped => {
                    jumped = self.clock.jumped();
                    self.note_alive().await;
                    rounds.reset_immediately();
                }
                _ = alive.tick() => self.note_alive().await,
                count = facts.next(&mut told) => {
                    if count == 0 {
                        return;
                    }
                    self.write(std::mem::take(&mut told), &shutdown).await;
                }
                Some(suspects) = OptionFuture::from(asking.as_mut()) => {
                    asking = None;
                    if let Some(suspects) = suspects {
                        self.close(suspects, &shutdown).await;
                    }
                }
                _ = rounds.tick(), if asking.is_none() => {
                    asking = Some(Box::pin(self.find_suspects()));
                }
            }
        }
    }

    async fn note_alive(&self) {
        let now = self.clock.now();
        let noted = self.store.write(move |connection| history::note_alive(connection, now)).await;
        if let Err(error) = noted {
            tracing::debug!(%error, "the sign of life could not be written");
        }
    }
}
