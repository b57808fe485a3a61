//! Permissions that change in a running call.

use std::collections::{BTreeMap, BTreeSet};

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::call::{ClientMessage, ServerMessage, TrackState};
use parlor_model::command::Reply;
use parlor_model::event::{Fact, LeaveReason};
use parlor_model::permission::{
    AdminArea, CanReceiveChange, Grant, MediaKind, PermissionChange, ReceiveGrant,
};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Sim, Who, camera, camera_and_microphone, nothing};
use serde_json::json;

use crate::{ms, secs};

/// A change as the wire spells it.
fn change(json: serde_json::Value) -> PermissionChange {
    serde_json::from_value(json).expect("a change")
}

fn update(sim: &mut Sim, everybody: Option<PermissionChange>, named: &[(Who, PermissionChange)]) {
    let named = named.iter().map(|(who, change)| (sim.id(*who), change.clone()));
    let named: BTreeMap<_, _> = named.collect();
    let reply = sim.command(RoomCommand::UpdatePermissions(everybody, named));
    assert_eq!(reply, Reply::Done);
    sim.run(ms(100));
}

fn packets(sim: &Sim, at: Who, from: Who, source: parlor_model::call::TrackSource) -> u64 {
    sim.client(at).reception(sim.id(from), source).map_or(0, |it| it.packets)
}

