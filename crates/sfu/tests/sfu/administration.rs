//! What administrators do to others, and what nobody else does.

use std::collections::BTreeMap;

use parlor_model::call::TrackSource::{CamAudio, CamVideo, ScreenVideo};
use parlor_model::call::{
    ClientMessage, NetworkQuality, ParticipantChange, ServerMessage, TrackSource, TrackState,
    unseen_sender,
};
use parlor_model::event::LeaveReason;
use parlor_model::id::RoomId;
use parlor_model::permission::{AdminArea, Grant};
use parlor_testkit::{Sim, TrackScript, Who, camera_and_microphone, nothing};
use serde_json::json;

use crate::{ms, secs};

fn change(json: serde_json::Value) -> ParticipantChange {
    serde_json::from_value(json).expect("a change")
}

/// Asks for changes; the number of rejections so far.
fn update(
    sim: &mut Sim,
    by: Who,
    everybody: Option<ParticipantChange>,
    named: &[(Who, ParticipantChange)],
) -> usize {
    let named = named.iter().map(|(who, change)| (sim.id(*who), change.clone()));
    let participants: BTreeMap<_, _> = named.collect();
    sim.say(by, ClientMessage::UpdateParticipants { everybody, participants });
    sim.run(ms(200));
    sim.check(by).rejected().len()
}

fn owner(sim: &mut Sim, name: &str) -> Who {
    let mut ticket = sim.ticket(name);
    ticket.is_owner = true;
    ticket.permissions.can_admin = Grant::Whole(true);
    sim.join_with(ticket, nothing())
}

fn admin(sim: &mut Sim, name: &str) -> Who {
    let mut ticket = sim.ticket(name);
    ticket.permissions.can_admin = Grant::Some([AdminArea::Participants].into());
    sim.join_with(ticket, camera_and_microphone())
}

fn packets(sim: &Sim, at: Who, from: Who, source: TrackSource) -> u64 {
    sim.client(at).reception(sim.id(from), source).map_or(0, |it| it.packets)
}

fn requests(sim: &Sim, who: Who) -> Vec<(TrackSource, bool)> {
    let asked = |message: &ServerMessage| match message {
        ServerMessage::MediaRequested { source, is_on, .. } => Some((*source, *is_on)),
        _ => None,
    };
    sim.client(who).messages().filter_map(asked).collect()
}

#[test]
fn a_muted_track_stops_at_once_whatever_its_sender_does() {
    let mut sim = Sim::seeded(401);
    let boss = admin(&mut sim, "boss");
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    assert_eq!(update(&mut sim, boss, None, &[(ana, change(json!({"audio": false})))]), 0);
    assert_eq!(requests(&sim, ana), [(CamAudio, false)]);
    sim.check(bo).sees_track(ana, CamAudio, TrackState::OffByRemote);
    sim.check(ana).sees_track(ana, CamAudio, TrackState::OffByRemote);
    let before = packets(&sim, bo, ana, CamAudio);
    sim.run(secs(1));
    assert_eq!(packets(&sim, bo, ana, CamAudio), before);
    sim.check(bo).receives(ana, CamVideo).frames(80).unbroken();

    // Saying that it is off does not change who switched it off.
    sim.act(ana, |client, now| client.publish(now, CamAudio, false));
    sim.run(ms(100));
    sim.check(bo).sees_track(ana, CamAudio, TrackState::OffByRemote);
    sim.act(ana, |client, now| client.publish(now, CamAudio, true));
    sim.run(secs(1));
    sim.check(bo).sees_track(ana, CamAudio, TrackState::Sending);
    assert!(packets(&sim, bo, ana, CamAudio) > before + 40);
}

#[test]
fn everybody_else_is_muted_and_screens_are_stopped() {
    let mut sim = Sim::seeded(402);
    let boss = admin(&mut sim, "boss");
    let ana = sim.join("ana", vec![TrackScript::camera(), TrackScript::screen()]);
    let bo = sim.join("bo", camera_and_microphone());
    sim.run(secs(1));
    let all_off = change(json!({"audio": false, "video": false}));
    let screen = change(json!({"screen_share": false}));
    assert_eq!(update(&mut sim, boss, Some(all_off), &[(ana, screen)]), 0);
    sim.check(boss)
        .sees_track(ana, CamVideo, TrackState::Sending)
        .sees_track(ana, ScreenVideo, TrackState::OffByRemote)
        .sees_track(bo, CamVideo, TrackState::OffByRemote)
        .sees_track(bo, CamAudio, TrackState::OffByRemote)
        .sees_track(boss, CamVideo, TrackState::Sending);
    assert_eq!(requests(&sim, ana), [(ScreenVideo, false)]);
}

