use parlor_model::id::{AuditId, OrgId};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::time::UnixMillis;
use parlor_store::audit::{
    self, Action, AuditActor, AuditFilter, AuditOrigin, AuditOutcome, AuditSlice, Fault, Shown,
    Verified, Wanted,
};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::bed::{Bed, NOW, random, secs};
use crate::conformance::cases;

/// More than there are connections, several times over.
const ENTRIES: i64 = 200;

const ALL: AuditSlice = AuditSlice { before: None, skip: 0, limit: 100 };

fn action(org_id: Option<OrgId>, target: &str, at: UnixMillis) -> Action {
    let Value::Object(metadata) = json!({"permissions": ["read:rooms"]}) else { unreachable!() };
    Action {
        id: AuditId::from_random(random()),
        org_id,
        at,
        actor: AuditActor { id: "ana".to_owned(), ..AuditActor::default() },
        action: AuditAction::Create,
        target_type: AuditTarget::ApiKey,
        target_id: target.to_owned(),
        origin: AuditOrigin { ip: "203.0.113.9".to_owned(), ..AuditOrigin::default() },
        metadata,
    }
}

fn intend(bed: &Bed, action: &Action) {
    let (key, action) = (bed.store.audit_key().clone(), action.clone());
    bed.write(move |c| audit::add_intent(c, &key, &action)).unwrap();
}

fn finish(bed: &Bed, action: &Action, status: u16) {
    let (key, action) = (bed.store.audit_key().clone(), action.clone());
    let at = action.at.plus_millis(5);
    let outcome = AuditOutcome { status, error: (status >= 400).then(|| "no".to_owned()) };
    bed.write(move |c| audit::add_outcome(c, &key, &action, &outcome, at)).unwrap();
}

fn done(bed: &Bed, action: &Action) {
    intend(bed, action);
    finish(bed, action, 201);
}

fn list(bed: &Bed, org: OrgId, filter: &AuditFilter, slice: AuditSlice) -> Shown {
    bed.store.read(|c| audit::list(c, Some(org), filter, slice)).unwrap()
}

fn targets(shown: &Shown) -> Vec<&str> {
    shown.items.iter().map(|entry| entry.target_id.as_str()).collect()
}

fn verify(bed: &Bed, org: OrgId, expected: Option<(i64, &str)>) -> Result<Verified, Fault> {
    let key = bed.store.audit_key();
    bed.store.read(|c| audit::verify(c, key, Some(org), expected)).unwrap()
}

/// Does to the database what nobody should.
fn tamper(bed: &Bed, sql: &str) {
    match &bed.config.url {
        Some(url) => {
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            client.batch_execute(sql).unwrap();
        }
        None => {
            let file = bed.config.data_dir.join("parlor.sqlite");
            rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
        }
    }
}

