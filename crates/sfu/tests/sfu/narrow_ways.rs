//! Receivers whose network carries less than is sent, loses, delays and
//! reorders: the sound stays, the picture keeps moving, nothing piles up.

use std::time::Duration;

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_testkit::{Participant, Sim, TrackScript, Who, camera, nothing};

use crate::{ms, secs};

fn person() -> Vec<TrackScript> {
    vec![TrackScript::simulcast_camera(), TrackScript::microphone()]
}

/// What somebody received of somebody in a while.
struct Span {
    frames: u64,
    voices: u64,
    bytes: u64,
    size: Option<u8>,
    longest_pause: Duration,
}

fn run(sim: &mut Sim, receiver: Who, sender: Who, duration: Duration) -> Span {
    let counts = |sim: &Sim| {
        let (video, voice) = (
            sim.check(receiver).receives(sender, CamVideo),
            sim.check(receiver).receives(sender, CamAudio),
        );
        let (video, voice) = (video.counters(), voice.counters());
        (video.frames, voice.frames, video.bytes)
    };
    let before = counts(sim);
    sim.act(receiver, Participant::restart_pauses);
    sim.run(duration);
    let after = counts(sim);
    let video = sim.check(receiver).receives(sender, CamVideo);
    Span {
        frames: after.0 - before.0,
        voices: after.1 - before.1,
        bytes: after.2 - before.2,
        size: video.counters().size,
        longest_pause: video.counters().longest_pause,
    }
}

#[test]
fn a_narrow_way_takes_the_small_size_and_a_wide_one_the_large_again() {
    let mut sim = Sim::seeded(421);
    let ana = sim.join("ana", person());
    let [bo, cy] = ["bo", "cy"].map(|name| sim.join(name, nothing()));
    sim.run(secs(8));
    assert_eq!(run(&mut sim, bo, ana, secs(1)).size, Some(2));

    sim.down(bo).bits_per_second(300_000.0);
    run(&mut sim, bo, ana, secs(10));
    let narrow = run(&mut sim, bo, ana, secs(20));
    assert!(narrow.frames > 200, "{} frames", narrow.frames);
    assert!(narrow.voices > 850, "{} of 1000 voices", narrow.voices);
    assert!(narrow.bytes * 8 < 20 * 300_000, "{} bytes", narrow.bytes);
    assert!(narrow.longest_pause < secs(4), "{:?}", narrow.longest_pause);
    // The others do not suffer.
    let other = sim.check(cy).receives(ana, CamVideo);
    other.unbroken();
    assert_eq!(other.counters().size, Some(2));

    sim.down(bo).bits_per_second(f64::INFINITY);
    let wide = run(&mut sim, bo, ana, secs(75));
    assert_eq!(wide.size, Some(2));
    sim.check(bo).receives(ana, CamVideo).in_order();
}

#[test]
fn a_long_queue_on_the_way_does_not_fill() {
    let mut sim = Sim::seeded(422);
    let ana = sim.join("ana", person());
    let bo = sim.join("bo", nothing());
    sim.run(secs(4));
    sim.down(bo).bits_per_second(500_000.0).queue(secs(5));
    run(&mut sim, bo, ana, secs(15));
    // What is said now arrives now, not seconds later.
    let span = run(&mut sim, bo, ana, secs(20));
    assert!(span.voices > 800, "{} of 1000 voices", span.voices);
    assert!(span.frames > 200, "{} frames", span.frames);
    let now = sim.now();
    let waiting = sim.down(bo).waiting(now);
    assert!(waiting < ms(1500), "{waiting:?}");
}

