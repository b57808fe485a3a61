//! Those who wait to be let in.

use std::collections::BTreeMap;

use parlor_model::call::TrackSource::CamVideo;
use parlor_model::call::{
    ClientMessage, MAX_WAITING, RefusalReason, ServerMessage, TrackState, WaitingView,
};
use parlor_model::command::Reply;
use parlor_model::event::{Fact, LeaveReason};
use parlor_model::permission::Grant;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Presence, Sim, Who, camera, camera_and_microphone, nothing};
use serde_json::json;

use crate::{ms, secs};

fn lobby_ticket(sim: &mut Sim, name: &str) -> Ticket {
    Ticket { access: TicketAccess::Lobby, ..sim.ticket(name) }
}

fn wait(sim: &mut Sim, name: &str) -> Who {
    let ticket = lobby_ticket(sim, name);
    let who = sim.join_with(ticket, camera());
    sim.run(ms(100));
    assert_eq!(sim.client(who).presence(), &Presence::Waiting);
    who
}

fn knock(sim: &mut Sim, name: &str) -> Who {
    let who = wait(sim, name);
    sim.say(who, ClientMessage::RequestAccess { name: name.into() });
    sim.run(ms(100));
    who
}

fn host(sim: &mut Sim) -> Who {
    let mut ticket = sim.ticket("host");
    ticket.is_owner = true;
    ticket.permissions.can_admin = Grant::Whole(true);
    let host = sim.join_with(ticket, camera_and_microphone());
    sim.run(ms(500));
    host
}

fn answer(sim: &mut Sim, by: Who, everybody: Option<bool>, named: &[(Who, bool)]) {
    let named = named.iter().map(|(who, is_let_in)| (sim.id(*who), *is_let_in));
    let participants: BTreeMap<_, _> = named.collect();
    sim.say(by, ClientMessage::AnswerKnocks { everybody, participants });
    sim.run(ms(200));
}

/// Who waits, as somebody in the call knows it.
fn waiting(sim: &Sim, who: Who) -> Vec<String> {
    let mut known: BTreeMap<_, WaitingView> = BTreeMap::new();
    for message in sim.client(who).messages() {
        match message {
            ServerMessage::Welcome { waiting, .. } => {
                known = waiting.iter().map(|view| (view.id, view.clone())).collect();
            }
            ServerMessage::WaitingAdded { waiting } => {
                assert!(known.insert(waiting.id, waiting.clone()).is_none(), "added once");
            }
            ServerMessage::WaitingUpdated { waiting } => {
                assert!(known.insert(waiting.id, waiting.clone()).is_some(), "known before");
            }
            ServerMessage::WaitingRemoved { id } => {
                known.remove(id).expect("known before");
            }
            _ => {}
        }
    }
    known.into_values().map(|view| view.name).collect()
}

/// Whether somebody in the lobby believes that a host is there.
fn knows_host(sim: &Sim, who: Who) -> bool {
    let told = |message: &ServerMessage| match message {
        ServerMessage::Waiting { is_host_present, .. } => Some(*is_host_present),
        ServerMessage::HostPresence { is_present } => Some(*is_present),
        _ => None,
    };
    sim.client(who).messages().filter_map(told).last().expect("is told")
}

#[test]
fn nobody_sees_who_waits_before_they_knock_and_only_administrators_after() {
    let mut sim = Sim::seeded(421);
    let host = host(&mut sim);
    let guest = sim.join("guest", nothing());
    let ana = wait(&mut sim, "ana");
    assert!(waiting(&sim, host).is_empty());
    sim.say(ana, ClientMessage::RequestAccess { name: "Ana".into() });
    sim.run(ms(100));
    assert_eq!(waiting(&sim, host), ["Ana"]);
    sim.say(ana, ClientMessage::SetUserName { name: "Ana B".into() });
    sim.run(ms(100));
    assert_eq!(waiting(&sim, host), ["Ana B"]);
    assert!(waiting(&sim, guest).is_empty());
    sim.check(host).sees(&[guest]);
    sim.check(guest).sees(&[host]);
    assert_eq!(sim.check(host).hidden(), 0);
    let Reply::Presence { participants } = sim.command(RoomCommand::Presence) else { panic!() };
    assert_eq!(participants.len(), 2);
    // They learn nothing of the call.
    let mut learnt = sim.client(ana).messages();
    assert!(learnt.all(|it| matches!(it, ServerMessage::Waiting { .. })));
}

