//! Rooms as records. The live room is elsewhere; here is what a name means,
//! how the room is configured and until when.
//!
//! A room whose time has passed is invisible to everything but
//! [`find_including_expired`] and [`delete`], and its name is free: creating a
//! room of that name replaces it. It still counts as listed until [`unlist`]
//! has seen it; readers of the list subtract it.

use parlor_model::id::{OrgId, RoomId};
use parlor_model::rest::rooms::Privacy;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};

/// Every statement that reads rooms reads these columns, in the order that
/// [`room`] expects.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, name, privacy, properties, created_at, expires_at FROM rooms ",
            $rest
        )
    };
}

mod count;
mod list;

pub(crate) use count::STATEMENTS as COUNT_STATEMENTS;
pub use count::{live, recount, relist, unlist};
pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub use list::{list, list_expired};

/// A room's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Stays with the record, not with the name.
    pub id: RoomId,
    /// Whose room it is.
    pub org_id: OrgId,
    /// Unique within the organization, case-sensitive.
    pub name: String,
    /// Who may enter without a token.
    pub privacy: Privacy,
    /// The properties that were set, as JSON text.
    pub properties: String,
    /// When it was made, rounded down to the second.
    pub created_at: UnixMillis,
    /// From this point on it counts as gone.
    pub expires_at: Option<UnixMillis>,
}

impl Room {
    /// Whether its time has passed.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// What a room is made of.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// The caller drew it.
    pub id: RoomId,
    /// Whose room it is.
    pub org_id: OrgId,
    /// A checked name.
    pub name: String,
    /// Who may enter without a token.
    pub privacy: Privacy,
    /// The properties that were set, as JSON text.
    pub properties: String,
    /// When it expires, if ever.
    pub expires_at: Option<UnixMillis>,
}

/// A room that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The new record.
    pub room: Room,
    /// The expired room whose name it took, and whose call, if one still runs,
    /// must end.
    pub replaced: Option<RoomId>,
}

/// A room that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The record that is gone.
    pub id: RoomId,
    /// Whether it had expired before, and so was invisible to its owner.
    pub was_expired: bool,
}

statements! {
    INSERT = "INSERT INTO rooms (id, org_id, name, privacy, properties, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org_id, name) DO NOTHING";
    DELETE_EXPIRED = "DELETE FROM rooms WHERE org_id = $1 AND name = $2 AND expires_at <= $3 \
        RETURNING id, is_listed";
    FIND = select!("WHERE org_id = $1 AND name = $2");
    IDS_OF_ORG = "SELECT id FROM rooms WHERE org_id = $1";
    UPDATE = "UPDATE rooms SET privacy = $1, properties = $2, expires_at = $3 WHERE id = $4";
    DELETE = "DELETE FROM rooms WHERE org_id = $1 AND name = $2 \
        RETURNING id, is_listed, expires_at";
    PURGE = "DELETE FROM rooms WHERE id = $1 AND expires_at <= $2 RETURNING org_id, is_listed";
}

/// Makes a room, taking the name over from an expired one.
///
/// # Errors
/// [`Unique::RoomName`] when a live room has the name. Of several that ask for
/// one name at once, exactly one wins.
pub fn create(
    connection: &mut dyn Connection,
    new: &NewRoom,
    now: UnixMillis,
) -> Result<Created, StoreError> {
    let room = Room {
        id: new.id,
        org_id: new.org_id,
        name: new.name.clone(),
        privacy: new.privacy,
        properties: new.properties.clone(),
        created_at: UnixMillis::new(now.as_seconds().saturating_mul(1000)),
        expires_at: new.expires_at,
    };
    // Most names are free: one statement. Only a taken one is looked at twice.
    let org_id = room.org_id.to_string();
    if insert(connection, &room, &org_id)? {
        count::add(connection, &org_id, room.id, 1)?;
        return Ok(Created { room, replaced: None });
    }
    let expired = connection.find(
        &DELETE_EXPIRED,
        &[org_id.as_str().into(), room.name.as_str().into(), now.into()],
        |row| Ok((row.parsed::<RoomId>(0)?, row.int(1)?)),
    )?;
    match expired {
        Some((replaced, was_listed)) if insert(connection, &room, &org_id)? => {
            count::add(connection, &org_id, room.id, 1 - was_listed)?;
            Ok(Created { room, replaced: Some(replaced) })
        }
        _ => Err(StoreError::Conflict(Unique::RoomName)),
    }
}

