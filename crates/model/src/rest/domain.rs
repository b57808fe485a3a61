//! `/`: the organization, which Daily calls a domain.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::body::{Present, properties, refuse_unknown};
use crate::error::ApiError;
use crate::id::OrgId;
use crate::property::{PropertyChanges, PropertySet, Scope};

/// Body of `POST /`.
#[derive(Clone, Debug)]
pub struct UpdateDomain {
    /// The properties to set and reset.
    pub properties: PropertyChanges,
}

impl UpdateDomain {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>, present: Present<'_>) -> Result<Self, ApiError> {
        refuse_unknown(body, &["properties"])?;
        Ok(Self { properties: properties(Scope::Domain, body, present)? })
    }
}

/// The domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "domain_name": "default",
    "domain_id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f",
    "config": {"enable_prejoin_ui": false, "hide_daily_branding": true},
})))]
pub struct Domain {
    /// The public name.
    pub domain_name: String,
    /// For those who sign tokens themselves: the claim `d`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub domain_id: OrgId,
    /// The properties that differ from their defaults, and a core of keys that
    /// is always there.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: Map<String, Value>,
}

impl Domain {
    /// The answer for a domain and its properties. `is_rate_limited` says
    /// whether the server counts requests.
    #[must_use]
    pub fn new(name: &str, id: OrgId, properties: &PropertySet, is_rate_limited: bool) -> Self {
        let mut config = properties.config();
        if !is_rate_limited {
            config.insert("disable_rate_limiting".to_owned(), Value::Bool(true));
        }
        Self { domain_name: name.to_owned(), domain_id: id, config }
    }
}
