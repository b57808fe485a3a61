//! Tracks that applications bring.

use std::collections::BTreeMap;

use parlor_model::call::TrackSource::{self, CamVideo, CustomAudio, CustomVideo};
use parlor_model::call::{
    ClientMessage, MAX_CUSTOM_TRACKS, SendTransceiver, ServerMessage, SlotTrack, SubscriptionWish,
    TrackState, TrackTag, TrackWish,
};
use parlor_model::permission::{Grant, MediaKind, ReceiveGrant};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Sim, TrackScript, Who, camera, nothing};
use serde_json::json;

use crate::{ms, secs};

fn tag(text: &str) -> TrackTag {
    text.parse().expect("a tag")
}

fn board() -> TrackScript {
    TrackScript { source: CustomVideo(tag("board")), ..TrackScript::camera() }
}

fn music() -> TrackScript {
    TrackScript { source: CustomAudio(tag("music")), ..TrackScript::microphone() }
}

fn publish(sim: &mut Sim, who: Who, source: TrackSource, state: TrackState) {
    sim.say(who, ClientMessage::Publish { source, state });
    sim.run(ms(50));
}

fn may_send(sim: &mut Sim, who: Who, kinds: &serde_json::Value) {
    let change = serde_json::from_value(json!({ "canSend": kinds })).expect("a change");
    let named = BTreeMap::from([(sim.id(who), change)]);
    sim.command(RoomCommand::UpdatePermissions(None, named));
    sim.run(ms(100));
}

/// How many slots somebody believes to carry a track.
fn slots_of(sim: &Sim, at: Who, from: Who, source: TrackSource) -> usize {
    let mut carried = BTreeMap::new();
    for message in sim.client(at).messages() {
        if let ServerMessage::Slots { slots } = message {
            carried.extend(slots.iter().map(|slot| (slot.mid.clone(), slot.track.clone())));
        }
    }
    let track = Some(SlotTrack { participant: sim.id(from), source });
    carried.into_values().filter(|it| *it == track).count()
}

#[test]
fn they_are_forwarded_like_others_and_gone_when_they_stop() {
    let mut sim = Sim::seeded(461);
    let ana = sim.join("ana", vec![TrackScript::camera(), board(), music()]);
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    sim.check(bo).sees_track(ana, CustomVideo(tag("board")), TrackState::Sending).sees_track(
        ana,
        CustomAudio(tag("music")),
        TrackState::Sending,
    );
    sim.check(bo).receives(ana, CustomVideo(tag("board"))).frames(40).unbroken();
    sim.check(bo).receives(ana, CustomAudio(tag("music"))).frames(80).unbroken();
    sim.check(bo).receives(ana, CamVideo).frames(40).unbroken();

    publish(&mut sim, ana, CustomVideo(tag("board")), TrackState::Off);
    sim.run(ms(200));
    assert!(!sim.check(bo).view_of(ana).tracks.contains_key(&CustomVideo(tag("board"))));
    assert!(sim.client(bo).reception(sim.id(ana), CustomVideo(tag("board"))).is_none());
    publish(&mut sim, ana, CustomVideo(tag("board")), TrackState::Sending);
    sim.run(secs(1));
    assert!(sim.client(bo).reception(sim.id(ana), CustomVideo(tag("board"))).is_some());
    sim.check(bo).receives(ana, CustomAudio(tag("music"))).frames(120).unbroken();
}

