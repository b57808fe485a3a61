//! Input that nobody means well.

use std::net::SocketAddr;

use parlor_model::call::TrackSource::CamVideo;
use parlor_model::call::{
    ClientMessage, Recipients, SendTransceiver, ServerMessage, TrackSource, TrackState,
};
use parlor_model::id::ParticipantId;
use parlor_testkit::{Sim, camera, nothing};
use proptest::prelude::*;
use serde_json::json;

use crate::{ms, secs};

/// An offer of a real client, as text.
fn real_offer() -> String {
    let mut sim = Sim::seeded(1);
    let ana = sim.join("ana", camera());
    sim.run(ms(100));
    sim.last_offer(ana)
}

fn offer(sdp: String) -> ClientMessage {
    let sends = vec![SendTransceiver { mid: "0".into(), source: CamVideo }];
    ClientMessage::Offer { sdp, sends, slots: vec!["1".into()] }
}

fn any_source() -> impl Strategy<Value = TrackSource> {
    prop_oneof![
        Just(TrackSource::CamAudio),
        Just(CamVideo),
        Just(TrackSource::ScreenAudio),
        Just(TrackSource::ScreenVideo),
    ]
}

fn any_state() -> impl Strategy<Value = TrackState> {
    prop_oneof![
        Just(TrackState::Sending),
        Just(TrackState::Off),
        Just(TrackState::Blocked),
        Just(TrackState::NotPermitted),
    ]
}

fn any_message(real: String) -> impl Strategy<Value = ClientMessage> {
    let lines: Vec<String> = real.lines().map(str::to_owned).collect();
    let count = lines.len();
    let shuffled = prop::collection::vec(0..count, 0..count).prop_map(move |chosen| {
        chosen.into_iter().map(|index| format!("{}\r\n", lines[index])).collect::<String>()
    });
    let cut = (0..real.len()).prop_map(move |end| real.chars().take(end).collect::<String>());
    prop_oneof![
        any::<String>().prop_map(offer),
        shuffled.prop_map(offer),
        cut.prop_map(offer),
        (any_source(), any_state())
            .prop_map(|(source, state)| ClientMessage::Publish { source, state }),
        ".{0,400}".prop_map(|name| ClientMessage::SetUserName { name }),
        ".{0,9000}".prop_map(|text| ClientMessage::SetUserData { data: json!(text) }),
        prop::array::uniform16(any::<u8>()).prop_map(|id| ClientMessage::AppMessage {
            to: Recipients::Some(vec![ParticipantId::from_random(id)]),
            data: json!([[[]]]),
        }),
        ".{0,20}".prop_map(|mid| ClientMessage::RequestKeyframe { mid }),
        Just(ClientMessage::Ping),
        Just(ClientMessage::Hello { ticket: String::new(), user_data: None }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_breaks_the_room(messages in prop::collection::vec(any_message(real_offer()), 1..20)) {
        let mut sim = Sim::seeded(5);
        let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
        sim.run(ms(100));
        for message in messages {
            sim.forge(ana, message);
            sim.run(ms(20));
        }
        sim.run(ms(200));
        sim.check(bo).is_inside().sees(&[ana]);
    }

    #[test]
    fn no_datagram_breaks_the_room(datagrams in prop::collection::vec(
        (prop::sample::select(vec![0u8, 1, 20, 22, 63, 128, 144, 191, 200]), prop::collection::vec(any::<u8>(), 0..1700)),
        1..60,
    )) {
        let mut sim = Sim::seeded(6);
        let ana = sim.join("ana", camera());
        let bo = sim.join("bo", nothing());
        sim.run(ms(500));
        for (first, rest) in datagrams {
            sim.inject(ana, [vec![first], rest].concat());
            sim.run(ms(1));
        }
        sim.run(secs(1));
        sim.check(bo).receives(ana, CamVideo).frames(25);
    }
}

#[test]
fn real_packets_cut_short_or_altered_break_nothing() {
    let mut sim = Sim::seeded(121);
    let ana = sim.join("ana", camera());
    let bo = sim.join("bo", nothing());
    sim.tap(ana, true);
    sim.run(ms(300));
    let real = sim.tap(ana, false);
    assert!(real.len() > 20);
    for (index, packet) in real.iter().enumerate() {
        sim.inject(ana, packet.clone());
        sim.inject(ana, packet[..packet.len() * (index % 7) / 7].to_vec());
        let mut altered = packet.clone();
        let place = index * 31 % altered.len();
        altered[place] ^= 0x55;
        sim.inject(ana, altered);
        sim.run(ms(1));
    }
    sim.run(secs(1));
    sim.check(bo).receives(ana, CamVideo).frames(25).unbroken();
}

#[test]
fn too_large_offers_and_too_many_transceivers_are_rejected() {
    let mut sim = Sim::seeded(122);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    let many = format!("o=- 1 2 IN IP4 0.0.0.0\r\n{}", "m=audio 9 X 0\r\n".repeat(65));
    sim.forge(ana, offer("x".repeat(300_000)));
    sim.forge(ana, offer(many));
    sim.forge(ana, offer("v=0\r\n".into()));
    sim.run(ms(100));
    assert_eq!(sim.check(ana).rejected(), ["offer"; 3]);
}

#[test]
fn a_flood_of_messages_is_answered_with_rejections_and_forgiven() {
    let mut sim = Sim::seeded(123);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    for _ in 0..1000 {
        sim.forge(ana, ClientMessage::Ping);
    }
    sim.run(secs(2));
    let pongs = sim.client(ana).messages().filter(|message| **message == ServerMessage::Pong);
    assert!(pongs.count() <= 210);
    sim.check(ana).is_inside();
}

#[test]
fn messages_on_sockets_that_were_never_admitted_do_nothing() {
    let mut sim = Sim::seeded(124);
    let ana = sim.join("ana", nothing());
    sim.forge(ana, ClientMessage::Leave);
    sim.run(ms(100));
    sim.check(ana).is_inside();
}

#[test]
fn thousands_of_candidates_in_offers_cost_nothing_later() {
    let mut sim = Sim::seeded(125);
    let ana = sim.join("ana", camera());
    let bo = sim.join("bo", nothing());
    sim.run(ms(500));
    let candidates: String = (0..5000)
        .map(|n| format!("a=candidate:{n} 1 udp 1 10.9.{}.{} 9 typ host\r\n", n / 250, n % 250))
        .collect();
    let limit = 250 * 1024;
    for _ in 0..10 {
        let mut sdp = sim.last_offer(ana) + &candidates;
        sdp.truncate(limit);
        sim.forge(ana, offer(sdp));
        sim.run(ms(300));
    }
    sim.run(secs(1));
    sim.check(bo).receives(ana, CamVideo).frames(25);
}

#[test]
fn checks_from_ever_new_places_are_answered_only_so_often() {
    let mut sim = Sim::seeded(126);
    let ana = sim.join("ana", camera());
    let bo = sim.join("bo", nothing());
    sim.tap(ana, true);
    sim.run(secs(1));
    let checks = sim.tap(ana, false);
    let check = checks.iter().find(|bytes| bytes[..2] == [0, 1]).unwrap();
    sim.run(secs(1));

    let answers = (1..=1000)
        .filter(|port| sim.is_answered(SocketAddr::from(([10, 3, 0, 1], *port)), check))
        .count();
    assert!((16..=32).contains(&answers), "{answers}");
    sim.run(secs(1));
    sim.check(bo).receives(ana, CamVideo).frames(25);
}
