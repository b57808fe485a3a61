//! Removes the records of rooms that expired a day ago, once nobody is inside.
//! Until then whoever tries the address learns that the room has closed.

use parlor_bus::BusError;
use parlor_model::command::{Command, Reply};
use parlor_model::id::RoomId;
use parlor_model::time::UnixMillis;
use parlor_store::rooms::Room;
use parlor_store::{Connection, StoreError, rooms};

use super::Jobs;

/// How long an expired room's record stays, in seconds.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// Most records looked at, and removed, at once, so that one commit stays short.
const BATCH: u32 = 200;

/// Most batches of one round, so that a round ends. What is left waits for the
/// next one.
const MOST_BATCHES: usize = 50;

/// One round; says how many records were removed.
pub(super) async fn run(jobs: &Jobs) -> Result<usize, StoreError> {
    let cutoff = jobs.clock.now().plus_seconds(-KEPT_SECONDS);
    let mut removed = 0;
    // Goes on after the last room seen, so that rooms with people inside do
    // not stand in the way of the others.
    let mut last: Option<Room> = None;
    for _ in 0..MOST_BATCHES {
        let after = last.take();
        let due = jobs
            .store
            .scan(move |connection| rooms::list_expired(connection, cutoff, after.as_ref(), BATCH))
            .await?;
        let (left, has_answered) = left_rooms(jobs, &due).await;
        removed += purge(jobs, left, cutoff).await?;
        let is_full = due.len() == BATCH as usize;
        last = due.into_iter().last().filter(|_| is_full && has_answered);
        if last.is_none() {
            break;
        }
    }
    Ok(removed)
}

/// Those of `due` in which nobody is, and whether the live rooms answered to
/// the end. When they do not, somebody may be inside.
async fn left_rooms(jobs: &Jobs, due: &[Room]) -> (Vec<RoomId>, bool) {
    let mut left = Vec::new();
    for room in due {
        match is_left(jobs, room.id).await {
            Ok(true) => left.push(room.id),
            Ok(false) => {}
            Err(_) => return (left, false),
        }
    }
    (left, true)
}

async fn is_left(jobs: &Jobs, room: RoomId) -> Result<bool, BusError> {
    let reply = jobs.bus.request(Command::RoomPresence { room }).await?;
    Ok(matches!(reply, Reply::Presence { participants } if participants.is_empty()))
}

async fn purge(jobs: &Jobs, left: Vec<RoomId>, cutoff: UnixMillis) -> Result<usize, StoreError> {
    if left.is_empty() {
        return Ok(0);
    }
    let remove = move |connection: &mut dyn Connection| -> Result<usize, StoreError> {
        let mut removed = 0;
        for room in &left {
            removed += usize::from(rooms::purge(connection, *room, cutoff)?);
        }
        Ok(removed)
    };
    jobs.store.write(remove).await
}
