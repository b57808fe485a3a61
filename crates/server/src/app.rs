//! Use-cases: authorise, read and write records, ask live rooms. No HTTP
//! types.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod batch_rooms;
pub(crate) mod dev;
pub(crate) mod domain;
pub(crate) mod engines;
pub(crate) mod join;
pub(crate) mod live_actions;
pub(crate) mod logs;
pub(crate) mod meeting_tokens;
pub(crate) mod meetings;
pub(crate) mod organizations;
pub(crate) mod presence;
pub(crate) mod quotas;
pub(crate) mod recordings;
pub(crate) mod rooms;
pub(crate) mod telephony;
pub(crate) mod transcription;
pub(crate) mod users;
pub(crate) mod webhooks;