cases! {
    fn an_action_and_its_outcome_are_shown_as_one(bed) {
        let org = bed.org("local");
        let (first, second) = (action(Some(org), "ci", NOW), action(Some(org), "app", secs(1)));
        intend(&bed, &first);
        intend(&bed, &second);
        let shown = list(&bed, org, &AuditFilter::default(), ALL);
        assert_eq!((shown.total, targets(&shown)), (2, vec!["app", "ci"]));
        assert!(shown.items.iter().all(|entry| entry.status_code.is_none()));
        finish(&bed, &first, 409);
        let shown = list(&bed, org, &AuditFilter::default(), ALL);
        let entry = &shown.items[1];
        assert_eq!((entry.id, entry.status_code), (first.id, Some(409)));
        assert_eq!(entry.error_message.as_deref(), Some("no"));
        assert_eq!(entry.metadata, first.metadata);
        assert_eq!(entry.organization_id, Some(org));
        assert!(list(&bed, bed.org("other"), &AuditFilter::default(), ALL).items.is_empty());
    }

    fn what_an_engine_cannot_keep_does_not_look_forged(bed) {
        let org = bed.org("local");
        done(&bed, &action(Some(org), "a\0b", NOW));
        assert!(verify(&bed, org, None).is_ok());
        assert_eq!(targets(&list(&bed, org, &AuditFilter::default(), ALL)), ["a\u{FFFD}b"]);
    }

    fn the_list_is_filtered_and_paged(bed) {
        let org = bed.org("local");
        for second in 0..5 {
            let one = action(Some(org), &second.to_string(), secs(second));
            if second == 3 { intend(&bed, &one) } else { done(&bed, &one) }
        }
        let slice = AuditSlice { limit: 2, ..ALL };
        let shown = list(&bed, org, &AuditFilter::default(), slice);
        assert_eq!((shown.total, targets(&shown)), (5, vec!["4", "3"]));
        let slice = AuditSlice { before: shown.last, ..slice };
        assert_eq!(targets(&list(&bed, org, &AuditFilter::default(), slice)), ["2", "1"]);
        let slice = AuditSlice { before: None, skip: 4, limit: 2 };
        assert_eq!(targets(&list(&bed, org, &AuditFilter::default(), slice)), ["0"]);

        let any = AuditFilter::default;
        let not = |value: &str| Wanted { none_of: vec![value.to_owned()], ..Wanted::default() };
        let few = |values: &[&str]| Wanted {
            one_of: values.iter().map(|value| (*value).to_owned()).collect(),
            ..Wanted::default()
        };
        let id = shown.items[0].id.to_string();
        let filters = [
            (AuditFilter { status: Wanted::just("201"), ..any() }, 4),
            (AuditFilter { status: few(&["20", "01", "404"]), ..any() }, 0),
            (AuditFilter { status: not("201"), ..any() }, 1),
            (AuditFilter { statuses: Some(201..=599), ..any() }, 4),
            (AuditFilter { statuses: Some(202..=599), ..any() }, 0),
            (AuditFilter { statuses: Some(1..=201), ..any() }, 4),
            (AuditFilter { statuses: Some(100..=200), ..any() }, 0),
            (AuditFilter { statuses: Some(0..=0), ..any() }, 1),
            (AuditFilter { from: Some(secs(1)), to: Some(secs(3)), ..any() }, 3),
            (AuditFilter { id: Wanted::just(id.clone()), ..any() }, 1),
            (AuditFilter { id: not(&id), ..any() }, 4),
            (AuditFilter { target_id: Wanted::just("2"), ..any() }, 1),
            (AuditFilter { target_id: few(&["0", "2", "3", "22"]), ..any() }, 3),
            (AuditFilter { target_id: not("2"), ..any() }, 4),
            (AuditFilter { actor_id: Wanted::just("bo"), ..any() }, 0),
            (AuditFilter { actor_id: Wanted::just("an"), ..any() }, 0),
            (AuditFilter { action: Wanted::just("create"), ..any() }, 5),
            (AuditFilter { action: few(&["delete", "read"]), ..any() }, 0),
            (AuditFilter { action: not("create"), ..any() }, 0),
            (AuditFilter { target_type: Wanted::just("user"), ..any() }, 0),
            (AuditFilter { key_prefix: Wanted::just("parlor_a"), ..any() }, 0),
            (AuditFilter { key_prefix: few(&["parlor_a", "parlor_b"]), ..any() }, 0),
            (AuditFilter { key_prefix: not("parlor_a"), ..any() }, 5),
            (AuditFilter { key_prefix: not(""), ..any() }, 0),
        ];
        for (filter, count) in filters {
            let shown = list(&bed, org, &filter, ALL);
            assert_eq!((shown.total, shown.items.len()), (count, count as usize), "{filter:?}");
        }
    }

    fn a_chain_holds_and_its_key_outlives_a_restart(mut bed) {
        let org = bed.org("local");
        assert_eq!(verify(&bed, org, None).unwrap().entries, 0);
        done(&bed, &action(Some(org), "ci", NOW));
        let before = verify(&bed, org, None).unwrap();
        assert_eq!((before.entries, before.head), (2, 2));
        bed.reopen();
        done(&bed, &action(Some(org), "app", secs(1)));
        let after = verify(&bed, org, Some((before.head, &before.head_mac))).unwrap();
        assert_eq!(after.entries, 4);
        let forged = verify(&bed, org, Some((before.head, "forged")));
        assert_eq!(forged, Err(Fault::Expected(2)));
        assert_eq!(verify(&bed, org, Some((9, "x"))), Err(Fault::Expected(9)));
        assert_eq!(bed.store.read(audit::chains).unwrap(), [Some(org)]);
    }

    fn whoever_tampers_with_the_log_is_found_out(bed) {
        let cases = [
            ("UPDATE audit_log SET actor_id = 'bo' WHERE seq = 3", Fault::Changed(3)),
            ("UPDATE audit_log SET status = 200 WHERE seq = 2", Fault::Changed(2)),
            ("DELETE FROM audit_log WHERE seq = 3", Fault::Missing(3)),
            ("DELETE FROM audit_log WHERE seq = 6", Fault::Head { found: 5, head: 6 }),
            ("DELETE FROM audit_log WHERE seq = 1", Fault::Missing(1)),
        ];
        for (number, (sql, fault)) in cases.into_iter().enumerate() {
            let org = bed.org(&format!("org-{number}"));
            for target in ["a", "b", "c"] {
                done(&bed, &action(Some(org), target, NOW));
            }
            tamper(&bed, &format!("{sql} AND chain = '{org}'"));
            assert_eq!(verify(&bed, org, None), Err(fault), "{sql}");
        }
        let org = bed.org("cut");
        for target in ["a", "b", "c"] {
            done(&bed, &action(Some(org), target, NOW));
        }
        tamper(&bed, &format!(
            "UPDATE audit_chains SET removed_seq = 2, removed_mac = \
             (SELECT mac FROM audit_log WHERE chain = '{org}' AND seq = 2) WHERE chain = '{org}'; \
             DELETE FROM audit_log WHERE chain = '{org}' AND seq <= 2"
        ));
        assert_eq!(verify(&bed, org, None), Err(Fault::Removed(2)));
    }

    fn retention_leaves_a_chain_that_holds(bed) {
        let org = bed.org("local");
        for second in 0..4 {
            done(&bed, &action(Some(org), &second.to_string(), secs(second * 100)));
        }
        let remove = |cutoff| {
            let told = (AuditId::from_random(random()), secs(1000));
            let key = bed.store.audit_key().clone();
            bed.write(move |c| audit::remove_before(c, &key, Some(org), cutoff, told)).unwrap()
        };
        assert_eq!(remove(NOW), 0);
        assert_eq!(remove(secs(150)), 4);
        let left = verify(&bed, org, None).unwrap();
        assert_eq!((left.entries, left.removed_through), (6, 4));
        assert_eq!(remove(secs(150)), 0);
        assert_eq!(remove(secs(350)), 4);
        let left = verify(&bed, org, None).unwrap();
        assert_eq!((left.entries, left.removed_through), (4, 8));
        let shown = list(&bed, org, &AuditFilter::default(), ALL);
        assert!(shown.items.iter().all(|entry| entry.action == AuditAction::Delete));
    }

    fn entries_written_at_once_make_one_chain(bed) {
        let org = bed.org("local");
        let store = bed.store.clone();
        bed.wait(async {
            let mut writes = JoinSet::new();
            for number in 0..ENTRIES {
                let (store, one) = (store.clone(), action(Some(org), &number.to_string(), NOW));
                let key = store.audit_key().clone();
                writes.spawn(async move {
                    store.write(move |c| audit::add_intent(c, &key, &one)).await
                });
            }
            while let Some(written) = writes.join_next().await {
                written.unwrap().unwrap();
            }
        });
        assert_eq!(verify(&bed, org, None).unwrap().entries, ENTRIES.unsigned_abs());
        let walked = bed.store.read(|c| audit::walk(c, Some(org), ENTRIES - 2, 10)).unwrap();
        assert_eq!(walked.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [ENTRIES - 1, ENTRIES]);
        let line: Value = serde_json::from_str(&walked[0].line).unwrap();
        assert_eq!((line["seq"].as_i64(), line["kind"].as_str()), (Some(ENTRIES - 1), Some("intent")));
    }

    fn what_clients_choose_is_cut(bed) {
        let org = bed.org("local");
        let mut large = action(Some(org), &"é".repeat(1000), NOW);
        large.metadata = Map::from_iter([("x".to_owned(), json!("y".repeat(9000)))]);
        large.metadata.insert("z".to_owned(), json!(1));
        done(&bed, &large);
        let shown = list(&bed, org, &AuditFilter::default(), ALL);
        assert_eq!(shown.items[0].target_id.len(), audit::MAX_TEXT_BYTES);
        let kept = Value::from(shown.items[0].metadata.clone());
        assert_eq!(kept, json!({"x": "… (9003 bytes)", "z": 1}));
        verify(&bed, org, None).unwrap();
    }
}
