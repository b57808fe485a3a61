//! People who ask for what is not theirs: to administer, to be somebody else,
//! to hear what they may not, and all of it very often.

use std::collections::BTreeMap;

use parlor_model::call::TrackSource::{self, CamAudio, CamVideo, CustomVideo};
use parlor_model::call::{
    ClientMessage, MAX_MAP_ENTRIES, NetworkQuality, ParticipantChange, ServerMessage,
    SubscriptionWish, TrackState, TrackWish, VideoWish,
};
use parlor_model::id::ParticipantId;
use parlor_model::permission::{Grant, ReceiveGrant};
use parlor_model::ticket::{Ticket, TicketAccess};
use parlor_testkit::{Presence, Sim, TrackScript, Who, camera_and_microphone, nothing};
use proptest::prelude::*;
use serde_json::json;

use crate::{ms, secs};

/// A call with somebody to attack, and somebody who knocks.
struct Call {
    sim: Sim,
    host: Who,
    ana: Who,
    knocker: Who,
}

fn call(seed: u64) -> Call {
    let mut sim = Sim::seeded(seed);
    let mut ticket = sim.ticket("host");
    ticket.is_owner = true;
    ticket.permissions.can_admin = Grant::Whole(true);
    let host = sim.join_with(ticket, nothing());
    let ana = sim.join("ana", camera_and_microphone());
    let knocker = waiting(&mut sim, "knocker");
    sim.say(knocker, ClientMessage::RequestAccess { name: "knocker".into() });
    sim.run(secs(1));
    Call { sim, host, ana, knocker }
}

fn waiting(sim: &mut Sim, name: &str) -> Who {
    let ticket = Ticket { access: TicketAccess::Lobby, ..sim.ticket(name) };
    let who = sim.join_with(ticket, nothing());
    sim.run(ms(50));
    who
}

fn hidden(sim: &mut Sim) -> Who {
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    sim.join_with(ticket, camera_and_microphone())
}

/// Those who attack: from the call, unseen, and from the lobby.
#[derive(Clone, Copy, Debug)]
enum Place {
    Call,
    Hidden,
    Lobby,
}

fn attacker(sim: &mut Sim, place: Place) -> Who {
    match place {
        Place::Call => sim.join("eve", camera_and_microphone()),
        Place::Hidden => hidden(sim),
        Place::Lobby => waiting(sim, "eve"),
    }
}

fn any_change() -> impl Strategy<Value = ParticipantChange> {
    let permissions = prop::sample::select(vec![
        json!({}),
        json!({"canAdmin": true}),
        json!({"canSend": false}),
        json!({"hasPresence": false}),
        json!({"canReceive": {"base": {"video": [[[]]]}}}),
    ]);
    let flag = || prop::option::of(any::<bool>());
    (flag(), flag(), flag(), any::<bool>(), permissions).prop_map(
        |(audio, video, screen_share, is_ejected, permissions)| ParticipantChange {
            audio,
            video,
            screen_share,
            is_ejected,
            permissions: serde_json::from_value(permissions).ok(),
        },
    )
}

/// What they say, about somebody of the call.
#[derive(Clone, Debug)]
enum Said {
    Change(ParticipantChange, bool),
    LetIn,
    OffByRemote,
    Resume,
    Want,
    Watch,
}

impl Said {
    fn of(self, id: ParticipantId) -> ClientMessage {
        match self {
            Self::Change(change, is_for_all) => ClientMessage::UpdateParticipants {
                everybody: is_for_all.then(|| change.clone()),
                participants: BTreeMap::from([(id, change)]),
            },
            Self::LetIn => ClientMessage::AnswerKnocks {
                everybody: Some(true),
                participants: BTreeMap::from([(id, true)]),
            },
            Self::OffByRemote => {
                ClientMessage::Publish { source: CamVideo, state: TrackState::OffByRemote }
            }
            Self::Resume => ClientMessage::Resume { participant: id, secret: "0".repeat(32) },
            Self::Want => ClientMessage::SetSubscriptions {
                base: None,
                participants: BTreeMap::from([(id, None)]),
            },
            Self::Watch => ClientMessage::SetVideoWishes {
                base: Some(VideoWish::default()),
                participants: BTreeMap::from([(id, BTreeMap::new())]),
            },
        }
    }
}

