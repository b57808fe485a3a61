//! Checking a body against its schema, key by key, in the order of the body.
//! The first thing that is wrong is told.

use std::fmt;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Peers, Rule, Schema};
use crate::error::ApiError;

impl Schema {
    /// Checks a whole body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn check(&self, body: &Map<String, Value>) -> Result<(), ApiError> {
        self.check_at(&Place::Root, body)
    }

    fn check_at(&self, place: &Place<'_>, object: &Map<String, Value>) -> Result<(), ApiError> {
        for (name, value) in object {
            let place = Place::Key(place, name);
            match self.fields.iter().find(|field| field.name == name) {
                Some(field) => field.rule.check(&place, value)?,
                None => return Err(ApiError::not_allowed(&place.to_string(), value)),
            }
        }
        let missing =
            self.fields.iter().find(|field| field.is_required && !object.contains_key(field.name));
        if let Some(field) = missing {
            return Err(ApiError::missing_field(&Place::Key(place, field.name).to_string()));
        }
        self.peers.iter().try_for_each(|peers| peers.check(place, object))
    }
}

impl Peers {
    fn check(&self, place: &Place<'_>, object: &Map<String, Value>) -> Result<(), ApiError> {
        let count =
            |names: &[&str]| names.iter().filter(|name| object.contains_key(**name)).count();
        match self {
            Self::AtLeastOne(names) if count(names) == 0 => {
                Err(ApiError::none_of_peers(&place.to_string(), names))
            }
            Self::AtMostOne(names) if count(names) > 1 => {
                Err(ApiError::exclusive_peers(&place.to_string(), names))
            }
            _ => Ok(()),
        }
    }
}

impl Rule {
    fn check(&self, place: &Place<'_>, value: &Value) -> Result<(), ApiError> {
        match (self, value) {
            (Self::OneOf(options), value) if !is_one_of(options, value) => {
                Err(ApiError::not_one_of(&place.to_string(), options, value))
            }
            (Self::List { item, max }, Value::Array(items)) if items.len() <= *max => items
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| item.check(&Place::Item(place, index), value)),
            (Self::Object(schema), Value::Object(object)) => schema.check_at(place, object),
            (Self::Map(rule), Value::Object(object)) => object
                .iter()
                .try_for_each(|(name, value)| rule.check(&Place::Key(place, name), value)),
            (Self::Tagged { tag, variants }, Value::Object(object)) => {
                check_tagged(place, tag, variants, object)
            }
            (Self::AnyOf(rules), value) => check_any(rules, place, value),
            (plain, value) => match plain.fault(value) {
                None => Ok(()),
                Some(fault) => Err(ApiError::must(&place.to_string(), &fault, value)),
            },
        }
    }

    /// What is wrong with a value, to continue `"key" `; nothing for one that
    /// the rule admits.
    fn fault(&self, value: &Value) -> Option<String> {
        match self {
            Self::Null => refuse(value.is_null(), "must be null"),
            Self::Flag => refuse(value.is_boolean(), "must be a boolean"),
            Self::Integer { min, max } => integer_fault(value, *min, *max),
            Self::Even { min, max } => integer_fault(value, *min, *max)
                .or_else(|| refuse(is_even(value), "must be a multiple of 2")),
            Self::Number { min, max } => number_fault(value, *min, *max),
            Self::Text { min, max } => text_fault(value, *min, *max),
            Self::Digits { min, max } => {
                let is_good = |text: &str| {
                    (*min..=*max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
                };
                let expected = format!("must be a string of {min} to {max} digits");
                refuse(value.as_str().is_some_and(is_good), &expected)
            }
            Self::Prefixed(prefix) => {
                let is_good = |text: &str| text.len() > prefix.len() && text.starts_with(prefix);
                let expected = format!("must be a string that begins with {prefix}");
                text_fault(value, 1, Self::LONG)
                    .or_else(|| refuse(value.as_str().is_some_and(is_good), &expected))
            }
            Self::Colour => {
                refuse(value.as_str().is_some_and(is_colour), "must be #rrggbb or #aarrggbb")
            }
            Self::Address => text_fault(value, 1, Self::LONG).or_else(|| {
                refuse(
                    value.as_str().is_some_and(is_address),
                    "must be a valid uri with http or https",
                )
            }),
            Self::Base64 => text_fault(value, 1, Self::LONG).or_else(|| {
                refuse(value.as_str().is_some_and(is_base64), "must be a valid base64 string")
            }),
            Self::Uuid => {
                let is_good = |text: &str| text.len() == 36 && Uuid::parse_str(text).is_ok();
                refuse(value.as_str().is_some_and(is_good), "must be a valid GUID")
            }
            Self::List { max, .. } => match value {
                Value::Array(_) => Some(format!("must contain less than or equal to {max} items")),
                _ => Some("must be an array".to_owned()),
            },
            Self::Object(_) | Self::Map(_) | Self::Tagged { .. } => {
                Some("must be of type object".to_owned())
            }
            Self::OneOf(_) | Self::AnyOf(_) | Self::Any => None,
        }
    }
}

