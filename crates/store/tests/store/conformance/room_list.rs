use std::thread;

use parlor_model::id::OrgId;
use parlor_model::time::UnixMillis;
use parlor_store::StoreError;
use parlor_store::page::PageRequest;
use parlor_store::rooms::{self, NewRoom};

use crate::bed::{Bed, NOW, new_room, secs};
use crate::conformance::cases;

/// The kept number, and how many a page shows.
fn shown(bed: &Bed, org: OrgId, now: UnixMillis) -> (u64, usize) {
    let request = PageRequest::default();
    let page = bed.wait(bed.store.scan(move |c| rooms::list(c, org, now, &request))).unwrap();
    (page.total_count, page.items.len())
}

fn until(bed: &Bed, org: OrgId, name: &str, seconds: i64) {
    let new = NewRoom { expires_at: Some(secs(seconds)), ..new_room(org, name) };
    bed.create(new, NOW).unwrap();
}

cases! {
    fn the_number_of_rooms_follows_every_change(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        assert_eq!(shown(&bed, org, NOW), (0, 0));
        for name in ["a", "b", "c"] {
            bed.room(org, name);
        }
        bed.room(other, "a");
        assert_eq!(shown(&bed, org, NOW), (3, 3));
        assert!(bed.create(new_room(org, "a"), NOW).is_err());
        assert_eq!(shown(&bed, org, NOW), (3, 3));
        bed.write(move |c| rooms::delete(c, org, "b", NOW)).unwrap();
        bed.write(move |c| rooms::delete(c, org, "b", NOW)).unwrap();
        assert_eq!(shown(&bed, org, NOW), (2, 2));
        assert_eq!(shown(&bed, other, NOW), (1, 1));
    }

    fn expired_rooms_leave_list_and_number_at_once_and_are_taken_off_later(bed) {
        let org = bed.org("local");
        bed.room(org, "stays");
        until(&bed, org, "short", 10);
        until(&bed, org, "long", 20);
        assert_eq!(shown(&bed, org, secs(9)), (3, 3));
        assert_eq!(shown(&bed, org, secs(10)), (2, 2));
        assert_eq!(bed.write(|c| rooms::unlist(c, secs(10), 100)).unwrap(), 1);
        assert_eq!(bed.write(|c| rooms::unlist(c, secs(10), 100)).unwrap(), 0);
        assert_eq!(shown(&bed, org, secs(10)), (2, 2));
        assert_eq!(shown(&bed, org, secs(20)), (1, 1));
    }

    fn unlisting_goes_by_batches(bed) {
        let org = bed.org("local");
        for n in 0..5 {
            until(&bed, org, &format!("r{n}"), n);
        }
        assert_eq!(bed.write(|c| rooms::unlist(c, secs(9), 2)).unwrap(), 2);
        assert_eq!(shown(&bed, org, secs(9)), (0, 0));
        assert_eq!(bed.write(|c| rooms::unlist(c, secs(9), 9)).unwrap(), 3);
        assert_eq!(shown(&bed, org, secs(9)), (0, 0));
    }

    fn rooms_that_a_clock_ahead_took_off_come_back(bed) {
        let org = bed.org("local");
        until(&bed, org, "short", 60);
        bed.write(|c| rooms::unlist(c, secs(3600), 100)).unwrap();
        assert_eq!(bed.write(|c| rooms::relist(c, secs(1), 100)).unwrap(), 1);
        assert_eq!(bed.write(|c| rooms::relist(c, secs(1), 100)).unwrap(), 0);
        assert_eq!(shown(&bed, org, secs(1)), (1, 1));
    }

    fn an_unlisted_room_that_never_expires_is_listed_again(bed) {
        let org = bed.org("local");
        bed.room(org, "plain");
        until(&bed, org, "short", 60);
        bed.write(|c| rooms::unlist(c, secs(3600), 100)).unwrap();
        let off = bed.store.read(|c| rooms::list_expired(c, secs(3600), None, 100)).unwrap();
        let endless = rooms::Room { expires_at: None, ..off[0].clone() };
        assert!(bed.write(move |c| rooms::update(c, &endless)).unwrap());
        assert_eq!(bed.write(|c| rooms::relist(c, secs(3600), 100)).unwrap(), 1);
        assert_eq!(shown(&bed, org, secs(3600)), (2, 2));
    }

    fn a_replaced_room_counts_once_listed_or_not(bed) {
        let org = bed.org("local");
        for name in ["listed", "unlisted"] {
            until(&bed, org, name, 10);
            if name == "unlisted" {
                bed.write(|c| rooms::unlist(c, secs(10), 100)).unwrap();
            }
            bed.create(new_room(org, name), secs(10)).unwrap();
        }
        // "listed" was made anew before the clock took anything off.
        assert_eq!(shown(&bed, org, secs(10)), (2, 2));
    }

    fn deleted_and_purged_rooms_count_no_more(bed) {
        let org = bed.org("local");
        for name in ["deleted", "purged", "late"] {
            until(&bed, org, name, 10);
        }
        bed.write(move |c| rooms::delete(c, org, "late", secs(10))).unwrap();
        bed.write(|c| rooms::unlist(c, secs(10), 100)).unwrap();
        bed.write(move |c| rooms::delete(c, org, "deleted", secs(10))).unwrap();
        let left = bed.store.read(|c| rooms::list_expired(c, secs(10), None, 100)).unwrap();
        let id = left[0].id;
        assert!(bed.write(move |c| rooms::purge(c, id, secs(10))).unwrap());
        bed.room(org, "new");
        assert_eq!(shown(&bed, org, secs(10)), (1, 1));
    }

    fn what_is_undone_does_not_count(bed) {
        let org = bed.org("local");
        bed.room(org, "there");
        let outcome = bed.write(move |c| -> Result<(), StoreError> {
            rooms::create(c, &new_room(org, "new"), NOW)?;
            rooms::create(c, &new_room(org, "there"), NOW).map(drop)
        });
        assert!(outcome.is_err());
        assert_eq!(shown(&bed, org, NOW), (1, 1));
    }

    fn changes_at_the_same_time_all_count(bed) {
        let org = bed.org("local");
        thread::scope(|scope| {
            for thread in 0..8 {
                let bed = &bed;
                scope.spawn(move || {
                    for n in 0..20 {
                        let name = format!("r{thread}-{n}");
                        bed.room(org, &name);
                        if n % 4 == 0 {
                            bed.write(move |c| rooms::delete(c, org, &name, NOW)).unwrap();
                        }
                    }
                });
            }
        });
        assert_eq!(shown(&bed, org, NOW), (120, 100));
    }

    fn counting_anew_amid_changes_loses_none(bed) {
        let org = bed.org("local");
        thread::scope(|scope| {
            let bed = &bed;
            scope.spawn(move || {
                for _ in 0..20 {
                    bed.write(move |c| rooms::recount(c, org)).unwrap();
                }
            });
            for thread in 0..4 {
                scope.spawn(move || {
                    for n in 0..20 {
                        bed.room(org, &format!("r{thread}-{n}"));
                    }
                });
            }
        });
        assert_eq!(shown(&bed, org, NOW), (80, 80));
    }
}
