use parlor_model::id::OrgId;
use parlor_model::key_permission::KeyPermission;
use parlor_store::api_keys::{NewApiKey, Refusal};
use parlor_store::key::KeyValue;
use parlor_store::{StoreError, Unique};

use crate::bed::{Bed, NOW, new_key, secs};
use crate::conformance::cases;

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

        let key = bed.store.api_keys().find_by_name(org, "ci").unwrap();
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
        let used = |name| bed.store.api_keys().find_by_name(org, name).unwrap().last_used_at();
        assert_eq!([used("a"), used("b"), used("c")], [Some(secs(52)), Some(secs(51)), None]);
    }

    fn a_key_brought_along_signs_with_its_own_text(bed) {
        let org = bed.org("local");
        let value = KeyValue::unchecked(&"7".repeat(64));
        let key = bed.wait(bed.store.api_keys().create(new_key(org, "old"), &value)).unwrap();
        assert_eq!(key.token_secret().as_bytes(), value.expose().as_bytes());
        assert!(bed.store.api_keys().authenticate(value.expose(), NOW).is_ok());
    }
}
