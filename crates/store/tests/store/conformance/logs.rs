use parlor_model::call_log::{
    CallLogEntry, CallLogLevel, CallLogReport, CallMetrics, LogPass, TransportMetrics,
};
use parlor_model::event::{Fact, RoomEvent};
use parlor_model::id::{ApiLogId, MeetingId, OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::time::UnixMillis;
use parlor_store::StoreError;
use parlor_store::api_log::{self, ApiLogQuery, Entry, Source};
use parlor_store::call_log::{self, CallLogQuery, Order};
use parlor_store::history;
use parlor_store::page::{Cursor, PageRequest};

use crate::bed::{Bed, NOW, random, secs};
use crate::conformance::cases;

fn pass(org: OrgId) -> LogPass {
    LogPass {
        org,
        room: RoomId::from_random(random()),
        participant: ParticipantId::from_random(random()),
        expires_at: secs(60),
    }
}

fn line(level: CallLogLevel, second: i64, message: &str) -> CallLogEntry {
    CallLogEntry {
        time: secs(second),
        level,
        message: message.to_owned(),
        code: Some(7),
        peer: None,
    }
}

fn keep(bed: &Bed, pass: &LogPass, name: &str, logs: Vec<CallLogEntry>, now: UnixMillis) {
    let transport = TransportMetrics { recv_bits_per_second: Some(1e6), ..Default::default() };
    let metrics = vec![CallMetrics { time: now, transport }];
    let report = CallLogReport { pass: String::new(), logs, metrics };
    let (pass, name) = (pass.clone(), name.to_owned());
    bed.write(move |c| call_log::keep(c, &pass, &report, &name, now)).unwrap();
}

fn messages(bed: &Bed, org: OrgId, query: &CallLogQuery) -> Vec<String> {
    let lines = bed.store.read(|c| call_log::lines(c, org, query)).unwrap();
    lines.into_iter().map(|line| line.what.message).collect()
}

/// Lets whoever the pass is for enter a meeting.
fn enter(bed: &Bed, pass: &LogPass) -> MeetingId {
    let event = RoomEvent {
        org: pass.org,
        room: pass.room,
        room_name: "standup".to_owned(),
        seq: 1,
        at: NOW,
        meeting: MeetingId::from_random(random()),
        meeting_started_at: NOW,
        fact: Fact::ParticipantJoined {
            participant: pass.participant,
            user_id: None,
            user_name: String::new(),
            is_owner: false,
            permissions: Permissions::owner(),
            eject_at: None,
        },
    };
    let meeting = event.meeting;
    bed.write(move |c| history::record(c, &event)).unwrap();
    meeting
}

fn entry(org_id: OrgId, source: Source, url: &str) -> Entry {
    Entry {
        id: ApiLogId::from_random(random()),
        org_id,
        source,
        actor: "somebody".to_owned(),
        ip: "192.0.2.1".to_owned(),
        method: "GET".to_owned(),
        url: url.to_owned(),
        status: 200,
        created_at: NOW,
        request: None,
        response: Some("{}".to_owned()),
    }
}

fn urls(bed: &Bed, org: OrgId, query: &ApiLogQuery) -> Vec<String> {
    let entries = bed.store.read(|c| api_log::list(c, org, query)).unwrap();
    entries.into_iter().map(|entry| entry.url).collect()
}

/// The ids of an organization's own requests, the oldest first.
fn names(bed: &Bed, org: OrgId) -> Vec<String> {
    let entries = bed.store.read(|c| api_log::list(c, org, &ApiLogQuery::default())).unwrap();
    entries.into_iter().rev().map(|entry| entry.id.to_string()).collect()
}

cases! {
    fn a_report_is_kept_with_the_meeting_of_its_stay(bed) {
        let org = bed.org("local");
        let (ana, stranger) = (pass(org), pass(org));
        let meeting = enter(&bed, &ana);
        let long = "ü".repeat(5000);
        keep(&bed, &ana, "r1", vec![line(CallLogLevel::Info, 1, &long)], secs(10));
        keep(&bed, &ana, "r1", vec![line(CallLogLevel::Info, 1, "twice")], secs(10));
        keep(&bed, &stranger, "r2", vec![line(CallLogLevel::Error, 1, "a\0b")], secs(10));
        let of = |pass: &LogPass| CallLogQuery {
            session: Some(pass.participant.to_string()),
            limit: 100,
            ..CallLogQuery::default()
        };
        let lines = bed.store.read(|c| call_log::lines(c, org, &of(&ana))).unwrap();
        assert_eq!(lines.len(), 1, "a report that comes twice is kept once");
        assert_eq!((lines[0].meeting, lines[0].session), (Some(meeting), ana.participant));
        assert_eq!((lines[0].received_at, lines[0].client_at), (secs(10), secs(1)));
        assert_eq!(lines[0].what.message.chars().count(), 2000);
        assert_eq!((lines[0].what.code, lines[0].what.level), (Some(7), CallLogLevel::Info));
        let metrics = bed.store.read(|c| call_log::metrics(c, org, &of(&ana))).unwrap();
        assert_eq!(metrics[0].what.recv_bits_per_second, Some(1e6));
        let strange = bed.store.read(|c| call_log::lines(c, org, &of(&stranger))).unwrap();
        assert_eq!((strange[0].meeting, strange[0].what.message.as_str()), (None, "a\u{fffd}b"));
        assert!(messages(&bed, bed.org("other"), &of(&ana)).is_empty());
    }

    fn logs_are_filtered_ordered_and_paged(bed) {
        let org = bed.org("local");
        let (ana, bo) = (pass(org), pass(org));
        let meeting = enter(&bed, &ana);
        let levels = [CallLogLevel::Error, CallLogLevel::Info, CallLogLevel::Debug];
        for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
            let second = i64::try_from(number).unwrap() * 10;
            let logs = levels.iter().zip(1..).map(|(level, n)| {
                line(*level, second + n, &format!("{name}{n}"))
            });
            keep(&bed, &ana, name, logs.collect(), secs(second + 5));
        }
        keep(&bed, &bo, "d", vec![line(CallLogLevel::Info, 1, "bo")], secs(1));
        let all = || CallLogQuery {
            session: Some(ana.participant.to_string()),
            limit: 100,
            ..CallLogQuery::default()
        };
        let ask = |query: CallLogQuery| messages(&bed, org, &query).join(" ");
        assert_eq!(ask(all()), "c3 c2 c1 b3 b2 b1 a3 a2 a1");
        let oldest = CallLogQuery { order: Order::OldestFirst, ..all() };
        assert_eq!(ask(oldest.clone()), "a1 a2 a3 b1 b2 b3 c1 c2 c3");
        assert_eq!(ask(CallLogQuery { limit: 2, offset: 3, ..oldest.clone() }), "b1 b2");
        assert_eq!(ask(CallLogQuery { offset: u64::MAX, ..oldest.clone() }), "");
        assert_eq!(ask(CallLogQuery { level: Some(CallLogLevel::Info), ..oldest.clone() }), "a2 b2 c2");
        let between = CallLogQuery { from: Some(secs(15)), until: Some(secs(15)), ..oldest };
        assert_eq!(ask(between), "b1 b2 b3");
        let of_meeting = CallLogQuery { session: None, meeting: Some(meeting.to_string()), ..all() };
        assert_eq!(ask(of_meeting.clone()), ask(all()));
        let both = CallLogQuery { session: Some(bo.participant.to_string()), ..of_meeting };
        assert_eq!(ask(both), "");
    }

    fn old_reports_are_purged_in_batches(bed) {
        let org = bed.org("local");
        let ana = pass(org);
        for (name, second) in [("a", 1), ("b", 2), ("c", 3)] {
            keep(&bed, &ana, name, vec![line(CallLogLevel::Info, 1, name)], secs(second));
        }
        let cutoff = secs(3);
        assert_eq!(bed.write(move |c| call_log::purge(c, cutoff, 3)).unwrap(), 3);
        assert_eq!(bed.write(move |c| call_log::purge(c, cutoff, 3)).unwrap(), 1);
        let all = CallLogQuery {
            session: Some(ana.participant.to_string()),
            limit: 100,
            ..CallLogQuery::default()
        };
        assert_eq!(messages(&bed, org, &all), ["c"]);
    }

    fn requests_are_listed_newest_first_by_source_and_address(bed) {
        let org = bed.org("local");
        let mut entries: Vec<_> = (0..5)
            .map(|n| entry(org, Source::Api, &format!("/v1/rooms?limit={n}")))
            .collect();
        entries.push(entry(org, Source::Api, "/v1/presence"));
        entries.push(entry(org, Source::Webhook, "https://receiver.example/?x=1"));
        let (first, last) = entries.split_at(3);
        for part in [first.to_vec(), last.to_vec()] {
            bed.write(move |c| api_log::add(c, &part)).unwrap();
        }
        let ids = names(&bed, org);
        let all = |cursor| ApiLogQuery { page: PageRequest::new(2, cursor), ..ApiLogQuery::default() };
        assert_eq!(urls(&bed, org, &all(Cursor::Newest)), ["/v1/presence", "/v1/rooms?limit=4"]);
        let after = Cursor::After(ids[4].clone());
        assert_eq!(urls(&bed, org, &all(after)), ["/v1/rooms?limit=3", "/v1/rooms?limit=2"]);
        let before = Cursor::Before(ids[0].clone());
        assert_eq!(urls(&bed, org, &all(before)), ["/v1/rooms?limit=2", "/v1/rooms?limit=1"]);
        assert_eq!(urls(&bed, org, &all(Cursor::Oldest)), ["/v1/rooms?limit=1", "/v1/rooms?limit=0"]);
        let rooms = ApiLogQuery { url: Some("/v1/rooms".into()), ..all(Cursor::Newest) };
        assert_eq!(urls(&bed, org, &rooms), ["/v1/rooms?limit=4", "/v1/rooms?limit=3"]);
        let webhooks = ApiLogQuery { source: Source::Webhook, ..ApiLogQuery::default() };
        let listed = bed.store.read(|c| api_log::list(c, org, &webhooks)).unwrap();
        assert_eq!(listed, [Entry { id: listed[0].id, ..entries[6].clone() }]);
        for unknown in [entries[4].id.to_string(), "x".to_owned(), ids[4].to_uppercase()] {
            let unknown = all(Cursor::After(unknown));
            let refused = bed.store.read(|c| api_log::list(c, org, &unknown));
            assert!(matches!(refused, Err(StoreError::UnknownCursor { .. })), "{refused:?}");
        }
        let other = bed.org("other");
        assert!(urls(&bed, other, &ApiLogQuery::default()).is_empty());
        let foreign = all(Cursor::After(ids[0].clone()));
        let foreign = bed.store.read(|c| api_log::list(c, other, &foreign));
        assert!(matches!(foreign, Err(StoreError::UnknownCursor { .. })), "{foreign:?}");
        let later = secs(1);
        assert_eq!(bed.write(move |c| api_log::purge(c, later, 4)).unwrap(), 4);
        assert_eq!(bed.write(move |c| api_log::purge(c, later, 4)).unwrap(), 3);
    }
}
