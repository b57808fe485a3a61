//! THE TABLE, one file a subject. A row is a doc comment, the type of its
//! getter on [`Effective`](super::Effective), the wire name, and where it may
//! be set with which default.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::spec::{DefaultValue, PropertySpec, Scope};

mod call;
mod domain;
mod entry;
mod page;
mod recording;
mod telephony;

/// A row that permissions look at.
pub(super) const ENABLE_SCREENSHARE: &str = "enable_screenshare";

/// Rows that are never layered: room and token each keep their own.
pub(super) const KEPT_APART: [&str; 2] = ["nbf", "exp"];

const ABSENT: DefaultValue = DefaultValue::Absent;
const TRUE: DefaultValue = DefaultValue::Flag(true);
const FALSE: DefaultValue = DefaultValue::Flag(false);

/// Makes the rows of one subject, and their getters.
macro_rules! properties {
    ($($(#[doc = $doc:literal])+ $getter:ident $name:ident = $spec:expr;)+) => {
        #[expect(non_upper_case_globals, reason = "a row is named as on the wire")]
        mod row {
            use super::*;
            $(pub(super) static $name: PropertySpec =
                $spec.named(stringify!($name), concat!($($doc),+));)+
        }

        /// The rows.
        pub(super) static ROWS: &[&PropertySpec] = &[$(&row::$name),+];

        impl<'a> Effective<'a> {
            $(getter!($getter $name $(#[doc = $doc])+);)+
        }
    };
}

/// A getter by its type. `plain` rows have none: they are not layered, or
/// their value is not a plain one.
macro_rules! getter {
    (plain $name:ident $(#[doc = $doc:literal])+) => {};
    (flag $name:ident $(#[doc = $doc:literal])+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(&self) -> bool {
            self.flag(&row::$name)
        }
    };
    (count $name:ident $(#[doc = $doc:literal])+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(&self) -> Option<u32> {
            self.count(&row::$name)
        }
    };
    (limit $name:ident $(#[doc = $doc:literal])+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(&self) -> u32 {
            self.count(&row::$name).unwrap_or(u32::MAX)
        }
    };
    (number $name:ident $(#[doc = $doc:literal])+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(&self) -> Option<f64> {
            self.number(&row::$name)
        }
    };
    (text $name:ident $(#[doc = $doc:literal])+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(&self) -> Option<&'a str> {
            self.text(&row::$name)
        }
    };
    (value $name:ident $(#[doc = $doc:literal])+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(&self) -> Option<&'a serde_json::Value> {
            self.value(&row::$name)
        }
    };
}

use {getter, properties};

/// The subjects, and their rows.
pub static SUBJECTS: [(&str, &[&PropertySpec]); 6] = [
    ("Entry", entry::ROWS),
    ("Call", call::ROWS),
    ("Call page", page::ROWS),
    ("Recording, streaming and transcription", recording::ROWS),
    ("Telephony", telephony::ROWS),
    ("Hooks and the domain", domain::ROWS),
];

static BY_NAME: LazyLock<Vec<&'static PropertySpec>> = LazyLock::new(|| {
    let mut rows: Vec<_> = all().collect();
    rows.sort_by_key(|row| row.name);
    rows
});

static BY_CLAIM: LazyLock<BTreeMap<&'static str, &'static PropertySpec>> = LazyLock::new(|| {
    let rows = || specs(Scope::Token);
    let short_names = rows().filter_map(|row| Some((row.claim()?, row)));
    rows().map(|row| (row.name, row)).chain(short_names).collect()
});

/// Every row, by subject.
pub fn all() -> impl Iterator<Item = &'static PropertySpec> {
    SUBJECTS.into_iter().flat_map(|(_, rows)| rows.iter().copied())
}

/// The rows that may appear in `scope`, by subject.
pub fn specs(scope: Scope) -> impl Iterator<Item = &'static PropertySpec> {
    all().filter(move |spec| spec.place(scope).is_some())
}

/// The row of that wire name.
#[must_use]
pub fn find(name: &str) -> Option<&'static PropertySpec> {
    let index = BY_NAME.binary_search_by(|row| row.name.cmp(name)).ok()?;
    Some(BY_NAME[index])
}

/// The row that a claim of a token carries, by its short or its long name.
pub(crate) fn find_claim(claim: &str) -> Option<&'static PropertySpec> {
    BY_CLAIM.get(claim).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_name_and_no_name_is_there_twice() {
        for row in all() {
            assert!(std::ptr::eq(find(row.name).unwrap(), row), "{} appears twice", row.name);
        }
        assert!(find("colour").is_none());
    }

    #[test]
    fn defaults_are_values_that_their_rows_admit() {
        for row in all() {
            for value in row.scopes().filter_map(|scope| row.place(scope)?.default.to_value()) {
                let limits = super::super::PropertyLimits::default();
                let circumstances =
                    super::super::check::Circumstances { now: None, limits: &limits };
                let path = super::super::check::Path::root(row.name);
                assert_eq!(row.kind.check(path, &value, circumstances), Ok(()));
            }
        }
    }

    #[test]
    fn every_row_says_what_it_does() {
        for row in all() {
            assert!(row.doc().ends_with('.'), "{}", row.name);
            assert!(row.scopes().next().is_some(), "{} has no scope", row.name);
        }
    }
}
