//! Permissions that change at random while media flow: what is forbidden never
//! passes, and when everything is allowed again everything flows again.

use std::collections::{BTreeMap, BTreeSet};

use parlor_model::call::TrackSource::{CamAudio, CamVideo};
use parlor_model::permission::{
    CanReceiveChange, Grant, MediaKind, PermissionChange, ReceiveGrant,
};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Sim, Who, camera_and_microphone};
use proptest::prelude::*;

use crate::{ms, secs};

const PEOPLE: usize = 4;

#[derive(Clone, Debug)]
enum Act {
    Presence(usize, bool),
    Send(usize, u8),
    Receive(usize, bool),
    ReceiveFrom(usize, usize, bool),
    Publish(usize, bool),
    Run(u64),
}

fn any_act() -> impl Strategy<Value = Act> {
    let who = 0..PEOPLE;
    prop_oneof![
        2 => (who.clone(), any::<bool>()).prop_map(|(who, has)| Act::Presence(who, has)),
        2 => (who.clone(), 0..4_u8).prop_map(|(who, kinds)| Act::Send(who, kinds)),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, all)| Act::Receive(who, all)),
        2 => (who.clone(), who.clone(), any::<bool>())
            .prop_map(|(who, from, all)| Act::ReceiveFrom(who, from, all)),
        2 => (who, any::<bool>()).prop_map(|(who, is_on)| Act::Publish(who, is_on)),
        3 => (50..400_u64).prop_map(Act::Run),
    ]
}

fn kinds(bits: u8) -> Grant<MediaKind> {
    let kinds = [(1, MediaKind::Audio), (2, MediaKind::Video)];
    Grant::Some(kinds.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, kind)| *kind).collect())
}

fn change_of(sim: &Sim, people: &[Who], act: &Act) -> Option<(usize, PermissionChange)> {
    let mut change = PermissionChange::default();
    let who = match act {
        Act::Presence(who, has_presence) => {
            change.has_presence = Some(*has_presence);
            who
        }
        Act::Send(who, bits) => {
            change.can_send = Some(kinds(*bits));
            who
        }
        Act::Receive(who, all) => {
            let base = Some(ReceiveGrant::Whole(*all));
            change.can_receive = Some(CanReceiveChange { base, ..Default::default() });
            who
        }
        Act::ReceiveFrom(who, from, all) => {
            let grant = (sim.id(people[*from]).to_string(), ReceiveGrant::Whole(*all));
            let by_participant_id = Some(BTreeMap::from([grant]));
            change.can_receive = Some(CanReceiveChange { by_participant_id, ..Default::default() });
            who
        }
        Act::Publish(..) | Act::Run(_) => return None,
    };
    Some((*who, change))
}

fn switch_on(sim: &mut Sim, who: Who, is_on: bool) {
    for source in [CamVideo, CamAudio] {
        sim.act(who, |client, now| client.publish(now, source, is_on));
    }
}

/// Every pair between which nothing may pass now, by what each knows of
/// themselves, with the packets that came so far.
fn forbidden(sim: &Sim, people: &[Who]) -> Vec<(Who, Who, u64)> {
    let permissions = |who: Who| sim.client(who).me().map(|me| me.permissions.clone());
    let mut pairs = Vec::new();
    for from in people {
        for to in people.iter().filter(|to| *to != from) {
            let (Some(sender), Some(receiver)) = (permissions(*from), permissions(*to)) else {
                continue;
            };
            let id = sim.id(*from);
            let grants = &receiver.can_receive;
            let grant = grants.by_participant_id.get(&id.to_string()).unwrap_or(&grants.base);
            let may_send = sender.has_presence && sender.can_send != Grant::Some(BTreeSet::new());
            if !may_send || *grant == ReceiveGrant::Whole(false) {
                pairs.push((*from, *to, received(sim, *from, *to)));
            }
        }
    }
    pairs
}

fn received(sim: &Sim, from: Who, to: Who) -> u64 {
    let of = |source| sim.client(to).reception(sim.id(from), source).map_or(0, |it| it.packets);
    of(CamVideo) + of(CamAudio)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_forbidden_never_passes_and_all_flows_when_all_is_allowed(
        seed in any::<u64>(),
        acts in prop::collection::vec(any_act(), 1..25),
    ) {
        let mut sim = Sim::seeded(seed);
        let people: Vec<_> =
            (0..PEOPLE).map(|n| sim.join(&n.to_string(), camera_and_microphone())).collect();
        sim.run(ms(500));
        for act in &acts {
            if let Some((who, change)) = change_of(&sim, &people, act) {
                let named = [(sim.id(people[who]), change)].into();
                sim.command(RoomCommand::UpdatePermissions(None, named));
                // What is on its way arrives.
                sim.run(ms(100));
            }
            match act {
                Act::Publish(who, is_on) => switch_on(&mut sim, people[*who], *is_on),
                Act::Run(millis) => {
                    let before = forbidden(&sim, &people);
                    sim.run(ms(*millis));
                    for (from, to, packets) in before {
                        let now = received(&sim, from, to);
                        // A slot that was freed has carried nothing.
                        prop_assert!(now <= packets, "{} > {} after {:?}", now, packets, act);
                    }
                }
                _ => {}
            }
        }
        let everything = PermissionChange {
            has_presence: Some(true),
            can_send: Some(Grant::Whole(true)),
            can_receive: Some(CanReceiveChange {
                base: Some(ReceiveGrant::Whole(true)),
                by_user_id: Some(BTreeMap::new()),
                by_participant_id: Some(BTreeMap::new()),
            }),
            can_admin: None,
        };
        sim.command(RoomCommand::UpdatePermissions(Some(everything), [].into()));
        sim.run(ms(100));
        for who in &people {
            switch_on(&mut sim, *who, false);
            switch_on(&mut sim, *who, true);
        }
        sim.run(secs(1));
        let before: Vec<_> = people.iter().flat_map(|from| {
            people.iter().filter(move |to| *to != from).map(move |to| (*from, *to))
        }).map(|(from, to)| (from, to, received(&sim, from, to))).collect();
        sim.run(ms(500));
        for (from, to, packets) in before {
            prop_assert!(received(&sim, from, to) >= packets + 20, "{:?} to {:?}", from, to);
        }
    }
}
