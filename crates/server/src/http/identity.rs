//! The identity face: API keys, people, organizations, and later sandboxes, as
//! the SDKs of the source document call them. It is served below `/api` and,
//! the same, at the root.
//!
//! ```text
//! edge (envelope) ─ router page ─ guard ─ handler ─ app
//! ```

pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod body;
pub(crate) mod config;
mod error;
mod guard;
mod known_as;
mod noting;
pub(crate) mod openapi;
pub(crate) mod organizations;
pub(crate) mod router;
pub(crate) mod sandboxes;
pub(crate) mod users;

pub(crate) use error::Envelope;
