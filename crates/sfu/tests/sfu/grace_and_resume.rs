//! Losing the call socket, and coming back.

use parlor_model::call::{ClientMessage, RefusalReason, ServerMessage, TrackSource};
use parlor_model::event::{Fact, LeaveReason};
use parlor_testkit::Presence;
use parlor_testkit::{Sim, camera, nothing};

use crate::{ms, secs};

fn leave_reasons(sim: &Sim) -> Vec<LeaveReason> {
    let reason = |fact: &Fact| match fact {
        Fact::ParticipantLeft { reason, .. } => Some(*reason),
        _ => None,
    };
    sim.events().iter().filter_map(|event| reason(&event.fact)).collect()
}

#[test]
fn a_lost_socket_is_forgiven_for_five_seconds() {
    let mut sim = Sim::seeded(61);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    sim.lose_socket(ana);
    sim.run(ms(4900));
    sim.check(bo).sees(&[ana]);
    sim.run(ms(200));
    sim.check(bo).sees(&[]);
    assert_eq!(leave_reasons(&sim), [LeaveReason::Disconnected]);
}

#[test]
fn silence_is_noticed_after_fifteen_seconds() {
    let mut sim = Sim::seeded(62);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    sim.cut_off(ana);
    sim.run(secs(11));
    sim.check(bo).sees(&[ana]);
    sim.run(secs(5));
    sim.check(bo).sees(&[]);
    assert_eq!(leave_reasons(&sim), [LeaveReason::Disconnected]);
}

#[test]
fn resuming_keeps_the_session_and_the_picture() {
    let mut sim = Sim::seeded(63);
    let ana = sim.join("ana", camera());
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    sim.lose_socket(bo);
    sim.run(secs(1));
    sim.say(ana, ClientMessage::SetUserName { name: "A".into() });
    sim.run(secs(1));
    sim.open_socket(bo);
    sim.run(secs(1));

    let welcomes = sim.client(bo).messages().filter_map(|message| match message {
        ServerMessage::Welcome { is_resumed, participant, slots, .. } => {
            Some((*is_resumed, participant.id, slots.len()))
        }
        _ => None,
    });
    let welcomes: Vec<_> = welcomes.collect();
    assert_eq!(welcomes, [(false, sim.id(bo), 0), (true, sim.id(bo), 1)]);
    assert_eq!(sim.check(bo).view_of(ana).user_name, "A");
    sim.check(bo).receives(ana, TrackSource::CamVideo).frames(100).unbroken();
    sim.check(ana).sees(&[bo]);
    assert_eq!(leave_reasons(&sim), []);
}

#[test]
fn a_second_socket_takes_the_place_of_the_first() {
    let mut sim = Sim::seeded(64);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    // The old socket is not noticed to be gone before the new one is there.
    sim.open_socket(ana);
    sim.run(secs(20));
    sim.check(ana).is_inside().sees(&[bo]);
    sim.check(bo).sees(&[ana]);
}

#[test]
fn nobody_resumes_without_the_secret_or_after_the_grace() {
    let mut sim = Sim::seeded(65);
    let ana = sim.join("ana", nothing());
    let bo = sim.join("bo", nothing());
    sim.run(ms(100));
    sim.lose_socket(ana);
    sim.run(secs(6));
    sim.open_socket(ana);
    sim.run(ms(100));
    assert_eq!(sim.client(ana).presence(), &Presence::Refused(RefusalReason::ConnectionError));
    let (id, secret) = (sim.id(bo), "0".repeat(32));
    sim.lose_socket(bo);
    sim.say_first(bo, ClientMessage::Resume { participant: id, secret });
    sim.run(ms(100));
    assert_eq!(sim.client(bo).presence(), &Presence::Refused(RefusalReason::ConnectionError));
}