#[test]
fn only_owners_ask_for_a_device_and_only_its_owner_switches_it_on() {
    let mut sim = Sim::seeded(403);
    let host = owner(&mut sim, "host");
    let boss = admin(&mut sim, "boss");
    let ana = sim.join("ana", vec![TrackScript::camera().off()]);
    sim.run(secs(1));
    let on = change(json!({"video": true}));
    assert_eq!(update(&mut sim, boss, None, &[(ana, on.clone())]), 1);
    assert!(requests(&sim, ana).is_empty());
    assert_eq!(update(&mut sim, host, None, &[(ana, on)]), 0);
    assert_eq!(requests(&sim, ana), [(CamVideo, true)]);
    sim.run(secs(1));
    sim.check(host).sees_track(ana, CamVideo, TrackState::Off).receives_nothing(ana, CamVideo);
    let share = change(json!({"screen_share": true}));
    assert_eq!(update(&mut sim, host, None, &[(ana, share)]), 1);
    // What may not be sent is not asked for.
    let silent = change(json!({"permissions": {"canSend": false}}));
    assert_eq!(update(&mut sim, host, None, &[(ana, silent)]), 1);
    assert_eq!(update(&mut sim, host, Some(change(json!({"video": true}))), &[]), 1);
    assert_eq!(requests(&sim, ana), [(CamVideo, true)]);
}

#[test]
fn whoever_is_ejected_is_told_so_and_owners_are_for_owners() {
    let mut sim = Sim::seeded(404);
    let host = owner(&mut sim, "host");
    let boss = admin(&mut sim, "boss");
    let ana = sim.join("ana", nothing());
    let bo = sim.join("bo", nothing());
    sim.run(ms(200));
    let eject = change(json!({"is_ejected": true}));
    // Naming an owner refuses all of it.
    let named = [(host, eject.clone()), (ana, eject.clone())];
    assert_eq!(update(&mut sim, boss, None, &named), 1);
    sim.check(bo).sees(&[host, boss, ana]);
    let demoted = change(json!({"permissions": {"canAdmin": false}}));
    assert_eq!(update(&mut sim, boss, None, &[(host, demoted)]), 2);

    // Everybody is everybody one may touch, but oneself.
    assert_eq!(update(&mut sim, boss, Some(eject.clone()), &[]), 2);
    sim.check(boss).sees(&[host]);
    for gone in [ana, bo] {
        let removed = ServerMessage::Removed { reason: LeaveReason::Ejected };
        assert!(sim.client(gone).messages().any(|it| *it == removed));
        assert!(!sim.has_socket(gone));
    }
    assert_eq!(update(&mut sim, host, None, &[(boss, eject)]), 0);
    sim.check(host).sees(&[]);
}

#[test]
fn permissions_are_changed_but_nobody_grants_what_they_have_not() {
    let mut sim = Sim::seeded(405);
    let host = owner(&mut sim, "host");
    let boss = admin(&mut sim, "boss");
    let ana = sim.join("ana", camera_and_microphone());
    sim.run(secs(1));
    let grant = |areas: serde_json::Value| change(json!({"permissions": {"canAdmin": areas}}));
    for (rejections, areas) in [(1, json!(true)), (2, json!(["participants", "streaming"]))] {
        assert_eq!(update(&mut sim, boss, None, &[(ana, grant(areas))]), rejections);
    }
    // Nor to oneself.
    assert_eq!(update(&mut sim, boss, None, &[(boss, grant(json!(true)))]), 3);
    assert_eq!(update(&mut sim, boss, None, &[(ana, grant(json!(["participants"])))]), 3);
    let of_ana = sim.check(boss).view_of(ana).permissions.can_admin.clone();
    assert_eq!(of_ana, Grant::Some([AdminArea::Participants].into()));

    let silent = change(json!({"permissions": {"canSend": ["audio"]}}));
    assert_eq!(update(&mut sim, ana, None, &[(boss, silent)]), 0);
    sim.check(host).sees_track(boss, CamVideo, TrackState::NotPermitted);
    let unclear = change(json!({"permissions": {"canReceive": {"base": {"smell": true}}}}));
    assert_eq!(update(&mut sim, host, None, &[(ana, unclear)]), 1);
    let name = "x".repeat(4096);
    let long = change(json!({"permissions": {"canReceive": {"byUserId": {name: false}}}}));
    assert_eq!(update(&mut sim, host, None, &[(ana, long)]), 2);
}

