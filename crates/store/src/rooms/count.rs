//! How many rooms an organization has, without counting them: a number that
//! every change keeps in its own transaction.
//!
//! A room is *listed* from its creation until a job finds that it has expired.
//! The kept number is that of the listed rooms; the few that have expired and
//! are still listed are counted at each reading and subtracted.

use std::collections::BTreeMap;

use parlor_model::id::{OrgId, RoomId};
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;

/// Rows that share one organization's number. On PostgreSQL two transactions
/// that change one row make one of them start again: more rows make that
/// rarer, and a reading sums up more.
const SHARDS: u8 = 64;

statements! {
    ADD = "INSERT INTO room_counts (org_id, shard, listed) VALUES ($1, $2, $3) \
        ON CONFLICT (org_id, shard) DO UPDATE SET listed = room_counts.listed + excluded.listed";
    LISTED = "SELECT CAST(SUM(listed) AS BIGINT) FROM room_counts WHERE org_id = $1";
    EXPIRED_YET_LISTED = "SELECT COUNT(*) FROM rooms \
        WHERE org_id = $1 AND is_listed = 1 AND expires_at <= $2";
    TO_UNLIST = "SELECT id, org_id FROM rooms WHERE org_id IN (SELECT id FROM orgs) \
        AND is_listed = 1 AND expires_at <= $1 LIMIT $2";
    TO_RELIST = "SELECT id, org_id FROM rooms WHERE is_listed = 0 AND expires_at > $1 LIMIT $2";
    TO_RELIST_FOR_GOOD = "SELECT id, org_id FROM rooms \
        WHERE is_listed = 0 AND expires_at IS NULL LIMIT $1";
    SET_LISTED = "UPDATE rooms SET is_listed = $1 WHERE id = $2";
    FORGET_COUNTS = "DELETE FROM room_counts WHERE org_id = $1";
    RECOUNT = "INSERT INTO room_counts (org_id, shard, listed) \
        SELECT $1, 0, COUNT(*) FROM rooms WHERE org_id = $2 AND is_listed = 1 \
        ON CONFLICT (org_id, shard) DO UPDATE SET listed = room_counts.listed + excluded.listed";
}

/// Adds to the number of an organization's listed rooms. `room` is any room of
/// the change: it chooses the row.
pub(super) fn add(
    connection: &mut dyn Connection,
    org: &str,
    room: RoomId,
    change: i64,
) -> Result<(), StoreError> {
    if change == 0 {
        return Ok(());
    }
    let shard = room.as_uuid().as_bytes()[0] % SHARDS;
    connection.execute(&ADD, &[org.into(), i64::from(shard).into(), change.into()]).map(drop)
}

/// How many rooms of an organization have not expired.
///
/// # Errors
/// The engine's.
pub fn live(
    connection: &mut dyn Connection,
    org: OrgId,
    now: UnixMillis,
) -> Result<u64, StoreError> {
    let org = org.to_string();
    let params = [org.as_str().into()];
    let listed = connection.find(&LISTED, &params, |row| row.optional_int(0))?.flatten();
    let params = [org.as_str().into(), now.into()];
    let expired = connection.find(&EXPIRED_YET_LISTED, &params, |row| row.int(0))?;
    let live = listed.unwrap_or(0) - expired.unwrap_or(0);
    Ok(u64::try_from(live).unwrap_or(0))
}

/// Takes at most `limit` rooms that have expired off the lists, of whatever
/// organization, and says how many it found.
///
/// # Errors
/// The engine's.
pub fn unlist(
    connection: &mut dyn Connection,
    now: UnixMillis,
    limit: u32,
) -> Result<usize, StoreError> {
    let found = connection.list(&TO_UNLIST, &[now.into(), i64::from(limit).into()], |row| {
        Ok((row.parsed(0)?, row.text(1)?.to_owned()))
    })?;
    set_listed(connection, &found, 0)
}

/// Puts at most `limit` rooms back on the lists that were taken off and have not
/// expired: a clock ran ahead, or the time was put off or taken away since. Says
/// how many it found.
///
/// # Errors
/// The engine's.
pub fn relist(
    connection: &mut dyn Connection,
    now: UnixMillis,
    limit: u32,
) -> Result<usize, StoreError> {
    let room = |row: &dyn Row| Ok((row.parsed(0)?, row.text(1)?.to_owned()));
    // Two questions, each a stretch of one index: asked as one, SQLite reads
    // all that are off the lists.
    let mut found = connection.list(&TO_RELIST_FOR_GOOD, &[i64::from(limit).into()], room)?;
    let left = i64::from(limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
    if left > 0 {
        found.extend(connection.list(&TO_RELIST, &[now.into(), left.into()], room)?);
    }
    set_listed(connection, &found, 1)
}

/// Counts an organization's listed rooms anew. An older program that worked on
/// the database knows nothing of the kept number. What is created meanwhile on
/// PostgreSQL adds to it or makes one of the two start again.
///
/// # Errors
/// The engine's.
pub fn recount(connection: &mut dyn Connection, org: OrgId) -> Result<(), StoreError> {
    let org = org.to_string();
    connection.execute(&FORGET_COUNTS, &[org.as_str().into()])?;
    connection.execute(&RECOUNT, &[org.as_str().into(), org.as_str().into()]).map(drop)
}

fn set_listed(
    connection: &mut dyn Connection,
    rooms: &[(RoomId, String)],
    is_listed: i64,
) -> Result<usize, StoreError> {
    let mut by_org: BTreeMap<&str, (RoomId, i64)> = BTreeMap::new();
    for (room, org) in rooms {
        let id = room.to_string();
        connection.execute(&SET_LISTED, &[is_listed.into(), id.as_str().into()])?;
        by_org.entry(org).or_insert((*room, 0)).1 += if is_listed == 1 { 1 } else { -1 };
    }
    for (org, (room, change)) in by_org {
        add(connection, org, room, change)?;
    }
    Ok(rooms.len())
}
