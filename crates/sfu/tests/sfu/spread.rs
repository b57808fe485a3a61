//! Rooms that send by shards, as on threads of their own: nobody notices.

use std::collections::BTreeMap;

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::call::{ClientMessage, SubscriptionWish, TrackWish};
use parlor_model::permission::{
    CanReceiveChange, Grant, MediaKind, PermissionChange, ReceiveGrant,
};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Presence, Sim, TrackScript, Who, camera_and_microphone, nothing};
use proptest::prelude::*;

use crate::{ms, secs};

fn in_three_sizes() -> Vec<TrackScript> {
    vec![TrackScript::simulcast_camera(), TrackScript::microphone()]
}

fn frames(sim: &Sim, at: Who, from: Who) -> u64 {
    sim.client(at).reception(sim.id(from), CamVideo).map_or(0, |it| it.frames)
}

/// Those who lost their call socket open another one; some find their stay over.
fn come_back(sim: &mut Sim, people: &[Who]) -> Vec<Who> {
    for who in people {
        if !sim.is_connected(*who) {
            sim.open_socket(*who);
        }
    }
    sim.run(ms(200));
    let is_out = |who: &&Who| matches!(sim.client(**who).presence(), Presence::Refused(_));
    people.iter().filter(is_out).copied().collect()
}

#[test]
fn whoever_is_sent_to_by_a_shard_gets_unbroken_streams() {
    let mut sim = Sim::with_shards(901, 2, 1);
    let ana = sim.join("ana", in_three_sizes());
    let others: Vec<_> = (0..5).map(|n| sim.join(&n.to_string(), in_three_sizes())).collect();
    sim.run(secs(4));
    let (open, sent) = sim.shards();
    assert_eq!(open, 2);
    assert!(sent > 5000, "{sent}");
    for who in &others {
        sim.check(*who).receives(ana, CamVideo).frames(85).unbroken();
        sim.check(*who).receives(ana, CamAudio).frames(180).unbroken();
        sim.check(ana).receives(*who, CamVideo).frames(85).unbroken();
    }
}

#[test]
fn losses_are_repaired_by_a_shard() {
    let mut sim = Sim::with_shards(902, 1, 0);
    let ana = sim.join("ana", camera_and_microphone());
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    sim.down(bo).loss(0.05).latency(ms(30));
    sim.run(secs(6));
    sim.down(bo).loss(0.0);
    sim.run(secs(1));
    let video = sim.check(bo).receives(ana, CamVideo);
    video.frames(190).in_order();
    let counters = video.counters();
    assert!(counters.lost() * 200 < counters.packets, "{counters:?}");
}

#[test]
fn a_lost_shard_takes_its_receivers_along_who_join_again_and_nobody_else() {
    let mut sim = Sim::with_shards(903, 1, 2);
    let people: Vec<_> =
        (0..4).map(|n| sim.join(&n.to_string(), camera_and_microphone())).collect();
    sim.run(secs(2));
    assert_eq!(sim.shards().0, 1);
    sim.lose_shard(0);
    sim.run(secs(1));
    let gone = come_back(&mut sim, &people);
    let stayed: Vec<_> = people.iter().filter(|who| !gone.contains(who)).collect();
    let [ana, bo] = stayed[..] else { panic!("{gone:?}") };
    sim.check(*ana).sees(&[*bo]).receives(*bo, CamVideo).frames(80).unbroken();
    // For a while the room goes on by itself.
    let cy = sim.join("cy", camera_and_microphone());
    sim.run(secs(1));
    assert_eq!(sim.shards().0, 0);
    sim.check(cy).receives(*ana, CamVideo).frames(20).unbroken();
    sim.run(secs(30));
    let dee = sim.join("dee", nothing());
    sim.run(secs(1));
    assert_eq!(sim.shards().0, 1);
    sim.check(dee).receives(*ana, CamVideo).frames(20).unbroken();
}

#[test]
fn a_shard_that_falls_behind_leaves_media_out_and_comes_back_with_whole_pictures() {
    let mut sim = Sim::with_shards(904, 1, 4);
    let people: Vec<_> = (0..8).map(|n| sim.join(&n.to_string(), in_three_sizes())).collect();
    sim.run(secs(3));
    let [near, far] = [0, 7].map(|n| people[n]);
    sim.stall_shards(true);
    // Until long after the queue is full.
    let before = frames(&sim, near, far);
    sim.run(ms(2500));
    sim.stall_shards(false);
    assert!(frames(&sim, near, far) >= before + 65);
    sim.run(secs(1));
    let before = frames(&sim, far, near);
    sim.run(secs(2));
    assert_eq!(sim.shards().0, 1);
    assert!(frames(&sim, far, near) >= before + 50);
    sim.check(far).receives(near, CamVideo).in_order();
    sim.check(far).receives(near, CamAudio).in_order();
    sim.check(near).receives(people[1], CamVideo).unbroken();
}

