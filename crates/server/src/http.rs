//! HTTP: from the socket to a use-case and back. Handlers parse, call `app`
//! and render; nothing here decides.

pub(crate) mod act;
pub(crate) mod batch_rooms;
pub(crate) mod byte_budget;
pub(crate) mod client;
pub(crate) mod dev;
pub(crate) mod domain;
pub(crate) mod edge;
pub(crate) mod error;
pub(crate) mod extract;
pub(crate) mod files;
pub(crate) mod guard;
pub(crate) mod health;
pub(crate) mod listen;
pub(crate) mod live_actions;
pub(crate) mod logs;
pub(crate) mod meeting_tokens;
pub(crate) mod meetings;
pub(crate) mod openapi;
pub(crate) mod pages;
pub(crate) mod phone_numbers;
pub(crate) mod presence;
pub(crate) mod query;
pub(crate) mod rate_limit;
pub(crate) mod recordings;
pub(crate) mod request_log;
pub(crate) mod rooms;
pub(crate) mod router;
pub(crate) mod sender;
pub(crate) mod telephony;
pub(crate) mod transcription;
pub(crate) mod watch;
pub(crate) mod webhooks;
