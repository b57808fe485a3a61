//! What the dispatcher writes: outcomes in batches, because a commit costs the
//! same for one and for a hundred, and changes of many deliveries at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parlor_model::id::WebhookId;
use parlor_store::webhooks::{self as records, Outcome, Standing};
use parlor_store::{Connection, Store, StoreError};

/// How long to wait after the disk took nothing, or gave nothing.
const DISK_RETRY: Duration = Duration::from_secs(1);

/// Deliveries given up in one commit, when a webhook fails. More is done
/// sooner and keeps other writes waiting longer.
const SKIPPED_AT_ONCE: u32 = 500;

/// What is written down at once.
#[derive(Clone, Default)]
pub(super) struct Batch {
    pub(super) outcomes: Vec<(WebhookId, Outcome)>,
    pub(super) standings: BTreeMap<WebhookId, Standing>,
}

/// What a write has come to.
pub(super) enum Written {
    /// The outcomes are on disk.
    Recorded(Batch),
    /// They are not, and it was waited for a moment.
    NotRecorded(Batch, StoreError),
    /// Deliveries of a failed webhook were given up.
    Skipped,
    /// Something else was changed: what is due may be, too.
    Changed,
    /// It was not, and it was waited for a moment.
    NotChanged(StoreError),
}

impl Batch {
    /// A webhook stands elsewhere now.
    pub(super) fn stand(&mut self, webhook: WebhookId, standing: Standing) {
        let before = self.standings.get(&webhook);
        let same = before.filter(|before| before.generation == standing.generation);
        let pushed_at = standing.pushed_at.or(same.and_then(|before| before.pushed_at));
        self.standings.insert(webhook, Standing { pushed_at, ..standing });
    }

    /// Takes back an older batch that could not be written.
    pub(super) fn put_back(&mut self, mut older: Self) {
        for (webhook, standing) in std::mem::take(&mut self.standings) {
            older.stand(webhook, standing);
        }
        older.outcomes.append(&mut self.outcomes);
        *self = older;
    }

    /// Writes it all, or nothing.
    pub(super) async fn write(self, store: Store) -> Written {
        let batch = Arc::new(self);
        let written = Arc::clone(&batch);
        let recorded = store.write(move |c| written.record(c)).await;
        let batch = Arc::unwrap_or_clone(batch);
        match recorded {
            Ok(()) => Written::Recorded(batch),
            Err(error) => {
                tokio::time::sleep(DISK_RETRY).await;
                Written::NotRecorded(batch, error)
            }
        }
    }

    fn record(&self, connection: &mut dyn Connection) -> Result<(), StoreError> {
        let outcomes = self.outcomes.iter().map(|(_, outcome)| outcome);
        records::record(connection, outcomes, &self.standings)
    }
}

impl Written {
    /// Gives up what a failed webhook was to be told, until it is changed.
    pub(super) async fn skip(store: Store, webhook: WebhookId, generation: i64) -> Self {
        loop {
            let skip = move |c: &mut dyn Connection| {
                records::skip_pending(c, webhook, generation, SKIPPED_AT_ONCE)
            };
            match store.write(skip).await {
                Ok(skipped) if skipped == u64::from(SKIPPED_AT_ONCE) => {}
                Ok(_) => return Self::Skipped,
                Err(error) => return Self::not_changed(error).await,
            }
        }
    }

    /// Changes something else.
    pub(super) async fn change<T: Send + 'static>(
        store: Store,
        work: impl FnMut(&mut dyn Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Self {
        match store.write(work).await {
            Ok(_) => Self::Changed,
            Err(error) => Self::not_changed(error).await,
        }
    }

    /// Something went wrong; tells it after a moment, so that nobody tries
    /// without pause.
    pub(super) async fn not_changed(error: StoreError) -> Self {
        tokio::time::sleep(DISK_RETRY).await;
        Self::NotChanged(error)
    }
}
