//! Work that no request asks for. Each job is one file, looks at the
//! [`Clock`], and may run twice.

mod expire_rooms;
mod list_rooms;
mod purge_audit;
mod purge_history;
mod purge_oauth;
mod purge_sessions;
mod purge_webhooks;

use std::sync::Arc;
use std::time::Duration;

use parlor_bus::Bus;
use parlor_store::Store;
use tokio_util::sync::CancellationToken;

use crate::calls_to_end::CallsToEnd;
use crate::clock::Clock;
use crate::webhooks::Webhooks;
pub use purge_history::Retention;

/// How often the jobs look whether something is due. More often frees records
/// sooner and wakes an idle server more.
const ROUND: Duration = Duration::from_secs(60);

/// The jobs, with what they work on.
pub struct Jobs {
    /// The records.
    pub store: Store,
    /// The live rooms.
    pub bus: Bus,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The calls of deleted rooms; [`Cx`](crate::Cx) holds the same list.
    pub calls_to_end: CallsToEnd,
    /// What tells webhooks; [`Cx`](crate::Cx) holds the same.
    pub webhooks: Webhooks,
    /// How long history and logs are kept.
    pub retention: Retention,
}

impl Jobs {
    /// Runs a round every minute and whenever the clock was moved, and ends
    /// calls whose end was not confirmed, until `shutdown`.
    pub async fn run(&self, shutdown: CancellationToken) {
        if let Err(error) = list_rooms::recount(self).await {
            tracing::error!(%error, "the rooms could not be counted");
        }
        tokio::join!(self.run_rounds(&shutdown), self.end_calls(&shutdown));
    }

    async fn end_calls(&self, shutdown: &CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.calls_to_end.due() => self.calls_to_end.retry(&self.bus).await,
            }
        }
    }

    async fn run_rounds(&self, shutdown: &CancellationToken) {
        loop {
            let jumped = self.clock.jumped();
            self.run_round().await;
            // A minute of real time, not until a time of day: a clock that was
            // set back must not put the next round off.
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(ROUND) => {}
                () = jumped => {}
            }
        }
    }

    /// Does what is due now. A job that fails is tried again next round.
    pub async fn run_round(&self) {
        self.calls_to_end.retry(&self.bus).await;
        match list_rooms::run(self).await {
            Ok(0) => {}
            Ok(changed) => tracing::debug!(changed, "expired rooms left the lists"),
            Err(error) => tracing::error!(%error, "expired rooms could not leave the lists"),
        }
        match expire_rooms::run(self).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "expired rooms were removed"),
            Err(error) => tracing::error!(%error, "expired rooms could not be removed"),
        }
        match purge_webhooks::run(self).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old events of webhooks were removed"),
            Err(error) => tracing::error!(%error, "old events of webhooks could not be removed"),
        }
        match purge_oauth::run(self).await {
            Ok(0) => {}
            Ok(removed) => tracing::debug!(removed, "ended grants of OAuth clients were removed"),
            Err(error) => tracing::error!(%error, "ended grants could not be removed"),
        }
        match purge_history::run(self).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old history and logs were removed"),
            Err(error) => tracing::error!(%error, "old history and logs could not be removed"),
        }
        match purge_audit::run(self).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old entries of the audit log were removed"),
            Err(error) => {
                tracing::error!(%error, "old entries of the audit log could not be removed");
            }
        }
        match purge_sessions::run(self).await {
            Ok(0) => {}
            Ok(removed) => tracing::debug!(removed, "sessions that ended were removed"),
            Err(error) => tracing::error!(%error, "sessions that ended could not be removed"),
        }
    }
}
