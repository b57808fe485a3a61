//! Removing people by command, and keeping them out.

use parlor_model::call::RefusalReason;
use parlor_model::command::Reply;
use parlor_model::event::{Fact, LeaveReason};
use parlor_model::id::ParticipantId;
use parlor_sfu::{Ejection, RoomCommand};
use parlor_testkit::{Presence, Sim, Who, nothing};

use crate::{ms, secs};

const GONE: Presence = Presence::Gone(Some(LeaveReason::Ejected));

fn join_as(sim: &mut Sim, user_id: &str) -> Who {
    let mut ticket = sim.ticket(user_id);
    ticket.user_id = Some(user_id.to_owned());
    let who = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    who
}

fn eject(sim: &mut Sim, ids: &[ParticipantId], user_ids: &[&str], is_ban: bool) -> Reply {
    let user_ids = user_ids.iter().map(|user| (*user).to_owned()).collect();
    let reply = sim.command(RoomCommand::Eject(Ejection { ids: ids.to_vec(), user_ids, is_ban }));
    sim.run(ms(100));
    reply
}

#[test]
fn those_named_go_and_the_others_see_them_leave() {
    let mut sim = Sim::seeded(301);
    let ana = sim.join("ana", nothing());
    let [bo, again] = [join_as(&mut sim, "bo"), join_as(&mut sim, "bo")];
    let cy = join_as(&mut sim, "cy");
    let stranger = sim.ticket("nobody").participant;
    let [a, b, c] = [sim.id(ana), sim.id(bo), sim.id(again)];
    let reply = eject(&mut sim, &[a, stranger, a], &["bo", "nobody"], false);
    // By user id every stay goes; the unknown are skipped; nobody goes twice.
    assert_eq!(reply, Reply::Ejected { ids: vec![a, b, c] });
    for who in [ana, bo, again] {
        assert_eq!(sim.client(who).presence(), &GONE);
    }
    sim.check(cy).is_inside().sees(&[]);
    let left = sim.events().iter().filter(|event| {
        matches!(event.fact, Fact::ParticipantLeft { reason: LeaveReason::Ejected, .. })
    });
    assert_eq!(left.count(), 3);
}

#[test]
fn the_ejected_are_told_nothing_of_each_other() {
    let mut sim = Sim::seeded(302);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    let ids = [sim.id(ana), sim.id(bo)];
    eject(&mut sim, &ids, &[], false);
    sim.check(ana).sees(&[bo]);
    sim.check(bo).sees(&[ana]);
}

#[test]
fn somebody_hidden_is_ejected_too_and_no_fact_says_so() {
    let mut sim = Sim::seeded(303);
    let ana = sim.join("ana", nothing());
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    let eve = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    let told = sim.events().len();
    let id = sim.id(eve);
    assert_eq!(eject(&mut sim, &[id], &[], false), Reply::Ejected { ids: vec![id] });
    assert_eq!(sim.client(eve).presence(), &GONE);
    sim.check(ana).sees(&[]);
    sim.run(secs(1));
    assert_eq!(sim.check(ana).hidden(), 0);
    assert_eq!(sim.events().len(), told);
}

#[test]
fn without_a_ban_they_may_come_back_at_once() {
    let mut sim = Sim::seeded(304);
    let _ana = sim.join("ana", nothing());
    join_as(&mut sim, "bo");
    eject(&mut sim, &[], &["bo"], false);
    let back = join_as(&mut sim, "bo");
    sim.check(back).is_inside();
}

#[test]
fn a_ban_lasts_as_long_as_the_meeting() {
    let mut sim = Sim::seeded(305);
    let ana = sim.join("ana", nothing());
    let bo = join_as(&mut sim, "bo");
    // Somebody who is not here can be kept out as well.
    let removed = eject(&mut sim, &[], &["bo", "cy"], true);
    assert_eq!(removed, Reply::Ejected { ids: vec![sim.id(bo)] });
    for user in ["bo", "cy"] {
        let back = join_as(&mut sim, user);
        let refused = Presence::Refused(RefusalReason::NotAllowed);
        assert_eq!(sim.client(back).presence(), &refused);
    }
    let other = join_as(&mut sim, "di");
    sim.check(other).is_inside();
    for who in [ana, other] {
        sim.leave(who);
    }
    sim.run(ms(100));
    let back = join_as(&mut sim, "bo");
    sim.check(back).is_inside();
}

#[test]
fn an_ejected_stay_cannot_be_resumed() {
    let mut sim = Sim::seeded(306);
    let _ana = sim.join("ana", nothing());
    let bo = sim.join("bo", nothing());
    sim.run(ms(100));
    sim.lose_socket(bo);
    let id = sim.id(bo);
    assert_eq!(eject(&mut sim, &[id], &[], false), Reply::Ejected { ids: vec![id] });
    sim.open_socket(bo);
    sim.run(ms(100));
    let refused = Presence::Refused(RefusalReason::ConnectionError);
    assert_eq!(sim.client(bo).presence(), &refused);
}

#[test]
fn a_room_without_people_hosts_no_call() {
    let mut sim = Sim::seeded(307);
    assert_eq!(eject(&mut sim, &[], &["bo"], true), Reply::NoCall);
    assert_eq!(sim.command(RoomCommand::IsHosting), Reply::NoCall);
    let ana = join_as(&mut sim, "ana");
    assert_eq!(sim.command(RoomCommand::IsHosting), Reply::Done);
    sim.leave(ana);
    sim.run(ms(100));
    assert_eq!(sim.command(RoomCommand::IsHosting), Reply::NoCall);
}
