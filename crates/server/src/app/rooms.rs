//! Rooms as records: create, read, change, delete and list them.

use parlor_model::error::ApiError;
use parlor_model::id::{OrgId, RoomId};
use parlor_model::property::{PropertyLimits, PropertySet, Scope};
use parlor_model::rest::body::Present;
use parlor_model::rest::rooms::{CreateRoom, Room, RoomList, UpdateRoom};
use parlor_model::room_name::RoomName;
use parlor_model::time::UnixMillis;
use parlor_store::page::{Cursor, MAX_LIMIT, PageRequest};
use parlor_store::rooms::{self as records, Created, Deleted, NewRoom};
use parlor_store::{Connection, StoreError, Unique, orgs};
use serde_json::{Map, Value};

use crate::app::quotas::RoomMaker;
use crate::cx::{AppState, Shared};
use crate::failure::Failure;
use crate::random;

/// Creates a room. An expired room of the name is replaced, and a call that
/// still runs in it ends.
pub(crate) async fn create(
    state: &AppState,
    maker: RoomMaker,
    body: &Map<String, Value>,
) -> Result<Room, Failure> {
    let (org, now) = (maker.org, state.now());
    let request = CreateRoom::parse(body, Present { now, limits: &property_limits(state) })?;
    let (new, properties) = new_room(org, request)?;
    let create = move |c: &mut dyn Connection| -> Result<Created, Failure> {
        let limit = maker.limit(c, now)?;
        let created = create_one(c, &new, now)?;
        maker.check(c, limit, now)?;
        Ok(created)
    };
    let created = state.cx.store.write(create).await?;
    if let Some(replaced) = created.replaced {
        state.cx.calls_to_end.end(&state.cx.bus, replaced).await;
    }
    Ok(shown(&created.room, &properties, &origin_of(state, org)?))
}

/// Makes one room in a transaction. The error names it, since there may be many.
pub(crate) fn create_one(
    connection: &mut dyn Connection,
    new: &NewRoom,
    now: UnixMillis,
) -> Result<Created, Failure> {
    records::create(connection, new, now).map_err(|error| match error {
        StoreError::Conflict(Unique::RoomName) => ApiError::room_exists(&new.name).into(),
        other => Failure::Store(other),
    })
}

/// The record to make, with its properties. Draws an id, and a name if none is
/// wanted.
pub(crate) fn new_room(org: OrgId, request: CreateRoom) -> Result<(NewRoom, PropertySet), Failure> {
    let mut properties = PropertySet::new(Scope::Room);
    properties.apply(request.properties);
    let name = match request.name {
        Some(name) => name,
        None => RoomName::from_random(random::bytes()?),
    };
    let new = NewRoom {
        id: RoomId::from_random(random::bytes()?),
        org_id: org,
        name: name.to_string(),
        privacy: request.privacy,
        properties: properties.to_json(),
        expires_at: expiry(&properties),
    };
    Ok((new, properties))
}

/// Reads a room that has not expired.
pub(crate) fn read(state: &AppState, org: OrgId, name: &str) -> Result<Room, Failure> {
    let room = find(state, org, name)?;
    let properties = stored_properties(Scope::Room, &room.properties)?;
    Ok(shown(&room, &properties, &origin_of(state, org)?))
}

/// The record of a room that has not expired.
pub(crate) fn find(state: &AppState, org: OrgId, name: &str) -> Result<records::Room, Failure> {
    let now = state.now();
    let room = state.cx.store.read(|c| records::find(c, org, name, now))?;
    room.ok_or_else(|| ApiError::room_not_found(name).into())
}

/// Changes what the request names and keeps the rest. Participants keep the
/// limits that were fixed when they entered.
pub(crate) async fn update(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Map<String, Value>,
) -> Result<Room, Failure> {
    let now = state.now();
    let request = UpdateRoom::parse(body, Present { now, limits: &property_limits(state) })?;
    let wanted = name.to_owned();
    let (room, properties) = state
        .cx
        .store
        .write(move |c| -> Result<_, Failure> {
            let mut room = records::find(c, org, &wanted, now)?
                .ok_or_else(|| ApiError::room_not_found(&wanted))?;
            let mut properties = stored_properties(Scope::Room, &room.properties)?;
            properties.apply(request.properties.clone());
            room.properties = properties.to_json();
            room.expires_at = expiry(&properties);
            room.privacy = request.privacy.unwrap_or(room.privacy);
            records::update(c, &room)?;
            Ok((room, properties))
        })
        .await?;
    Ok(shown(&room, &properties, &origin_of(state, org)?))
}

