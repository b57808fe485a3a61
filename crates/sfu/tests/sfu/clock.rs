//! A wall clock that is moved on purpose.

use parlor_model::call::RefusalReason;
use parlor_model::event::{Fact, LeaveReason};
use parlor_testkit::{Presence, Sim, camera, nothing};

use crate::{ms, secs};

const DAY: i64 = 25 * 3_600_000;

#[test]
fn what_is_due_by_it_comes_due_and_nothing_else() {
    let mut sim = Sim::seeded(321);
    let ana = sim.join("ana", camera());
    let bo = sim.join("bo", nothing());
    let mut ticket = sim.ticket("cy");
    ticket.eject.after_seconds = Some(24 * 3600);
    let cy = sim.join_with(ticket, nothing());
    let mut ticket = sim.ticket("di");
    ticket.eject.at = Some(sim.wall().plus_seconds(26 * 3600));
    let di = sim.join_with(ticket, nothing());
    let unused = sim.ticket("late");
    sim.run(secs(2));
    sim.jump_wall(DAY);
    sim.run(secs(2));
    assert_eq!(sim.client(cy).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
    sim.check(bo)
        .is_inside()
        .sees(&[ana, di])
        .receives(ana, parlor_model::call::TrackSource::CamVideo)
        .frames(80)
        .unbroken();
    let late = sim.join_with(unused, nothing());
    sim.run(ms(100));
    let refused = Presence::Refused(RefusalReason::ConnectionError);
    assert_eq!(sim.client(late).presence(), &refused);
    // The times of facts follow it.
    let left = sim.events().last().unwrap();
    let Fact::ParticipantLeft { duration_ms, joined_at, .. } = left.fact else {
        panic!("{left:?}");
    };
    assert_eq!(left.at.millis_since(joined_at), duration_ms);
    assert!((DAY..DAY + 5000).contains(&duration_ms), "{duration_ms}");
    sim.jump_wall(2 * 3_600_000);
    sim.run(ms(100));
    assert_eq!(sim.client(di).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
}

#[test]
fn a_clock_that_goes_back_puts_off_and_makes_no_negative_stay() {
    let mut sim = Sim::seeded(322);
    let mut ticket = sim.ticket("ana");
    ticket.eject.at = Some(sim.wall().plus_seconds(10));
    let ana = sim.join_with(ticket, nothing());
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    sim.jump_wall(-3_600_000);
    sim.run(secs(60));
    sim.check(ana).is_inside();
    sim.leave(bo);
    sim.run(ms(100));
    let left = &sim.events().last().unwrap().fact;
    assert!(matches!(left, Fact::ParticipantLeft { duration_ms: 0, .. }), "{left:?}");
    sim.run(secs(3600));
    assert_eq!(sim.client(ana).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
}

#[test]
fn spent_tickets_stay_spent_until_they_would_have_expired() {
    let mut sim = Sim::seeded(323);
    let ticket = sim.ticket("ana");
    let ana = sim.join_with(ticket.clone(), nothing());
    sim.run(ms(100));
    sim.leave(ana);
    sim.run(ms(100));
    sim.jump_wall(-30_000);
    sim.run(secs(80));
    let again = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    let refused = Presence::Refused(RefusalReason::ConnectionError);
    assert_eq!(sim.client(again).presence(), &refused);
    assert!(!sim.room().is_empty());
    sim.jump_wall(60_000);
    sim.run(ms(100));
    assert!(sim.room().is_empty());
}
