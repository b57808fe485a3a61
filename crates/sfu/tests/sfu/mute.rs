//! Switching tracks off and on again.

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::call::{ClientMessage, TrackState};
use parlor_testkit::TrackScript;
use parlor_testkit::{Sim, camera_and_microphone, nothing};

use crate::{ms, secs};

#[test]
fn a_muted_track_is_shown_and_stops_and_goes_on_without_a_gap() {
    let mut sim = Sim::seeded(21);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    for source in [CamVideo, CamAudio] {
        sim.act(ana, |client, now| client.publish(now, source, false));
    }
    sim.run(ms(200));
    sim.check(bo).sees_track(ana, CamVideo, TrackState::Off);
    let packets = sim.check(bo).receives(ana, CamVideo).counters().packets;
    sim.run(secs(2));
    assert_eq!(sim.check(bo).receives(ana, CamVideo).counters().packets, packets);

    for source in [CamVideo, CamAudio] {
        sim.act(ana, |client, now| client.publish(now, source, true));
    }
    sim.run(secs(2));
    sim.check(bo).sees_track(ana, CamVideo, TrackState::Sending);
    sim.check(bo).receives(ana, CamVideo).frames(100).unbroken();
    sim.check(bo).receives(ana, CamAudio).frames(170).unbroken();
}

#[test]
fn a_track_that_was_never_on_takes_no_slot_until_it_is() {
    let mut sim = Sim::seeded(22);
    let ana = sim.join("ana", vec![TrackScript::camera().off()]);
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    assert!(sim.client(bo).reception(sim.id(ana), CamVideo).is_none());
    sim.act(ana, |client, now| client.publish(now, CamVideo, true));
    sim.run(secs(1));
    sim.check(bo).receives(ana, CamVideo).frames(20).unbroken();
}

#[test]
fn packets_of_a_track_that_is_said_to_be_off_do_not_pass() {
    let mut sim = Sim::seeded(23);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    // The client says so and sends on.
    let say = |sim: &mut Sim, state| {
        for source in [CamVideo, CamAudio] {
            sim.say(ana, ClientMessage::Publish { source, state });
        }
    };
    say(&mut sim, TrackState::Off);
    sim.run(ms(100));
    let packets = sim.check(bo).receives(ana, CamVideo).counters().packets;
    sim.run(secs(1));
    assert_eq!(sim.check(bo).receives(ana, CamVideo).counters().packets, packets);
    say(&mut sim, TrackState::Sending);
    sim.run(secs(1));
    sim.check(bo).receives(ana, CamVideo).frames(50).unbroken();
    sim.check(bo).receives(ana, CamAudio).frames(90).unbroken();
}
