use std::sync::mpsc::sync_channel;
use std::thread;

use parlor_store::orgs;
use parlor_store::rooms::{self, NewRoom};
use parlor_store::{Store, StoreError, Unique};

use crate::bed::{NOW, new_room};
use crate::conformance::cases;

/// An error of the caller's own.
enum Refused {
    OnSecondThought,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

cases! {
    fn a_failing_job_undoes_its_own_changes_and_no_neighbours(bed) {
        let org = bed.org("local");
        // The gate keeps the writer busy until all three wait behind it, so
        // that they share a commit.
        let (open, gate) = sync_channel::<()>(0);
        let (entered, inside) = sync_channel::<()>(1);
        let (a, b, c) = (new_room(org, "a"), new_room(org, "b"), new_room(org, "c"));
        let gate = bed.store.write(move |_| {
            entered.send(()).unwrap();
            gate.recv().unwrap();
            Ok::<_, StoreError>(())
        });
        let first = bed.store.write(move |conn| rooms::create(conn, &a, NOW));
        let failing = bed.store.write(move |conn| {
            rooms::create(conn, &b, NOW)?;
            Err::<(), _>(Refused::OnSecondThought)
        });
        let last = bed.store.write(move |conn| rooms::create(conn, &c, NOW));
        let opener = async {
            thread::spawn(move || {
                inside.recv().unwrap();
                open.send(()).unwrap();
            });
        };
        let (gate, first, failing, last, ()) =
            bed.wait(async { tokio::join!(gate, first, failing, last, opener) });
        gate.unwrap();
        assert!(first.is_ok() && last.is_ok());
        match failing {
            Err(Refused::OnSecondThought) => {}
            Err(Refused::Store(error)) => panic!("{error}"),
            Ok(()) => panic!("it refused"),
        }
        let found = ["a", "b", "c"].map(|name| bed.find(org, name, NOW).is_some());
        assert_eq!(found, [true, false, true]);
    }

    fn a_failed_statement_undoes_the_whole_job(bed) {
        let org = bed.org("local");
        bed.room(org, "taken");
        let (fresh, taken) = (new_room(org, "fresh"), new_room(org, "taken"));
        let outcome = bed.write(move |conn| {
            rooms::create(conn, &fresh, NOW)?;
            rooms::create(conn, &taken, NOW)
        });
        assert!(matches!(outcome, Err(StoreError::Conflict(Unique::RoomName))), "{outcome:?}");
        assert!(bed.find(org, "fresh", NOW).is_none());
        bed.room(org, "fresh");
    }

    fn a_panicking_job_is_undone_and_the_writer_lives_on(bed) {
        let org = bed.org("local");
        let new = new_room(org, "a");
        let outcome = bed.write(move |conn| -> Result<(), StoreError> {
            rooms::create(conn, &new, NOW)?;
            panic!("as this test wants it")
        });
        assert!(matches!(outcome, Err(StoreError::Panicked)), "{outcome:?}");
        assert!(bed.find(org, "a", NOW).is_none());
        bed.room(org, "a");
    }

    fn concurrent_changes_of_one_room_are_all_kept(bed) {
        let org = bed.org("local");
        bed.create(NewRoom { properties: "0".into(), ..new_room(org, "counter") }, NOW).unwrap();
        let add_one = || {
            bed.write(move |conn| {
                let mut room = rooms::find(conn, org, "counter", NOW)?.expect("it was made above");
                let count: u32 = room.properties.parse().expect("only numbers are written");
                room.properties = (count + 1).to_string();
                rooms::update(conn, &room)
            })
        };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..10).for_each(|_| assert!(add_one().unwrap())));
            }
        });
        assert_eq!(bed.find(org, "counter", NOW).unwrap().properties, "80");
    }

    fn what_was_acknowledged_is_there_after_a_restart(mut bed) {
        let org = bed.org("local");
        let rooms: Vec<_> = (0..50).map(|n| bed.room(org, &format!("r{n}"))).collect();
        bed.reopen();
        for room in rooms {
            assert_eq!(bed.find(org, &room.name, NOW).as_ref(), Some(&room));
        }
    }

    fn a_change_goes_on_when_its_caller_hangs_up(bed) {
        let org = bed.org("local");
        let (entered, inside) = sync_channel::<()>(1);
        let (open, gate) = sync_channel::<()>(1);
        let new = new_room(org, "a");
        let write = bed.store.write(move |conn| {
            entered.send(()).unwrap();
            gate.recv().unwrap();
            rooms::create(conn, &new, NOW)
        });
        bed.wait(async {
            tokio::select! {
                _ = write => panic!("the gate is closed"),
                entered = tokio::task::spawn_blocking(move || inside.recv()) => entered.unwrap().unwrap(),
            }
        });
        open.send(()).unwrap();
        bed.store.shutdown();
        let refused = bed.write(move |conn| rooms::delete(conn, org, "a", NOW));
        assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
        let mut bed = bed;
        bed.reopen();
        assert!(bed.find(org, "a", NOW).is_some());
    }
    fn a_store_may_be_opened_read_and_dropped_inside_any_runtime(bed) {
        bed.org("local");
        bed.store.shutdown();
        let config = &bed.config;
        let session = async || {
            let store = Store::open(config).unwrap();
            assert_eq!(store.read(orgs::list).unwrap().len(), 1);
            assert_eq!(store.scan(orgs::list).await.unwrap().len(), 1);
            drop(store);
        };
        bed.wait(session());
        let alone = tokio::runtime::Builder::new_current_thread().build().unwrap();
        alone.block_on(session());
    }
}