#[test]
fn everybody_is_who_is_not_named_and_what_is_not_given_stays() {
    let mut sim = Sim::seeded(341);
    let [ana, bo, cy] = ["ana", "bo", "cy"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    let audio_only = change(json!({"canSend": ["audio"]}));
    let admin = change(json!({"canAdmin": ["participants"]}));
    update(&mut sim, Some(audio_only), &[(ana, admin)]);
    let permissions = |who| sim.check(cy).view_of(who).permissions.clone();
    for who in [bo, cy] {
        assert_eq!(permissions(who).can_send, Grant::Some(BTreeSet::from([MediaKind::Audio])));
        assert_eq!(permissions(who).can_admin, Grant::Whole(false));
    }
    assert_eq!(permissions(ana).can_send, Grant::Whole(true));
    assert_eq!(permissions(ana).can_admin, Grant::Some(BTreeSet::from([AdminArea::Participants])));

    // Of what may be received, each part is replaced alone.
    let id = sim.id(bo).to_string();
    let by_id = BTreeMap::from([(id, ReceiveGrant::Whole(false))]);
    let parts = CanReceiveChange { by_participant_id: Some(by_id.clone()), ..Default::default() };
    let can_receive = Some(parts);
    update(&mut sim, None, &[(cy, PermissionChange { can_receive, ..Default::default() })]);
    let own = sim.check(cy).view_of(cy).permissions.clone();
    assert_eq!(own.can_receive.by_participant_id, by_id);
    assert_eq!(own.can_receive.base, ReceiveGrant::Whole(true));
    assert_eq!(sim.client(cy).me().unwrap().permissions, own);
}

#[test]
fn what_may_not_be_sent_any_more_stops_and_needs_its_sender_to_go_on() {
    let mut sim = Sim::seeded(342);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    update(&mut sim, None, &[(ana, change(json!({"canSend": ["audio"]})))]);
    sim.check(bo).sees_track(ana, CamVideo, TrackState::NotPermitted);
    sim.check(bo).sees_track(ana, CamAudio, TrackState::Sending);
    sim.check(ana).sees_track(ana, CamVideo, TrackState::NotPermitted);
    let before = packets(&sim, bo, ana, CamVideo);
    // Their client goes on sending as if nothing had happened, and says so.
    sim.say(ana, ClientMessage::Publish { source: CamVideo, state: TrackState::Sending });
    sim.run(secs(1));
    assert_eq!(packets(&sim, bo, ana, CamVideo), before);
    sim.check(bo).receives(ana, CamAudio).frames(140).unbroken();

    // Nobody's camera is switched on by somebody else.
    update(&mut sim, None, &[(ana, change(json!({"canSend": true})))]);
    sim.run(secs(1));
    sim.check(bo).sees_track(ana, CamVideo, TrackState::Off);
    assert_eq!(packets(&sim, bo, ana, CamVideo), before);
    sim.act(ana, |client, now| client.publish(now, CamVideo, true));
    sim.run(secs(1));
    sim.check(bo).sees_track(ana, CamVideo, TrackState::Sending);
    sim.check(bo).receives(ana, CamVideo).frames(70);
}

#[test]
fn what_may_not_be_received_any_more_loses_its_slot_and_may_come_back() {
    let mut sim = Sim::seeded(343);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", camera_and_microphone());
    let cy = sim.join("cy", nothing());
    sim.run(secs(2));
    let deaf = change(
        json!({"canReceive": {"byParticipantId": {sim.id(ana).to_string(): {"video": false}}}}),
    );
    update(&mut sim, None, &[(cy, deaf)]);
    assert!(sim.client(cy).reception(sim.id(ana), CamVideo).is_none());
    sim.check(cy).receives(ana, CamAudio).frames(80).unbroken();
    let told = sim.client(cy).messages().any(|message| match message {
        ServerMessage::Slots { slots } => slots.iter().any(|slot| slot.track.is_none()),
        _ => false,
    });
    assert!(told, "the freed slot is told");
    sim.run(secs(1));
    assert!(sim.client(cy).reception(sim.id(ana), CamVideo).is_none());
    sim.check(bo).receives(ana, CamVideo).frames(80).unbroken();

    update(&mut sim, Some(change(json!({"canReceive": {"byParticipantId": {}}}))), &[]);
    sim.run(secs(2));
    sim.check(cy).receives(ana, CamVideo).frames(40);
    sim.check(cy).receives(bo, CamVideo).frames(80).unbroken();
}

#[test]
fn somebody_who_joined_deaf_gets_the_tracks_when_they_may_receive() {
    let mut sim = Sim::seeded(344);
    let senders: Vec<_> = (0..6).map(|n| sim.join(&n.to_string(), camera())).collect();
    let mut ticket = sim.ticket("cy");
    ticket.permissions.can_receive.base = ReceiveGrant::Whole(false);
    let cy = sim.join_with(ticket, nothing());
    sim.run(secs(1));
    for sender in &senders {
        sim.check(cy).receives_nothing(*sender, CamVideo);
    }
    update(&mut sim, None, &[(cy, change(json!({"canReceive": {"base": true}})))]);
    sim.run(secs(3));
    for sender in &senders {
        sim.check(cy).receives(*sender, CamVideo).frames(40);
    }
}

#[test]
fn who_loses_presence_is_gone_for_the_others_and_comes_back_as_a_new_stay() {
    let mut sim = Sim::seeded(345);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", camera());
    sim.run(secs(2));
    update(&mut sim, None, &[(ana, change(json!({"hasPresence": false})))]);
    sim.check(ana).is_inside().sees(&[bo]);
    sim.check(bo).sees(&[]);
    assert_eq!(sim.check(bo).hidden(), 1);
    let reason = sim.client(bo).messages().find_map(|message| match message {
        ServerMessage::ParticipantLeft { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(reason, Some(LeaveReason::Hidden));
    assert!(!sim.client(ana).me().unwrap().permissions.has_presence);
    let Reply::Presence { participants } = sim.command(RoomCommand::Presence) else {
        panic!("another reply");
    };
    assert_eq!(participants.len(), 1);
    assert!(sim.client(bo).reception(sim.id(ana), CamVideo).is_none());
    sim.check(ana).receives(bo, CamVideo).frames(50);

    sim.run(secs(2));
    update(&mut sim, None, &[(ana, change(json!({"hasPresence": true})))]);
    sim.check(bo).sees(&[ana]);
    sim.act(ana, |client, now| client.publish(now, CamVideo, true));
    sim.run(secs(1));
    sim.check(bo).receives(ana, CamVideo).frames(20);
    assert_eq!(sim.check(bo).hidden(), 0);
    let stays: Vec<_> = sim
        .events()
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::ParticipantJoined { participant, .. } => Some(("joined", *participant)),
            Fact::ParticipantLeft { participant, .. } => Some(("left", *participant)),
            _ => None,
        })
        .collect();
    let (a, b) = (sim.id(ana), sim.id(bo));
    assert_eq!(stays, [("joined", a), ("joined", b), ("left", a), ("joined", a)]);
}

#[test]
fn one_who_takes_the_other_s_place_keeps_the_meeting_going() {
    let mut sim = Sim::seeded(346);
    let ana = sim.join("ana", nothing());
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    let eve = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    let [hide, show] = [false, true].map(|has| change(json!({"hasPresence": has})));
    update(&mut sim, None, &[(ana, hide.clone()), (eve, show)]);
    assert!(!sim.events().iter().any(|event| event.fact == Fact::MeetingEnded));
    update(&mut sim, Some(hide), &[]);
    assert!(matches!(sim.events().last().unwrap().fact, Fact::MeetingEnded));
    assert_eq!(sim.command(RoomCommand::IsHosting), Reply::Done);
}

#[test]
fn a_full_room_is_not_overfilled() {
    let mut sim = Sim::seeded(347);
    let mut join = |name: &str, has_presence| {
        let mut ticket = sim.ticket(name);
        ticket.max_participants = 2;
        ticket.permissions.has_presence = has_presence;
        sim.join_with(ticket, nothing())
    };
    let [ana, eve, fay] = [("ana", true), ("eve", false), ("fay", false)].map(|(n, p)| join(n, p));
    sim.run(ms(100));
    update(&mut sim, Some(change(json!({"hasPresence": true, "canSend": false}))), &[]);
    sim.check(ana).sees(&[eve]);
    let own = &sim.check(fay).view_of(fay).permissions;
    assert_eq!((own.has_presence, &own.can_send), (false, &Grant::Whole(false)));
}

#[test]
fn the_hidden_who_speak_are_no_active_speaker() {
    let mut sim = Sim::seeded(348);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(3));
    assert_eq!(sim.client(bo).active_speaker(), Some(sim.id(ana)));
    update(&mut sim, None, &[(ana, change(json!({"hasPresence": false})))]);
    sim.run(secs(3));
    let cy = sim.join("cy", nothing());
    sim.run(secs(1));
    assert_eq!(sim.client(cy).active_speaker(), None);
}

#[test]
fn a_large_change_for_all_holds_at_once_and_is_shown_piece_by_piece() {
    let mut sim = Sim::seeded(349);
    let people: Vec<_> = (0..40).map(|n| sim.join(&n.to_string(), nothing())).collect();
    sim.run(ms(500));
    let users: serde_json::Map<_, _> =
        (0..800).map(|n| (format!("user {n:032}"), json!(false))).collect();
    let large = change(json!({"canSend": ["audio"], "canReceive": {"byUserId": users}}));
    sim.command(RoomCommand::UpdatePermissions(Some(large), [].into()));
    sim.run(ms(10));
    let shown = |sim: &Sim| {
        let may = |who: &&Who| sim.check(people[0]).view_of(**who).permissions.can_send.clone();
        people.iter().filter(|who| may(who) != Grant::Whole(true)).count()
    };
    let first = shown(&sim);
    assert!((1..20).contains(&first), "{first}");
    sim.run(secs(1));
    assert_eq!(shown(&sim), people.len());
}
