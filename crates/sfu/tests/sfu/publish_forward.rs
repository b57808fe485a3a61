//! Media from one to the others.

use std::time::Duration;

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_testkit::{Sim, camera_and_microphone, nothing};

#[test]
fn camera_and_microphone_reach_the_others_unbroken() {
    let mut sim = Sim::seeded(11);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(Duration::from_secs(3));
    sim.check(bo).receives(ana, CamVideo).frames(75).unbroken();
    sim.check(bo).receives(ana, CamAudio).frames(120).unbroken();
}
