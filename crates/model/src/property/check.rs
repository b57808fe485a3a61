//! Checking a value against its kind. Nothing is allocated unless the value
//! is wrong.

use serde_json::{Map, Value};

use super::kind::{Kind, Shape};
use super::set::PropertyLimits;
use crate::error::ApiError;
use crate::time::UnixMillis;

/// What a check depends on besides the value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    /// The present, for times that must lie ahead; `None`: they need not.
    pub(crate) now: Option<UnixMillis>,
    /// The operator's limits.
    pub(crate) limits: &'a PropertyLimits,
}

/// Where in a property a value stands, for the text of an error.
#[derive(Clone, Copy)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'a str,
}

impl<'a> Path<'a> {
    pub(crate) fn root(name: &'a str) -> Self {
        Self { parent: None, name }
    }

    fn field<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path { parent: Some(self), name }
    }

    fn to_text(self) -> String {
        match self.parent {
            Some(parent) => format!("{}.{}", parent.to_text(), self.name),
            None => self.name.to_owned(),
        }
    }
}

impl Kind {
    /// Checks `value`, which stands at `path`.
    pub(crate) fn check(
        &self,
        path: Path<'_>,
        value: &Value,
        circumstances: Circumstances<'_>,
    ) -> Result<(), ApiError> {
        match self {
            Self::FutureTime => check_future(path, value, circumstances.now),
            Self::Object(shape) => match value {
                Value::Object(fields) => shape.check(path, fields, circumstances),
                _ => Err(self.refuse(path, value, circumstances)),
            },
            Self::FlagOrObject(shape) => match value {
                Value::Bool(_) => Ok(()),
                Value::Object(fields) => shape.check(path, fields, circumstances),
                _ => Err(self.refuse(path, value, circumstances)),
            },
            Self::ListOf(shape) => match value {
                Value::Array(items) => shape.check_items(path, items, circumstances),
                _ => Err(self.refuse(path, value, circumstances)),
            },
            Self::MapOf(kind) => match value {
                Value::Object(entries) => entries.iter().try_for_each(|(name, entry)| {
                    kind.check(path.field(name), entry, circumstances)
                }),
                _ => Err(self.refuse(path, value, circumstances)),
            },
            plain if plain.admits(value, circumstances.limits) => Ok(()),
            plain => Err(plain.refuse(path, value, circumstances)),
        }
    }

    fn admits(&self, value: &Value, limits: &PropertyLimits) -> bool {
        match self {
            Self::Flag => value.is_boolean(),
            Self::Integer { min, max } => {
                integer(value).is_some_and(|n| (*min..=*max).contains(&n))
            }
            Self::Participants => integer(value)
                .is_some_and(|n| (1..=i64::from(limits.max_participants)).contains(&n)),
            Self::Number { min } => value.as_f64().is_some_and(|number| number >= *min),
            Self::Time | Self::FutureTime => value.is_number(),
            Self::Text { max_chars } => value
                .as_str()
                .is_some_and(|text| max_chars.is_none_or(|max| text.chars().count() <= max)),
            Self::Template(rule) => value.as_str().is_some_and(|text| rule.allows(text)),
            Self::OneOf(options) => is_one_of(options, value),
            Self::SomeOf(options) => are_distinct_of(options, value),
            Self::OneOrSomeOf(options) => {
                is_one_of(options, value) || are_distinct_of(options, value)
            }
            Self::FlagOrSomeOf(options) => value.is_boolean() || are_distinct_of(options, value),
            Self::FlagOrObject(_) | Self::Object(_) | Self::MapOf(_) => value.is_object(),
            Self::ListOf(_) => value.is_array(),
            Self::Any => true,
        }
    }

    fn refuse(&self, path: Path<'_>, value: &Value, circumstances: Circumstances<'_>) -> ApiError {
        let expectation = self.expectation(circumstances.limits.max_participants);
        ApiError::wrong_value(&path.to_text(), value, &expectation)
    }

    /// The value as it is kept: an integer that came with a fraction of zero
    /// is kept as an integer.
    pub(crate) fn normalised(&self, value: &Value) -> Value {
        match (self, integer(value)) {
            (Self::Integer { .. } | Self::Participants, Some(number)) => Value::from(number),
            _ => value.clone(),
        }
    }
}

impl Shape {
    fn check(
        &self,
        path: Path<'_>,
        fields: &Map<String, Value>,
        circumstances: Circumstances<'_>,
    ) -> Result<(), ApiError> {
        for (name, value) in fields {
            match self.fields.iter().find(|field| field.name == name) {
                Some(field) => field.kind.check(path.field(name), value, circumstances)?,
                None if self.is_open => {}
                None => return Err(ApiError::unknown_parameter(&path.field(name).to_text())),
            }
        }
        let missing =
            self.fields.iter().find(|field| field.is_required && !fields.contains_key(field.name));
        missing
            .map_or(Ok(()), |field| Err(ApiError::missing_field(&path.field(field.name).to_text())))
    }

    fn check_items(
        &self,
        path: Path<'_>,
        items: &[Value],
        circumstances: Circumstances<'_>,
    ) -> Result<(), ApiError> {
        for (index, item) in items.iter().enumerate() {
            let name = index.to_string();
            Kind::object_of(self, path.field(&name), item, circumstances)?;
        }
        Ok(())
    }
}

impl Kind {
    fn object_of(
        shape: &Shape,
        path: Path<'_>,
        item: &Value,
        circumstances: Circumstances<'_>,
    ) -> Result<(), ApiError> {
        match item {
            Value::Object(fields) => shape.check(path, fields, circumstances),
            other => Err(ApiError::wrong_value(&path.to_text(), other, "an object")),
        }
    }
}

fn check_future(path: Path<'_>, value: &Value, now: Option<UnixMillis>) -> Result<(), ApiError> {
    let Some(seconds) = value.as_f64() else {
        return Err(ApiError::not_a_time(&path.to_text(), value));
    };
    match now {
        Some(now) if UnixMillis::from_seconds(seconds) <= now => {
            Err(ApiError::in_the_past(&path.to_text(), value))
        }
        _ => Ok(()),
    }
}

/// An integer, also when it is written with a fraction of zero, as JSON Schema
/// counts it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "both bounds are checked, and within 2^53 the conversion is exact"
)]
fn integer(value: &Value) -> Option<i64> {
    const EXACT: f64 = (1_i64 << 53) as f64;
    value.as_i64().or_else(|| {
        value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= EXACT).map(|n| n as i64)
    })
}

fn is_one_of(options: &[&str], value: &Value) -> bool {
    value.as_str().is_some_and(|text| options.contains(&text))
}

fn are_distinct_of(options: &[&str], value: &Value) -> bool {
    let Value::Array(items) = value else {
        return false;
    };
    items.len() <= options.len()
        && items
            .iter()
            .enumerate()
            .all(|(index, item)| is_one_of(options, item) && !items[..index].contains(item))
}
