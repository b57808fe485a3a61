//! Coming, seeing each other, going.

use std::time::Duration;

use parlor_model::event::{Fact, LeaveReason};
use parlor_testkit::{Sim, nothing};

#[test]
fn people_see_each_other_come_and_go() {
    let mut sim = Sim::seeded(1);
    let ana = sim.join("ana", nothing());
    sim.run(Duration::from_millis(100));
    let bo = sim.join("bo", nothing());
    sim.run(Duration::from_millis(100));
    sim.check(ana).is_inside().sees(&[bo]);
    sim.check(bo).is_inside().sees(&[ana]);

    sim.leave(bo);
    sim.run(Duration::from_millis(50));
    sim.check(ana).sees(&[]);
}

#[test]
fn facts_tell_the_meeting_from_its_start_to_its_end() {
    let mut sim = Sim::seeded(2);
    let ana = sim.join("ana", nothing());
    sim.run(Duration::from_secs(2));
    sim.leave(ana);
    sim.run(Duration::from_millis(50));

    let facts: Vec<_> = sim.events().iter().map(|event| event.fact.clone()).collect();
    assert!(matches!(facts[0], Fact::MeetingStarted));
    assert!(matches!(&facts[1], Fact::ParticipantJoined { user_name, .. } if user_name == "ana"));
    let Fact::ParticipantLeft { reason, duration_ms, .. } = facts[2] else {
        panic!("{facts:?}");
    };
    assert_eq!(reason, LeaveReason::Left);
    assert!((1900..=2100).contains(&duration_ms), "{duration_ms}");
    assert!(matches!(facts[3], Fact::MeetingEnded));
    let numbers: Vec<_> = sim.events().iter().map(|event| event.seq).collect();
    assert_eq!(numbers, [0, 1, 2, 3]);
    assert!(sim.events().windows(2).all(|pair| pair[0].meeting == pair[1].meeting));
}

#[test]
fn the_next_meeting_has_another_id() {
    let mut sim = Sim::seeded(3);
    for name in ["ana", "bo"] {
        let who = sim.join(name, nothing());
        sim.run(Duration::from_millis(100));
        sim.leave(who);
        sim.run(Duration::from_millis(100));
    }
    let meetings: Vec<_> = sim.events().iter().map(|event| event.meeting).collect();
    assert_ne!(meetings.first(), meetings.last());
}
