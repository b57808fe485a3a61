//! `/rooms`.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::body::{Present, properties, refuse_unknown};
use crate::error::ApiError;
use crate::id::RoomId;
use crate::property::{PropertyChanges, Scope};
use crate::room_name::RoomName;

/// Who may enter a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Privacy {
    /// Everybody who knows the address.
    #[default]
    Public,
    /// Holders of a meeting token for it.
    Private,
}

impl Privacy {
    /// The wire's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }

    /// Reads the wire's word.
    ///
    /// # Errors
    ///
    /// When it is another one.
    pub fn parse(value: &Value) -> Result<Self, ApiError> {
        let known = value.as_str().and_then(|word| word.parse().ok());
        known.ok_or_else(|| ApiError::wrong_value("privacy", value, "one of 'public', 'private'"))
    }
}

/// The word is not one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("privacy is either public or private")]
pub struct UnknownPrivacy;

impl FromStr for Privacy {
    type Err = UnknownPrivacy;

    fn from_str(word: &str) -> Result<Self, UnknownPrivacy> {
        match word {
            "public" => Ok(Self::Public),
            "private" => Ok(Self::Private),
            _ => Err(UnknownPrivacy),
        }
    }
}

/// Body of `POST /rooms`.
#[derive(Clone, Debug)]
pub struct CreateRoom {
    /// The wanted name; `None`: the server makes one up.
    pub name: Option<RoomName>,
    /// Who may enter.
    pub privacy: Privacy,
    /// The properties to set.
    pub properties: PropertyChanges,
}

impl CreateRoom {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>, present: Present<'_>) -> Result<Self, ApiError> {
        refuse_unknown(body, &["name", "privacy", "properties"])?;
        Ok(Self {
            name: wanted_name(body.get("name"))?,
            privacy: wanted_privacy(body)?.unwrap_or_default(),
            properties: properties(Scope::Room, body, present)?,
        })
    }
}

/// Body of `POST /rooms/:name`.
#[derive(Clone, Debug)]
pub struct UpdateRoom {
    /// The new privacy, if it changes.
    pub privacy: Option<Privacy>,
    /// The properties to set and reset.
    pub properties: PropertyChanges,
}

impl UpdateRoom {
    /// Reads the body. A name cannot be changed, so `name` is unknown here.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>, present: Present<'_>) -> Result<Self, ApiError> {
        refuse_unknown(body, &["privacy", "properties"])?;
        Ok(Self {
            privacy: wanted_privacy(body)?,
            properties: properties(Scope::Room, body, present)?,
        })
    }
}

/// A room. Exactly these seven keys: strict clients refuse others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "id": "d61cd7b2-a273-42b4-89bd-be763fd562c1",
    "name": "standup",
    "api_created": true,
    "privacy": "private",
    "url": "https://calls.example.com/standup",
    "created_at": "2031-05-04T10:20:30.000Z",
    "config": {"exp": 1_935_741_630, "max_participants": 12},
})))]
pub struct Room {
    /// The record's id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: RoomId,
    /// The name: the last segment of `url`.
    pub name: String,
    /// Whether it was made through this API.
    pub api_created: bool,
    /// Who may enter.
    pub privacy: Privacy,
    /// Where people go to join.
    #[cfg_attr(
        feature = "openapi",
        schema(format = "uri", examples("https://calls.example.com/standup"))
    )]
    pub url: String,
    /// ISO 8601, UTC, to the second: `2031-05-04T10:20:30.000Z`.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// The properties that differ from their defaults.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: Map<String, Value>,
}

/// A page of rooms, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomList {
    /// All rooms of the domain, not only this page.
    #[cfg_attr(feature = "openapi", schema(examples(1)))]
    pub total_count: u64,
    /// This page.
    pub data: Vec<Room>,
}

/// Answer of `DELETE /rooms/:name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedRoom {
    /// Always `true`.
    #[cfg_attr(feature = "openapi", schema(examples(true)))]
    pub deleted: bool,
    /// The name that was asked for.
    #[cfg_attr(feature = "openapi", schema(examples("standup")))]
    pub name: String,
}

/// The 404 of `DELETE /rooms/:name` for a room whose `exp` had passed: it
/// counted as absent, and now it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedExpiredRoom {
    /// `not-found`.
    #[cfg_attr(feature = "openapi", schema(examples("not-found")))]
    pub error: String,
    /// For people.
    #[cfg_attr(feature = "openapi", schema(examples("room standup not found")))]
    pub info: String,
    /// Always `true`.
    #[cfg_attr(feature = "openapi", schema(examples(true)))]
    pub deleted: bool,
}

impl DeletedExpiredRoom {
    /// The answer for the room `name`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let body = ApiError::room_not_found(name).to_body();
        Self { error: body.error, info: body.info, deleted: true }
    }
}

fn wanted_name(value: Option<&Value>) -> Result<Option<RoomName>, ApiError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if name.is_empty() => Ok(None),
        Some(Value::String(name)) => RoomName::parse(name).map(Some),
        Some(other) => Err(ApiError::wrong_value("name", other, "a string")),
    }
}

fn wanted_privacy(body: &Map<String, Value>) -> Result<Option<Privacy>, ApiError> {
    body.get("privacy").filter(|value| !value.is_null()).map(Privacy::parse).transpose()
}
