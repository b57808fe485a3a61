//! Cameras in several sizes.

use parlor_model::call::TrackSource::CamVideo;
use parlor_testkit::{Sim, nothing, simulcast_camera};

use crate::{ms, secs};

#[test]
fn everybody_gets_the_largest_size_when_nothing_speaks_against_it() {
    let mut sim = Sim::seeded(411);
    let ana = sim.join("ana", simulcast_camera());
    let bo = sim.join("bo", simulcast_camera());
    sim.run(secs(4));
    for (receiver, sender) in [(ana, bo), (bo, ana)] {
        let video = sim.check(receiver).receives(sender, CamVideo);
        video.frames(90).unbroken();
        let counters = video.counters();
        assert_eq!(counters.size, Some(2), "{counters:?}");
        assert!(counters.sizes[2] >= 80, "{counters:?}");
    }
}

#[test]
fn keyframes_are_asked_for_sparingly() {
    let mut sim = Sim::seeded(412);
    let ana = sim.join("ana", simulcast_camera());
    sim.run(secs(1));
    for n in 0..10 {
        sim.join(&n.to_string(), nothing());
        sim.run(ms(300));
    }
    sim.run(secs(2));
    // Five seconds: at most two a second of the smallest, one of the others.
    let asked = sim.client(ana).keyframe_requests(CamVideo);
    for (asked, most) in asked.iter().zip([10, 6, 6]) {
        assert!(*asked <= most, "{asked:?}");
    }
}

#[test]
fn who_joins_sees_the_first_picture_soon_after_being_connected() {
    let mut sim = Sim::seeded(413);
    let ana = sim.join("ana", simulcast_camera());
    sim.run(secs(2));
    let bo = sim.join("bo", nothing());
    sim.run(secs(3));
    let first = sim.check(bo).receives(ana, CamVideo).first_frame_after();
    assert!(first < secs(2) + ms(500), "{first:?}");
}