#[test]
fn whoever_is_let_in_is_in_the_call_like_others() {
    let mut sim = Sim::seeded(422);
    let host = host(&mut sim);
    let ana = knock(&mut sim, "ana");
    let bo = knock(&mut sim, "bo");
    answer(&mut sim, host, None, &[(ana, true), (bo, false)]);
    sim.check(ana).is_inside().sees(&[host]);
    sim.check(host).sees(&[ana]);
    assert_eq!(sim.client(bo).presence(), &Presence::Refused(RefusalReason::NotAllowed));
    assert!(!sim.has_socket(bo));
    assert!(waiting(&sim, host).is_empty());
    sim.run(secs(2));
    sim.check(host).receives(ana, CamVideo).frames(40);
    sim.check(ana).receives(host, CamVideo).frames(40);

    let (cy, di) = (knock(&mut sim, "cy"), knock(&mut sim, "di"));
    answer(&mut sim, host, Some(true), &[(cy, false)]);
    assert_eq!(sim.client(cy).presence(), &Presence::Refused(RefusalReason::NotAllowed));
    sim.check(di).is_inside();
    assert!(sim.check(host).rejected().is_empty());
}

#[test]
fn those_who_wait_learn_of_hosts_and_hosts_of_those_who_wait() {
    let mut sim = Sim::seeded(423);
    let ana = knock(&mut sim, "ana");
    assert!(!knows_host(&sim, ana));
    let guest = sim.join("guest", nothing());
    sim.run(ms(100));
    assert!(!knows_host(&sim, ana));
    let host = host(&mut sim);
    assert!(knows_host(&sim, ana));
    assert_eq!(waiting(&sim, host), ["ana"]);
    // Whoever becomes an administrator learns who waits, and forgets it later.
    for (areas, known) in [(json!(["participants"]), 1), (json!(false), 0)] {
        let change = serde_json::from_value(json!({ "canAdmin": areas })).unwrap();
        let named = BTreeMap::from([(sim.id(guest), change)]);
        sim.command(RoomCommand::UpdatePermissions(None, named));
        sim.run(ms(100));
        assert_eq!(waiting(&sim, guest).len(), known);
    }
    sim.leave(host);
    sim.run(ms(100));
    assert!(!knows_host(&sim, ana));
    // The lobby keeps no meeting alive, but the room.
    sim.leave(guest);
    sim.run(secs(120));
    assert_eq!(sim.events().last().map(|event| &event.fact), Some(&Fact::MeetingEnded));
    assert_eq!(sim.client(ana).presence(), &Presence::Waiting);
    assert!(!sim.room().is_empty());
    assert_eq!(sim.command(RoomCommand::IsHosting), Reply::NoCall);
}

#[test]
fn a_lost_socket_is_forgiven_in_the_lobby_too() {
    let mut sim = Sim::seeded(424);
    let host = host(&mut sim);
    let (ana, bo) = (knock(&mut sim, "ana"), knock(&mut sim, "bo"));
    for who in [ana, bo] {
        sim.lose_socket(who);
    }
    sim.run(secs(2));
    sim.open_socket(ana);
    sim.run(ms(100));
    assert_eq!(sim.client(ana).presence(), &Presence::Waiting);
    sim.run(secs(5));
    assert_eq!(waiting(&sim, host), ["ana"]);
    // Let in while away: the resumed stay is one in the call.
    sim.lose_socket(ana);
    answer(&mut sim, host, Some(true), &[]);
    sim.check(host).sees(&[ana]);
    sim.open_socket(ana);
    sim.run(secs(2));
    sim.check(ana).is_inside();
    sim.check(host).receives(ana, CamVideo).frames(30);
}

#[test]
fn who_finds_no_place_goes_on_waiting() {
    let mut sim = Sim::seeded(425);
    let host = host(&mut sim);
    let ticket = Ticket { max_participants: 2, ..lobby_ticket(&mut sim, "ana") };
    let ana = sim.join_with(ticket, nothing());
    let guest = sim.join("guest", nothing());
    sim.run(ms(100));
    sim.say(ana, ClientMessage::RequestAccess { name: "ana".into() });
    sim.run(ms(100));
    answer(&mut sim, host, Some(true), &[]);
    assert_eq!(sim.check(host).rejected(), ["answer_knocks"]);
    assert_eq!(sim.client(ana).presence(), &Presence::Waiting);
    sim.leave(guest);
    answer(&mut sim, host, None, &[(ana, true)]);
    sim.check(ana).is_inside();
}