/// The room of that name, unless it has expired.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    org_id: OrgId,
    name: &str,
    now: UnixMillis,
) -> Result<Option<Room>, StoreError> {
    let room = find_including_expired(connection, org_id, name)?;
    Ok(room.filter(|room| !room.is_expired(now)))
}

/// The room of that name, expired or not.
///
/// # Errors
/// The engine's.
pub fn find_including_expired(
    connection: &mut dyn Connection,
    org_id: OrgId,
    name: &str,
) -> Result<Option<Room>, StoreError> {
    connection.find(&FIND, &[org_id.to_string().as_str().into(), name.into()], room)
}

/// Every room of an organization, expired or not.
///
/// # Errors
/// The engine's.
pub fn ids_of_org(
    connection: &mut dyn Connection,
    org_id: OrgId,
) -> Result<Vec<RoomId>, StoreError> {
    connection.list(&IDS_OF_ORG, &[(&org_id.to_string()).into()], |row| row.parsed(0))
}

/// Saves a room's privacy, properties and expiry. `false` when its record is
/// gone. Read the room in the same `write`, so that nothing comes between.
///
/// # Errors
/// The engine's.
pub fn update(connection: &mut dyn Connection, room: &Room) -> Result<bool, StoreError> {
    let changed = connection.execute(
        &UPDATE,
        &[
            room.privacy.as_str().into(),
            room.properties.as_str().into(),
            room.expires_at.into(),
            room.id.to_string().as_str().into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Deletes the room of that name, expired or not.
///
/// # Errors
/// The engine's.
pub fn delete(
    connection: &mut dyn Connection,
    org_id: OrgId,
    name: &str,
    now: UnixMillis,
) -> Result<Option<Deleted>, StoreError> {
    let org = org_id.to_string();
    let gone = connection.find(&DELETE, &[org.as_str().into(), name.into()], |row| {
        Ok((row.parsed::<RoomId>(0)?, row.int(1)?, row.optional_millis(2)?))
    })?;
    let Some((id, was_listed, expires_at)) = gone else {
        return Ok(None);
    };
    count::add(connection, &org, id, -was_listed)?;
    Ok(Some(Deleted { id, was_expired: expires_at.is_some_and(|at| at <= now) }))
}

/// Removes the record of a room, provided that it expired at or before
/// `cutoff`: it may have been given more time since it was listed.
///
/// # Errors
/// The engine's.
pub fn purge(
    connection: &mut dyn Connection,
    id: RoomId,
    cutoff: UnixMillis,
) -> Result<bool, StoreError> {
    let gone =
        connection.find(&PURGE, &[id.to_string().as_str().into(), cutoff.into()], |row| {
            Ok((row.text(0)?.to_owned(), row.int(1)?))
        })?;
    let Some((org, was_listed)) = gone else {
        return Ok(false);
    };
    count::add(connection, &org, id, -was_listed)?;
    Ok(true)
}

fn insert(connection: &mut dyn Connection, room: &Room, org_id: &str) -> Result<bool, StoreError> {
    let inserted = connection.execute(
        &INSERT,
        &[
            room.id.to_string().as_str().into(),
            org_id.into(),
            room.name.as_str().into(),
            room.privacy.as_str().into(),
            room.properties.as_str().into(),
            room.created_at.into(),
            room.expires_at.into(),
        ],
    )?;
    Ok(inserted == 1)
}

/// The one way from a row to a room.
fn room(row: &dyn Row) -> Result<Room, StoreError> {
    Ok(Room {
        id: row.parsed(0)?,
        org_id: row.parsed(1)?,
        name: row.text(2)?.to_owned(),
        privacy: row.parsed(3)?,
        properties: row.text(4)?.to_owned(),
        created_at: row.millis(5)?,
        expires_at: row.optional_millis(6)?,
    })
}
