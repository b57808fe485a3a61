//! What `make bench-check` counts instructions of: a room in the simulation,
//! the same each time. The counting itself is valgrind's; it begins anew at
//! [`measure`] and counts only what the room does (`room_works` of the
//! simulation). Prints of how many units that was.
//!
//! ```text
//! count forward-20 | forward-100 | simulcast | audio | idle | join
//! ```

#![expect(clippy::print_stdout, reason = "the number is what this program is for")]

use std::time::Duration;

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_testkit::{Sim, Who, camera, microphone, nothing, simulcast_camera};

/// Until keyframes and estimates have settled.
const SETTLING: Duration = Duration::from_secs(4);
const MEASURED: Duration = Duration::from_secs(4);
const IDLE: usize = 50;
const JOINS: usize = 20;

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let mut sim = Sim::seeded(5);
    let units = match wanted.as_str() {
        "forward-20" => forward(&mut sim, 20),
        "forward-100" => forward(&mut sim, 100),
        "simulcast" => simulcast(&mut sim),
        "audio" => audio(&mut sim),
        "idle" => idle(&mut sim),
        "join" => join(&mut sim),
        _ => panic!("forward-20, forward-100, simulcast, audio, idle or join"),
    };
    println!("{units}");
}

/// One camera and so many who watch: delivered packets.
fn forward(sim: &mut Sim, watchers: usize) -> u64 {
    let ana = sim.join("ana", camera());
    let watchers: Vec<_> = (0..watchers).map(|_| sim.join("watcher", nothing())).collect();
    delivered(sim, &[ana], &watchers)
}

/// Six who send cameras in three sizes and see each other: delivered packets.
fn simulcast(sim: &mut Sim) -> u64 {
    let people: Vec<_> = (0..6).map(|_| sim.join("person", simulcast_camera())).collect();
    delivered(sim, &people, &people)
}

/// Four who speak and twenty who listen: delivered packets.
fn audio(sim: &mut Sim) -> u64 {
    let speakers: Vec<_> = (0..4).map(|_| sim.join("speaker", microphone())).collect();
    let listeners: Vec<_> = (0..20).map(|_| sim.join("listener", nothing())).collect();
    delivered(sim, &speakers, &listeners)
}

/// People who are only there: their seconds.
fn idle(sim: &mut Sim) -> u64 {
    for _ in 0..IDLE {
        sim.join("somebody", nothing());
    }
    sim.run(SETTLING);
    measure();
    sim.run(MEASURED);
    IDLE as u64 * MEASURED.as_secs()
}

/// Joins, from the first message to the first packets.
fn join(sim: &mut Sim) -> u64 {
    sim.join("ana", camera());
    sim.run(Duration::from_secs(1));
    measure();
    for _ in 0..JOINS {
        sim.join("watcher", nothing());
    }
    sim.run(Duration::from_secs(1));
    JOINS as u64
}

fn delivered(sim: &mut Sim, from: &[Who], to: &[Who]) -> u64 {
    sim.run(SETTLING);
    let before = received(sim, from, to);
    measure();
    sim.run(MEASURED);
    received(sim, from, to) - before
}

fn received(sim: &Sim, from: &[Who], to: &[Who]) -> u64 {
    let pairs = to.iter().flat_map(|to| from.iter().map(move |from| (*to, *from)));
    let streams = pairs.flat_map(|(to, from)| {
        let sources = [CamVideo, CamAudio].into_iter();
        sources.filter_map(move |source| sim.client(to).reception(sim.id(from), source))
    });
    streams.map(|reception| reception.packets).sum()
}

/// Counting begins anew here.
#[inline(never)]
fn measure() {
    // Something that is not optimised away.
    std::hint::black_box(());
}
