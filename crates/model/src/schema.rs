//! Bodies that a schema describes: a table of fields, each with its values.
//!
//! Rooms, tokens and the domain have the property table and its own wording
//! ([`property`](crate::property)). Everything else that takes a body (actions
//! on a live room, recording, streaming, transcription, telephony, webhooks)
//! is described here, and speaks the words that clients of those operations
//! know: `"key" is not allowed [Received key=1]`. From one table come the
//! check and the OpenAPI schema.

mod check;
#[cfg(feature = "openapi")]
mod openapi;

/// Names the request bodies of a module for the API's description:
/// `/// What it is. Name = SCHEMA, {"an": "example"};`.
macro_rules! described_bodies {
    ($($(#[doc = $doc:literal])+ $name:ident = $schema:expr, $example:tt;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl $name {
            /// What the body may say.
            pub const SCHEMA: &'static $crate::schema::Schema = $schema;
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                Self::SCHEMA.to_openapi(serde_json::json!($example)).into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )+};
}
pub(crate) use described_bodies;

/// The fields of an object. No others are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The fields.
    pub fields: &'static [Field],
    /// What must hold between fields.
    pub peers: &'static [Peers],
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its wire name.
    pub name: &'static str,
    /// Its values.
    pub rule: Rule,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it says, for the API's description.
    pub doc: &'static str,
}

/// What must hold between fields of an object.
#[derive(Clone, Copy, Debug)]
pub enum Peers {
    /// At least one of them is there.
    AtLeastOne(&'static [&'static str]),
    /// No more than one of them is there.
    AtMostOne(&'static [&'static str]),
}

/// The values of a field. None admits `null`, except [`Rule::Any`] and
/// [`Rule::Null`].
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// `true` or `false`.
    Flag,
    /// An integer between two bounds, both included.
    Integer {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// An even integer between two bounds, both included: a side of a picture.
    Even {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// A number between two bounds, both included.
    Number {
        /// Least.
        min: f64,
        /// Most.
        max: f64,
    },
    /// A string of so many characters.
    Text {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// A string of digits.
    Digits {
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// A string that begins so, and goes on.
    Prefixed(&'static str),
    /// `#rrggbb` or `#aarrggbb`.
    Colour,
    /// An `http` or `https` address.
    Address,
    /// Base64 text that decodes, not to nothing.
    Base64,
    /// A UUID.
    Uuid,
    /// Only `null`: beside another rule, for what may be taken away.
    Null,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of at most `max` values.
    List {
        /// Each item.
        item: &'static Self,
        /// Most items.
        max: usize,
    },
    /// An object of these fields only.
    Object(&'static Schema),
    /// An object of any keys, whose values keep one rule.
    Map(&'static Self),
    /// An object whose field `tag` says which of these it is.
    Tagged {
        /// The field.
        tag: &'static str,
        /// By its value.
        variants: &'static [(&'static str, &'static Schema)],
    },
    /// What one of these admits.
    AnyOf(&'static [Self]),
    /// Anything.
    Any,
}

impl Schema {
    /// An object of these fields.
    #[must_use]
    pub const fn of(fields: &'static [Field]) -> Self {
        Self { fields, peers: &[] }
    }

    /// The same, with what must hold between them.
    #[must_use]
    pub const fn with_peers(self, peers: &'static [Peers]) -> Self {
        Self { fields: self.fields, peers }
    }
}

impl Field {
    /// A field that may be absent.
    #[must_use]
    pub const fn new(name: &'static str, rule: Rule, doc: &'static str) -> Self {
        Self { name, rule, is_required: false, doc }
    }

    /// A field that must be there.
    #[must_use]
    pub const fn required(name: &'static str, rule: Rule, doc: &'static str) -> Self {
        Self { name, rule, is_required: true, doc }
    }
}

impl Rule {
    /// Most characters of a string without a limit of its own: addresses,
    /// names and ids all fit.
    const LONG: usize = 2048;

    /// A string that is not empty.
    pub const TEXT: Self = Self::Text { min: 1, max: Self::LONG };

    /// A string that may be empty.
    pub const ANY_TEXT: Self = Self::Text { min: 0, max: Self::LONG };

    /// An object of anything.
    pub const ANY_OBJECT: Self = Self::Map(&Self::Any);

    /// Any number.
    pub const ANY_NUMBER: Self = Self::Number { min: f64::NEG_INFINITY, max: f64::INFINITY };

    /// A number of seconds.
    pub const SECONDS: Self = Self::Integer { min: 1, max: i32::MAX as i64 };
}
