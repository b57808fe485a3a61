//! The query of routes whose parameters are checked by a schema: unknown
//! parameters are refused, and what is wrong is said in the words of those
//! routes. An empty parameter counts as absent: query builders send them.

use parlor_model::error::ApiError;
use parlor_store::page::MAX_LIMIT;
use serde_json::Value;

use crate::http::extract::QueryPairs;

/// A query that holds known parameters only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked<'a>(&'a QueryPairs);

/// Page sizes of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSize {
    /// When the query says nothing.
    pub(crate) default: u32,
    /// What anything above is clamped to.
    pub(crate) max: u32,
}

impl PageSize {
    /// That of most lists.
    pub(crate) const USUAL: Self = Self { default: MAX_LIMIT, max: MAX_LIMIT };
    /// That of logs.
    pub(crate) const LOGS: Self = Self { default: 20, max: MAX_LIMIT };
}

impl<'a> Checked<'a> {
    /// The query, if each of its parameters is one of `known`.
    pub(crate) fn new(query: &'a QueryPairs, known: &[&str]) -> Result<Self, ApiError> {
        match query.iter().find(|(name, _)| !known.contains(name)) {
            None => Ok(Self(query)),
            Some((name, value)) => Err(ApiError::not_allowed(name, &text(value))),
        }
    }

    /// The value of `name`, unless it is empty.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    /// `true` or `false`, in any case.
    pub(crate) fn flag(self, name: &str) -> Result<Option<bool>, ApiError> {
        let read = |value: &str| match value.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ApiError::must(name, "must be a boolean", &text(value))),
        };
        self.text(name).map(read).transpose()
    }

    /// A number; fractions are welcome.
    pub(crate) fn number(self, name: &str) -> Result<Option<f64>, ApiError> {
        let read = |value: &str| {
            let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| ApiError::must(name, "must be a number", &text(value)))
        };
        self.text(name).map(read).transpose()
    }

    /// A whole number that is not negative; beyond what fits it is the most
    /// that does.
    pub(crate) fn count(self, name: &str) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let number = self.number(name)?.unwrap_or_default();
        if number.fract() != 0.0 {
            return Err(ApiError::must(name, "must be an integer", &text(value)));
        }
        if number < 0.0 {
            let fault = "must be greater than or equal to 0";
            return Err(ApiError::must(name, fault, &text(value)));
        }
        Ok(Some(value.parse().unwrap_or(u64::MAX)))
    }

    /// How many of a list are wanted.
    pub(crate) fn limit(self, size: PageSize) -> Result<u32, ApiError> {
        let Some(value) = self.text("limit") else {
            return Ok(size.default);
        };
        let too_small =
            || ApiError::must("limit", "must be greater than or equal to 1", &text(value));
        if self.number("limit")?.is_some_and(|number| number < 0.0) {
            return Err(too_small());
        }
        match self.count("limit")? {
            Some(0) => Err(too_small()),
            Some(count) => Ok(u32::try_from(count).unwrap_or(u32::MAX).min(size.max)),
            None => Ok(size.default),
        }
    }

    /// One of `options`, in any case; as the options spell it.
    pub(crate) fn one_of(
        self,
        name: &str,
        options: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let read = |value: &str| {
            let found = options.iter().find(|option| option.eq_ignore_ascii_case(value));
            found.copied().ok_or_else(|| ApiError::not_one_of(name, options, &text(value)))
        };
        self.text(name).map(read).transpose()
    }
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}
