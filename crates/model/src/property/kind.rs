//! Which values a property takes.

use super::template::TemplateRule;

/// The values of a property, or of a field of an object property.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// An integer between two bounds, both included.
    Integer {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// An integer from 1 to the operator's limit of participants.
    Participants,
    /// A number of at least `min`.
    Number {
        /// Least.
        min: f64,
    },
    /// Seconds since the unix epoch; fractions allowed.
    Time,
    /// The same, and later than now when it is set.
    FutureTime,
    /// A string.
    Text {
        /// Most characters.
        max_chars: Option<usize>,
    },
    /// A string with placeholders.
    Template(&'static TemplateRule),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of distinct ones of these strings.
    SomeOf(&'static [&'static str]),
    /// One of these strings, or a list of distinct ones.
    OneOrSomeOf(&'static [&'static str]),
    /// All (`true`), none (`false`), or a list of distinct ones.
    FlagOrSomeOf(&'static [&'static str]),
    /// All (`true`), none (`false`), or an object.
    FlagOrObject(&'static Shape),
    /// An object.
    Object(&'static Shape),
    /// A list of objects.
    ListOf(&'static Shape),
    /// An object of any keys, whose values are of one kind.
    MapOf(&'static Kind),
    /// Anything.
    Any,
}

/// The fields of an object.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The known fields.
    pub fields: &'static [Field],
    /// Whether other fields are kept as they are, rather than refused.
    pub is_open: bool,
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its wire name.
    pub name: &'static str,
    /// Its values.
    pub kind: Kind,
    /// Whether it must be there.
    pub is_required: bool,
}

impl Shape {
    /// An object of just these fields.
    pub(super) const fn closed(fields: &'static [Field]) -> Self {
        Self { fields, is_open: false }
    }

    /// An object of these fields and any others.
    pub(super) const fn open(fields: &'static [Field]) -> Self {
        Self { fields, is_open: true }
    }
}

impl Field {
    /// A field that may be absent.
    pub(super) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, is_required: false }
    }

    /// A field that must be there.
    pub(super) const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, is_required: true }
    }
}

impl Kind {
    /// Any string.
    pub(super) const TEXT: Self = Self::Text { max_chars: None };

    /// What the value should be, to continue "but should be". `participants`
    /// is the operator's limit.
    #[must_use]
    pub fn expectation(&self, participants: u32) -> String {
        match self {
            Self::Flag => "a boolean".to_owned(),
            Self::Integer { min, max } => format!("an integer from {min} to {max}"),
            Self::Participants => format!("an integer from 1 to {participants}"),
            Self::Number { min } => format!("a number of at least {min}"),
            Self::Time | Self::FutureTime => "a number of seconds since the unix epoch".to_owned(),
            Self::Text { max_chars: None } => "a string".to_owned(),
            Self::Text { max_chars: Some(max) } => format!("a string of at most {max} characters"),
            Self::Template(rule) => rule.expectation(),
            Self::OneOf(options) => format!("one of {}", quoted(options)),
            Self::SomeOf(options) => format!("a list of distinct ones of {}", quoted(options)),
            Self::OneOrSomeOf(options) => {
                format!("one of {}, or a list of distinct ones", quoted(options))
            }
            Self::FlagOrSomeOf(options) => {
                format!("true, false or a list of distinct ones of {}", quoted(options))
            }
            Self::FlagOrObject(_) => "true, false or an object".to_owned(),
            Self::Object(_) | Self::MapOf(_) => "an object".to_owned(),
            Self::ListOf(_) => "a list of objects".to_owned(),
            Self::Any => "any value".to_owned(),
        }
    }
}

fn quoted(options: &[&str]) -> String {
    options.iter().map(|option| format!("'{option}'")).collect::<Vec<_>>().join(", ")
}
