//! The room in simulation: virtual time, seeded links, headless participants.

#[path = "sfu/join_leave.rs"]
mod join_leave;
#[path = "sfu/publish_forward.rs"]
mod publish_forward;
