//! What the server asks.

use parlor_model::command::{EndReason, Reply};
use parlor_model::event::{Fact, LeaveReason};
use parlor_sfu::RoomCommand;
use parlor_testkit::Presence;
use parlor_testkit::{Sim, nothing};

use crate::ms;

#[test]
fn presence_lists_the_visible_in_order_of_joining() {
    let mut sim = Sim::seeded(91);
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    sim.join_with(ticket, nothing());
    let mut ticket = sim.ticket("ana");
    ticket.user_id = Some("user-1".into());
    let ana = sim.join_with(ticket, nothing());
    let bo = sim.join("bo", nothing());
    sim.run(ms(100));

    let Reply::Presence { participants } = sim.command(RoomCommand::Presence) else {
        panic!("another reply");
    };
    let ids: Vec<_> = participants.iter().map(|present| present.participant).collect();
    assert_eq!(ids, [sim.id(ana), sim.id(bo)]);
    assert_eq!(participants[0].user_id.as_deref(), Some("user-1"));
    assert_eq!(participants[1].user_id, None);
    assert_eq!(participants[0].room_name, "room");
}

#[test]
fn an_empty_room_is_empty() {
    let mut sim = Sim::seeded(92);
    assert_eq!(sim.command(RoomCommand::Presence), Reply::Presence { participants: vec![] });
    assert_eq!(sim.command(RoomCommand::End(EndReason::RoomDeleted)), Reply::Ended { removed: 0 });
}

#[test]
fn ending_the_room_removes_everybody_and_ends_the_meeting() {
    let mut sim = Sim::seeded(93);
    let people = ["ana", "bo", "cy"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    let reply = sim.command(RoomCommand::End(EndReason::RoomDeleted));
    assert_eq!(reply, Reply::Ended { removed: 3 });
    sim.run(ms(100));
    for who in people {
        assert_eq!(sim.client(who).presence(), &Presence::Gone(Some(LeaveReason::RoomEnded)));
    }
    assert!(matches!(sim.events().last().unwrap().fact, Fact::MeetingEnded));
}
