//! The simulation: a room and many headless participants on a virtual clock,
//! joined by seeded links. Nothing sleeps, and the same seed gives the same
//! run, packet by packet.
//!
//! ```no_run
//! use std::time::Duration;
//! use parlor_model::call::TrackSource::CamVideo;
//! use parlor_testkit::{Sim, camera, nothing};
//!
//! let mut sim = Sim::seeded(7);
//! let ana = sim.join("ana", camera());
//! let bo = sim.join("bo", nothing());
//! sim.run(Duration::from_secs(2));
//! sim.check(bo).receives(ana, CamVideo).frames(40).unbroken();
//! ```

mod check;
mod link;
mod person;
mod sim;

pub use check::{Check, ReceptionCheck};
pub use link::Link;
pub use person::Who;
pub use sim::Sim;

pub use parlor_client::{Participant, Presence, Reception, TrackScript};

/// Sends a camera.
#[must_use]
pub fn camera() -> Vec<TrackScript> {
    vec![TrackScript::camera()]
}

/// Sends a camera in three sizes.
#[must_use]
pub fn simulcast_camera() -> Vec<TrackScript> {
    vec![TrackScript::simulcast_camera()]
}

/// Sends a microphone.
#[must_use]
pub fn microphone() -> Vec<TrackScript> {
    vec![TrackScript::microphone()]
}

/// Sends camera and microphone.
#[must_use]
pub fn camera_and_microphone() -> Vec<TrackScript> {
    vec![TrackScript::camera(), TrackScript::microphone()]
}

/// Sends nothing.
#[must_use]
pub fn nothing() -> Vec<TrackScript> {
    Vec::new()
}
