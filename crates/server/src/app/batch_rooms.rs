//! Many rooms at once: all of them, or none.

use std::collections::BTreeSet;

use parlor_model::id::{OrgId, RoomId};
use parlor_model::property::PropertySet;
use parlor_model::rest::batch_rooms::{CreateRooms, DeleteRooms};
use parlor_model::rest::body::Present;
use parlor_model::rest::rooms::Room;
use parlor_store::rooms::{self as records, Created, NewRoom};
use parlor_store::{Connection, StoreError};
use serde_json::{Map, Value};

use crate::app::quotas::RoomMaker;
use crate::app::rooms::{create_one, new_room, origin_of, property_limits, shown};
use crate::cx::AppState;
use crate::failure::Failure;

/// Creates rooms, in one transaction: when one of them cannot be made, none
/// is. Expired rooms of their names are replaced, and the calls that still run
/// in those end.
pub(crate) async fn create(
    state: &AppState,
    maker: RoomMaker,
    body: &Map<String, Value>,
) -> Result<Vec<Room>, Failure> {
    let (org, now) = (maker.org, state.now());
    let request = CreateRooms::parse(body, Present { now, limits: &property_limits(state) })?;
    let drawn = request.rooms.into_iter().map(|room| new_room(org, room));
    let (news, properties): (Vec<NewRoom>, Vec<PropertySet>) =
        drawn.collect::<Result<Vec<_>, Failure>>()?.into_iter().unzip();
    let create = move |c: &mut dyn Connection| -> Result<Vec<Created>, Failure> {
        let limit = maker.limit(c, now)?;
        let created = news.iter().map(|new| create_one(c, new, now)).collect::<Result<_, _>>()?;
        maker.check(c, limit, now)?;
        Ok(created)
    };
    let created = state.cx.store.write(create).await?;
    let replaced = created.iter().filter_map(|created| created.replaced).collect();
    state.cx.calls_to_end.end_all(&state.cx.bus, replaced).await;
    let origin = origin_of(state, org)?;
    let answers = created.iter().zip(&properties);
    Ok(answers.map(|(created, properties)| shown(&created.room, properties, &origin)).collect())
}

/// Deletes the rooms of these names and ends their calls; says how many there
/// were. Names of no room are passed over. Rooms that had expired are deleted
/// too, though they count as absent.
pub(crate) async fn delete(
    state: &AppState,
    org: OrgId,
    body: &Map<String, Value>,
) -> Result<u64, Failure> {
    let now = state.now();
    let names: BTreeSet<String> = DeleteRooms::parse(body)?.names.into_iter().collect();
    let delete = move |c: &mut dyn Connection| -> Result<Vec<records::Deleted>, StoreError> {
        let gone = names.iter().filter_map(|name| records::delete(c, org, name, now).transpose());
        gone.collect()
    };
    let gone = state.cx.store.write(delete).await?;
    let ids: Vec<RoomId> = gone.iter().map(|deleted| deleted.id).collect();
    state.cx.calls_to_end.end_all(&state.cx.bus, ids).await;
    Ok(gone.iter().filter(|deleted| !deleted.was_expired).count() as u64)
}
