//! Who is let in.

use parlor_model::call::RefusalReason;
use parlor_model::event::LeaveReason;
use parlor_model::id::RoomId;
use parlor_model::ticket::{EjectLimits, Ticket};
use parlor_sfu::RoomLimits;
use parlor_testkit::Presence;
use parlor_testkit::{Sim, Who, nothing};

use crate::{ms, secs};

fn refused(sim: &Sim, who: Who, reason: RefusalReason) -> bool {
    sim.client(who).presence() == &Presence::Refused(reason)
}

#[test]
fn a_ticket_opens_the_door_once() {
    let mut sim = Sim::seeded(81);
    let ticket = sim.ticket("ana");
    let first = sim.join_with(ticket.clone(), nothing());
    sim.run(ms(100));
    let second = sim.join_with(ticket.clone(), nothing());
    sim.run(ms(100));
    assert!(refused(&sim, second, RefusalReason::ConnectionError));
    sim.check(first).is_inside();

    sim.leave(first);
    sim.run(ms(100));
    let third = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    assert!(refused(&sim, third, RefusalReason::ConnectionError));
}

#[test]
fn a_room_remembers_spent_tickets_until_they_expire() {
    let mut sim = Sim::seeded(82);
    let ana = sim.join("ana", nothing());
    sim.run(secs(5));
    sim.leave(ana);
    sim.run(ms(100));
    assert!(!sim.room().is_empty());
    sim.run(secs(56));
    assert!(sim.room().is_empty());
    assert!(sim.demux().is_empty());
}

#[test]
fn tickets_that_expired_or_name_another_room_are_refused() {
    let mut sim = Sim::seeded(83);
    let late = Ticket { expires_at: sim.wall(), ..sim.ticket("ana") };
    let stray = Ticket { room: RoomId::from_random([9; 16]), ..sim.ticket("bo") };
    for ticket in [late, stray] {
        let who = sim.join_with(ticket, nothing());
        sim.run(ms(100));
        assert!(refused(&sim, who, RefusalReason::ConnectionError));
    }
    assert!(sim.events().is_empty());
}

#[test]
fn the_room_holds_no_more_than_its_limit_of_visible_people() {
    let mut sim = Sim::seeded(84);
    let join = |sim: &mut Sim, name: &str, has_presence| {
        let mut ticket = Ticket { max_participants: 2, ..sim.ticket(name) };
        ticket.permissions.has_presence = has_presence;
        let who = sim.join_with(ticket, nothing());
        sim.run(ms(100));
        who
    };
    let hidden = join(&mut sim, "eve", false);
    let ana = join(&mut sim, "ana", true);
    let bo = join(&mut sim, "bo", true);
    let cy = join(&mut sim, "cy", true);
    assert!(refused(&sim, cy, RefusalReason::MeetingFull));
    sim.check(hidden).sees(&[ana, bo]);
    sim.leave(bo);
    sim.run(ms(100));
    let di = join(&mut sim, "di", true);
    sim.check(di).is_inside().sees(&[ana]);
}

#[test]
fn with_unique_users_a_new_stay_ends_the_older_one() {
    let mut sim = Sim::seeded(85);
    let join = |sim: &mut Sim, is_unique_user| {
        let user_id = Some("ana".to_owned());
        let ticket = Ticket { user_id, is_unique_user, max_participants: 2, ..sim.ticket("ana") };
        let who = sim.join_with(ticket, nothing());
        sim.run(ms(100));
        who
    };
    let first = join(&mut sim, false);
    let second = join(&mut sim, false);
    sim.check(first).is_inside().sees(&[second]);
    let third = join(&mut sim, true);
    sim.check(third).is_inside().sees(&[]);
    for older in [first, second] {
        assert_eq!(sim.client(older).presence(), &Presence::Gone(Some(LeaveReason::Replaced)));
    }
}

#[test]
fn a_room_is_as_large_as_its_tickets_say() {
    let mut sim =
        Sim::with_limits(86, RoomLimits { hidden_participants: 1, ..RoomLimits::default() });
    let join = |sim: &mut Sim, has_presence| {
        let mut ticket = sim.ticket("ana");
        ticket.permissions.has_presence = has_presence;
        let who = sim.join_with(ticket, nothing());
        sim.run(ms(100));
        who
    };
    for has_presence in [false, true, true, true] {
        let who = join(&mut sim, has_presence);
        sim.check(who).is_inside();
    }
    let hidden = join(&mut sim, false);
    assert!(refused(&sim, hidden, RefusalReason::MeetingFull));
}

#[test]
fn a_clock_that_was_set_back_locks_nobody_out_and_ejects_nobody() {
    let mut sim = Sim::seeded(87);
    let limited = Ticket {
        eject: EjectLimits { at: Some(sim.wall().plus_seconds(30)), after_seconds: None },
        ..sim.ticket("ana")
    };
    let ana = sim.join_with(limited, nothing());
    sim.run(secs(1));
    let earlier = sim.wall().plus_seconds(-3600);
    sim.set_wall(earlier);
    let ticket = Ticket { expires_at: earlier.plus_seconds(60), ..sim.ticket("bo") };
    let bo = sim.join_with(ticket.clone(), nothing());
    sim.run(secs(1));
    sim.check(bo).is_inside().sees(&[ana]);
    let again = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    assert!(refused(&sim, again, RefusalReason::ConnectionError));
    sim.run(secs(30));
    sim.check(bo).is_inside().sees(&[]);
}
