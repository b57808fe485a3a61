use parlor_store::StoreError;
use parlor_store::page::Cursor;
use parlor_store::rooms::{NewRoom, Room};

use crate::bed::{Bed, NOW, new_room, secs};
use crate::conformance::cases;

/// Seven rooms a second apart; `r6` is the newest.
fn seven(bed: &Bed) -> (parlor_model::id::OrgId, Vec<Room>) {
    let org = bed.org("local");
    let made = (0..7).map(|n| {
        let new = new_room(org, &format!("r{n}"));
        bed.create(new, secs(n - 100)).unwrap().room
    });
    (org, made.collect())
}

cases! {
    fn a_list_is_newest_first(bed) {
        let (org, _) = seven(&bed);
        let page = bed.page(org, 3, Cursor::Newest).unwrap();
        let names: Vec<_> = page.items.iter().map(|room| room.name.as_str()).collect();
        assert_eq!(names, ["r6", "r5", "r4"]);
        assert_eq!(page.total_count, 7);
        assert_eq!(bed.names(bed.org("empty"), 100, Cursor::Newest), [""; 0]);
    }

    fn rooms_of_one_second_are_ordered_by_id(bed) {
        let org = bed.org("local");
        let mut made: Vec<_> = (0..20)
            .map(|n| bed.create(new_room(org, &format!("r{n}")), NOW.plus_millis(n % 7)))
            .map(|created| created.unwrap().room.id)
            .collect();
        made.sort_by(|a, b| b.cmp(a));
        let page = bed.page(org, 100, Cursor::Newest).unwrap();
        let listed: Vec<_> = page.items.iter().map(|room| room.id).collect();
        assert_eq!(listed, made);

        let mut walked = Vec::new();
        let mut cursor = Cursor::Newest;
        loop {
            let page = bed.page(org, 3, cursor).unwrap().items;
            let Some(last) = page.last() else { break };
            cursor = Cursor::After(last.id.to_string());
            walked.extend(page.iter().map(|room| room.id));
        }
        assert_eq!(walked, made);
    }

    fn starting_after_walks_to_the_end(bed) {
        let (org, made) = seven(&bed);
        let after = |n: usize| Cursor::After(made[n].id.to_string());
        assert_eq!(bed.names(org, 3, after(4)), ["r3", "r2", "r1"]);
        assert_eq!(bed.names(org, 3, after(1)), ["r0"]);
        assert_eq!(bed.names(org, 3, after(0)), [""; 0]);
        assert_eq!(bed.page(org, 3, after(0)).unwrap().total_count, 7);
    }

    fn ending_before_ends_just_before_the_cursor(bed) {
        let (org, made) = seven(&bed);
        let before = |n: usize| Cursor::Before(made[n].id.to_string());
        assert_eq!(bed.names(org, 3, before(0)), ["r3", "r2", "r1"]);
        assert_eq!(bed.names(org, 3, before(5)), ["r6"]);
        assert_eq!(bed.names(org, 3, before(6)), [""; 0]);
    }

    fn oldest_is_the_last_page(bed) {
        let (org, _) = seven(&bed);
        assert_eq!(bed.names(org, 5, Cursor::Oldest), ["r4", "r3", "r2", "r1", "r0"]);
        assert_eq!(bed.names(org, 100, Cursor::Oldest), bed.names(org, 100, Cursor::Newest));
    }

    fn an_unknown_cursor_is_refused(bed) {
        let (_, made) = seven(&bed);
        let other = bed.org("other");
        for cursor in ["nothing", &made[0].id.to_string(), ""] {
            for cursor in [Cursor::After(cursor.into()), Cursor::Before(cursor.into())] {
                let page = bed.page(other, 3, cursor);
                assert!(matches!(page, Err(StoreError::UnknownCursor { .. })), "{page:?}");
            }
        }
    }

    fn expired_rooms_are_neither_listed_nor_counted(bed) {
        let (org, _) = seven(&bed);
        for (name, expires_at) in [("gone", NOW), ("soon", secs(1))] {
            let new = NewRoom { expires_at: Some(expires_at), ..new_room(org, name) };
            bed.create(new, secs(-10)).unwrap();
        }
        let page = bed.page(org, 100, Cursor::Newest).unwrap();
        assert_eq!((page.total_count, page.items.len()), (8, 8));
        assert_eq!(page.items[0].name, "soon");
    }

    fn a_room_that_expired_since_the_last_page_still_marks_it(bed) {
        let (org, _) = seven(&bed);
        let new = NewRoom { expires_at: Some(NOW), ..new_room(org, "gone") };
        let gone = bed.create(new, secs(-95)).unwrap().room;
        let rest = bed.names(org, 100, Cursor::After(gone.id.to_string()));
        assert!(rest.ends_with(&["r4".into(), "r3".into(), "r2".into(), "r1".into(), "r0".into()]));
    }
}
