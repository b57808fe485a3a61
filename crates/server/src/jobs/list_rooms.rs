//! Keeps the lists of rooms to those that have not expired, and the kept
//! numbers of them right.

use parlor_store::{Connection, StoreError, orgs, rooms};

use super::Jobs;

/// Most rooms changed at once, so that one commit stays short.
const BATCH: u32 = 500;

/// Most batches of one round, so that a round ends. What is left waits for the
/// next one.
const MOST_BATCHES: usize = 4000;

/// A step of this job: changes at most so many rooms, and says how many.
type Step =
    fn(&mut dyn Connection, parlor_model::time::UnixMillis, u32) -> Result<usize, StoreError>;

/// Counts every organization's rooms anew: another program may have worked on
/// the database meanwhile.
pub(super) async fn recount(jobs: &Jobs) -> Result<(), StoreError> {
    for org in jobs.store.scan(orgs::list).await? {
        jobs.store.write(move |c| rooms::recount(c, org.id)).await?;
    }
    Ok(())
}

/// One round: takes expired rooms off the lists. Rooms that a clock that ran
/// ahead took off come back.
pub(super) async fn run(jobs: &Jobs) -> Result<usize, StoreError> {
    let relisted = repeat(jobs, rooms::relist).await?;
    Ok(relisted + repeat(jobs, rooms::unlist).await?)
}

async fn repeat(jobs: &Jobs, step: Step) -> Result<usize, StoreError> {
    let now = jobs.clock.now();
    let mut changed = 0;
    for _ in 0..MOST_BATCHES {
        let count = jobs.store.write(move |c| step(c, now, BATCH)).await?;
        changed += count;
        if count < BATCH as usize {
            break;
        }
    }
    Ok(changed)
}
