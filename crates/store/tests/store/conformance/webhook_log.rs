use std::collections::BTreeMap;

use parlor_model::rest::webhooks::EventType;
use parlor_store::page::{Cursor, PageRequest};
use parlor_store::webhooks::{self, Outcome, Verdict};
use parlor_store::{Connection, StoreError, reset};

use crate::bed::{NOW, secs};
use crate::conformance::cases;
use crate::conformance::webhooks::outcome;

cases! {
    fn deliveries_are_paged_newest_first(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        for id in ["a", "b", "c", "d", "e"] {
            bed.enqueue(org, id, "meeting.started", NOW);
        }
        let all = bed.log(&webhook);
        let id = |index: usize| all[index].id.to_string();
        let page = |cursor| {
            let (id, request) = (webhook.id, PageRequest::new(2, cursor));
            let page = bed.store.read(|c| webhooks::list_deliveries(c, id, &request))?;
            assert_eq!(page.total_count, 5);
            let events = page.items.into_iter().map(|one| one.event_id);
            Ok::<_, StoreError>(events.collect::<String>())
        };
        assert_eq!(page(Cursor::Newest).unwrap(), "ed");
        assert_eq!(page(Cursor::After(id(1))).unwrap(), "cb");
        assert_eq!(page(Cursor::After(id(4))).unwrap(), "");
        assert_eq!(page(Cursor::Before(id(3))).unwrap(), "dc");
        assert_eq!(page(Cursor::Oldest).unwrap(), "ba");
        let unknown = page(Cursor::After(webhook.id.to_string()));
        assert!(matches!(unknown, Err(StoreError::UnknownCursor { .. })), "{unknown:?}");
    }

    fn a_page_shows_fewer_attempts_when_they_are_large(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        for id in ["a", "b", "c"] {
            bed.enqueue(org, id, "meeting.started", NOW);
        }
        for due in bed.due(&webhook, NOW) {
            let large = |number| Outcome {
                response: Some("x".repeat(150_000)),
                ..outcome(due.id, number, Verdict::Failed)
            };
            bed.record((1..=4).map(large).collect(), BTreeMap::new());
        }
        let log = bed.log(&webhook);
        let shown: Vec<_> = log.iter().map(|one| one.attempts.len()).collect();
        assert_eq!(shown, [4, 4, 1]);
        assert_eq!(log[2].attempts[0].number, 4, "the latest");
    }

    fn a_delivery_is_sent_again_with_the_same_id(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "a", "meeting.started", NOW);
        let first = bed.due(&webhook, NOW).remove(0);
        bed.record(vec![outcome(first.id, 1, Verdict::Failed)], BTreeMap::new());
        assert_eq!(bed.states(&webhook), [("a".to_owned(), "failed")]);
        let id = webhook.id;
        assert!(bed.write(move |c| webhooks::resend(c, id, first.id)).unwrap());
        let again = bed.due(&webhook, NOW).remove(0);
        assert_eq!((again.id, again.body, again.attempts, again.tries), (first.id, first.body, 1, 0));
        let stranger = bed.webhook(org, &[]).id;
        assert!(!bed.write(move |c| webhooks::resend(c, stranger, first.id)).unwrap());
        let found = bed.store.read(|c| webhooks::find_delivery(c, id, first.id)).unwrap().unwrap();
        assert_eq!((found.event_id.as_str(), found.attempts.len()), ("a", 1));
        assert_eq!(bed.store.read(|c| webhooks::find_delivery(c, stranger, first.id)).unwrap(), None);
    }

    fn what_is_resent_while_it_is_sent_stays_queued(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "a", "meeting.started", NOW);
        let first = bed.due(&webhook, NOW).remove(0);
        let id = webhook.id;
        bed.write(move |c| webhooks::resend(c, id, first.id)).unwrap();
        bed.record(vec![outcome(first.id, 1, Verdict::Delivered)], BTreeMap::new());
        let again = bed.due(&webhook, NOW).remove(0);
        assert_eq!((again.attempts, again.tries, again.generation), (1, 0, 1));
        let second = outcome(first.id, 2, Verdict::Delivered);
        let second = Outcome { generation: again.generation, ..second };
        bed.record(vec![second.clone()], BTreeMap::new());
        assert_eq!(bed.states(&webhook), [("a".to_owned(), "delivered")]);
        assert_eq!(bed.log(&webhook)[0].attempts.len(), 2);

        let replay = move |c: &mut dyn Connection| webhooks::replay(c, id, NOW, 0, 10);
        assert_eq!(bed.write(replay).unwrap().queued, 1);
        bed.record(vec![Outcome { number: 3, ..second }], BTreeMap::new());
        assert_eq!(bed.due(&webhook, NOW)[0].generation, 2, "so does what is replayed");
    }

    fn a_replay_queues_what_is_not_older_page_by_page(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        for (id, at) in [("a", 0), ("b", 10), ("c", 20), ("d", 30)] {
            bed.enqueue(org, id, "meeting.started", secs(at));
        }
        let due = bed.due(&webhook, NOW);
        let done = due.iter().take(3).map(|one| outcome(one.id, 1, Verdict::Delivered)).collect();
        bed.record(done, BTreeMap::new());
        let (id, mut after, mut queued) = (webhook.id, Some(0), Vec::new());
        while let Some(place) = after {
            let page = bed.write(move |c| webhooks::replay(c, id, secs(10), place, 2)).unwrap();
            queued.push(page.queued);
            after = page.next;
        }
        assert_eq!(queued, [1, 1, 0], "d was pending already");
        let events: String = bed.due(&webhook, NOW).into_iter().map(|one| one.body).collect();
        assert_eq!(events, r#"{"id":"b"}{"id":"c"}{"id":"d"}"#);
    }

    fn old_events_are_purged_with_all_that_belongs_to_them(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        for (id, at) in [("a", 0), ("b", 10), ("c", 20)] {
            bed.enqueue(org, id, "meeting.started", secs(at));
        }
        let due = bed.due(&webhook, NOW);
        bed.record(vec![outcome(due[0].id, 1, Verdict::Delivered)], BTreeMap::new());
        assert_eq!(bed.write(|c| webhooks::purge(c, secs(20), 1)).unwrap(), 1);
        assert_eq!(bed.write(|c| webhooks::purge(c, secs(20), 10)).unwrap(), 1);
        assert_eq!(bed.states(&webhook), [("c".to_owned(), "pending")]);
    }

    fn numbers_of_events_go_on_when_none_is_left(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "a", "meeting.started", NOW);
        bed.enqueue(org, "b", "meeting.started", NOW);
        let seen = bed.store.read(webhooks::newest).unwrap();
        assert_eq!(bed.write(|c| webhooks::purge(c, secs(9), 10)).unwrap(), 2);
        assert_eq!(bed.store.read(webhooks::newest).unwrap(), seen);
        bed.enqueue(org, "c", "meeting.started", NOW);
        let fresh = || bed.store.read(|c| webhooks::fresh(c, seen)).unwrap();
        assert_eq!(fresh(), [(webhook.id, seen + 1)]);
        bed.write(reset::everything).unwrap();
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "d", "meeting.started", NOW);
        assert_eq!(fresh(), [(webhook.id, seen + 2)]);
    }

    fn retries_follow_a_clock_that_is_set_back(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "a", "meeting.started", NOW);
        let id = bed.due(&webhook, NOW)[0].id;
        bed.record(vec![outcome(id, 1, Verdict::RetryAt(secs(60)))], BTreeMap::new());
        bed.write(|c| webhooks::move_retries(c, secs(-3600), 3_600_000)).unwrap();
        assert!(bed.due(&webhook, secs(-3541)).is_empty());
        assert_eq!(bed.due(&webhook, secs(-3540)).len(), 1);
        bed.write(|c| webhooks::hold_back_at_most(c, secs(-4000))).unwrap();
        assert_eq!(bed.store.read(|c| webhooks::next_due(c, secs(-5000))).unwrap(), Some(secs(-4000)));
    }
}
