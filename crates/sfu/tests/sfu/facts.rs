//! What the server is told: whole, once, in order, whatever happens.

use std::collections::BTreeSet;

use parlor_model::command::{EndReason, PresentParticipant, Reply};
use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::ParticipantId;
use parlor_model::permission::PermissionChange;
use parlor_sfu::{Ejection, RoomCommand};
use parlor_testkit::{Presence, Sim, Who, nothing};
use proptest::prelude::*;

use crate::ms;

/// Something that happens to a room.
#[derive(Clone, Debug)]
enum Act {
    Join { is_visible: bool, is_owner: bool, is_audience: bool },
    Leave(usize),
    LoseSocket(usize),
    Reopen(usize),
    Eject(usize, bool),
    Show(usize, bool),
    ShowAll(bool),
    JumpWall(i64),
    Run(u64),
    End,
}

fn any_act() -> impl Strategy<Value = Act> {
    let who = 0..12_usize;
    prop_oneof![
        5 => any::<(bool, bool, bool)>().prop_map(|(is_visible, is_owner, is_audience)| Act::Join {
            is_visible, is_owner, is_audience: is_audience && !is_visible,
        }),
        3 => who.clone().prop_map(Act::Leave),
        2 => who.clone().prop_map(Act::LoseSocket),
        2 => who.clone().prop_map(Act::Reopen),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, is_ban)| Act::Eject(who, is_ban)),
        3 => (who, any::<bool>()).prop_map(|(who, is_shown)| Act::Show(who, is_shown)),
        1 => any::<bool>().prop_map(Act::ShowAll),
        1 => (-5_000..90_000_i64).prop_map(Act::JumpWall),
        2 => (0..8_000_u64).prop_map(Act::Run),
        1 => Just(Act::End),
    ]
}

fn presence(has_presence: bool) -> PermissionChange {
    PermissionChange { has_presence: Some(has_presence), ..PermissionChange::default() }
}

fn perform(sim: &mut Sim, people: &mut Vec<Who>, act: &Act) {
    let of = |people: &[Who], index: usize| people.get(index).copied();
    match act {
        Act::Join { is_visible, is_owner, is_audience } => {
            let mut ticket = sim.ticket("somebody");
            ticket.permissions.has_presence = *is_visible;
            ticket.is_owner = *is_owner;
            ticket.is_audience = *is_audience;
            ticket.user_id = Some(format!("user {}", people.len() % 4));
            ticket.max_participants = 4;
            people.push(sim.join_with(ticket, nothing()));
        }
        Act::Leave(index) => of(people, *index).into_iter().for_each(|who| sim.leave(who)),
        Act::LoseSocket(index) => of(people, *index).into_iter().for_each(|it| sim.lose_socket(it)),
        Act::Reopen(index) => {
            if let Some(who) = of(people, *index) {
                sim.lose_socket(who);
                sim.open_socket(who);
            }
        }
        Act::Eject(index, is_ban) => {
            let ids = of(people, *index).map(|who| sim.id(who)).into_iter().collect();
            let user_ids = vec![format!("user {}", index % 4)];
            sim.command(RoomCommand::Eject(Ejection { ids, user_ids, is_ban: *is_ban }));
        }
        Act::Show(index, is_shown) => {
            let named = of(people, *index).map(|who| (sim.id(who), presence(*is_shown)));
            let named = named.into_iter().collect();
            sim.command(RoomCommand::UpdatePermissions(None, named));
        }
        Act::ShowAll(is_shown) => {
            let change = Some(presence(*is_shown));
            sim.command(RoomCommand::UpdatePermissions(change, [].into()));
        }
        Act::JumpWall(millis) => sim.jump_wall(*millis),
        Act::Run(millis) => sim.run(ms(*millis)),
        Act::End => {
            sim.command(RoomCommand::End(EndReason::Shutdown));
        }
    }
}

fn present(sim: &mut Sim) -> Vec<PresentParticipant> {
    match sim.command(RoomCommand::Presence) {
        Reply::Presence { participants } => participants,
        other => panic!("{other:?}"),
    }
}

/// Reads the facts as history does; returns who is present by them.
fn read(events: &[RoomEvent]) -> BTreeSet<ParticipantId> {
    let mut open = BTreeSet::new();
    let mut meetings = BTreeSet::new();
    let mut running: Option<&RoomEvent> = None;
    let mut next = 0;
    for event in events {
        if event.fact == Fact::MeetingStarted {
            assert!(running.is_none(), "one meeting at a time");
            assert!(meetings.insert(event.meeting), "every meeting has its own id");
            assert_eq!(event.at, event.meeting_started_at);
            (running, next) = (Some(event), 0);
        }
        let meeting = running.expect("facts are of a meeting that started");
        let same = (event.meeting, event.meeting_started_at, event.seq);
        assert_eq!(same, (meeting.meeting, meeting.at, next));
        next += 1;
        match &event.fact {
            Fact::MeetingStarted => {}
            Fact::ParticipantJoined { participant, permissions, .. } => {
                assert!(permissions.has_presence);
                assert!(open.insert(*participant), "nobody joins twice");
            }
            Fact::ParticipantLeft { participant, duration_ms, joined_at, reason, .. } => {
                assert!(open.remove(participant), "nobody leaves twice or before joining");
                assert_eq!(*duration_ms, event.at.millis_since(*joined_at).max(0));
                assert_ne!(*reason, LeaveReason::ProtocolError);
            }
            Fact::MeetingEnded => {
                assert!(open.is_empty(), "a meeting ends when the last has left");
                running = None;
            }
            Fact::WaitingParticipantJoined { .. } | Fact::WaitingParticipantLeft { .. } => {
                panic!("nobody waits here");
            }
        }
    }
    assert_eq!(running.is_some(), !open.is_empty(), "a meeting runs while somebody is visible");
    open
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn facts_tell_what_presence_shows_and_what_people_see(
        seed in any::<u64>(),
        acts in prop::collection::vec(any_act(), 1..40),
    ) {
        let mut sim = Sim::seeded(seed);
        let mut people = Vec::new();
        for act in &acts {
            perform(&mut sim, &mut people, act);
            let shown: BTreeSet<_> = present(&mut sim).iter().map(|it| it.participant).collect();
            prop_assert_eq!(&read(sim.events()), &shown, "after {:?}", act);
        }
        sim.run(ms(500));
        let shown: Vec<_> = present(&mut sim).iter().map(|it| it.participant).collect();
        for who in &people {
            let client = sim.client(*who);
            let (Presence::Inside, Some(me)) = (client.presence(), client.me()) else { continue };
            // Those whose socket is lost look at an old picture.
            if !me.permissions.has_presence || !sim.has_socket(*who) { continue }
            // Not in order: one from the audience learns of some later than of others.
            let seen: BTreeSet<_> = client.others().map(|other| other.id).collect();
            let expected: BTreeSet<_> = shown.iter().copied().filter(|id| *id != me.id).collect();
            prop_assert_eq!(seen, expected);
        }
        sim.command(RoomCommand::End(EndReason::Shutdown));
        prop_assert!(read(sim.events()).is_empty());
    }
}
