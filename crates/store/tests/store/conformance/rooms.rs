use std::thread;

use parlor_model::rest::rooms::Privacy;
use parlor_store::rooms::{self, NewRoom};
use parlor_store::{StoreError, Unique};

use crate::bed::{NOW, new_room, secs};
use crate::conformance::cases;

cases! {
    fn a_created_room_is_found(bed) {
        let org = bed.org("local");
        let new = NewRoom {
            privacy: Privacy::Private,
            properties: r#"{"start_video_off":true,"é":"日本"}"#.to_owned(),
            expires_at: Some(secs(60)),
            ..new_room(org, "standup")
        };
        let created = bed.create(new.clone(), NOW).unwrap();
        assert_eq!(created.replaced, None);
        let found = bed.find(org, "standup", NOW).unwrap();
        assert_eq!(found, created.room);
        assert_eq!((found.id, found.privacy), (new.id, Privacy::Private));
        assert_eq!((found.properties, found.expires_at), (new.properties, new.expires_at));
        assert_eq!(found.created_at.as_millis(), 1_935_576_000_000, "rounded to the second");
    }

    fn names_are_case_sensitive_and_belong_to_an_organization(bed) {
        let (one, two) = (bed.org("one"), bed.org("two"));
        bed.room(one, "Standup");
        bed.room(one, "standup");
        bed.room(two, "standup");
        assert!(bed.find(two, "Standup", NOW).is_none());
        assert!(bed.find(one, "Standup", NOW).is_some());
    }

    fn a_taken_name_is_a_conflict(bed) {
        let org = bed.org("local");
        let first = bed.room(org, "standup");
        let second = bed.create(new_room(org, "standup"), NOW);
        assert!(matches!(second, Err(StoreError::Conflict(Unique::RoomName))), "{second:?}");
        assert_eq!(bed.find(org, "standup", NOW), Some(first));
    }

    fn of_sixteen_creates_of_one_name_exactly_one_wins(bed) {
        let org = bed.org("local");
        for round in 0..10 {
            let name = format!("room-{round}");
            let outcomes: Vec<_> = thread::scope(|scope| {
                let create = || bed.create(new_room(org, &name), NOW);
                let threads: Vec<_> = (0..16).map(|_| scope.spawn(create)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
            assert_eq!((won.len(), lost.len()), (1, 15), "{lost:?}");
            for outcome in lost {
                assert!(matches!(outcome, Err(StoreError::Conflict(Unique::RoomName))));
            }
        }
    }

    fn an_expired_room_is_invisible_from_that_very_moment(bed) {
        let org = bed.org("local");
        let new = NewRoom { expires_at: Some(secs(60)), ..new_room(org, "short") };
        bed.create(new, NOW).unwrap();
        assert!(bed.find(org, "short", secs(60).plus_millis(-1)).is_some());
        assert!(bed.find(org, "short", secs(60)).is_none());
        let record = bed.store.read(|c| rooms::find_including_expired(c, org, "short")).unwrap();
        assert!(record.unwrap().is_expired(secs(60)));
    }

    fn the_name_of_an_expired_room_can_be_taken_over(bed) {
        let org = bed.org("local");
        let new = NewRoom { expires_at: Some(secs(60)), ..new_room(org, "short") };
        let old = bed.create(new, NOW).unwrap().room;
        assert!(bed.create(new_room(org, "short"), secs(59)).is_err());
        let created = bed.create(new_room(org, "short"), secs(60)).unwrap();
        assert_eq!(created.replaced, Some(old.id));
        assert_eq!(bed.find(org, "short", secs(60)), Some(created.room));
    }

    fn an_updated_room_keeps_its_identity(bed) {
        let org = bed.org("local");
        let mut room = bed.room(org, "standup");
        room.privacy = Privacy::Private;
        room.properties = r#"{"lang":"de"}"#.to_owned();
        room.expires_at = Some(secs(5));
        let changed = room.clone();
        assert!(bed.write(move |c| rooms::update(c, &changed)).unwrap());
        assert_eq!(bed.find(org, "standup", NOW), Some(room.clone()));
        bed.write(move |c| rooms::delete(c, org, "standup", NOW)).unwrap();
        assert!(!bed.write(move |c| rooms::update(c, &room)).unwrap());
    }

    fn a_room_is_deleted_once(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let room = bed.room(org, "standup");
        assert_eq!(bed.write(move |c| rooms::delete(c, other, "standup", NOW)).unwrap(), None);
        let deleted = bed.write(move |c| rooms::delete(c, org, "standup", NOW)).unwrap().unwrap();
        assert_eq!((deleted.id, deleted.was_expired), (room.id, false));
        assert_eq!(bed.write(move |c| rooms::delete(c, org, "standup", NOW)).unwrap(), None);
        bed.room(org, "standup");
    }

    fn deleting_an_expired_room_says_that_it_had_expired(bed) {
        let org = bed.org("local");
        let new = NewRoom { expires_at: Some(secs(60)), ..new_room(org, "short") };
        bed.create(new, NOW).unwrap();
        let deleted = bed.write(move |c| rooms::delete(c, org, "short", secs(61))).unwrap();
        assert!(deleted.unwrap().was_expired);
    }

    fn only_rooms_past_the_cutoff_are_purged(bed) {
        let org = bed.org("local");
        for (name, expires_at) in [("b", Some(secs(20))), ("a", Some(secs(10))), ("c", None)] {
            bed.create(NewRoom { expires_at, ..new_room(org, name) }, NOW).unwrap();
        }
        let cutoff = secs(20);
        assert_eq!(bed.write(move |c| rooms::unlist(c, cutoff, 100)).unwrap(), 2);
        let expired = bed.store.read(|c| rooms::list_expired(c, cutoff, None, 100)).unwrap();
        let names: Vec<_> = expired.iter().map(|room| room.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let first = bed.store.read(|c| rooms::list_expired(c, cutoff, None, 1)).unwrap();
        assert_eq!(first[..], expired[..1]);
        let page = |after| bed.store.read(|c| rooms::list_expired(c, cutoff, Some(after), 1)).unwrap();
        assert_eq!(page(&expired[0])[..], expired[1..]);
        assert_eq!(page(&expired[1]), []);

        let mut extended = expired[1].clone();
        extended.expires_at = Some(secs(100));
        let ids = [expired[0].id, extended.id];
        bed.write(move |c| rooms::update(c, &extended)).unwrap();
        assert!(bed.write(move |c| rooms::purge(c, ids[0], cutoff)).unwrap());
        assert!(!bed.write(move |c| rooms::purge(c, ids[1], cutoff)).unwrap());
        assert!(bed.find(org, "b", NOW).is_some());
    }
}