#[test]
fn only_owners_change_their_own_permissions() {
    let mut sim = Sim::seeded(408);
    let host = owner(&mut sim, "host");
    let mut ticket = sim.ticket("boss");
    ticket.permissions.can_admin = Grant::Some([AdminArea::Participants].into());
    ticket.permissions.can_send = Grant::Whole(false);
    let boss = sim.join_with(ticket, nothing());
    let ana = sim.join("ana", nothing());
    sim.run(ms(200));
    let own = sim.check(ana).view_of(boss).permissions.clone();
    let silent = change(json!({"permissions": {"canSend": false}}));
    for (n, change) in [
        json!({"permissions": {"canSend": true}}),
        json!({"permissions": {"hasPresence": false}}),
        json!({"permissions": {"canReceive": {"base": true}}}),
        json!({"permissions": {"canAdmin": false}}),
    ]
    .map(change)
    .into_iter()
    .enumerate()
    {
        // All of it is refused, also what concerns others.
        let named = [(boss, change), (ana, silent.clone())];
        assert_eq!(update(&mut sim, boss, None, &named), n + 1);
    }
    assert_eq!(sim.check(ana).view_of(boss).permissions, own);
    assert_eq!(sim.check(host).view_of(ana).permissions.can_send, Grant::Whole(true));
    assert_eq!(update(&mut sim, boss, None, &[(ana, silent.clone())]), 4);
    assert_eq!(update(&mut sim, host, None, &[(host, silent)]), 0);
    for whose in [ana, host] {
        assert_eq!(sim.check(boss).view_of(whose).permissions.can_send, Grant::Whole(false));
    }
}

#[test]
fn everybody_is_everybody_one_sees_but_for_owners() {
    let mut sim = Sim::seeded(409);
    let host = owner(&mut sim, "host");
    let boss = admin(&mut sim, "boss");
    let ana = sim.join("ana", nothing());
    let mut ticket = sim.ticket("recorder");
    ticket.permissions.has_presence = false;
    let recorder = sim.join_with(ticket, nothing());
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    ticket.is_audience = true;
    let eve = sim.join_with(ticket, nothing());
    sim.run(ms(200));
    let visible = change(json!({"permissions": {"hasPresence": true}}));
    let eject = change(json!({"is_ejected": true}));
    assert_eq!(update(&mut sim, boss, Some(visible.clone()), &[]), 0);
    sim.check(boss).sees(&[host, ana]);
    assert_eq!(update(&mut sim, boss, Some(eject.clone()), &[]), 0);
    sim.check(host).sees(&[boss]);
    assert!(!sim.has_socket(ana));
    assert!(sim.has_socket(recorder) && sim.has_socket(eve));

    assert_eq!(update(&mut sim, host, Some(visible), &[]), 0);
    sim.check(boss).sees(&[host, recorder, eve]);
    assert_eq!(update(&mut sim, host, Some(eject), &[]), 0);
    sim.check(host).sees(&[]);
}

#[test]
fn a_hidden_administrator_stays_hidden() {
    let mut sim = Sim::seeded(406);
    let mut ticket = sim.ticket("boss");
    ticket.permissions.can_admin = Grant::Whole(true);
    ticket.permissions.has_presence = false;
    let boss = sim.join_with(ticket, nothing());
    let ana = sim.join("ana", camera_and_microphone());
    sim.run(secs(1));
    assert_eq!(update(&mut sim, boss, None, &[(ana, change(json!({"video": false})))]), 0);
    let nobody = unseen_sender(RoomId::from_random([2; 16]));
    let by = sim.client(ana).messages().find_map(|message| match message {
        ServerMessage::MediaRequested { by, .. } => Some(*by),
        _ => None,
    });
    assert_eq!(by, Some(nobody));
}

#[test]
fn what_somebody_says_of_themselves_is_shown_but_not_more_often_than_views_are() {
    let mut sim = Sim::seeded(407);
    let ana = sim.join("ana", nothing());
    let bo = sim.join("bo", nothing());
    sim.run(ms(200));
    for n in 0..40 {
        let quality = if n % 2 == 0 { NetworkQuality::Poor } else { NetworkQuality::Weak };
        sim.say(ana, ClientMessage::SetNetworkQuality { quality });
        sim.say(ana, ClientMessage::SetRecording { is_recording: true });
    }
    sim.run(secs(1));
    let view = sim.check(bo).view_of(ana);
    assert_eq!((view.network, view.is_recording), (NetworkQuality::Weak, true));
    let shown = sim.client(bo).messages();
    let shown = shown.filter(|it| matches!(it, ServerMessage::ParticipantUpdated { .. })).count();
    assert!(shown < 10, "{shown} messages");
}
