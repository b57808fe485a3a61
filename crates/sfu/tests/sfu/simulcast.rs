//! Cameras in several sizes.

use std::collections::BTreeMap;

use parlor_model::call::TrackSource::CamVideo;
use parlor_model::call::{ClientMessage, VideoPriority, VideoWish};
use parlor_testkit::{Sim, TrackScript, Who, nothing, simulcast_camera};

use crate::{ms, secs};

/// Somebody wants this of somebody's camera.
fn wish(sim: &mut Sim, who: Who, of: Who, wish: VideoWish) {
    let wishes = BTreeMap::from([(CamVideo, wish)]);
    let participants = BTreeMap::from([(sim.id(of), wishes)]);
    sim.say(who, ClientMessage::SetVideoWishes { base: None, participants });
}

fn at_most(layer: u8) -> VideoWish {
    VideoWish { max_layer: Some(layer), ..VideoWish::default() }
}

fn size(sim: &Sim, receiver: Who, sender: Who) -> Option<u8> {
    sim.check(receiver).receives(sender, CamVideo).counters().size
}

#[test]
fn everybody_gets_the_largest_size_when_nothing_speaks_against_it() {
    let mut sim = Sim::seeded(411);
    let ana = sim.join("ana", simulcast_camera());
    let bo = sim.join("bo", simulcast_camera());
    sim.run(secs(8));
    for (receiver, sender) in [(ana, bo), (bo, ana)] {
        let video = sim.check(receiver).receives(sender, CamVideo);
        video.frames(180).unbroken();
        let counters = video.counters();
        assert_eq!(counters.size, Some(2), "{counters:?}");
        assert!(counters.sizes[2] >= 120, "{counters:?}");
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
    // Six seconds: at most two a second of the smallest, one of the others,
    // and one more that was repeated because nothing had come yet.
    let asked = sim.client(ana).keyframe_requests(CamVideo);
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().any(|asked| *asked > 0), "{asked:?}");
    for (size, most) in [13, 8, 8].into_iter().enumerate() {
        assert!(asked[size] <= most, "{asked:?}");
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

#[test]
fn each_receiver_gets_what_it_wishes_and_changes_without_a_break() {
    let mut sim = Sim::seeded(413);
    let ana = sim.join("ana", simulcast_camera());
    let [bo, cy] = ["bo", "cy"].map(|name| sim.join(name, nothing()));
    sim.run(ms(500));
    wish(&mut sim, bo, ana, at_most(0));
    sim.run(secs(6));
    assert_eq!((size(&sim, bo, ana), size(&sim, cy, ana)), (Some(0), Some(2)));
    for layer in [1, 0, 2, 1] {
        wish(&mut sim, bo, ana, at_most(layer));
        sim.run(secs(3));
        assert_eq!(size(&sim, bo, ana), Some(layer));
        let id = sim.id(ana);
        let delivery = sim.client(bo).delivery(id, CamVideo).expect("it is told");
        assert_eq!((delivery.layer, delivery.is_limited), (Some(layer), false));
    }
    for receiver in [bo, cy] {
        let video = sim.check(receiver).receives(ana, CamVideo);
        video.frames(400).unbroken();
        assert!(video.counters().longest_pause < ms(300), "{:?}", video.counters());
    }
}

#[test]
fn a_video_that_is_not_shown_is_not_sent_and_comes_back() {
    let mut sim = Sim::seeded(414);
    let ana = sim.join("ana", simulcast_camera());
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    wish(&mut sim, bo, ana, VideoWish { is_paused: true, ..VideoWish::default() });
    sim.run(ms(100));
    let packets = |sim: &Sim| sim.check(bo).receives(ana, CamVideo).counters().packets;
    let before = packets(&sim);
    sim.run(secs(8));
    assert_eq!(packets(&sim), before);
    assert!(sim.client(ana).active_encodings(CamVideo).is_empty());
    let id = sim.id(ana);
    let delivery = sim.client(bo).delivery(id, CamVideo).expect("it is told");
    assert_eq!((delivery.layer, delivery.is_limited), (None, false));

    wish(&mut sim, bo, ana, VideoWish::default());
    sim.run(secs(4));
    assert_eq!(size(&sim, bo, ana), Some(2));
    sim.check(bo).receives(ana, CamVideo).in_order();
}

#[test]
fn senders_are_asked_for_what_is_wanted_and_no_more() {
    let mut sim = Sim::seeded(415);
    let ana = sim.join("ana", simulcast_camera());
    sim.run(secs(8));
    let active = |sim: &Sim| sim.client(ana).active_encodings(CamVideo);
    assert!(active(&sim).is_empty());
    let bo = sim.join("bo", nothing());
    sim.run(secs(4));
    assert_eq!(size(&sim, bo, ana), Some(2));
    wish(&mut sim, bo, ana, at_most(1));
    sim.run(secs(8));
    assert_eq!(active(&sim), ["h"]);
    let cy = sim.join("cy", nothing());
    let pinned = VideoWish { priority: VideoPriority::Pinned, ..at_most(0) };
    sim.run(ms(100));
    wish(&mut sim, cy, ana, pinned);
    sim.run(secs(8));
    assert_eq!(active(&sim), ["q", "h"]);
    sim.leave(bo);
    sim.run(secs(8));
    assert_eq!(active(&sim), ["q"]);
    sim.check(cy).receives(ana, CamVideo).unbroken();
    sim.leave(cy);
    sim.run(secs(8));
    assert!(active(&sim).is_empty());
}

#[test]
fn a_size_that_the_sender_gives_up_is_replaced() {
    let mut sim = Sim::seeded(416);
    let ana = sim.join("ana", simulcast_camera());
    let bo = sim.join("bo", nothing());
    sim.run(secs(6));
    assert_eq!(size(&sim, bo, ana), Some(2));
    // As a browser does by itself when its own uplink or processor is short.
    let some = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for (names, expected) in [(some(&["q", "h"]), 1), (some(&["q", "h", "f"]), 2)] {
        sim.act(ana, |client, now| client.send_only(now, CamVideo, &names));
        sim.run(secs(4));
        assert_eq!(size(&sim, bo, ana), Some(expected));
    }
    let video = sim.check(bo).receives(ana, CamVideo);
    video.in_order();
    assert!(video.counters().longest_pause < ms(1200), "{:?}", video.counters());
}

#[test]
fn a_picture_in_its_smallest_size_alone_is_sent_with_all_its_frames() {
    // Whatever the way to the receiver would carry of sizes that do not come:
    // half of their frames is not half of the frames of this one.
    for capacity in [400_000.0, 700_000.0, 1_300_000.0, 3_000_000.0] {
        let mut sim = Sim::seeded(418);
        let ana = sim.join("ana", vec![TrackScript::small_simulcast_camera()]);
        let bo = sim.join("bo", nothing());
        sim.down(bo).bits_per_second(capacity);
        let frames = |sim: &Sim| sim.check(bo).receives(ana, CamVideo).counters().frames;
        for second in 2..20 {
            sim.run(secs(1));
            let before = frames(&sim);
            sim.run(secs(1));
            let shown = frames(&sim) - before;
            assert!(shown >= 28, "{shown} frames in second {second} at {capacity} bit/s");
        }
    }
}

#[test]
fn payloads_that_clients_encrypt_pass_in_all_sizes() {
    let mut sim = Sim::seeded(417);
    let mut camera = simulcast_camera();
    camera[0].encrypt();
    let ana = sim.join("ana", camera);
    let bo = sim.join("bo", nothing());
    sim.run(secs(20));
    let video = sim.check(bo).receives(ana, CamVideo);
    video.frames(200).in_order();
    assert_eq!(video.counters().size, Some(2));
    wish(&mut sim, bo, ana, at_most(0));
    sim.run(secs(6));
    assert_eq!(size(&sim, bo, ana), Some(0));
    for asked in sim.client(ana).keyframe_requests(CamVideo) {
        assert!(asked <= 40, "{:?}", sim.client(ana).keyframe_requests(CamVideo));
    }
}
