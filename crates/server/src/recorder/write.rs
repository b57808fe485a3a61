//! One transaction for each batch of facts, tried again until it holds.

use std::sync::Arc;
use std::time::Duration;

use parlor_model::event::RoomEvent;
use parlor_model::rest::webhook_event::WebhookEvent;
use parlor_store::webhooks::{self, NewEvent};
use parlor_store::{Connection, StoreError, history};
use tokio_util::sync::CancellationToken;

use super::Recorder;

/// The pause after the first failure. Each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause. Longer lets more facts pile up once the store is back;
/// shorter presses a store that is in trouble.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often a batch is tried that the store does not refuse for want of
/// space or time, before each of its facts is tried alone.
const ATTEMPTS: u32 = 3;

/// How long a failing store is still tried once the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

impl Recorder {
    /// Writes a batch of facts. Returns when they are on disk, or when no
    /// trying helps.
    pub(super) async fn write(&self, facts: Vec<RoomEvent>, shutdown: &CancellationToken) {
        let facts: Arc<[RoomEvent]> = facts.into();
        let Err(error) = self.try_write(Arc::clone(&facts), shutdown).await else {
            return;
        };
        if facts.len() == 1 || matches!(error, StoreError::Closed) {
            tracing::error!(%error, facts = facts.len(), "facts could not be written and are lost");
            return;
        }
        // One of them cannot be written. The others are not to suffer for it.
        for fact in facts.iter() {
            let alone: Arc<[RoomEvent]> = Arc::from(vec![fact.clone()]);
            if let Err(error) = self.try_write(alone, shutdown).await {
                tracing::error!(
                    %error, meeting.id = %fact.meeting, fact.seq,
                    "a fact could not be written and is lost"
                );
            }
        }
    }

    async fn try_write(
        &self,
        facts: Arc<[RoomEvent]>,
        shutdown: &CancellationToken,
    ) -> Result<(), StoreError> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 0;
        loop {
            let batch = Arc::clone(&facts);
            let error = match self.store.write(move |c| record(c, &batch)).await {
                Ok(()) => {
                    self.bell.ring();
                    self.written.send_modify(|count| *count += facts.len() as u64);
                    return Ok(());
                }
                Err(error) => error,
            };
            attempt += 1;
            if !may_pass(&error) && attempt >= ATTEMPTS {
                return Err(error);
            }
            tracing::warn!(%error, facts = facts.len(), "facts could not be written yet");
            if !wait(pause, shutdown).await {
                return Err(error);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether waiting may help.
fn may_pass(error: &StoreError) -> bool {
    matches!(error, StoreError::Busy(_) | StoreError::Full | StoreError::Unreachable(_))
}

/// Waits; `false` when the server stops and has waited long enough.
pub(super) async fn wait(pause: Duration, shutdown: &CancellationToken) -> bool {
    if shutdown.is_cancelled() {
        tokio::time::sleep(pause).await;
        return pause < FAREWELL;
    }
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = shutdown.cancelled() => {}
    }
    true
}

/// What a batch writes, in one transaction: the history, and what webhooks are
/// to be told.
pub(super) fn record(
    connection: &mut dyn Connection,
    facts: &[RoomEvent],
) -> Result<(), StoreError> {
    for fact in facts {
        if history::record(connection, fact)? {
            let event = WebhookEvent::of(fact);
            let event = NewEvent {
                org_id: fact.org,
                id: &event.id,
                event_type: event.event_type.as_str(),
                body: &event.body,
                at: event.at,
            };
            webhooks::enqueue(connection, &event)?;
        }
    }
    Ok(())
}
