//! Bodies of the public API, by resource. Foreign spelling stops here.
//!
//! Requests of rooms, tokens and the domain are closed: they are parsed from a
//! JSON object key by key, so that an error names the key in the words that
//! clients know. Bodies of other operations are described by tables
//! ([`schema`](crate::schema)). Answers are plain structs.

pub mod batch_processor;
pub mod batch_rooms;
pub mod body;
pub mod dev;
pub mod domain;
pub mod list;
pub mod live_actions;
pub mod logs;
pub mod meeting_tokens;
pub mod meetings;
#[cfg(feature = "openapi")]
mod openapi;
pub mod permissions;
pub mod phone_numbers;
pub mod presence;
pub mod recordings;
pub mod rooms;
pub mod streams;
pub mod telephony;
pub mod transcription;
pub mod transcripts;
pub mod webhook_event;
pub mod webhooks;
