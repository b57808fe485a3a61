//! Bad networks.

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_testkit::{Sim, camera_and_microphone, nothing};

use crate::{ms, secs};

#[test]
fn losses_on_the_way_down_are_repaired() {
    let mut sim = Sim::seeded(111);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    sim.down(bo).loss(0.05).latency(ms(30));
    sim.run(secs(6));
    sim.down(bo).loss(0.0);
    sim.run(secs(1));
    let video = sim.check(bo).receives(ana, CamVideo);
    video.frames(190).in_order();
    let counters = video.counters();
    assert!(counters.lost() * 200 < counters.packets, "{counters:?}");
}

#[test]
fn losses_on_the_way_up_are_repaired_for_everybody() {
    let mut sim = Sim::seeded(112);
    let ana = sim.join("ana", camera_and_microphone());
    let [bo, cy] = ["bo", "cy"].map(|name| sim.join(name, nothing()));
    sim.run(secs(1));
    sim.up(ana).loss(0.05).latency(ms(30));
    sim.run(secs(6));
    sim.up(ana).loss(0.0);
    sim.run(secs(1));
    for receiver in [bo, cy] {
        let video = sim.check(receiver).receives(ana, CamVideo);
        video.frames(190).in_order();
        let counters = video.counters();
        assert!(counters.lost() * 200 < counters.packets, "{counters:?}");
    }
}

#[test]
fn heavy_loss_freezes_and_recovers() {
    let mut sim = Sim::seeded(113);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    sim.down(bo).loss(0.5);
    sim.run(secs(2));
    sim.down(bo).loss(0.0);
    sim.run(secs(2));
    let before = sim.check(bo).receives(ana, CamVideo).counters().frames;
    sim.run(secs(1));
    let after = sim.check(bo).receives(ana, CamVideo).counters().frames;
    assert!(after >= before + 28, "{before} {after}");
    sim.check(bo).receives(ana, CamAudio).in_order();
}

#[test]
fn a_change_of_network_is_survived_by_restarting_ice() {
    let mut sim = Sim::seeded(114);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", camera_and_microphone());
    sim.run(secs(1));
    sim.relocate(ana);
    sim.run(secs(2));
    for (receiver, sender) in [(ana, bo), (bo, ana)] {
        let frames = |sim: &Sim| sim.check(receiver).receives(sender, CamVideo).counters().frames;
        let before = frames(&sim);
        sim.run(secs(1));
        assert!(frames(&sim) >= before + 28);
    }
    assert_eq!(sim.demux().len(), 2);
}
