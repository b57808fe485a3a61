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

#[test]
fn of_many_open_microphones_those_are_heard_that_speak() {
    let mut sim = Sim::seeded(431);
    let people: Vec<_> = (0..10).map(|n| sim.join(&n.to_string(), microphone())).collect();
    let bo = sim.join("bo", nothing());
    for person in &people {
        sim.act(*person, |client, _| client.set_level(-90));
    }
    sim.run(secs(5));
    let heard = |sim: &Sim, from| sim.check(bo).receives(from, CamAudio).counters().packets;
    let before: Vec<_> = people.iter().map(|person| heard(&sim, *person)).collect();
    for speaker in [3, 7] {
        sim.act(people[speaker], |client, _| client.set_level(-20));
    }
    sim.run(secs(2));
    let after: Vec<_> = people.iter().map(|person| heard(&sim, *person)).collect();
    let growing = (0..10).filter(|n| after[*n] > before[*n] + 50).collect::<Vec<_>>();
    assert!(growing.contains(&3) && growing.contains(&7) && growing.len() <= 4, "{growing:?}");
    for speaker in [3, 7] {
        sim.check(bo).receives(people[speaker], CamAudio).in_order();
    }
}