#[test]
fn permissions_count_for_each_kind_and_for_each_name() {
    let mut sim = Sim::seeded(462);
    let mut ticket = sim.ticket("ana");
    ticket.permissions.can_send = Grant::Some([MediaKind::Video, MediaKind::CustomVideo].into());
    let second = TrackScript { source: CustomVideo(tag("notes")), ..TrackScript::camera() };
    let ana = sim.join_with(ticket, vec![board(), second, music()]);
    let mut ticket = sim.ticket("bo");
    let grant = json!({"customVideo": {"notes": true, "*": false}});
    ticket.permissions.can_receive.base = serde_json::from_value::<ReceiveGrant>(grant).unwrap();
    let bo = sim.join_with(ticket, nothing());
    let cy = sim.join("cy", nothing());
    sim.run(secs(2));
    sim.check(bo).receives(ana, CustomVideo(tag("notes"))).frames(40);
    sim.check(bo).receives_nothing(ana, CustomVideo(tag("board")));
    sim.check(cy).receives(ana, CustomVideo(tag("board"))).frames(40);
    for who in [bo, cy] {
        sim.check(who).receives_nothing(ana, CustomAudio(tag("music")));
    }
    assert_eq!(sim.check(ana).rejected(), ["publish"]);
}

#[test]
fn one_that_is_forbidden_leaves_its_slot() {
    let mut sim = Sim::seeded(465);
    let source = CustomVideo(tag("board"));
    let ana = sim.join("ana", vec![board(), music()]);
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    assert_eq!(slots_of(&sim, bo, ana, source), 1);
    may_send(&mut sim, ana, &json!(["customAudio"]));
    assert_eq!(slots_of(&sim, bo, ana, source), 0);
    publish(&mut sim, ana, source, TrackState::Off);
    assert_eq!(slots_of(&sim, bo, ana, source), 0);
    sim.check(bo).receives(ana, CustomAudio(tag("music"))).frames(40).unbroken();

    // If it is permitted again, it comes once.
    for _ in 0..3 {
        may_send(&mut sim, ana, &json!(true));
        publish(&mut sim, ana, source, TrackState::Sending);
        sim.run(secs(1));
        assert_eq!(slots_of(&sim, bo, ana, source), 1);
        sim.check(bo).receives(ana, source).frames(10);
        may_send(&mut sim, ana, &json!(false));
        assert_eq!(slots_of(&sim, bo, ana, source), 0);
    }
}

#[test]
fn one_can_be_wanted_and_another_not() {
    let mut sim = Sim::seeded(463);
    let ana = sim.join("ana", vec![board(), music()]);
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    let tracks = [(CustomVideo(tag("board")), TrackWish::None)].into();
    let base = Some(SubscriptionWish { tracks, others: TrackWish::Full });
    sim.say(bo, ClientMessage::SetSubscriptions { base, participants: Default::default() });
    sim.run(secs(1));
    assert!(sim.client(bo).reception(sim.id(ana), CustomVideo(tag("board"))).is_none());
    sim.check(bo).receives(ana, CustomAudio(tag("music"))).frames(80).unbroken();
}

#[test]
fn nobody_has_more_than_their_share() {
    let mut sim = Sim::seeded(464);
    let ana = sim.join("ana", camera());
    sim.run(secs(1));
    let source = |n: usize| CustomAudio(tag(&n.to_string()));
    for n in 0..=MAX_CUSTOM_TRACKS {
        publish(&mut sim, ana, source(n), TrackState::Sending);
    }
    assert_eq!(sim.check(ana).rejected(), ["publish"]);
    // Switching one off makes room, however often.
    for n in 1..50 {
        publish(&mut sim, ana, source(n - 1), TrackState::Off);
        sim.run(ms(200));
        publish(&mut sim, ana, source(n + MAX_CUSTOM_TRACKS - 1), TrackState::Sending);
    }
    assert_eq!(sim.check(ana).rejected(), ["publish"]);
    assert_eq!(sim.client(ana).me().unwrap().tracks.len(), 1 + MAX_CUSTOM_TRACKS);

    let sends = (0..=MAX_CUSTOM_TRACKS)
        .map(|n| SendTransceiver { mid: n.to_string(), source: source(n) })
        .collect();
    let sdp = sim.last_offer(ana);
    sim.forge(ana, ClientMessage::Offer { sdp, sends, slots: Vec::new() });
    sim.run(ms(100));
    assert_eq!(sim.check(ana).rejected(), ["publish", "offer"]);
}
