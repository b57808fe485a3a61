//! Forgets the browser sessions whose time has passed.

use parlor_store::{StoreError, sessions};

use super::Jobs;

/// One round; says how many were forgotten.
pub(super) async fn run(jobs: &Jobs) -> Result<u64, StoreError> {
    let now = jobs.clock.now();
    jobs.store.write(move |c| sessions::purge(c, now)).await
}
