//! Removes events from the webhooks' log once they are old enough, those who
//! were to join with a `meeting_join_hook` and did not, and addresses of join
//! hooks of which nothing is left.

use parlor_store::{Connection, StoreError, webhooks};

use super::Jobs;

/// Most events removed in one commit.
const BATCH: u32 = 200;

/// Most commits of one round. What is left waits for the next one.
const MOST_BATCHES: usize = 200;

/// How long after their ticket somebody may still join: tickets run out after
/// a minute, and presence may be lost and regained in a call.
const JOIN_SECONDS: i64 = 24 * 60 * 60;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// One round; says how many events were removed.
pub(super) async fn run(jobs: &Jobs) -> Result<u64, StoreError> {
    let now = jobs.clock.now();
    let joins = now.plus_seconds(-JOIN_SECONDS);
    jobs.store.write(move |c| webhooks::forget_joins(c, joins)).await?;
    let kept = i64::from(jobs.webhooks.settings().kept_days).saturating_mul(DAY_SECONDS);
    let cutoff = now.plus_seconds(-kept);
    let mut removed = 0;
    for _ in 0..MOST_BATCHES {
        let forget =
            move |c: &mut dyn Connection| webhooks::forget_join_addresses(c, cutoff, BATCH);
        if jobs.store.write(forget).await? < u64::from(BATCH) {
            break;
        }
    }
    for _ in 0..MOST_BATCHES {
        let purge = move |c: &mut dyn Connection| webhooks::purge(c, cutoff, BATCH);
        let batch = jobs.store.write(purge).await?;
        removed += batch;
        if batch < u64::from(BATCH) {
            break;
        }
    }
    Ok(removed)
}