#[test]
fn the_lobby_is_bounded_and_its_people_can_do_little() {
    let mut sim = Sim::seeded(426);
    let host = host(&mut sim);
    let crowd: Vec<_> = (0..MAX_WAITING).map(|n| knock(&mut sim, &n.to_string())).collect();
    let ticket = lobby_ticket(&mut sim, "late");
    let late = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    assert_eq!(sim.client(late).presence(), &Presence::Refused(RefusalReason::MeetingFull));
    let eve = crowd[0];
    let everybody = serde_json::from_value(json!({"is_ejected": true})).unwrap();
    for message in [
        ClientMessage::UpdateParticipants { everybody, participants: BTreeMap::new() },
        ClientMessage::AnswerKnocks { everybody: Some(true), participants: BTreeMap::new() },
        ClientMessage::Publish { source: CamVideo, state: TrackState::Sending },
        ClientMessage::SetUserData { data: json!(1) },
        ClientMessage::Offer { sdp: "v=0".into(), sends: Vec::new(), slots: Vec::new() },
    ] {
        sim.say(eve, message);
    }
    sim.run(secs(1));
    assert_eq!(
        sim.check(eve).rejected(),
        ["update_participants", "answer_knocks", "publish", "set_user_data", "offer"]
    );
    sim.check(host).sees(&[]);
    sim.leave(crowd[1]);
    sim.run(ms(100));
    let ticket = lobby_ticket(&mut sim, "later");
    let later = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    assert_eq!(sim.client(later).presence(), &Presence::Waiting);
    // The end of the call is the end of the lobby.
    sim.command(RoomCommand::End(parlor_model::command::EndReason::RoomDeleted));
    sim.run(ms(100));
    let ended = Presence::Gone(Some(LeaveReason::RoomEnded));
    assert!(crowd[2..].iter().all(|who| sim.client(*who).presence() == &ended));
}

#[test]
fn those_who_never_knock_keep_nobody_out() {
    let mut sim = Sim::seeded(429);
    let host = host(&mut sim);
    let ana = knock(&mut sim, "ana");
    let crowd: Vec<_> = (1..MAX_WAITING).map(|n| wait(&mut sim, &n.to_string())).collect();
    // In a full lobby whoever is silent for longest makes space.
    let bo = knock(&mut sim, "bo");
    assert_eq!(sim.client(crowd[0]).presence(), &Presence::Refused(RefusalReason::MeetingFull));
    assert!(!sim.has_socket(crowd[0]));
    assert_eq!(sim.client(crowd[1]).presence(), &Presence::Waiting);
    assert_eq!(waiting(&sim, host).len(), 2);
    answer(&mut sim, host, Some(true), &[]);
    sim.check(host).sees(&[ana, bo]);
}

#[test]
fn nobody_stands_in_the_lobby_for_ever_without_knocking() {
    let mut sim = Sim::seeded(430);
    let (ana, quiet) = (knock(&mut sim, "ana"), wait(&mut sim, "quiet"));
    sim.run(secs(295));
    assert_eq!(sim.client(quiet).presence(), &Presence::Waiting);
    sim.run(secs(10));
    assert_eq!(sim.client(quiet).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
    assert_eq!(sim.client(ana).presence(), &Presence::Waiting);
}

#[test]
fn the_server_hears_of_knocks_and_of_their_end() {
    let mut sim = Sim::seeded(427);
    let quiet = wait(&mut sim, "quiet");
    let ana = knock(&mut sim, "ana");
    sim.run(secs(3));
    sim.leave(ana);
    sim.leave(quiet);
    sim.run(ms(100));
    let facts: Vec<_> = sim.events().iter().map(|event| (event.seq, &event.fact)).collect();
    let [(0, Fact::WaitingParticipantJoined { participant, user_name, .. }), (1, left)] =
        facts.as_slice()
    else {
        panic!("{facts:?}");
    };
    assert_eq!((participant, user_name.as_str()), (&sim.id(ana), "ana"));
    let Fact::WaitingParticipantLeft { duration_ms, .. } = left else { panic!("{left:?}") };
    assert!((3000..3300).contains(duration_ms), "{duration_ms}");
}

#[test]
fn nobody_waits_longer_than_they_might_stay() {
    let mut sim = Sim::seeded(428);
    let at = Some(sim.wall().plus_seconds(20));
    let eject = EjectLimits { at, ..EjectLimits::default() };
    let ticket = Ticket { eject, ..lobby_ticket(&mut sim, "ana") };
    let ana = sim.join_with(ticket, nothing());
    sim.run(secs(19));
    assert_eq!(sim.client(ana).presence(), &Presence::Waiting);
    sim.run(secs(2));
    assert_eq!(sim.client(ana).presence(), &Presence::Gone(Some(LeaveReason::TimeLimit)));
    sim.run(secs(60));
    assert!(sim.room().is_empty());
}
