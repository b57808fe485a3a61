//! The HTTP side through its real router, on a temporary store and a clock
//! that stands still until told.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod act;
mod api_log;
mod bad_input;
mod batch_rooms;
mod call_logs;
mod checks;
mod compatibility;
mod coverage;
mod dev;
mod domain;
mod engines;
mod errors;
mod expire_rooms;
mod join;
mod live;
mod live_actions;
mod lobby;
mod meeting_tokens;
mod meetings;
mod openapi;
mod pages;
mod presence;
mod rate_limit;
mod receiver;
mod retention;
mod rooms;
mod rooms_list;
mod support;
mod tls;
mod twenty_five_hours;
mod webhook_delivery;
mod webhook_hostile;
mod webhook_promises;
mod webhooks;
