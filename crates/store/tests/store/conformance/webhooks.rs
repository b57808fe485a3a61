use std::collections::BTreeMap;

use parlor_model::id::{DeliveryId, OrgId, ParticipantId, WebhookId};
use parlor_model::rest::webhooks::{EventType, RetryType, WebhookState};
use parlor_model::time::UnixMillis;
use parlor_store::Connection;
use parlor_store::page::PageRequest;
use parlor_store::webhooks::{
    self, Content, Delivery, Due, ExpectedJoin, NewEvent, Outcome, Standing, Verdict, Webhook,
};
use zeroize::Zeroizing;

use crate::bed::{Bed, NOW, random, secs};
use crate::conformance::cases;

/// Short ways to webhooks.
impl Bed {
    pub(super) fn webhook(&self, org: OrgId, event_types: &[EventType]) -> Webhook {
        let id = WebhookId::from_random(random());
        let content = content(event_types);
        let new = Webhook::new(id, org, &content, NOW, self.store.master_key()).unwrap();
        let stored = new.clone();
        assert!(self.write(move |c| webhooks::create(c, &stored, 10)).unwrap());
        new
    }

    pub(super) fn enqueue(
        &self,
        org_id: OrgId,
        id: &str,
        event_type: &str,
        at: UnixMillis,
    ) -> usize {
        let (id, event_type) = (id.to_owned(), event_type.to_owned());
        let body = format!("{{\"id\":\"{id}\"}}");
        self.write(move |c| {
            let (id, event_type, body) = (id.as_str(), event_type.as_str(), body.as_str());
            webhooks::enqueue(c, &NewEvent { org_id, id, event_type, body, at })
        })
        .unwrap()
    }

    pub(super) fn due(&self, webhook: &Webhook, now: UnixMillis) -> Vec<Due> {
        let id = webhook.id;
        self.store.read(|c| webhooks::due(c, id, now, 10)).unwrap()
    }

    /// The deliveries, newest first.
    pub(super) fn log(&self, webhook: &Webhook) -> Vec<Delivery> {
        let id = webhook.id;
        let page = self.store.read(|c| webhooks::list_deliveries(c, id, &PageRequest::default()));
        page.unwrap().items
    }

    /// State and event of the deliveries, newest first.
    pub(super) fn states(&self, webhook: &Webhook) -> Vec<(String, &'static str)> {
        let log = self.log(webhook).into_iter();
        log.map(|one| (one.event_id, one.state.as_str())).collect()
    }

    pub(super) fn record(&self, outcomes: Vec<Outcome>, standings: BTreeMap<WebhookId, Standing>) {
        self.write(move |c| webhooks::record(c, &outcomes, &standings)).unwrap();
    }

    pub(super) fn reload(&self, webhook: &Webhook) -> Option<Webhook> {
        let (org, id) = (webhook.org_id, webhook.id);
        self.store.read(|c| webhooks::find(c, org, id)).unwrap()
    }
}

pub(super) fn content(event_types: &[EventType]) -> Content {
    Content {
        url: "https://hooks.example/parlor".to_owned(),
        hmac: Zeroizing::new("c2VjcmV0".to_owned()),
        basic_auth: Some(Zeroizing::new("dXNlcjpwYXNz".to_owned())),
        retry: RetryType::CircuitBreaker,
        event_types: event_types.to_vec(),
    }
}

