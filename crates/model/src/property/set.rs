//! The properties that somebody set, in one scope.

use serde_json::{Map, Value};

use super::check::{Circumstances, Path};
use super::find;
use super::spec::{Access, PropertySpec, Scope};
use crate::error::ApiError;
use crate::time::UnixMillis;

/// Keys that a domain's `config` carries even at their defaults, with what
/// stands there when they have none.
const DOMAIN_CORE: [(&str, &str); 6] = [
    ("hide_daily_branding", "false"),
    ("redirect_on_meeting_exit", "\"\""),
    ("meeting_join_hook", "\"\""),
    ("hipaa", "false"),
    ("intercom_auto_record", "false"),
    ("lang", "\"en\""),
];

/// The operator's limits on properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PropertyLimits {
    /// Most that `max_participants` may say.
    pub max_participants: u32,
}

impl Default for PropertyLimits {
    fn default() -> Self {
        Self { max_participants: 200 }
    }
}

/// What a request wants to set and reset, checked.
#[derive(Clone, Debug)]
pub struct PropertyChanges {
    scope: Scope,
    changes: Vec<(&'static PropertySpec, Option<Value>)>,
}

/// Properties by wire name, in the order in which they were set. Only what was
/// set is in it; defaults are not.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertySet {
    scope: Scope,
    values: Map<String, Value>,
}

impl PropertySet {
    /// An empty set.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self { scope, values: Map::new() }
    }

    /// Checks the `properties` of a request. `null` resets a property of a
    /// room or domain; in a token it counts as absent.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first key that is unknown or
    /// whose value is wrong.
    pub fn parse(
        scope: Scope,
        properties: &Map<String, Value>,
        now: UnixMillis,
        limits: &PropertyLimits,
    ) -> Result<PropertyChanges, ApiError> {
        let circumstances = Circumstances { now: Some(now), limits };
        let mut changes = Vec::with_capacity(properties.len());
        for (name, value) in properties {
            let spec = find(name).ok_or_else(|| ApiError::unknown_parameter(name))?;
            match spec.place(scope).map(|place| place.access) {
                Some(Access::Write) => {}
                Some(Access::Ignored) => continue,
                Some(Access::ReadOnly | Access::ClaimOnly) | None => {
                    return Err(ApiError::unknown_parameter(name));
                }
            }
            if value.is_null() {
                changes.push((spec, None));
                continue;
            }
            spec.kind.check(Path::root(name), value, circumstances)?;
            changes.push((spec, Some(spec.kind.normalised(value))));
        }
        Ok(PropertyChanges { scope, changes })
    }

    /// The set as [`to_json`](Self::to_json) wrote it.
    ///
    /// # Errors
    ///
    /// When the text is not a JSON object.
    pub fn from_json(scope: Scope, json: &str) -> Result<Self, serde_json::Error> {
        Ok(Self { scope, values: serde_json::from_str(json)? })
    }

    /// Takes `changes` over.
    pub fn apply(&mut self, changes: PropertyChanges) {
        debug_assert_eq!(self.scope, changes.scope, "changes of another scope");
        for (spec, value) in changes.changes {
            match value {
                Some(value) => {
                    self.values.insert(spec.name.to_owned(), value);
                }
                None => {
                    self.values.shift_remove(spec.name);
                }
            }
        }
    }

    /// For the store.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::Object(self.values.clone()).to_string()
    }

    /// The scope.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What was set, as it was set.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.values
    }

    /// One property, if it was set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// When entry opens, in unix seconds.
    #[must_use]
    pub fn nbf(&self) -> Option<f64> {
        self.get("nbf").and_then(Value::as_f64)
    }

    /// When entry closes, in unix seconds.
    #[must_use]
    pub fn exp(&self) -> Option<f64> {
        self.get("exp").and_then(Value::as_f64)
    }

    /// What an answer shows: what differs from the default, and for a domain
    /// always its core of keys.
    #[must_use]
    pub fn config(&self) -> Map<String, Value> {
        let mut config = match self.scope {
            Scope::Domain => self.domain_core(),
            Scope::Room | Scope::Token => Map::new(),
        };
        for (name, value) in &self.values {
            if !config.contains_key(name) && !self.is_default(name, value) {
                config.insert(name.clone(), value.clone());
            }
        }
        config
    }

    /// The same, without what only holders of an API key may see. For
    /// browsers.
    #[must_use]
    pub fn public_config(&self) -> Map<String, Value> {
        let mut config = self.config();
        config.retain(|name, _| find(name).is_some_and(|spec| !spec.is_private));
        config
    }

    pub(crate) fn insert(&mut self, spec: &'static PropertySpec, value: Value) {
        self.values.insert(spec.name.to_owned(), value);
    }

    fn is_default(&self, name: &str, value: &Value) -> bool {
        let place = find(name).and_then(|spec| spec.place(self.scope));
        place.is_some_and(|place| place.default.is(value))
    }

    fn domain_core(&self) -> Map<String, Value> {
        let value = |name: &str, otherwise: &str| match self.get(name) {
            Some(value) => value.clone(),
            None => serde_json::from_str(otherwise).unwrap_or_default(),
        };
        DOMAIN_CORE.iter().map(|(name, json)| ((*name).to_owned(), value(name, json))).collect()
    }
}