#[test]
fn losses_jitter_and_reordering_are_lived_with() {
    // Jitter is taken for a queue now and then, and costs half of the frames for
    // some seconds: of 300.
    for (seed, loss, least) in [(423, 0.01, 140), (424, 0.1, 120), (425, 0.3, 20)] {
        let mut sim = Sim::seeded(seed);
        let ana = sim.join("ana", person());
        let bo = sim.join("bo", nothing());
        sim.run(secs(5));
        sim.down(bo).loss(loss).latency(ms(40)).jitter(ms(20));
        run(&mut sim, bo, ana, secs(5));
        let span = run(&mut sim, bo, ana, secs(10));
        assert!(span.frames >= least, "{} frames at {loss}", span.frames);
        let heard = f64::from(u32::try_from(span.voices).unwrap()) / 500.0;
        assert!(heard > 0.9 - loss, "{heard} of the voices at {loss}");
        // Twenty seconds: keyframes are asked for, but not without end.
        for asked in sim.client(ana).keyframe_requests(CamVideo) {
            assert!(asked <= 45, "{asked} requests at {loss}");
        }
        sim.check(bo).receives(ana, CamVideo).in_order();
    }
}

#[test]
fn of_many_on_a_narrow_way_all_are_heard_and_some_are_seen() {
    let mut sim = Sim::seeded(426);
    let senders: Vec<_> = (0..4).map(|n| sim.join(&n.to_string(), person())).collect();
    let bo = sim.join("bo", nothing());
    sim.run(secs(4));
    sim.down(bo).bits_per_second(450_000.0);
    sim.run(secs(15));
    let frames = |sim: &Sim, source| -> Vec<u64> {
        let receives = |sender: &Who| sim.check(bo).receives(*sender, source).counters().frames;
        senders.iter().map(receives).collect()
    };
    let before = (frames(&sim, CamVideo), frames(&sim, CamAudio));
    sim.run(secs(10));
    let after = (frames(&sim, CamVideo), frames(&sim, CamAudio));
    let seen = after.0.iter().zip(&before.0).filter(|(after, before)| **after > **before + 50);
    assert!(seen.count() >= 1, "{before:?} {after:?}");
    for (after, before) in after.1.iter().zip(&before.1) {
        assert!(after - before > 450, "{before} {after}");
    }
}

#[test]
fn a_picture_that_was_given_up_in_a_jam_is_back_soon_after() {
    for (seed, jam) in [(430, 50_000.0), (431, 20_000.0), (432, 150_000.0)] {
        let mut sim = Sim::seeded(seed);
        // Of one size, and without sound: once it is paused nothing is sent.
        let ana = sim.join("ana", camera());
        let bo = sim.join("bo", nothing());
        let frames = |sim: &Sim| sim.check(bo).receives(ana, CamVideo).counters().frames;
        sim.run(secs(6));
        sim.down(bo).bits_per_second(jam);
        let before = frames(&sim);
        sim.run(secs(8));
        let jammed = frames(&sim) - before;
        assert!(jammed < 100, "{jammed} frames pass at {jam}");
        sim.down(bo).bits_per_second(f64::INFINITY);
        sim.run(secs(5));
        let before = frames(&sim);
        sim.run(secs(2));
        let after = frames(&sim) - before;
        assert!(after > 50, "{after} frames of 60 after a jam at {jam}");
    }
}

#[test]
fn a_machine_without_time_sends_smaller_pictures_to_everybody_and_all_of_it_later() {
    let mut sim = Sim::seeded(440);
    let ana = sim.join("ana", person());
    let bo = sim.join("bo", nothing());
    sim.run(secs(8));
    assert_eq!(run(&mut sim, bo, ana, secs(1)).size, Some(2));
    for (steps, size) in [(2, 1), (12, 0)] {
        sim.strain(steps);
        run(&mut sim, bo, ana, secs(3));
        let strained = run(&mut sim, bo, ana, secs(2));
        assert!(strained.size <= Some(size), "{:?} with {steps} steps left out", strained.size);
        assert!(strained.frames > 10, "{} frames", strained.frames);
        assert!(strained.voices > 95, "{} voices", strained.voices);
    }
    sim.strain(0);
    run(&mut sim, bo, ana, secs(8));
    assert_eq!(run(&mut sim, bo, ana, secs(1)).size, Some(2));
    sim.check(bo).receives(ana, CamVideo).in_order();
}