pub(super) fn outcome(delivery: DeliveryId, number: u64, verdict: Verdict) -> Outcome {
    Outcome {
        delivery,
        generation: 0,
        number,
        at: secs(1),
        latency_ms: 21,
        url: "https://hooks.example/parlor".to_owned(),
        request_headers: "{}".to_owned(),
        status: Some(502),
        response: Some(r#"{"body":"x"}"#.to_owned()),
        error: None,
        verdict,
    }
}

cases! {
    fn a_webhook_is_kept_with_its_secrets_sealed(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        let found = bed.reload(&webhook).unwrap();
        assert_eq!(found, webhook);
        let key = bed.store.master_key();
        assert_eq!(found.hmac(key).unwrap().as_str(), "c2VjcmV0");
        assert_eq!(found.basic_auth(key).unwrap().unwrap().as_str(), "dXNlcjpwYXNz");
        assert_eq!(bed.store.read(|c| webhooks::list(c, org)).unwrap(), [webhook]);
    }

    fn a_webhook_of_another_organization_is_not_found(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        let id = webhook.id;
        assert_eq!(bed.store.read(|c| webhooks::find(c, other, id)).unwrap(), None);
        assert!(!bed.write(move |c| webhooks::delete(c, other, id)).unwrap());
        assert!(bed.store.read(|c| webhooks::list(c, other)).unwrap().is_empty());
        assert!(bed.write(move |c| webhooks::delete(c, org, id)).unwrap());
        assert_eq!(bed.reload(&webhook), None);
    }

    fn an_organization_has_so_many_webhooks_and_no_more(bed) {
        let org = bed.org("local");
        bed.webhook(org, &[]);
        let id = WebhookId::from_random(random());
        let second = Webhook::new(id, org, &content(&[]), NOW, bed.store.master_key()).unwrap();
        let stored = second.clone();
        assert!(!bed.write(move |c| webhooks::create(c, &stored, 1)).unwrap());
        assert!(bed.write(move |c| webhooks::create(c, &second, 2)).unwrap());
    }

    fn an_event_is_queued_once_for_each_webhook_that_wants_it(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let both = bed.webhook(org, &[EventType::MeetingStarted, EventType::MeetingEnded]);
        let one = bed.webhook(org, &[EventType::MeetingEnded]);
        let foreign = bed.webhook(other, &[EventType::MeetingEnded]);
        assert_eq!(bed.enqueue(org, "a", "meeting.started", NOW), 1);
        assert_eq!(bed.enqueue(org, "b", "meeting.ended", NOW), 2);
        assert_eq!(bed.enqueue(org, "b", "meeting.ended", NOW), 0, "it is there already");
        assert_eq!(bed.enqueue(org, "c", "participant.left", NOW), 0);
        let bodies: Vec<_> = bed.due(&both, NOW).into_iter().map(|due| due.body).collect();
        assert_eq!(bodies, [r#"{"id":"a"}"#, r#"{"id":"b"}"#], "in order");
        assert_eq!(bed.due(&one, NOW).len(), 1);
        assert!(bed.due(&foreign, NOW).is_empty());
        let fresh = bed.store.read(|c| webhooks::fresh(c, 1)).unwrap();
        assert_eq!(fresh.iter().map(|(_, seq)| *seq).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(bed.store.read(webhooks::newest).unwrap(), 2);
    }

    fn an_event_may_be_of_any_age_for_its_first_try(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "a", "meeting.started", secs(3600));
        assert_eq!(bed.due(&webhook, NOW).len(), 1, "a clock set back delays nothing");
        assert_eq!(bed.store.read(|c| webhooks::waiting(c, NOW)).unwrap(), [webhook.id]);
    }

    fn what_became_of_an_attempt_is_written_down_once(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "a", "meeting.started", NOW);
        let id = bed.due(&webhook, NOW)[0].id;
        for _ in 0..2 {
            bed.record(vec![outcome(id, 1, Verdict::RetryAt(secs(60)))], BTreeMap::new());
        }
        assert!(bed.due(&webhook, secs(59)).is_empty());
        assert_eq!(bed.store.read(|c| webhooks::next_due(c, NOW)).unwrap(), Some(secs(60)));
        let due = bed.due(&webhook, secs(60));
        assert_eq!((due[0].attempts, due[0].tries), (1, 1));
        bed.record(vec![outcome(id, 2, Verdict::Delivered)], BTreeMap::new());
        assert!(bed.due(&webhook, secs(600)).is_empty());
        let log = bed.log(&webhook);
        assert_eq!((log[0].state.as_str(), log[0].attempts.len()), ("delivered", 2));
        assert_eq!((log[0].attempts[1].number, log[0].attempts[1].status), (2, Some(502)));
    }

    fn a_failed_webhook_is_told_nothing_until_it_is_changed(bed) {
        let org = bed.org("local");
        let webhook = bed.webhook(org, &[EventType::MeetingStarted]);
        bed.enqueue(org, "a", "meeting.started", NOW);
        let standing = |generation, state, failed_count| Standing {
            generation, state, failed_count, pushed_at: None, at: secs(5),
        };
        let failed = standing(0, WebhookState::Failed, 3);
        bed.record(Vec::new(), BTreeMap::from([(webhook.id, failed)]));
        let found = bed.reload(&webhook).unwrap();
        assert_eq!((found.state, found.failed_count), (WebhookState::Failed, 3));
        assert_eq!(found.updated_at, secs(5));
        bed.enqueue(org, "b", "meeting.started", NOW);
        let id = webhook.id;
        assert_eq!(bed.write(move |c| webhooks::skip_pending(c, id, 1, 10)).unwrap(), 0);
        assert_eq!(bed.write(move |c| webhooks::skip_pending(c, id, 0, 10)).unwrap(), 1);
        let skipped = [("b".to_owned(), "skipped"), ("a".to_owned(), "skipped")];
        assert_eq!(bed.states(&webhook), skipped);

        let content = content(&[EventType::MeetingEnded]);
        let changed = found.changed(&content, secs(9), bed.store.master_key()).unwrap();
        assert!(bed.write(move |c| webhooks::change(c, &changed)).unwrap());
        let found = bed.reload(&webhook).unwrap();
        assert_eq!((found.state, found.failed_count), (WebhookState::Active, 0));
        assert_eq!((found.created_at, found.updated_at), (NOW, secs(9)));
        let late = standing(0, WebhookState::Failed, 3);
        bed.record(Vec::new(), BTreeMap::from([(webhook.id, late)]));
        assert_eq!(bed.reload(&webhook).unwrap(), found, "of before the change");
        let replay = move |c: &mut dyn Connection| webhooks::replay(c, id, NOW, 0, 10);
        assert_eq!(bed.write(replay).unwrap().queued, 2);
        assert_eq!(bed.write(move |c| webhooks::skip_pending(c, id, 0, 10)).unwrap(), 0);
        assert_eq!(bed.due(&found, NOW).len(), 2, "of before the change");
    }

    fn of_two_changes_at_once_the_later_is_refused(bed) {
        let org = bed.org("local");
        let read = bed.webhook(org, &[EventType::MeetingStarted]);
        let change = |event_type| {
            let content = content(&[event_type]);
            let changed = read.changed(&content, secs(9), bed.store.master_key()).unwrap();
            bed.write(move |c| webhooks::change(c, &changed)).unwrap()
        };
        assert!(change(EventType::MeetingEnded));
        assert!(!change(EventType::ParticipantJoined));
        assert_eq!(bed.reload(&read).unwrap().event_types, [EventType::MeetingEnded]);
    }

    fn addresses_of_join_hooks_are_forgotten_once_nothing_is_left_of_them(bed) {
        let org = bed.org("local");
        let own = bed.webhook(org, &[EventType::MeetingStarted]);
        let expect = |number: i64| {
            let participant = ParticipantId::from_random(random());
            let url = format!("http://hooks.example/join?{number}");
            let new_id = WebhookId::from_random(random());
            let join = ExpectedJoin { org_id: org, participant, url, new_id };
            let key = bed.store.master_key().clone();
            bed.write(move |c| webhooks::expect_join(c, &join, secs(number), &key)).unwrap();
            (participant, new_id)
        };
        let (came, _) = expect(1);
        expect(2);
        let (_, waited_for) = expect(3);
        bed.enqueue(org, &format!("ptcp-join-{came}-0-1"), "participant.joined", secs(1));
        let forget = || bed.write(|c| webhooks::forget_join_addresses(c, secs(9), 10)).unwrap();
        assert_eq!(forget(), 0, "all are expected");
        bed.write(|c| webhooks::forget_joins(c, secs(3))).unwrap();
        assert_eq!(forget(), 1, "one has a delivery, one is expected");
        let find = |id| bed.store.read(|c| webhooks::find_of_any(c, id)).unwrap();
        assert!(find(waited_for).is_some());
        bed.write(|c| webhooks::purge(c, secs(9), 10)).unwrap();
        bed.write(|c| webhooks::forget_joins(c, secs(9))).unwrap();
        assert_eq!(forget(), 2);
        assert!(find(waited_for).is_none());
        assert!(bed.reload(&own).is_some());
    }

    fn somebody_who_joins_is_told_to_the_address_of_their_hook(bed) {
        let org = bed.org("local");
        let participant = ParticipantId::from_random(random());
        let expect = |participant| {
            let url = "http://hooks.example/join".to_owned();
            let new_id = WebhookId::from_random(random());
            let join = ExpectedJoin { org_id: org, participant, url, new_id };
            let key = bed.store.master_key().clone();
            bed.write(move |c| webhooks::expect_join(c, &join, NOW, &key)).unwrap();
        };
        expect(participant);
        let other = ParticipantId::from_random(random());
        expect(other);
        let joined = |who| bed.enqueue(org, &format!("ptcp-join-{who}-0-1"), "participant.joined", NOW);
        assert_eq!(joined(participant), 1);
        assert_eq!(joined(ParticipantId::from_random(random())), 0);
        let waiting = bed.store.read(|c| webhooks::waiting(c, NOW)).unwrap();
        assert_eq!(joined(other), 1);
        assert_eq!(bed.store.read(|c| webhooks::waiting(c, NOW)).unwrap(), waiting, "one row");
        assert!(bed.store.read(|c| webhooks::list(c, org)).unwrap().is_empty(), "nobody's");
        let (hidden, key) = (waiting[0], bed.store.master_key());
        let found = bed.store.read(|c| webhooks::find_of_any(c, hidden)).unwrap().unwrap();
        assert_eq!(found.hmac(key).unwrap().as_str(), "");
        assert_eq!(bed.store.read(|c| webhooks::find(c, org, hidden)).unwrap(), None);
        assert_eq!(bed.write(|c| webhooks::forget_joins(c, secs(1))).unwrap(), 2);
    }
}
