//! Closed sets of words of the wire: an enum, its words, and how it is read.

use thiserror::Error;

/// The word belongs to no such set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an unknown word")]
pub struct UnknownWord;

/// A closed set of words of the wire.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$one:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$one])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in the order of the published description.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Their words.
            pub const WORDS: &[&str] = &[$($word,)+];

            /// The wire's word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        // The derive does not see words that a macro hands on.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(Some(Self::WORDS.iter().copied()))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().copied().find(|one| one.as_str() == word);
                found.ok_or($crate::words::UnknownWord)
            }
        }
    };
}
pub(crate) use words;
