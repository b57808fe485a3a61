//! Removes what OAuth clients were granted once nothing of it can be good any
//! more, and device codes that nobody typed.

use parlor_store::{StoreError, oauth};

use super::Jobs;

/// How long after its end a grant stays on record, in seconds: a day. Meanwhile
/// a second use of its codes and tokens is still told from an invented one.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// One round; says how many records were removed.
pub(super) async fn run(jobs: &Jobs) -> Result<u64, StoreError> {
    let cutoff = jobs.clock.now().plus_seconds(-KEPT_SECONDS);
    jobs.store.write(move |c| oauth::purge(c, cutoff)).await
}
