//! Receiving what one wants, and no more.

use std::collections::BTreeMap;

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::call::{
    ClientMessage, ServerMessage, SubscriptionWish, TrackSource, TrackWish, VideoWish,
};
use parlor_model::id::ParticipantId;
use parlor_model::permission::ReceiveGrant;
use parlor_sfu::RoomLimits;
use parlor_testkit::{Sim, Who, camera, camera_and_microphone, nothing};

use crate::{ms, secs};

fn all(others: TrackWish) -> SubscriptionWish {
    SubscriptionWish { tracks: BTreeMap::new(), others }
}

fn only(tracks: &[(TrackSource, TrackWish)], others: TrackWish) -> SubscriptionWish {
    SubscriptionWish { tracks: tracks.iter().copied().collect(), others }
}

fn want(
    sim: &mut Sim,
    who: Who,
    base: Option<SubscriptionWish>,
    named: &[(Who, Option<SubscriptionWish>)],
) {
    let named = named.iter().map(|(of, wish)| (sim.id(*of), wish.clone()));
    let participants = named.collect();
    sim.say(who, ClientMessage::SetSubscriptions { base, participants });
    sim.run(ms(200));
}

fn packets(sim: &Sim, at: Who, from: Who, source: TrackSource) -> Option<u64> {
    sim.client(at).reception(sim.id(from), source).map(|it| it.packets)
}

/// How many slots somebody was asked to offer in all.
fn asked_for(sim: &Sim, who: Who) -> Vec<(usize, usize)> {
    let asked = |message: &ServerMessage| match message {
        ServerMessage::SlotsWanted { audio, video } => Some((*audio, *video)),
        _ => None,
    };
    sim.client(who).messages().filter_map(asked).collect()
}

#[test]
fn what_is_not_wanted_has_no_slot_and_what_is_staged_starts_without_negotiation() {
    let mut sim = Sim::seeded(441);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    want(&mut sim, bo, Some(only(&[(CamAudio, TrackWish::Full)], TrackWish::Staged)), &[]);
    let staged = packets(&sim, bo, ana, CamVideo).expect("it keeps its slot");
    sim.run(secs(1));
    assert_eq!(packets(&sim, bo, ana, CamVideo), Some(staged));
    sim.check(bo).receives(ana, CamAudio).frames(140).unbroken();

    let before = asked_for(&sim, bo);
    want(&mut sim, bo, None, &[(ana, Some(all(TrackWish::Full)))]);
    sim.run(secs(1));
    assert!(packets(&sim, bo, ana, CamVideo).unwrap() > staged + 50);
    assert_eq!(asked_for(&sim, bo), before);

    want(&mut sim, bo, None, &[(ana, Some(only(&[(CamVideo, TrackWish::None)], TrackWish::Full)))]);
    assert_eq!(packets(&sim, bo, ana, CamVideo), None);
    sim.check(bo).receives(ana, CamAudio).frames(180).unbroken();
    // As everybody again: staged.
    want(&mut sim, bo, None, &[(ana, None)]);
    let waiting = packets(&sim, bo, ana, CamVideo).expect("a slot");
    sim.run(secs(1));
    assert_eq!(packets(&sim, bo, ana, CamVideo), Some(waiting));
}

#[test]
fn wishes_hold_for_those_who_come_later_and_never_beyond_permissions() {
    let mut sim = Sim::seeded(442);
    let mut ticket = sim.ticket("bo");
    let deaf = serde_json::json!({"video": false});
    ticket.permissions.can_receive.base = serde_json::from_value::<ReceiveGrant>(deaf).unwrap();
    let bo = sim.join_with(ticket, nothing());
    sim.run(ms(500));
    want(&mut sim, bo, Some(all(TrackWish::None)), &[]);
    let ana = sim.join("ana", camera_and_microphone());
    sim.run(secs(1));
    assert_eq!(packets(&sim, bo, ana, CamAudio), None);
    want(&mut sim, bo, None, &[(ana, Some(all(TrackWish::Full)))]);
    sim.run(secs(1));
    sim.check(bo).receives(ana, CamAudio).frames(40);
    assert_eq!(packets(&sim, bo, ana, CamVideo), None);
}

#[test]
fn slots_follow_what_is_wanted_in_a_room_larger_than_their_number() {
    let mut sim = Sim::with_limits(443, RoomLimits { transceivers: 8, ..RoomLimits::default() });
    let senders: Vec<_> = (0..12).map(|n| sim.join(&n.to_string(), camera())).collect();
    let bo = sim.join("bo", nothing());
    sim.run(secs(2));
    let seen = |sim: &Sim| -> Vec<usize> {
        let carried = |n: &usize| packets(sim, bo, senders[*n], CamVideo).is_some();
        (0..senders.len()).filter(carried).collect()
    };
    let at_first = seen(&sim);
    assert!(at_first.len() <= 8 && !at_first.is_empty(), "{at_first:?}");
    let page = |range: std::ops::Range<usize>| -> Vec<_> {
        range.map(|n| (senders[n], Some(all(TrackWish::Full)))).collect()
    };
    want(&mut sim, bo, Some(all(TrackWish::None)), &page(8..12));
    sim.run(secs(1));
    assert_eq!(seen(&sim), [8, 9, 10, 11]);
    for sender in &senders[8..] {
        sim.check(bo).receives(*sender, CamVideo).frames(25);
    }
    let turned: Vec<_> = (8..12).map(|n| (senders[n], None)).chain(page(2..5)).collect();
    want(&mut sim, bo, None, &turned);
    sim.run(secs(1));
    assert_eq!(seen(&sim), [2, 3, 4]);
    // Who leaves frees the place of their own wish only.
    sim.leave(senders[3]);
    sim.run(secs(1));
    assert_eq!(seen(&sim), [2, 4]);
    sim.check(bo).receives(senders[4], CamVideo).frames(50);
}

#[test]
fn wishes_for_people_who_are_not_here_do_not_stay_in_the_way() {
    let mut sim = Sim::seeded(444);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    let strangers = |round: u8| {
        (0..1000_u16).map(move |n| {
            let [high, low] = n.to_be_bytes();
            let mut random = [round; 16];
            random[..2].copy_from_slice(&[high, low]);
            ParticipantId::from_random(random)
        })
    };
    for round in 1..=3 {
        let none = strangers(round).map(|id| (id, Some(all(TrackWish::None)))).collect();
        sim.say(bo, ClientMessage::SetSubscriptions { base: None, participants: none });
        let paused = VideoWish { is_paused: true, ..VideoWish::default() };
        let paused = BTreeMap::from([(CamVideo, paused)]);
        let participants = strangers(round).map(|id| (id, paused.clone())).collect();
        sim.say(bo, ClientMessage::SetVideoWishes { base: None, participants });
        sim.run(ms(100));
    }
    want(&mut sim, bo, None, &[(ana, Some(only(&[(CamVideo, TrackWish::Full)], TrackWish::None)))]);
    assert!(sim.check(bo).rejected().is_empty());
    assert_eq!(packets(&sim, bo, ana, CamAudio), None);
    assert!(packets(&sim, bo, ana, CamVideo).is_some());
}
