//! What somebody may send, receive and be seen doing.

use std::collections::BTreeSet;

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::call::{ClientMessage, TrackState};
use parlor_model::event::Fact;
use parlor_model::permission::{Grant, MediaKind, ReceiveGrant};
use parlor_testkit::{Sim, camera_and_microphone, nothing};

use crate::{ms, secs};

#[test]
fn tracks_that_are_not_permitted_are_shown_so_and_never_forwarded() {
    let mut sim = Sim::seeded(51);
    let mut ticket = sim.ticket("ana");
    ticket.permissions.can_send = Grant::Some(BTreeSet::from([MediaKind::Audio]));
    let ana = sim.join_with(ticket, camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    sim.check(bo)
        .sees_track(ana, CamVideo, TrackState::NotPermitted)
        .sees_track(ana, CamAudio, TrackState::Sending)
        .receives_nothing(ana, CamVideo)
        .receives(ana, CamAudio)
        .frames(80);
}

#[test]
fn somebody_hidden_sees_all_and_is_seen_by_nobody() {
    let mut sim = Sim::seeded(52);
    let ana = sim.join("ana", camera_and_microphone());
    sim.run(ms(100));
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    let eve = sim.join_with(ticket, camera_and_microphone());
    sim.run(secs(2));
    sim.say(eve, ClientMessage::SetUserName { name: "Eve".into() });
    sim.run(ms(100));

    sim.check(ana).sees(&[]).receives_nothing(eve, CamVideo);
    sim.check(eve).sees(&[ana]).receives(ana, CamVideo).frames(40).unbroken();
    assert_eq!(sim.check(eve).view_of(eve).user_name, "Eve");
    let joined = |fact: &&Fact| matches!(fact, Fact::ParticipantJoined { .. });
    assert_eq!(sim.events().iter().map(|event| &event.fact).filter(joined).count(), 1);
}

#[test]
fn the_most_specific_receive_grant_decides() {
    let mut sim = Sim::seeded(53);
    let ana = sim.join("ana", camera_and_microphone());
    let mut ticket = sim.ticket("bo");
    ticket.user_id = Some("bo".into());
    let bo = sim.join_with(ticket, camera_and_microphone());
    sim.run(ms(100));
    let mut ticket = sim.ticket("cy");
    ticket.permissions.can_receive.base = ReceiveGrant::Whole(false);
    let video_only = serde_json::from_value(serde_json::json!({ "audio": false })).unwrap();
    ticket.permissions.can_receive.by_user_id =
        [("bo".to_owned(), ReceiveGrant::ByKind(video_only))].into();
    let cy = sim.join_with(ticket, nothing());
    sim.run(secs(2));
    sim.check(cy)
        .receives_nothing(ana, CamVideo)
        .receives_nothing(ana, CamAudio)
        .receives_nothing(bo, CamAudio)
        .receives(bo, CamVideo)
        .frames(40);
}
