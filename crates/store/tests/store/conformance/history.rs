use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::{MeetingId, OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::time::UnixMillis;
use parlor_store::StoreError;
use parlor_store::history::{self, Meeting, MeetingQuery, OpenMeeting, Progress, Stay, StayQuery};
use parlor_store::page::{Cursor, Page, PageRequest};

use crate::bed::{Bed, NOW, random, secs};
use crate::conformance::cases;

/// A room in which things happen, as its facts tell.
struct Call<'a> {
    bed: &'a Bed,
    org: OrgId,
    room: &'static str,
    meeting: MeetingId,
    started_at: UnixMillis,
    seq: u64,
}

impl<'a> Call<'a> {
    fn start(bed: &'a Bed, org: OrgId, room: &'static str, at: UnixMillis) -> Self {
        let meeting = MeetingId::from_random(random());
        let mut call = Self { bed, org, room, meeting, started_at: at, seq: 0 };
        assert!(call.tell(at, Fact::MeetingStarted));
        call
    }

    fn event(&self, at: UnixMillis, fact: Fact) -> RoomEvent {
        RoomEvent {
            org: self.org,
            room: RoomId::from_random([9; 16]),
            room_name: self.room.to_owned(),
            seq: self.seq,
            at,
            meeting: self.meeting,
            meeting_started_at: self.started_at,
            fact,
        }
    }

    fn tell(&mut self, at: UnixMillis, fact: Fact) -> bool {
        let event = self.event(at, fact);
        self.seq += 1;
        record(self.bed, event)
    }

    fn join(&mut self, name: &str, at: UnixMillis) -> ParticipantId {
        let participant = ParticipantId::from_random(random());
        assert!(self.tell(at, joined(participant, name)));
        participant
    }

    fn leave(&mut self, participant: ParticipantId, joined_at: UnixMillis, at: UnixMillis) {
        assert!(self.tell(at, left(participant, "left", joined_at, at)));
    }

    fn end(&mut self, at: UnixMillis) {
        assert!(self.tell(at, Fact::MeetingEnded));
    }

    fn meeting(&self) -> Meeting {
        let (org, id) = (self.org, self.meeting);
        self.bed.store.read(|c| history::find(c, org, id)).unwrap().unwrap()
    }

    fn stays(&self) -> Vec<Stay> {
        self.bed.store.read(|c| history::stays_of(c, self.meeting, 100)).unwrap()
    }
}

fn record(bed: &Bed, event: RoomEvent) -> bool {
    bed.write(move |c| history::record(c, &event)).unwrap()
}

fn joined(participant: ParticipantId, name: &str) -> Fact {
    Fact::ParticipantJoined {
        participant,
        user_id: Some(format!("id of {name}")),
        user_name: name.to_owned(),
        is_owner: true,
        permissions: Permissions::owner(),
        eject_at: Some(secs(3600)),
    }
}

fn left(participant: ParticipantId, name: &str, joined_at: UnixMillis, at: UnixMillis) -> Fact {
    Fact::ParticipantLeft {
        participant,
        reason: LeaveReason::Left,
        duration_ms: at.millis_since(joined_at),
        joined_at,
        user_id: None,
        user_name: name.to_owned(),
        is_owner: false,
        permissions: Permissions::owner(),
        eject_at: None,
    }
}

fn page(bed: &Bed, org: OrgId, query: MeetingQuery) -> Result<Page<Meeting>, StoreError> {
    bed.wait(bed.store.scan(move |c| history::list(c, org, &query)))
}

fn ids(page: &Page<Meeting>) -> Vec<MeetingId> {
    page.items.iter().map(|meeting| meeting.id).collect()
}

fn open(bed: &Bed) -> Vec<OpenMeeting> {
    bed.store.read(|c| history::open_meetings(c, None, 100)).unwrap()
}

/// Twelve meetings, ten hours apart, alternating between two rooms; the last
/// three still run. Newest first.
fn twelve(bed: &Bed, org: OrgId) -> Vec<MeetingId> {
    let mut made: Vec<_> = (0..12)
        .map(|n| {
            let at = secs(n * 36_000);
            let room = if n % 2 == 0 { "even" } else { "odd" };
            let mut call = Call::start(bed, org, room, at);
            if n < 9 {
                call.end(at.plus_seconds(60));
            }
            call.meeting
        })
        .collect();
    made.reverse();
    made
}

