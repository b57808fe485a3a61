//! `/meeting-tokens`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::body::{Present, properties, refuse_unknown};
use crate::error::ApiError;
use crate::property::{PropertySet, Scope};

/// Body of `POST /meeting-tokens`.
#[derive(Clone, Debug)]
pub struct CreateMeetingToken {
    /// The properties of the token.
    pub properties: PropertySet,
}

impl CreateMeetingToken {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>, present: Present<'_>) -> Result<Self, ApiError> {
        refuse_unknown(body, &["properties"])?;
        let mut set = PropertySet::new(Scope::Token);
        set.apply(properties(Scope::Token, body, present)?);
        Ok(Self { properties: set })
    }
}

/// Answer of `POST /meeting-tokens`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedMeetingToken {
    /// The JWT.
    #[cfg_attr(
        feature = "openapi",
        schema(examples(
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJyIjoic3RhbmR1cCJ9.c2lnbmF0dXJl"
        ))
    )]
    pub token: String,
}
