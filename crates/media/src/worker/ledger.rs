//! Which stays the facts have opened and not closed. A room closes its own;
//! this is for a room that failed, whose last facts nobody else could tell.

use std::collections::{BTreeMap, HashMap};

use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::{ParticipantId, RoomId};
use parlor_model::time::UnixMillis;

/// The running meetings of a worker's rooms.
#[derive(Default)]
pub(super) struct Ledger(HashMap<RoomId, Running>);

/// A meeting whose start was told.
struct Running {
    /// The last event that was told of it.
    last: RoomEvent,
    /// By participant: the event that opened the stay.
    stays: BTreeMap<ParticipantId, RoomEvent>,
}

impl Ledger {
    /// Notes a fact that is being told.
    pub(super) fn note(&mut self, event: &RoomEvent) {
        if event.fact.is_of_lobby() {
            return;
        }
        if event.fact == Fact::MeetingEnded {
            self.0.remove(&event.room);
            return;
        }
        let running = self
            .0
            .entry(event.room)
            .or_insert_with(|| Running { last: event.clone(), stays: BTreeMap::new() });
        running.last.clone_from(event);
        match &event.fact {
            Fact::ParticipantJoined { participant, .. } => {
                running.stays.insert(*participant, event.clone());
            }
            Fact::ParticipantLeft { participant, .. } => {
                running.stays.remove(participant);
            }
            _ => {}
        }
    }

    /// The facts that a room which failed at `at` leaves untold.
    pub(super) fn close(&mut self, room: RoomId, at: UnixMillis) -> Vec<RoomEvent> {
        let Some(Running { last, stays }) = self.0.remove(&room) else {
            return Vec::new();
        };
        let left = stays.into_values().filter_map(|joined| left_fact(joined, at));
        let facts = left.chain([Fact::MeetingEnded]);
        let seqs = last.seq + 1..;
        seqs.zip(facts).map(|(seq, fact)| RoomEvent { seq, at, fact, ..last.clone() }).collect()
    }
}

fn left_fact(joined: RoomEvent, at: UnixMillis) -> Option<Fact> {
    let joined_at = joined.at;
    match joined.fact {
        Fact::ParticipantJoined {
            participant,
            user_id,
            user_name,
            is_owner,
            permissions,
            eject_at,
        } => Some(Fact::ParticipantLeft {
            participant,
            reason: LeaveReason::Disconnected,
            duration_ms: at.millis_since(joined_at).max(0),
            joined_at,
            user_id,
            user_name,
            is_owner,
            permissions,
            eject_at,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::id::{MeetingId, OrgId};
    use parlor_model::permission::Permissions;

    use super::*;

    fn event(seq: u64, fact: Fact) -> RoomEvent {
        RoomEvent {
            org: OrgId::from_random([1; 16]),
            room: RoomId::from_random([2; 16]),
            room_name: "room".to_owned(),
            seq,
            at: UnixMillis::new(1000 * i64::try_from(seq).unwrap()),
            meeting: MeetingId::from_random([3; 16]),
            meeting_started_at: UnixMillis::new(0),
            fact,
        }
    }

    fn joined(n: u8) -> Fact {
        Fact::ParticipantJoined {
            participant: ParticipantId::from_random([n; 16]),
            user_id: None,
            user_name: n.to_string(),
            is_owner: false,
            permissions: Permissions::participant(),
            eject_at: None,
        }
    }

    #[test]
    fn a_room_that_failed_is_closed_where_its_facts_broke_off() {
        let mut ledger = Ledger::default();
        let first_stay = event(1, joined(1));
        let gone = left_fact(first_stay.clone(), UnixMillis::new(3000)).unwrap();
        for event in
            [event(0, Fact::MeetingStarted), first_stay, event(2, joined(2)), event(3, gone)]
        {
            ledger.note(&event);
        }
        let room = event(0, Fact::MeetingStarted).room;
        let told = ledger.close(room, UnixMillis::new(9000));
        assert_eq!(told.iter().map(|event| event.seq).collect::<Vec<_>>(), [4, 5]);
        let Fact::ParticipantLeft { participant, duration_ms, joined_at, .. } = told[0].fact else {
            panic!("{told:?}");
        };
        assert_eq!(participant, ParticipantId::from_random([2; 16]));
        assert_eq!((joined_at, duration_ms), (UnixMillis::new(2000), 7000));
        assert_eq!(told[1].fact, Fact::MeetingEnded);
        assert!(ledger.close(room, UnixMillis::new(9000)).is_empty());
    }

    #[test]
    fn a_meeting_that_ended_leaves_nothing() {
        let mut ledger = Ledger::default();
        ledger.note(&event(0, Fact::MeetingStarted));
        ledger.note(&event(1, Fact::MeetingEnded));
        assert!(ledger.0.is_empty());
    }
}
