//! Who speaks.

use parlor_model::call::TrackSource::CamAudio;
use parlor_testkit::{Sim, microphone, nothing};

use crate::secs;

#[test]
fn the_others_hear_who_speaks_and_a_late_joiner_too() {
    let mut sim = Sim::seeded(101);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, microphone()));
    sim.act(bo, |client, _| client.set_level(-127));
    sim.run(secs(2));
    assert_eq!(sim.client(bo).active_speaker(), Some(sim.id(ana)));
    // The speaker is not told about themselves.
    assert_eq!(sim.client(ana).active_speaker(), None);

    sim.act(ana, |client, _| client.set_level(-127));
    sim.act(bo, |client, _| client.set_level(-20));
    sim.run(secs(3));
    assert_eq!(sim.client(ana).active_speaker(), Some(sim.id(bo)));
    let cy = sim.join("cy", nothing());
    sim.run(secs(1));
    assert_eq!(sim.client(cy).active_speaker(), Some(sim.id(bo)));
}

#[test]
fn somebody_muted_is_no_speaker() {
    let mut sim = Sim::seeded(102);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, microphone()));
    sim.act(bo, |client, now| client.publish(now, CamAudio, false));
    sim.act(ana, |client, _| client.set_level(-127));
    sim.run(secs(2));
    assert_eq!(sim.client(ana).active_speaker(), None);
}
