//! Forgets what is older than the operator wants it kept: meetings, reports of
//! clients, requests. In batches, so that one commit stays short.

use parlor_model::time::UnixMillis;
use parlor_store::{Connection, StoreError, api_log, call_log, history};

use super::Jobs;

/// How long things are kept, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Meetings and who was in them, from their end on.
    pub history_days: u32,
    /// What clients reported of their calls.
    pub logs_days: u32,
    /// Requests to the API, and to webhooks.
    pub api_log_days: u32,
    /// The audit log.
    pub audit_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { history_days: 365, logs_days: 30, api_log_days: 30, audit_days: 365 }
    }
}

/// Most records removed at once.
const BATCH: u32 = 500;

/// Most batches of one kind in one round, so that a round ends. What is left
/// waits for the next one.
const MOST_BATCHES: usize = 100;

/// A purge of one kind: of what is older than a point, at most so many.
type Purge = fn(&mut dyn Connection, UnixMillis, u32) -> Result<usize, StoreError>;

/// One round; says how many records were removed.
pub(super) async fn run(jobs: &Jobs) -> Result<usize, StoreError> {
    let Retention { history_days, logs_days, api_log_days, audit_days: _ } = jobs.retention;
    let kinds: [(u32, Purge); 3] = [
        (history_days, history::purge),
        (logs_days, call_log::purge),
        (api_log_days, api_log::purge),
    ];
    let mut removed = 0;
    for (days, purge) in kinds {
        let cutoff = jobs.clock.now().plus_seconds(-i64::from(days) * 24 * 60 * 60);
        for _ in 0..MOST_BATCHES {
            let batch =
                jobs.store.write(move |connection| purge(connection, cutoff, BATCH)).await?;
            removed += batch;
            if batch < BATCH as usize {
                break;
            }
        }
    }
    Ok(removed)
}