#[test]
fn a_shard_that_stands_still_is_given_up() {
    let mut sim = Sim::with_shards(905, 1, 2);
    let people: Vec<_> = (0..6).map(|n| sim.join(&n.to_string(), in_three_sizes())).collect();
    sim.run(secs(2));
    sim.stall_shards(true);
    sim.run(secs(12));
    assert_eq!(sim.shards().0, 0);
    sim.check(people[0]).sees(&[people[1]]);
}

#[derive(Clone, Debug)]
enum Act {
    Join,
    Leave(usize),
    Want(usize, bool),
    Send(usize, bool),
    Publish(usize, bool),
    Relocate(usize),
    Lose(usize),
    Run(u64),
}

fn any_act() -> impl Strategy<Value = Act> {
    let who = 0..8_usize;
    prop_oneof![
        3 => Just(Act::Join),
        2 => who.clone().prop_map(Act::Leave),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, all)| Act::Want(who, all)),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, video)| Act::Send(who, video)),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, is_on)| Act::Publish(who, is_on)),
        1 => who.prop_map(Act::Relocate),
        1 => (0..2_usize).prop_map(Act::Lose),
        3 => (50..400_u64).prop_map(Act::Run),
    ]
}

fn want(sim: &mut Sim, who: Who, is_all: bool) {
    let others = if is_all { TrackWish::Full } else { TrackWish::None };
    let base = Some(SubscriptionWish { tracks: BTreeMap::new(), others });
    sim.say(who, ClientMessage::SetSubscriptions { base, participants: BTreeMap::new() });
}

fn permit(sim: &mut Sim, who: Who, has_video: bool) {
    let kinds = if has_video { Grant::Whole(true) } else { Grant::Some([MediaKind::Audio].into()) };
    let change = PermissionChange {
        can_send: Some(kinds),
        can_receive: Some(CanReceiveChange {
            base: Some(ReceiveGrant::Whole(has_video)),
            ..Default::default()
        }),
        ..Default::default()
    };
    let named = [(sim.id(who), change)].into();
    sim.command(RoomCommand::UpdatePermissions(None, named));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_people_do_media_flow_and_nothing_is_left_behind(
        seed in any::<u64>(),
        acts in prop::collection::vec(any_act(), 1..30),
    ) {
        let mut sim = Sim::with_shards(seed, 2, 1);
        let mut people: Vec<_> =
            (0..3).map(|n| sim.join(&n.to_string(), camera_and_microphone())).collect();
        sim.run(ms(300));
        for act in &acts {
            let at = |who: &usize| people.get(who % people.len().max(1)).copied();
            match act {
                Act::Join if people.len() < 8 => {
                    people.push(sim.join("another", camera_and_microphone()));
                }
                Act::Join => {}
                Act::Leave(who) => if let Some(who) = at(who) {
                    sim.leave(who);
                    people.retain(|it| *it != who);
                },
                Act::Want(who, all) => if let Some(who) = at(who) {
                    want(&mut sim, who, *all);
                },
                Act::Send(who, has_video) => if let Some(who) = at(who) {
                    permit(&mut sim, who, *has_video);
                },
                Act::Publish(who, is_on) => if let Some(who) = at(who) {
                    sim.act(who, |client, now| client.publish(now, CamVideo, *is_on));
                },
                Act::Relocate(who) => if let Some(who) = at(who) {
                    sim.relocate(who);
                },
                Act::Lose(shard) => sim.lose_shard(*shard),
                Act::Run(millis) => sim.run(ms(*millis)),
            }
            sim.run(ms(20));
        }
        sim.run(ms(500));
        // Who was with a lost shard is not there any more.
        let gone = come_back(&mut sim, &people);
        people.retain(|who| !gone.contains(who));
        for who in &people {
            permit(&mut sim, *who, true);
            want(&mut sim, *who, true);
            sim.act(*who, |client, now| client.publish(now, CamVideo, false));
            sim.act(*who, |client, now| client.publish(now, CamVideo, true));
        }
        sim.run(secs(3));
        let pairs = people.iter().flat_map(|from| {
            people.iter().filter(move |to| *to != from).map(move |to| (*from, *to))
        });
        let before: Vec<_> =
            pairs.map(|(from, to)| (from, to, frames(&sim, to, from))).collect();
        sim.run(secs(1));
        for (from, to, frames_before) in before {
            prop_assert!(frames(&sim, to, from) >= frames_before + 20, "{from:?} to {to:?}");
            sim.check(to).receives(from, CamVideo).in_order();
        }
        for who in people {
            sim.leave(who);
        }
        sim.run(secs(8));
        prop_assert!(sim.sends_nothing());
    }
}
