//! Properties: the settings of a domain, a room and a meeting token.
//!
//! One table (`property/table.rs` and the files beside it) has a row for each.
//! From the rows come: what a request may say ([`PropertySet::parse`]), what
//! an answer shows ([`PropertySet::config`]), token claims, what applies to a
//! joiner ([`Effective`]), the OpenAPI schemas, the reference page and the
//! TypeScript table. A new property is a new row, and a reader where it acts.

mod check;
mod effective;
mod kind;
#[cfg(feature = "openapi")]
mod openapi;
mod set;
mod spec;
mod table;
mod template;

pub(crate) use check::{Circumstances, Path};
pub use effective::{Effective, eject_limits};
pub use kind::{Field, Kind, Shape};
#[cfg(feature = "openapi")]
pub use openapi::{DomainProperties, RoomProperties, TokenProperties};
pub use set::{PropertyChanges, PropertyLimits, PropertySet};
pub use spec::{Access, Applies, DefaultValue, Place, PropertySpec, Scope, Status};
pub(crate) use table::find_claim;
pub use table::{SUBJECTS, all, find, specs};
pub use template::TemplateRule;
