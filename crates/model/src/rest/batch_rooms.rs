//! `/batch/rooms`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::body::{Present, refuse_unknown};
use super::rooms::CreateRoom;
use crate::error::ApiError;
use crate::room_name::RoomName;

/// Most rooms in one batch.
pub const MAX_ROOMS: usize = 1000;

/// Most different `recordings_bucket`s in one batch.
const MAX_BUCKETS: usize = 10;

/// Body of `POST /batch/rooms`.
#[derive(Clone, Debug)]
pub struct CreateRooms {
    /// What to make, in the order of the request.
    pub rooms: Vec<CreateRoom>,
}

impl CreateRooms {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>, present: Present<'_>) -> Result<Self, ApiError> {
        let items = rooms(body)?;
        refuse_many_buckets(items)?;
        let room = |item: &Value| match item {
            Value::Object(room) => CreateRoom::parse(room, present),
            other => Err(ApiError::wrong_value("rooms", other, "a list of objects")),
        };
        Ok(Self { rooms: items.iter().map(room).collect::<Result<_, _>>()? })
    }
}

/// Body of `DELETE /batch/rooms`.
#[derive(Clone, Debug)]
pub struct DeleteRooms {
    /// The names of those to delete.
    pub names: Vec<String>,
}

impl DeleteRooms {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong. An
    /// absent or empty list is wrong: it must never be read as "all".
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let items = rooms(body)?;
        if items.is_empty() {
            let none = Value::Array(Vec::new());
            return Err(ApiError::wrong_value("rooms", &none, "a list of at least one room name"));
        }
        let name = |item: &Value| match item {
            Value::String(name) => RoomName::parse(name).map(|name| name.to_string()),
            other => Err(ApiError::wrong_value("rooms", other, "a list of room names")),
        };
        Ok(Self { names: items.iter().map(name).collect::<Result<_, _>>()? })
    }
}

/// Answer of `DELETE /batch/rooms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"deleted_count": 2})))]
pub struct DeletedRooms {
    /// How many rooms there were and are no longer.
    pub deleted_count: u64,
}

/// The list of a batch, which must be there.
fn rooms(body: &Map<String, Value>) -> Result<&[Value], ApiError> {
    refuse_unknown(body, &["rooms"])?;
    match body.get("rooms") {
        None => Err(ApiError::missing_field("rooms")),
        Some(Value::Array(items)) if items.len() <= MAX_ROOMS => Ok(items),
        Some(Value::Array(items)) => Err(ApiError::batch_too_large(items.len(), MAX_ROOMS)),
        Some(other) => Err(ApiError::wrong_value("rooms", other, "a list")),
    }
}

fn refuse_many_buckets(items: &[Value]) -> Result<(), ApiError> {
    let mut buckets: Vec<&Value> = Vec::new();
    for bucket in items.iter().filter_map(|item| item.get("properties")?.get("recordings_bucket")) {
        if !bucket.is_null() && !buckets.contains(&bucket) {
            buckets.push(bucket);
        }
        if buckets.len() > MAX_BUCKETS {
            return Err(ApiError::too_many_buckets(MAX_BUCKETS));
        }
    }
    Ok(())
}
