//! The room in simulation: virtual time, seeded links, headless participants.

#[path = "sfu/administration.rs"]
mod administration;
#[path = "sfu/app_messages.rs"]
mod app_messages;
#[path = "sfu/audience.rs"]
mod audience;
#[path = "sfu/checks.rs"]
mod checks;
#[path = "sfu/clock.rs"]
mod clock;
#[path = "sfu/command.rs"]
mod command;
#[path = "sfu/custom_tracks.rs"]
mod custom_tracks;
#[path = "sfu/eject.rs"]
mod eject;
#[path = "sfu/facts.rs"]
mod facts;
#[path = "sfu/grace_and_resume.rs"]
mod grace_and_resume;
#[path = "sfu/hostile.rs"]
mod hostile;
#[path = "sfu/hostile_people.rs"]
mod hostile_people;
#[path = "sfu/idle.rs"]
mod idle;
#[path = "sfu/join_leave.rs"]
mod join_leave;
#[path = "sfu/leaving.rs"]
mod leaving;
#[path = "sfu/lobby.rs"]
mod lobby;
#[path = "sfu/loss.rs"]
mod loss;
#[path = "sfu/mute.rs"]
mod mute;
#[path = "sfu/names_and_data.rs"]
mod names_and_data;
#[path = "sfu/narrow_ways.rs"]
mod narrow_ways;
#[path = "sfu/negotiation.rs"]
mod negotiation;
#[path = "sfu/permission_walk.rs"]
mod permission_walk;
#[path = "sfu/permissions.rs"]
mod permissions;
#[path = "sfu/publish_forward.rs"]
mod publish_forward;
#[path = "sfu/removing.rs"]
mod removing;
#[path = "sfu/session_data.rs"]
mod session_data;
#[path = "sfu/simulcast.rs"]
mod simulcast;
#[path = "sfu/speaker.rs"]
mod speaker;
#[path = "sfu/spread.rs"]
mod spread;
#[path = "sfu/subscriptions.rs"]
mod subscriptions;
#[path = "sfu/tickets.rs"]
mod tickets;
#[path = "sfu/update_permissions.rs"]
mod update_permissions;

use std::time::Duration;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
