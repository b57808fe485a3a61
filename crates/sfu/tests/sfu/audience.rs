//! An audience: hidden, and seeing and receiving owners only.

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::call::{
    ClientMessage, Everybody, Recipients, ServerMessage, server_sender, unseen_sender,
};
use parlor_model::id::RoomId;
use parlor_model::permission::{PermissionChange, ReceiveGrant};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Sim, TrackScript, Who, camera, camera_and_microphone, nothing};
use serde_json::json;

use crate::{ms, secs};

fn join_audience(sim: &mut Sim, name: &str, tracks: Vec<TrackScript>) -> Who {
    let mut ticket = sim.ticket(name);
    ticket.permissions.has_presence = false;
    ticket.is_audience = true;
    sim.join_with(ticket, tracks)
}

fn join_owner(sim: &mut Sim, name: &str) -> Who {
    let mut ticket = sim.ticket(name);
    ticket.is_owner = true;
    sim.join_with(ticket, camera_and_microphone())
}

fn room() -> RoomId {
    RoomId::from_random([2; 16])
}

#[test]
fn it_sees_and_receives_owners_only_whenever_they_come() {
    let mut sim = Sim::seeded(331);
    let early = join_owner(&mut sim, "early");
    let guest = sim.join("guest", camera());
    sim.run(ms(200));
    let eve = join_audience(&mut sim, "eve", camera());
    sim.run(secs(1));
    let late = join_owner(&mut sim, "late");
    let later = sim.join("later", camera());
    sim.run(secs(2));
    sim.check(eve)
        .sees(&[early, late])
        .receives_nothing(guest, CamVideo)
        .receives_nothing(later, CamVideo);
    sim.check(eve).receives(early, CamVideo).frames(40);
    sim.check(eve).receives(late, CamVideo).frames(30);
    sim.check(early).sees(&[guest, late, later]).receives_nothing(eve, CamVideo);
    assert_eq!(sim.check(later).hidden(), 1);

    sim.say(guest, ClientMessage::SetUserName { name: "Guest".into() });
    sim.leave(later);
    sim.run(ms(100));
    sim.check(eve).sees(&[early, late]);
    let about_guests = sim.client(eve).messages().filter(|message| match message {
        ServerMessage::ParticipantUpdated { participant } => participant.id == sim.id(guest),
        ServerMessage::ParticipantLeft { id, .. } => *id == sim.id(later),
        _ => false,
    });
    assert_eq!(about_guests.count(), 0);
}

#[test]
fn a_grant_of_its_own_reaches_further() {
    let mut sim = Sim::seeded(332);
    let mut ticket = sim.ticket("guest");
    ticket.user_id = Some("guest".into());
    let guest = sim.join_with(ticket, camera());
    let other = sim.join("other", camera());
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    ticket.permissions.can_receive.by_user_id.insert("guest".into(), ReceiveGrant::Whole(true));
    ticket.is_audience = true;
    let eve = sim.join_with(ticket, nothing());
    sim.run(secs(2));
    sim.check(eve).receives_nothing(other, CamVideo).receives(guest, CamVideo).frames(40);
}

#[test]
fn who_is_brought_on_stage_is_one_of_all_and_may_go_back() {
    let mut sim = Sim::seeded(333);
    let owner = join_owner(&mut sim, "owner");
    let guest = sim.join("guest", camera());
    let eve = join_audience(&mut sim, "eve", camera_and_microphone());
    sim.run(secs(1));
    let id = sim.id(eve);
    let presence = |has_presence| {
        let change = PermissionChange { has_presence: Some(has_presence), ..Default::default() };
        RoomCommand::UpdatePermissions(None, [(id, change)].into())
    };
    sim.command(presence(true));
    sim.run(ms(100));
    sim.check(eve).sees(&[owner, guest]);
    sim.check(guest).sees(&[owner, eve]);
    // What was refused before has to be switched on by themselves.
    sim.check(guest).receives_nothing(eve, CamVideo);
    sim.act(eve, |client, now| client.publish(now, CamVideo, true));
    sim.run(secs(2));
    sim.check(guest).receives(eve, CamVideo).frames(40);
    sim.check(eve).receives(guest, CamVideo).frames(40);

    sim.command(presence(false));
    sim.run(ms(200));
    sim.check(guest).sees(&[owner]).receives_nothing(eve, CamVideo);
    sim.check(eve).sees(&[owner]).receives_nothing(guest, CamVideo);
    sim.check(eve).receives(owner, CamAudio).frames(80);
}

#[test]
fn nobody_learns_which_of_the_hidden_spoke_nor_takes_them_for_the_server() {
    let mut sim = Sim::seeded(334);
    let ana = sim.join("ana", nothing());
    let [eve, fay] = ["eve", "fay"].map(|name| join_audience(&mut sim, name, nothing()));
    sim.run(ms(100));
    for who in [eve, fay] {
        let to = Recipients::All(Everybody::Everybody);
        sim.say(who, ClientMessage::AppMessage { to, data: json!("hi") });
    }
    let to = Recipients::All(Everybody::Everybody);
    sim.command(RoomCommand::SendAppMessage(to, json!("server")));
    sim.run(ms(100));
    let unseen = unseen_sender(room());
    let heard = sim.check(ana).app_messages();
    let senders: Vec<_> = heard.iter().map(|(from, _)| *from).collect();
    assert_eq!(senders.len(), 3);
    assert_eq!(senders.iter().filter(|from| **from == unseen).count(), 2);
    assert_eq!(senders.iter().filter(|from| **from == server_sender(room())).count(), 1);
}

#[test]
fn a_crowd_that_streams_in_is_counted_once_a_second() {
    let mut sim = Sim::seeded(335);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    let counts = |sim: &Sim| {
        let is_count =
            |message: &&ServerMessage| matches!(message, ServerMessage::HiddenCount { .. });
        sim.client(ana).messages().filter(is_count).count()
    };
    let eve = join_audience(&mut sim, "eve", nothing());
    sim.run(ms(50));
    assert_eq!((sim.check(ana).hidden(), counts(&sim)), (1, 1));
    for n in 0..60 {
        join_audience(&mut sim, &n.to_string(), nothing());
        sim.run(ms(10));
    }
    sim.run(secs(2));
    assert_eq!((sim.check(ana).hidden(), sim.check(eve).hidden()), (61, 60));
    assert!(counts(&sim) <= 3, "{}", counts(&sim));
}
