//! The vocabulary of Parlor: everything that crosses a border between
//! processes is defined here, once, and nothing here does I/O, reads a clock
//! or draws a random number.
//!
//! - [`id`], [`time`]: typed ids and points in time.
//! - [`property`]: the one table of room, domain and token properties, from
//!   which parsing, layering, documents and forms derive.
//! - [`permission`], [`token`], [`ticket`]: who may do what, and how it is said.
//! - [`join`], [`call`], [`call_log`]: from a browser to the room, and back
//!   about how it went.
//! - [`command`], [`event`]: between the server and the rooms.
//! - [`rest`]: bodies of the public API; [`schema`]: tables that describe them;
//!   [`error`]: its failures; [`secret`]: what neither errors nor logs show.
//! - [`identity`]: bodies of the identity face: people, organizations, roles,
//!   invitations, the audit log.

pub mod call;
pub mod call_log;
pub mod command;
pub mod error;
pub mod event;
pub mod id;
pub mod identity;
pub mod join;
pub mod key_permission;
pub mod oauth;
pub mod permission;
pub mod property;
pub mod rest;
pub mod room_name;
pub mod schema;
pub mod secret;
pub mod ticket;
pub mod time;
pub mod token;
pub mod words;
