use parlor_model::id::OrgId;
use parlor_store::orgs::{self, Org};
use parlor_store::{StoreError, Unique};

use crate::bed::{NOW, random, secs};
use crate::conformance::cases;

cases! {
    fn an_organization_is_found_by_id_and_domain(bed) {
        let id = bed.org("local");
        let by_id = bed.store.read(|c| orgs::find(c, id)).unwrap().unwrap();
        let by_domain = bed.store.read(|c| orgs::find_by_domain(c, "local")).unwrap().unwrap();
        assert_eq!(by_id, by_domain);
        assert_eq!((by_id.id, by_id.domain.as_str(), by_id.created_at), (id, "local", NOW));
        assert_eq!(bed.store.read(|c| orgs::find_by_domain(c, "Local")).unwrap(), None);
    }

    fn a_domain_belongs_to_one_organization(bed) {
        bed.org("local");
        let other = bed.org("other");
        let key = bed.store.master_key();
        let second = Org::new(OrgId::from_random(random()), "local", NOW, key).unwrap();
        let refused = bed.write(move |c| orgs::create(c, &second));
        assert!(matches!(refused, Err(StoreError::Conflict(Unique::OrgDomain))), "{refused:?}");
        let refused = bed.write(move |c| orgs::rename(c, other, "local"));
        assert!(matches!(refused, Err(StoreError::Conflict(Unique::OrgDomain))), "{refused:?}");
        assert!(bed.write(move |c| orgs::rename(c, other, "third")).unwrap());
    }

    fn organizations_are_listed_oldest_first(bed) {
        for (domain, at) in [("b", secs(2)), ("a", secs(3)), ("c", secs(1))] {
            let id = OrgId::from_random(random());
            let org = Org::new(id, domain, at, bed.store.master_key()).unwrap();
            bed.write(move |c| orgs::create(c, &org)).unwrap();
        }
        let listed = bed.store.read(orgs::list).unwrap();
        let domains: Vec<_> = listed.iter().map(|org| org.domain.as_str()).collect();
        assert_eq!(domains, ["c", "b", "a"]);
    }

    fn domain_properties_are_saved(bed) {
        let id = bed.org("local");
        let saved = bed.write(move |c| orgs::update_properties(c, id, r#"{"lang":"de"}"#));
        assert!(saved.unwrap());
        let org = bed.store.read(|c| orgs::find(c, id)).unwrap().unwrap();
        assert_eq!(org.properties, r#"{"lang":"de"}"#);
        let nobody = OrgId::from_random(random());
        assert!(!bed.write(move |c| orgs::update_properties(c, nobody, "{}")).unwrap());
    }

    fn every_organization_signs_with_a_secret_of_its_own(mut bed) {
        let (one, two) = (bed.org("one"), bed.org("two"));
        let secret = |bed: &crate::bed::Bed, id| {
            let org = bed.store.read(|c| orgs::find(c, id)).unwrap().unwrap();
            org.token_secret(bed.store.master_key()).unwrap()
        };
        let before = secret(&bed, one);
        assert_eq!(before.as_bytes().len(), 32);
        assert_ne!(before, secret(&bed, two));
        bed.reopen();
        assert_eq!(before, secret(&bed, one));
    }
}
