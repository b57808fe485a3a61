//! Stays that end by the clock.

use parlor_model::event::LeaveReason;
use parlor_model::ticket::EjectLimits;
use parlor_testkit::Presence;
use parlor_testkit::{Sim, nothing};

use crate::{ms, secs};

#[test]
fn the_earlier_of_both_limits_ends_the_stay() {
    for (at, after_seconds) in [(Some(30), None), (None, Some(30)), (Some(90), Some(30))] {
        let mut sim = Sim::seeded(71);
        let bo = sim.join("bo", nothing());
        let mut ticket = sim.ticket("ana");
        let at = at.map(|seconds| sim.wall().plus_seconds(seconds));
        ticket.eject = EjectLimits { at, after_seconds };
        let ana = sim.join_with(ticket, nothing());
        sim.run(secs(29));
        sim.check(bo).sees(&[ana]);
        assert!(sim.check(bo).view_of(ana).eject_at.is_some());
        sim.run(secs(2));
        sim.check(bo).sees(&[]);
        assert_eq!(sim.client(ana).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
    }
}

#[test]
fn a_limit_that_has_passed_ends_the_stay_at_once() {
    let mut sim = Sim::seeded(72);
    let mut ticket = sim.ticket("ana");
    ticket.eject.at = Some(sim.wall().plus_seconds(-10));
    let ana = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    assert_eq!(sim.client(ana).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
}

#[test]
fn nobody_is_removed_without_a_limit() {
    let mut sim = Sim::seeded(73);
    let ana = sim.join("ana", nothing());
    sim.run(secs(1800));
    sim.check(ana).is_inside();
}