/// Where a value stands: `layout.preset`, `ids[3]`.
enum Place<'a> {
    Root,
    Key(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("value"),
            Self::Key(Self::Root, name) => f.write_str(name),
            Self::Key(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn check_tagged(
    place: &Place<'_>,
    tag: &str,
    variants: &[(&str, &Schema)],
    object: &Map<String, Value>,
) -> Result<(), ApiError> {
    let here = Place::Key(place, tag).to_string();
    let value = object.get(tag).ok_or_else(|| ApiError::missing_field(&here))?;
    match variants.iter().find(|(name, _)| value.as_str() == Some(name)) {
        Some((_, schema)) => schema.check_at(place, object),
        None => {
            let names: Vec<&str> = variants.iter().map(|(name, _)| *name).collect();
            Err(ApiError::not_one_of(&here, &names, value))
        }
    }
}

/// Tells what the last of the rules finds, which the table puts the most
/// telling one at.
fn check_any(rules: &[Rule], place: &Place<'_>, value: &Value) -> Result<(), ApiError> {
    let mut outcome = Ok(());
    for rule in rules {
        outcome = rule.check(place, value);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn refuse(is_good: bool, expected: &str) -> Option<String> {
    (!is_good).then(|| expected.to_owned())
}

fn integer_fault(value: &Value, min: i64, max: i64) -> Option<String> {
    let Some(number) = value.as_f64() else {
        return Some("must be a number".to_owned());
    };
    if number.fract() != 0.0 {
        return Some("must be an integer".to_owned());
    }
    #[expect(clippy::cast_precision_loss, reason = "the bounds of the tables are small")]
    number_fault(value, min as f64, max as f64)
}

fn number_fault(value: &Value, min: f64, max: f64) -> Option<String> {
    match value.as_f64() {
        None => Some("must be a number".to_owned()),
        Some(number) if number < min => Some(format!("must be greater than or equal to {min}")),
        Some(number) if number > max => Some(format!("must be less than or equal to {max}")),
        Some(_) => None,
    }
}

fn text_fault(value: &Value, min: usize, max: usize) -> Option<String> {
    let Some(text) = value.as_str() else {
        return Some("must be a string".to_owned());
    };
    if text.is_empty() && min > 0 {
        return Some("is not allowed to be empty".to_owned());
    }
    let chars = text.chars().take(max + 1).count();
    if chars < min {
        return Some(format!("length must be at least {min} characters long"));
    }
    let is_long = chars > max;
    is_long.then(|| format!("length must be less than or equal to {max} characters long"))
}

fn is_even(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number % 2.0 == 0.0)
}

fn is_one_of(options: &[&str], value: &Value) -> bool {
    value.as_str().is_some_and(|text| options.contains(&text))
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        [6, 8].contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// Good enough for a table: who uses an address parses it in full.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// RFC 4648, section 4, with its padding.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && !digits.is_empty()
        && digits.bytes().all(is_digit)
}