fn any_said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => (any_change(), any::<bool>()).prop_map(|(change, all)| Said::Change(change, all)),
        2 => prop::sample::select(vec![
            Said::LetIn, Said::OffByRemote, Said::Resume, Said::Want, Said::Watch,
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_has_no_power_changes_nobody(
        place in prop::sample::select(vec![Place::Call, Place::Hidden, Place::Lobby]),
        said in prop::collection::vec((any_said(), 0usize..4), 1..16),
    ) {
        let Call { mut sim, host, ana, knocker } = call(501);
        let eve = attacker(&mut sim, place);
        sim.run(ms(500));
        let seen = |sim: &Sim, who: Who| {
            let mut view = sim.check(host).view_of(who).clone();
            view.tracks.clear();
            view
        };
        let before = [host, ana].map(|who| seen(&sim, who));
        let own = sim.client(eve).me().cloned().map(|me| me.permissions);
        for (said, whom) in said {
            let whom = [host, ana, knocker, eve][whom];
            let message = said.of(sim.id(whom));
            sim.forge(eve, message);
            sim.run(ms(20));
        }
        sim.run(secs(1));
        prop_assert_eq!(before, [host, ana].map(|who| seen(&sim, who)));
        prop_assert_eq!(own, sim.client(eve).me().cloned().map(|me| me.permissions));
        prop_assert_eq!(sim.client(knocker).presence(), &Presence::Waiting);
        sim.check(host).sees_track(ana, CamVideo, TrackState::Sending);
        sim.check(host).receives(ana, CamAudio).frames(60).unbroken();
        for who in [host, ana] {
            let asked = |it: &ServerMessage| matches!(it, ServerMessage::MediaRequested { .. });
            prop_assert!(!sim.client(who).messages().any(asked));
        }
    }
}

/// Ids that nobody has.
fn crowd(count: usize) -> impl Iterator<Item = ParticipantId> {
    (0..count as u128).map(|n| ParticipantId::from_random(n.to_be_bytes()))
}

#[test]
fn maps_of_thousands_are_refused_even_to_owners() {
    let Call { mut sim, host, ana, .. } = call(502);
    let many = MAX_MAP_ENTRIES + 1;
    let off = ParticipantChange { video: Some(false), ..ParticipantChange::default() };
    let mut participants: BTreeMap<_, _> = crowd(10_000).map(|id| (id, off.clone())).collect();
    participants.insert(sim.id(ana), off);
    sim.forge(host, ClientMessage::UpdateParticipants { everybody: None, participants });
    let participants = crowd(many).map(|id| (id, true)).collect();
    sim.forge(host, ClientMessage::AnswerKnocks { everybody: Some(true), participants });
    let participants = crowd(many).map(|id| (id, None)).collect();
    sim.forge(host, ClientMessage::SetSubscriptions { base: None, participants });
    sim.run(ms(200));
    let refused = ["update_participants", "answer_knocks", "set_subscriptions"];
    assert_eq!(sim.check(host).rejected(), refused);
    sim.check(host).sees_track(ana, CamVideo, TrackState::Sending).sees(&[ana]);
}

#[test]
fn nobody_receives_what_they_may_not_whatever_they_wish() {
    let mut sim = Sim::seeded(503);
    let board = CustomVideo("board".parse().unwrap());
    let tracks = vec![
        TrackScript::camera(),
        TrackScript::microphone(),
        TrackScript { source: board, ..TrackScript::camera() },
    ];
    let ana = sim.join("ana", tracks);
    let mut ticket = sim.ticket("eve");
    let grant = json!({"video": false, "customVideo": {"*": false}});
    ticket.permissions.can_receive.base = serde_json::from_value::<ReceiveGrant>(grant).unwrap();
    let eve = sim.join_with(ticket, nothing());
    let mut ticket = sim.ticket("watcher");
    ticket.permissions.has_presence = false;
    ticket.is_audience = true;
    let watcher = sim.join_with(ticket, nothing());
    sim.run(secs(1));
    for who in [eve, watcher] {
        for wish in [TrackWish::Full, TrackWish::Staged, TrackWish::None, TrackWish::Full] {
            let tracks = [CamVideo, CamAudio, board].map(|source| (source, wish)).into();
            let named = SubscriptionWish { tracks, others: wish };
            let participants = BTreeMap::from([(sim.id(ana), Some(named.clone()))]);
            sim.say(who, ClientMessage::SetSubscriptions { base: Some(named), participants });
            sim.say(who, ClientMessage::RequestKeyframe { mid: "2".into() });
            sim.run(ms(300));
        }
    }
    sim.check(eve).receives_nothing(ana, CamVideo).receives_nothing(ana, board);
    sim.check(eve).receives(ana, CamAudio).frames(10);
    for source in [CamVideo, CamAudio, board] {
        sim.check(watcher).receives_nothing(ana, source);
    }
}

#[test]
fn a_stay_is_not_taken_over_without_its_secret() {
    let Call { mut sim, host, ana, knocker } = call(504);
    for (n, victim) in [host, ana, knocker].into_iter().enumerate() {
        let eve = sim.join(&n.to_string(), nothing());
        sim.run(ms(50));
        let participant = sim.id(victim);
        sim.say_first(eve, ClientMessage::Resume { participant, secret: String::new() });
        sim.run(ms(200));
        assert!(sim.has_socket(victim));
    }
    sim.run(secs(6));
    sim.check(ana).is_inside();
    assert_eq!(sim.client(knocker).presence(), &Presence::Waiting);
}

#[test]
fn a_flood_of_wishes_and_news_reaches_the_others_as_a_trickle() {
    let Call { mut sim, host, ana, knocker } = call(505);
    let eve = sim.join("eve", camera_and_microphone());
    sim.run(secs(1));
    let count = |sim: &Sim, who: Who| sim.client(who).messages().count();
    let before = [host, ana].map(|who| count(&sim, who));
    let qualities = [NetworkQuality::Good, NetworkQuality::Weak];
    for n in 0..2000 {
        let quality = qualities[n % 2];
        sim.forge(eve, ClientMessage::SetNetworkQuality { quality });
        sim.forge(eve, ClientMessage::SetRecording { is_recording: n % 2 == 0 });
        let others = if n % 2 == 0 { TrackWish::None } else { TrackWish::Full };
        let base = Some(SubscriptionWish { tracks: BTreeMap::new(), others });
        sim.forge(eve, ClientMessage::SetSubscriptions { base, participants: BTreeMap::new() });
        sim.forge(knocker, ClientMessage::RequestAccess { name: n.to_string() });
        sim.run(ms(1));
    }
    sim.run(secs(1));
    for (who, before) in [host, ana].into_iter().zip(before) {
        let told = count(&sim, who) - before;
        assert!(told < 200, "{told} messages");
    }
    sim.check(ana).is_inside();
    sim.check(host).receives(ana, CamVideo).frames(80);
}

/// Tags are told apart exactly.
#[test]
fn a_tag_in_another_s_place_is_another_track() {
    let mut sim = Sim::seeded(506);
    let source = |tag: &str| -> TrackSource { CustomVideo(tag.parse().unwrap()) };
    let tracks = vec![TrackScript { source: source("a"), ..TrackScript::camera() }];
    let ana = sim.join("ana", tracks);
    let bo = sim.join("bo", nothing());
    sim.run(secs(1));
    sim.say(ana, ClientMessage::Publish { source: source("a "), state: TrackState::Sending });
    sim.run(secs(1));
    sim.check(bo).receives(ana, source("a")).frames(40);
    sim.check(bo).receives_nothing(ana, source("a "));
}
