//! Rooms by the page, and those whose time has passed.

use parlor_model::id::OrgId;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;
use crate::page::{Cursor, Page, PageRequest};
use crate::rooms::{Room, count, room};

statements! {
    LIST_NEWEST = select!("WHERE org_id = $1 AND is_listed = 1 \
        AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at DESC, id DESC LIMIT $3");
    LIST_OLDEST = select!("WHERE org_id = $1 AND is_listed = 1 \
        AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at, id LIMIT $3");
    LIST_AFTER = select!("WHERE org_id = $1 AND is_listed = 1 \
        AND (expires_at IS NULL OR expires_at > $2) AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5");
    LIST_BEFORE = select!("WHERE org_id = $1 AND is_listed = 1 \
        AND (expires_at IS NULL OR expires_at > $2) AND (created_at, id) > ($3, $4) ORDER BY created_at, id LIMIT $5");
    CREATED_AT = "SELECT created_at FROM rooms WHERE org_id = $1 AND id = $2";
    EXPIRED = select!("WHERE is_listed = 0 AND expires_at <= $1 \
        AND (expires_at, id) > ($2, $3) ORDER BY expires_at, id LIMIT $4");
}

/// One page of an organization's live rooms, newest first, by id within the
/// same second. It costs the same however many there are.
///
/// # Errors
/// [`StoreError::UnknownCursor`] when the cursor is no room of this
/// organization.
pub fn list(
    connection: &mut dyn Connection,
    org_id: OrgId,
    now: UnixMillis,
    request: &PageRequest,
) -> Result<Page<Room>, StoreError> {
    let org = org_id.to_string();
    Ok(Page {
        total_count: count::live(connection, org_id, now)?,
        items: list_items(connection, &org, now, request)?,
    })
}

/// Unlisted rooms that expired at or before `cutoff`, longest expired first, of
/// every organization. `after` is the last one of the page before. Those that
/// expired just now are found once [`unlist`](super::unlist) has seen them.
///
/// # Errors
/// The engine's.
pub fn list_expired(
    connection: &mut dyn Connection,
    cutoff: UnixMillis,
    after: Option<&Room>,
    limit: u32,
) -> Result<Vec<Room>, StoreError> {
    let expired_at = after.and_then(|room| room.expires_at);
    let id = after.map(|room| room.id.to_string()).unwrap_or_default();
    let params = [
        cutoff.into(),
        expired_at.unwrap_or(UnixMillis::new(i64::MIN)).into(),
        id.as_str().into(),
        i64::from(limit).into(),
    ];
    connection.list(&EXPIRED, &params, room)
}

fn list_items(
    connection: &mut dyn Connection,
    org: &str,
    now: UnixMillis,
    request: &PageRequest,
) -> Result<Vec<Room>, StoreError> {
    let limit = i64::from(request.limit()).into();
    match request.cursor() {
        Cursor::Newest => connection.list(&LIST_NEWEST, &[org.into(), now.into(), limit], room),
        Cursor::Oldest => {
            let rooms = connection.list(&LIST_OLDEST, &[org.into(), now.into(), limit], room)?;
            Ok(newest_first(rooms))
        }
        Cursor::After(id) => {
            let at = created_at(connection, org, id)?;
            let params = [org.into(), now.into(), at.into(), id.into(), limit];
            connection.list(&LIST_AFTER, &params, room)
        }
        Cursor::Before(id) => {
            let at = created_at(connection, org, id)?;
            let params = [org.into(), now.into(), at.into(), id.into(), limit];
            Ok(newest_first(connection.list(&LIST_BEFORE, &params, room)?))
        }
    }
}

/// The cursor's place in the list. A room that expired since the last page
/// still marks it.
fn created_at(
    connection: &mut dyn Connection,
    org: &str,
    cursor: &str,
) -> Result<UnixMillis, StoreError> {
    connection
        .find(&CREATED_AT, &[org.into(), cursor.into()], |row| row.millis(0))?
        .ok_or_else(|| StoreError::UnknownCursor { cursor: cursor.to_owned() })
}

fn newest_first(mut rooms: Vec<Room>) -> Vec<Room> {
    rooms.reverse();
    rooms
}
