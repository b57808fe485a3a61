//! Reading the top level of a closed request body.

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::property::{PropertyChanges, PropertyLimits, PropertySet, Scope};
use crate::time::UnixMillis;

/// What checking a body depends on besides the body.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// The present, for times that must lie ahead.
    pub now: UnixMillis,
    /// The operator's limits.
    pub limits: &'a PropertyLimits,
}

/// The body as an object. An empty body counts as `{}`.
///
/// # Errors
///
/// `json-parsing-error` when it is not JSON, `invalid-request-error` when it
/// is not an object.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(ApiError::body_not_object()),
        Err(error) => Err(ApiError::body_not_json(&error.to_string())),
    }
}

pub(super) fn refuse_unknown(body: &Map<String, Value>, known: &[&str]) -> Result<(), ApiError> {
    match body.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(ApiError::unknown_parameter(key)),
        None => Ok(()),
    }
}

pub(super) fn properties(
    scope: Scope,
    body: &Map<String, Value>,
    present: Present<'_>,
) -> Result<PropertyChanges, ApiError> {
    let none = Map::new();
    let properties = match body.get("properties") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(properties)) => properties,
        Some(other) => return Err(ApiError::wrong_value("properties", other, "an object")),
    };
    PropertySet::parse(scope, properties, present.now, present.limits)
}