/// Deletes a room and ends its call. An expired room, invisible before, is
/// deleted too.
pub(crate) async fn delete(state: &AppState, org: OrgId, name: &str) -> Result<Deleted, Failure> {
    let (now, wanted) = (state.now(), name.to_owned());
    let deleted = state.cx.store.write(move |c| records::delete(c, org, &wanted, now)).await?;
    let deleted = deleted.ok_or_else(|| ApiError::room_not_found(name))?;
    state.cx.calls_to_end.end(&state.cx.bus, deleted.id).await;
    Ok(deleted)
}

/// Which page of a list is wanted, as the query says it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PageQuery<'a> {
    pub(crate) limit: Option<&'a str>,
    pub(crate) starting_after: Option<&'a str>,
    pub(crate) ending_before: Option<&'a str>,
}

impl PageQuery<'_> {
    /// Empty parameters count as absent: query builders send them.
    pub(crate) fn parse(self) -> Result<PageRequest, ApiError> {
        let limit = match self.limit.filter(|limit| !limit.is_empty()) {
            None => MAX_LIMIT,
            Some(text) => parse_limit(text)?,
        };
        let cursor = Cursor::parse(
            self.starting_after.filter(|id| !id.is_empty()),
            self.ending_before.filter(|id| !id.is_empty()),
        );
        Ok(PageRequest::new(limit, cursor.map_err(|_| ApiError::both_cursors())?))
    }

    /// Checks the query of a list that is empty: a cursor names nothing in it.
    pub(crate) fn of_nothing(self) -> Result<(), ApiError> {
        match self.parse()?.cursor() {
            Cursor::Newest | Cursor::Oldest => Ok(()),
            Cursor::After(id) | Cursor::Before(id) => Err(self.unknown_cursor(id)),
        }
    }

    pub(crate) fn unknown_cursor(self, id: &str) -> ApiError {
        let parameter = match self.starting_after {
            Some(after) if after == id => "starting_after",
            _ => "ending_before",
        };
        ApiError::unknown_cursor(parameter, id)
    }
}

/// An integer of at least 1; beyond what any page holds it is clamped later.
pub(crate) fn parse_limit(text: &str) -> Result<u32, ApiError> {
    // However many digits it has, an integer above the maximum means the maximum.
    let is_huge = text.len() > 9 && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_huge && text.bytes().any(|digit| digit != b'0') {
        return Ok(u32::MAX);
    }
    let number = text.parse::<u32>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| ApiError::invalid_limit(text))
}

/// One page of the rooms that have not expired, newest first.
pub(crate) async fn list(
    state: &AppState,
    org: OrgId,
    query: PageQuery<'_>,
) -> Result<RoomList, Failure> {
    let (now, page) = (state.now(), query.parse()?);
    let listed = state.cx.store.scan(move |c| records::list(c, org, now, &page)).await;
    let page = listed.map_err(|error| match error {
        StoreError::UnknownCursor { cursor } => query.unknown_cursor(&cursor).into(),
        other => Failure::Store(other),
    })?;
    let origin = origin_of(state, org)?;
    let data = page.items.iter().map(|room| {
        let properties = stored_properties(Scope::Room, &room.properties)?;
        Ok(shown(room, &properties, &origin))
    });
    Ok(RoomList { total_count: page.total_count, data: data.collect::<Result<_, Failure>>()? })
}

/// Properties as a record holds them.
pub(crate) fn stored_properties(scope: Scope, json: &str) -> Result<PropertySet, Failure> {
    let what = match scope {
        Scope::Domain => "domain properties",
        Scope::Room | Scope::Token => "room properties",
    };
    PropertySet::from_json(scope, json).map_err(|source| Failure::Record { what, source })
}

/// The operator's limits on properties.
pub(crate) fn property_limits(shared: &Shared) -> PropertyLimits {
    PropertyLimits { max_participants: shared.cx.settings.max_participants }
}

/// A room as answers show it.
pub(crate) fn shown(room: &records::Room, properties: &PropertySet, origin: &str) -> Room {
    Room {
        id: room.id,
        name: room.name.clone(),
        api_created: true,
        privacy: room.privacy,
        url: format!("{origin}/{}", room.name),
        created_at: room.created_at.to_iso8601(),
        config: properties.config(),
    }
}

fn expiry(properties: &PropertySet) -> Option<UnixMillis> {
    properties.exp().map(UnixMillis::from_seconds)
}

/// The origin of an organization's rooms: the server's own for the first one,
/// `<domain>.<host>` for the others.
pub(crate) fn origin_of(state: &AppState, org: OrgId) -> Result<String, Failure> {
    if org == state.cx.settings.org {
        return Ok(state.origin().own());
    }
    let found = state.cx.store.read(|c| orgs::find(c, org))?;
    let domain = found.map(|org| org.domain).unwrap_or_default();
    Ok(state.origin().of_domain(&domain))
}
