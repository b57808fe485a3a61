//! Checks before a call, and stays that begin again.

use parlor_model::call::RefusalReason;
use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::command::Reply;
use parlor_model::event::LeaveReason;
use parlor_model::ticket::{EjectLimits, Ticket};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Presence, Sim, camera, camera_and_microphone, nothing};

use crate::{ms, secs};

fn check_ticket(sim: &mut Sim, name: &str) -> Ticket {
    let eject = EjectLimits { after_seconds: Some(60), ..EjectLimits::default() };
    let mut ticket = Ticket { is_check: true, eject, ..sim.ticket(name) };
    ticket.permissions.has_presence = false;
    ticket
}

#[test]
fn whoever_checks_receives_themselves_and_nobody_hears_of_it() {
    let mut sim = Sim::seeded(481);
    let ticket = check_ticket(&mut sim, "ana");
    let ana = sim.join_with(ticket, camera_and_microphone());
    let ticket = check_ticket(&mut sim, "eve");
    let eve = sim.join_with(ticket, nothing());
    sim.run(secs(3));
    sim.check(ana).is_inside().receives(ana, CamVideo).frames(70).unbroken();
    sim.check(ana).receives(ana, CamAudio).frames(120).unbroken();
    assert_eq!(sim.client(eve).presence(), &Presence::Refused(RefusalReason::MeetingFull));
    let nobody = Reply::Presence { participants: Vec::new() };
    assert_eq!(sim.command(RoomCommand::Presence), nobody);
    sim.run(secs(60));
    assert_eq!(sim.client(ana).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
    assert!(sim.events().is_empty());
}

#[test]
fn a_further_ticket_of_a_stay_begins_it_again_under_the_same_id() {
    let mut sim = Sim::seeded(482);
    let bo = sim.join("bo", nothing());
    let ticket = sim.ticket("ana");
    let ana = sim.join_with(ticket.clone(), camera());
    sim.run(secs(2));
    // The same ticket is good for nothing any more.
    let thief = sim.join_with(ticket.clone(), nothing());
    sim.run(ms(100));
    assert_eq!(sim.client(thief).presence(), &Presence::Refused(RefusalReason::ConnectionError));
    sim.check(bo).sees(&[ana]);

    let further = Ticket { expires_at: ticket.expires_at.plus_seconds(1), ..ticket };
    let again = sim.join_with(further, camera());
    sim.run(secs(2));
    assert_eq!(sim.client(ana).presence(), &Presence::Gone(Some(LeaveReason::Replaced)));
    assert_eq!(sim.id(again), sim.id(ana));
    sim.check(bo).sees(&[again]).receives(again, CamVideo).frames(40);
}
