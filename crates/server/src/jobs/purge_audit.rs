//! Removes what the audit log need not keep any longer, so that the rest can
//! still be checked.

use parlor_model::id::AuditId;
use parlor_store::{StoreError, audit};

use super::Jobs;
use crate::random;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Most commits for one chain in a round. What is left waits for the next one.
const MOST_BATCHES: usize = 50;

/// One round; says how many entries were removed.
pub(super) async fn run(jobs: &Jobs) -> Result<u64, StoreError> {
    let now = jobs.clock.now();
    let cutoff = now.plus_seconds(-i64::from(jobs.retention.audit_days) * DAY_SECONDS);
    let mut removed = 0;
    for org in jobs.store.scan(audit::chains).await? {
        for _ in 0..MOST_BATCHES {
            let id = AuditId::from_random(random::bytes().map_err(|_| StoreError::Random)?);
            let key = jobs.store.audit_key().clone();
            let batch = jobs
                .store
                .write(move |c| audit::remove_before(c, &key, org, cutoff, (id, now)))
                .await?;
            removed += batch;
            if batch == 0 {
                break;
            }
        }
    }
    Ok(removed)
}
