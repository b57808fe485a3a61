//! Removes the records of rooms that expired a day ago, once nobody is inside.
//! Until then whoever tries the address learns that the room has closed.

use parlor_model::command::{Command, Reply};
use parlor_model::id::RoomId;
use parlor_store::{StoreError, rooms};

use super::Jobs;

/// How long an expired room's record stays, in seconds.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// Most records removed in one round, so that one commit stays short.
const BATCH: u32 = 200;

/// One round; says how many records were removed.
pub(super) async fn run(jobs: &Jobs) -> Result<usize, StoreError> {
    let cutoff = jobs.clock.now().plus_seconds(-KEPT_SECONDS);
    let due = jobs
        .store
        .scan(move |connection| rooms::list_expired(connection, cutoff, BATCH))
        .await?;
    let mut removed = 0;
    for room in due {
        if !is_left(jobs, room.id).await {
            continue;
        }
        let gone = jobs
            .store
            .write(move |connection| rooms::purge(connection, room.id, cutoff))
            .await?;
        removed += usize::from(gone);
    }
    Ok(removed)
}

/// Whether nobody is in the room. When the live rooms do not answer, somebody
/// may be.
async fn is_left(jobs: &Jobs, room: RoomId) -> bool {
    let reply = jobs.bus.request(Command::RoomPresence { room }).await;
    matches!(reply, Ok(Reply::Presence { participants }) if participants.is_empty())
}
