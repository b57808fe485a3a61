use parlor_model::id::{OrgId, RoleId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::identity::member::MemberRole;
use parlor_model::key_permission::{KeyPermission, KeyPermissions};
use parlor_store::accounts;
use parlor_store::api_keys::{NewApiKey, Refusal};
use parlor_store::key::KeyValue;
use parlor_store::members::{self, Access};
use parlor_store::{StoreError, Unique, orgs};

use crate::bed::{Bed, NOW, new_key, secs};
use crate::conformance::{cases, people};

fn add(bed: &Bed, org: OrgId, name: &str) -> KeyValue {
    let value = KeyValue::generate().unwrap();
    bed.wait(bed.store.api_keys().create(new_key(org, name), &value)).unwrap();
    value
}

fn names(bed: &Bed, org: OrgId) -> Vec<String> {
    bed.store.api_keys().list(org).iter().map(|key| key.name.clone()).collect()
}

cases! {
    fn a_new_key_opens_the_door_and_others_do_not(bed) {
        let org = bed.org("local");
        let value = add(&bed, org, "ci");
        let key = bed.store.api_keys().authenticate(value.expose(), NOW).unwrap();
        assert_eq!((key.org_id, key.name.as_str()), (org, "ci"));
        assert!(key.permissions.allow(KeyPermission::WriteRooms));
        assert_eq!(key.token_secret(), &value.token_secret());
        for wrong in ["", "parlor_", &value.expose()[1..], KeyValue::generate().unwrap().expose()] {
            let refusal = bed.store.api_keys().authenticate(wrong, NOW).unwrap_err();
            assert_eq!(refusal, Refusal::Unknown);
        }
    }

    fn keys_outlive_a_restart(mut bed) {
        let org = bed.org("local");
        let value = add(&bed, org, "ci");
        bed.reopen();
        let key = bed.store.api_keys().authenticate(value.expose(), NOW).unwrap();
        assert_eq!((key.org_id, key.name.as_str()), (org, "ci"));
        assert_eq!(key.token_secret(), &value.token_secret());
        assert_eq!(key.display, value.display());
        assert!(key.permissions.allow(KeyPermission::AdminOrganization));
    }

    fn a_key_is_refused_from_the_moment_it_expires(bed) {
        let org = bed.org("local");
        let value = KeyValue::generate().unwrap();
        let new = NewApiKey { expires_at: Some(secs(10)), ..new_key(org, "short") };
        bed.wait(bed.store.api_keys().create(new, &value)).unwrap();
        let keys = bed.store.api_keys();
        assert!(keys.authenticate(value.expose(), secs(10).plus_millis(-1)).is_ok());
        assert_eq!(keys.authenticate(value.expose(), secs(10)).unwrap_err(), Refusal::Expired);
        assert_eq!(names(&bed, org), ["short"], "it stays listed");
        assert!(keys.list_active(org, secs(10)).is_empty());
    }

    fn a_revoked_key_is_refused_at_once_and_for_good(mut bed) {
        let org = bed.org("local");
        let value = add(&bed, org, "ci");
        let key = bed.store.api_keys().find(value.expose()).unwrap();
        assert!(bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap());
        assert!(!bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap());
        assert!(bed.store.api_keys().authenticate(value.expose(), NOW).is_err());
        bed.reopen();
        assert!(bed.store.api_keys().authenticate(value.expose(), NOW).is_err());
        assert!(names(&bed, org).is_empty());
    }

    fn name_and_value_are_taken_until_revoked(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let value = add(&bed, org, "ci");
        let fresh = KeyValue::generate().unwrap();
        let create = |new, value: &KeyValue| bed.wait(bed.store.api_keys().create(new, value));
        let name = create(new_key(org, "ci"), &fresh);
        assert!(matches!(name, Err(StoreError::Conflict(Unique::ApiKeyName))), "{name:?}");
        let same = create(new_key(other, "ci"), &value);
        assert!(matches!(same, Err(StoreError::Conflict(Unique::ApiKeyValue))), "{same:?}");
        create(new_key(other, "ci"), &fresh).unwrap();

        let key = bed.store.api_keys().find_by_name(org, None, "ci").unwrap();
        bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap();
        create(new_key(org, "ci"), &value).unwrap();
        // The old handle no longer stands for the value.
        assert!(!bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap());
        assert!(bed.store.api_keys().authenticate(value.expose(), NOW).is_ok());
    }

    fn keys_are_listed_last_used_first(mut bed) {
        let org = bed.org("local");
        let values: Vec<_> = ["a", "b", "c"].iter().map(|name| add(&bed, org, name)).collect();
        let authenticate = |bed: &Bed, n: usize, at| {
            bed.store.api_keys().authenticate(values[n].expose(), at).unwrap();
        };
        authenticate(&bed, 0, secs(30));
        authenticate(&bed, 1, secs(50));
        assert_eq!(names(&bed, org), ["b", "a", "c"]);
        // Within ten seconds of the use before: noted, and written at the end.
        authenticate(&bed, 0, secs(31));
        authenticate(&bed, 1, secs(51));
        authenticate(&bed, 0, secs(52));
        assert_eq!(names(&bed, org), ["a", "b", "c"]);
        bed.reopen();
        assert_eq!(names(&bed, org), ["a", "b", "c"]);
        let used = |name| bed.store.api_keys().find_by_name(org, None, name).unwrap().last_used_at();
        assert_eq!([used("a"), used("b"), used("c")], [Some(secs(52)), Some(secs(51)), None]);
    }

    fn a_key_brought_along_signs_with_its_own_text(bed) {
        let org = bed.org("local");
        let value = KeyValue::unchecked(&"7".repeat(64));
        let key = bed.wait(bed.store.api_keys().create(new_key(org, "old"), &value)).unwrap();
        assert_eq!(key.token_secret().as_bytes(), value.expose().as_bytes());
        assert!(bed.store.api_keys().authenticate(value.expose(), NOW).is_ok());
    }

    fn a_successor_takes_the_name_and_both_work_for_a_while(mut bed) {
        let org = bed.org("local");
        let old = add(&bed, org, "ci");
        let rotate = |bed: &Bed, expires_at| {
            let value = KeyValue::generate().unwrap();
            let key = bed.store.api_keys().find_by_name(org, None, "ci").unwrap();
            let rotated = bed.store.api_keys().rotate(&key, new_key(org, "ci"), &value, expires_at);
            bed.wait(rotated).unwrap().unwrap();
            value
        };
        let first = bed.store.api_keys().find_by_name(org, None, "ci").unwrap();
        let second = rotate(&bed, secs(100));
        let late = KeyValue::generate().unwrap();
        let slower = bed.store.api_keys().rotate(&first, new_key(org, "ci"), &late, secs(100));
        assert!(bed.wait(slower).unwrap().is_none(), "of two at once one has a successor");
        let third = rotate(&bed, secs(50));
        let check = |bed: &Bed| {
            let keys = bed.store.api_keys();
            let name = |value: &KeyValue, at| {
                keys.authenticate(value.expose(), at).map(|key| key.name.clone())
            };
            assert_eq!(name(&old, secs(49)).as_deref(), Ok("ci-old-1"));
            assert_eq!(name(&second, secs(49)).as_deref(), Ok("ci-old-2"));
            assert_eq!(name(&second, secs(50)), Err(Refusal::Expired));
            assert_eq!(name(&old, secs(100)), Err(Refusal::Expired));
            assert_eq!(name(&third, secs(200)).as_deref(), Ok("ci"));
            assert_eq!(keys.list(org).len(), 3);
        };
        check(&bed);
        bed.reopen();
        check(&bed);
        let key = bed.store.api_keys().find(third.expose()).unwrap();
        bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap();
        let value = KeyValue::generate().unwrap();
        let rotated = bed.store.api_keys().rotate(&key, new_key(org, "ci"), &value, NOW);
        assert!(bed.wait(rotated).unwrap().is_none(), "a revoked key has no successor");
    }

    fn a_key_may_be_granted_several_organizations(mut bed) {
        let (org, other, third) = (bed.org("local"), bed.org("other"), bed.org("third"));
        let value = KeyValue::generate().unwrap();
        let new = NewApiKey { further_orgs: vec![other], ..new_key(org, "both") };
        bed.wait(bed.store.api_keys().create(new, &value)).unwrap();
        bed.reopen();
        let key = bed.store.api_keys().authenticate(value.expose(), NOW).unwrap();
        assert!(!key.has_one_org() && key.is_of(org) && key.is_of(other) && !key.is_of(third));
        assert_eq!((names(&bed, org), names(&bed, other)), (vec!["both".into()], vec!["both".into()]));
        assert!(names(&bed, third).is_empty());
        bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap();
        assert!(names(&bed, other).is_empty());
    }

    fn names_are_unique_for_each_person(mut bed) {
        let org = bed.org("local");
        let ana = people::user(&bed, "ana");
        bed.write(move |c| members::add(c, &accounts::owner(org, ana, NOW))).unwrap();
        add(&bed, org, "ci");
        let create = |bed: &Bed| {
            let new = NewApiKey { user_id: Some(ana), ..new_key(org, "ci") };
            bed.wait(bed.store.api_keys().create(new, &KeyValue::generate().unwrap()))
        };
        create(&bed).unwrap();
        let twice = create(&bed);
        assert!(matches!(twice, Err(StoreError::Conflict(Unique::ApiKeyName))), "{twice:?}");
        bed.reopen();
        let found = |user| bed.store.api_keys().find_by_name(org, user, "ci").map(|key| key.user_id);
        assert_eq!((found(None), found(Some(ana))), (Some(None), Some(Some(ana))));
    }

    fn a_key_ends_with_what_its_owner_loses(mut bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let ana = people::user(&bed, "ana");
        for place in [org, other] {
            bed.write(move |c| members::add(c, &accounts::owner(place, ana, NOW))).unwrap();
        }
        let words = |all: &[KeyPermission]| all.iter().copied().collect::<KeyPermissions>();
        let make = |name: &str, permissions, further_orgs| {
            let value = KeyValue::generate().unwrap();
            let user_id = Some(ana);
            let new = NewApiKey { user_id, permissions, further_orgs, ..new_key(org, name) };
            bed.wait(bed.store.api_keys().create(new, &value)).map(|_| value)
        };
        let wide = make("wide", words(&[KeyPermission::WriteRooms]), Vec::new()).unwrap();
        let narrow = make("narrow", words(&[KeyPermission::ReadAuditLogs]), vec![other]).unwrap();
        let machine = add(&bed, org, "machine");

        let auditor = Access { role: MemberRole::Member, role_ids: vec![RoleId::from_number(7)] };
        let demoted = bed.store.api_keys().with_change_of_people(org, NOW, move |c| {
            members::set_access(c, org, ana, &auditor, NOW)
        });
        assert!(bed.wait::<Result<bool, StoreError>>(demoted).unwrap());
        let opens = |bed: &Bed, value: &KeyValue| {
            bed.store.api_keys().authenticate(value.expose(), NOW).is_ok()
        };
        assert!(!opens(&bed, &wide) && opens(&bed, &narrow) && opens(&bed, &machine));
        let again = make("again", words(&[KeyPermission::WriteRooms]), Vec::new());
        assert!(matches!(again, Err(StoreError::KeyBeyondOwner)), "{again:?}");

        let refused = bed.store.api_keys().with_change_of_people(other, NOW, move |c| {
            members::remove(c, other, ana)?;
            Err::<(), _>(StoreError::Closed)
        });
        assert!(bed.wait(refused).is_err());
        assert!(opens(&bed, &narrow), "what was not changed takes no keys");
        let gone = bed.store.api_keys();
        let gone = gone.with_change_of_people(other, NOW, move |c| members::remove(c, other, ana));
        assert!(bed.wait::<Result<bool, StoreError>>(gone).unwrap());
        assert!(!opens(&bed, &narrow) && opens(&bed, &machine));

        let deleted = bed.store.api_keys();
        let deleted = deleted.with_change_of_people(org, NOW, move |c| orgs::delete(c, org, NOW));
        assert!(bed.wait::<Result<bool, StoreError>>(deleted).unwrap());
        assert!(!opens(&bed, &machine));
        let nowhere = bed.store.api_keys().create(new_key(org, "late"), &machine);
        let nowhere = bed.wait(nowhere);
        assert!(matches!(nowhere, Err(StoreError::KeyBeyondOwner)), "{nowhere:?}");
        bed.reopen();
        for value in [&wide, &narrow, &machine] {
            assert!(!opens(&bed, value), "in the records as well");
        }
    }

    fn what_a_key_is_held_to_changes_at_once_and_for_good(mut bed) {
        let org = bed.org("local");
        let value = add(&bed, org, "ci");
        let key = bed.store.api_keys().find(value.expose()).unwrap();
        let set = |rooms| {
            let change = move |limits: &mut UsageLimits| {
                limits.rooms = rooms;
                Ok::<_, StoreError>(())
            };
            bed.wait(bed.store.api_keys().change_limits(&key, change)).unwrap()
        };
        assert_eq!(set(Some(3)).unwrap().limits.rooms, Some(3));
        let known = |bed: &Bed| bed.store.api_keys().find(value.expose()).unwrap().limits.rooms;
        assert_eq!(known(&bed), Some(3));
        assert_eq!(names(&bed, org), ["ci"]);
        bed.reopen();
        assert_eq!(known(&bed), Some(3));
        let key = bed.store.api_keys().find(value.expose()).unwrap();
        bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap();
        let gone = bed.store.api_keys().change_limits(&key, |_| Ok::<_, StoreError>(()));
        assert!(bed.wait(gone).unwrap().is_none());
    }

    fn a_person_has_so_many_keys_in_an_organization_and_no_more(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let ana = people::user(&bed, "ana");
        for place in [org, other] {
            bed.write(move |c| members::add(c, &accounts::owner(place, ana, NOW))).unwrap();
        }
        let make = async |org, name: String| {
            let new = NewApiKey { user_id: Some(ana), ..new_key(org, &name) };
            bed.store.api_keys().create(new, &KeyValue::generate().unwrap()).await
        };
        let one_more = bed.wait(async {
            for number in 0..1000 {
                make(org, format!("key {number}")).await.unwrap();
            }
            make(other, "elsewhere".to_owned()).await.unwrap();
            make(org, "one more".to_owned()).await
        });
        assert!(matches!(one_more, Err(StoreError::TooMany { limit: 1000, .. })), "{one_more:?}");
        add(&bed, org, "of the machine");
        // Rotation leaves the old one there, too.
        let key = bed.store.api_keys().find_by_name(org, Some(ana), "key 7").unwrap();
        let successor = NewApiKey { user_id: Some(ana), ..new_key(org, "key 7") };
        let value = KeyValue::generate().unwrap();
        let rotated = bed.wait(bed.store.api_keys().rotate(&key, successor, &value, NOW));
        assert!(matches!(rotated, Err(StoreError::TooMany { .. })), "{rotated:?}");
        bed.wait(bed.store.api_keys().revoke(&key, NOW)).unwrap();
        bed.wait(make(org, "one more".to_owned())).unwrap();
    }

    fn limits_and_rotation_at_once_leave_no_key_that_is_freer(bed) {
        let org = bed.org("local");
        let keys = bed.store.api_keys();
        let value = add(&bed, org, "ci");
        let held = |limits: &mut UsageLimits| {
            limits.rooms = Some(1);
            Ok::<_, StoreError>(())
        };
        let rotate = |key: &std::sync::Arc<_>| {
            let new = KeyValue::generate().unwrap();
            bed.wait(keys.rotate(key, new_key(org, "ci"), &new, secs(60))).unwrap().is_some()
        };
        // As both know it.
        let known = keys.find(value.expose()).unwrap();
        assert!(bed.wait(keys.change_limits(&known, held)).unwrap().is_some());
        assert!(!rotate(&known), "its successor would be free");
        let known = keys.find(value.expose()).unwrap();
        assert!(rotate(&known));
        assert!(bed.wait(keys.change_limits(&known, held)).unwrap().is_none(), "it has another name");
    }
}