cases! {
    fn a_meeting_is_what_its_facts_tell(bed) {
        let org = bed.org("local");
        let mut call = Call::start(&bed, org, "standup", NOW);
        let ana = call.join("Ana", NOW);
        let bo = call.join("", secs(5));
        call.leave(ana, NOW, secs(7));
        let cleo = call.join("Cleo", secs(8));
        let meeting = call.meeting();
        assert_eq!((meeting.room_name.as_str(), meeting.started_at), ("standup", NOW));
        assert_eq!((meeting.ended_at, meeting.max_participants), (None, 2));
        let stays = call.stays();
        let seen: Vec<_> = stays.iter().map(|stay| (stay.id, stay.joined_at, stay.left_at)).collect();
        assert_eq!(seen, [(ana, NOW, Some(secs(7))), (bo, secs(5), None), (cleo, secs(8), None)]);
        assert_eq!(stays[0].user_name, "left", "the last name counts");
        assert_eq!(stays[2].user_id.as_deref(), Some("id of Cleo"));
        assert!(stays[2].is_owner);
        assert_eq!((&stays[2].permissions, stays[2].eject_at), (&Permissions::owner(), Some(secs(3600))));
        call.leave(bo, secs(5), secs(9));
        call.leave(cleo, secs(8), secs(10));
        call.end(secs(10));
        assert_eq!((call.meeting().ended_at, call.meeting().max_participants), (Some(secs(10)), 2));
        assert!(open(&bed).is_empty());
        let found = bed.store.read(|c| history::meeting_of(c, org, cleo)).unwrap();
        assert_eq!(found, Some(call.meeting));
    }

    fn facts_that_come_twice_change_nothing(bed) {
        let org = bed.org("local");
        let call = Call::start(&bed, org, "standup", NOW);
        let ana = ParticipantId::from_random(random());
        let facts = [
            call.event(NOW, Fact::MeetingStarted),
            RoomEvent { seq: 1, ..call.event(NOW, joined(ana, "Ana")) },
            RoomEvent { seq: 2, ..call.event(secs(9), left(ana, "Ana", NOW, secs(9))) },
            RoomEvent { seq: 3, ..call.event(secs(9), Fact::MeetingEnded) },
        ];
        for fact in &facts[1..] {
            assert!(record(&bed, fact.clone()), "{fact:?}");
        }
        let before = (call.meeting(), call.stays());
        for fact in facts {
            assert!(!record(&bed, fact.clone()), "{fact:?}");
        }
        assert_eq!((call.meeting(), call.stays()), before);
        assert_eq!(page(&bed, org, MeetingQuery::default()).unwrap().total_count, 1);
    }

    fn who_is_seen_again_after_having_been_hidden_has_two_stays(bed) {
        let org = bed.org("local");
        let mut call = Call::start(&bed, org, "standup", NOW);
        let ana = call.join("Ana", NOW);
        call.leave(ana, NOW, secs(5));
        assert!(call.tell(secs(9), joined(ana, "Ana")));
        let seen: Vec<_> = call.stays().iter().map(|stay| (stay.joined_at, stay.left_at)).collect();
        assert_eq!(seen, [(NOW, Some(secs(5))), (secs(9), None)]);
        assert_eq!(call.meeting().max_participants, 1);
    }

    fn what_is_left_of_lost_facts_is_taken_for_what_it_says(bed) {
        let org = bed.org("local");
        let mut call = Call::start(&bed, org, "standup", NOW);
        let lost = ParticipantId::from_random(random());
        call.seq = 7;
        call.leave(lost, secs(3), secs(9));
        let stay = &call.stays()[0];
        assert_eq!((stay.joined_at, stay.left_at), (secs(3), Some(secs(9))));

        let mut unheard = Call { meeting: MeetingId::from_random(random()), seq: 4, ..call };
        let ana = unheard.join("Ana", secs(2));
        assert_eq!((unheard.meeting().started_at, unheard.meeting().max_participants), (NOW, 1));
        unheard.end(secs(20));
        let stays = unheard.stays();
        assert_eq!((stays[0].id, stays[0].left_at), (ana, Some(secs(20))));
    }

    fn what_a_crash_left_open_can_be_closed_by_the_facts_it_owes(bed) {
        let org = bed.org("local");
        let mut call = Call::start(&bed, org, "standup", NOW);
        let ana = call.join("Ana", NOW);
        let bo = call.join("Bo", secs(30));
        bed.write(|c| history::note_alive(c, secs(10))).unwrap();
        bed.write(|c| history::note_alive(c, secs(20))).unwrap();
        let alive_at = bed.store.read(|c| history::alive_at(c)).unwrap().unwrap();
        assert_eq!(alive_at, secs(20));

        let found = open(&bed);
        assert_eq!((found.len(), found[0].stays.len()), (1, 2));
        assert!(found[0].departures(|_| true, alive_at).is_empty());
        let only_ana = found[0].departures(|stay| stay.id == bo, alive_at);
        assert!(matches!(only_ana[..], [RoomEvent { fact: Fact::ParticipantLeft { .. }, .. }]));
        let alone = bed.store.read(|c| history::open_meeting(c, call.meeting)).unwrap();
        assert_eq!(alone.as_ref(), Some(&found[0]));
        let owed = found[0].end(alive_at);
        let told: Vec<_> = owed.iter().map(|event| (event.seq, event.at)).collect();
        // Bo came after the last sign of life, and cannot have left before.
        assert_eq!(told, [(3, secs(20)), (4, secs(30)), (5, secs(30))]);
        for event in owed {
            assert!(record(&bed, event));
        }
        assert!(open(&bed).is_empty());
        assert_eq!(call.stays()[0].left_at, Some(secs(20)));
        assert_eq!((call.stays()[0].id, call.meeting().ended_at), (ana, Some(secs(30))));
    }

    fn a_meeting_that_speaks_after_its_end_goes_on(bed) {
        let org = bed.org("local");
        let mut call = Call::start(&bed, org, "standup", NOW);
        call.end(secs(5));
        call.join("Ana", secs(6));
        assert_eq!(call.meeting().ended_at, None);
    }

    fn meetings_are_listed_newest_first_and_walked_to_the_end(bed) {
        let org = bed.org("local");
        let made = twelve(&bed, org);
        let query = |cursor| MeetingQuery { page: PageRequest::new(5, cursor), ..MeetingQuery::default() };
        let ask = |cursor| page(&bed, org, query(cursor)).unwrap();
        assert_eq!(ids(&ask(Cursor::Newest)), made[..5]);
        assert_eq!(ids(&ask(Cursor::After(made[4].to_string()))), made[5..10]);
        assert_eq!(ids(&ask(Cursor::After(made[9].to_string()))), made[10..]);
        assert_eq!(ids(&ask(Cursor::After(made[11].to_string()))), []);
        assert_eq!(ids(&ask(Cursor::Before(made[7].to_string()))), made[2..7]);
        assert_eq!(ids(&ask(Cursor::Oldest)), made[7..]);
        assert_eq!(ask(Cursor::After(made[9].to_string())).total_count, 12);
        let foreign = page(&bed, bed.org("other"), query(Cursor::After(made[0].to_string())));
        assert!(matches!(foreign, Err(StoreError::UnknownCursor { .. })), "{foreign:?}");
    }

    fn meetings_are_filtered_by_room_time_and_progress(bed) {
        let org = bed.org("local");
        let made = twelve(&bed, org);
        let at = |n: i64| Some(secs(n * 36_000));
        let all = || MeetingQuery::default();
        let few = |query: MeetingQuery| {
            let small = MeetingQuery { page: PageRequest::new(1, Cursor::Newest), ..query.clone() };
            let oldest = MeetingQuery { page: PageRequest::new(1, Cursor::Oldest), ..query.clone() };
            let whole = page(&bed, org, query).unwrap();
            assert_eq!(whole.total_count, whole.items.len() as u64, "{whole:?}");
            let first = page(&bed, org, small).unwrap();
            assert_eq!((first.total_count, ids(&first)), (whole.total_count, ids(&whole)[..1].to_vec()));
            let last = page(&bed, org, oldest).unwrap();
            assert_eq!(ids(&last)[..], ids(&whole)[whole.items.len() - 1..]);
            ids(&whole)
        };
        assert_eq!(few(MeetingQuery { from: at(3), ..all() }), made[..9]);
        assert_eq!(few(MeetingQuery { until: at(3), ..all() }), made[9..]);
        assert_eq!(few(MeetingQuery { from: at(2), until: at(10), ..all() }), made[2..10]);
        assert_eq!(few(MeetingQuery { from: at(2), until: at(3), ..all() }), made[9..10]);
        let odd: Vec<_> = made.iter().step_by(2).copied().collect();
        let of_room = |room: &str| MeetingQuery { room: Some(room.to_owned()), ..all() };
        assert_eq!(few(of_room("odd")), odd);
        assert_eq!(few(MeetingQuery { from: at(5), ..of_room("odd") }), odd[..4]);
        let ongoing = |progress, query| MeetingQuery { progress, ..query };
        assert_eq!(few(ongoing(Progress::Ongoing, all())), made[..3]);
        assert_eq!(few(ongoing(Progress::Ended, all())), made[3..]);
        assert_eq!(few(ongoing(Progress::Ongoing, of_room("odd"))), odd[..2]);
        assert_eq!(few(ongoing(Progress::Ended, of_room("odd"))), odd[2..]);
        assert_eq!(page(&bed, org, of_room("none")).unwrap(), Page { total_count: 0, items: vec![] });
        let backwards = MeetingQuery { from: at(5), until: at(2), ..all() };
        assert_eq!(page(&bed, org, backwards).unwrap(), Page { total_count: 0, items: vec![] });
        assert_eq!(page(&bed, bed.org("other"), all()).unwrap().total_count, 0);
    }

    fn stays_are_paged_in_order_of_joining(bed) {
        let org = bed.org("local");
        let mut call = Call::start(&bed, org, "standup", NOW);
        let people: Vec<_> = (0..5).map(|n| call.join("Ana", secs(n / 2))).collect();
        let mut people: Vec<_> = people.into_iter().zip([0, 0, 1, 1, 2]).collect();
        people.sort_by_key(|(id, second)| (*second, *id));
        let people: Vec<_> = people.into_iter().map(|(id, _)| id).collect();
        let meeting = call.meeting;
        let ask = |after: Option<usize>, before: Option<usize>, limit| {
            let id = |n: usize| people[n].to_string();
            let query = StayQuery { after: after.map(id), before: before.map(id), limit };
            let stays = bed.store.read(|c| history::list_stays(c, meeting, &query)).unwrap();
            stays.into_iter().map(|stay| stay.id).collect::<Vec<_>>()
        };
        assert_eq!(ask(None, None, 3), people[..3]);
        assert_eq!(ask(Some(2), None, 3), people[3..]);
        assert_eq!(ask(Some(4), None, 3), []);
        assert_eq!(ask(None, Some(3), 2), people[1..3]);
        assert_eq!(ask(Some(0), Some(3), 10), people[1..3]);
        let query = StayQuery { after: Some("nobody".to_owned()), before: None, limit: 3 };
        let unknown = bed.store.read(|c| history::list_stays(c, meeting, &query));
        assert!(matches!(unknown, Err(StoreError::UnknownCursor { .. })), "{unknown:?}");
    }

    fn purging_forgets_the_longest_ended_and_nothing_that_runs(bed) {
        let org = bed.org("local");
        let made = twelve(&bed, org);
        let cutoff = secs(4 * 36_000 + 61);
        assert_eq!(bed.write(move |c| history::purge(c, cutoff, 3)).unwrap(), 3);
        assert_eq!(bed.write(move |c| history::purge(c, cutoff, 3)).unwrap(), 2);
        assert_eq!(bed.write(move |c| history::purge(c, cutoff, 3)).unwrap(), 0);
        let left = page(&bed, org, MeetingQuery::default()).unwrap();
        assert_eq!((left.total_count, ids(&left)), (7, made[..7].to_vec()));
        let even = MeetingQuery { room: Some("even".to_owned()), ..MeetingQuery::default() };
        assert_eq!(page(&bed, org, even).unwrap().total_count, 3);
        let never = UnixMillis::new(i64::MAX);
        assert_eq!(bed.write(move |c| history::purge(c, never, 100)).unwrap(), 4);
        assert_eq!(page(&bed, org, MeetingQuery::default()).unwrap().total_count, 3);
    }
}
