//! A full disk and a full queue: a clear refusal, and nothing acknowledged is
//! lost.

use std::sync::mpsc::sync_channel;

use parlor_store::rooms::{self, NewRoom};
use parlor_store::{StoreError, Unique};
use tokio::task::JoinSet;

use crate::bed::{Bed, NOW, new_room};

#[test]
fn a_full_disk_refuses_writes_and_keeps_what_was_acknowledged() {
    let mut bed = Bed::open(|config| config.max_database_bytes = Some(1024 * 1024));
    let org = bed.org("local");
    let large = |name: &str| NewRoom {
        properties: format!("\"{}\"", "x".repeat(20_000)),
        ..new_room(org, name)
    };
    let mut acknowledged = Vec::new();
    let refusal = loop {
        let name = format!("r{}", acknowledged.len());
        match bed.create(large(&name), NOW) {
            Ok(created) => acknowledged.push(created.room),
            Err(refusal) => break refusal,
        }
        assert!(acknowledged.len() < 100, "the limit does not hold");
    };
    assert!(matches!(refusal, StoreError::Full), "{refusal:?}");
    assert!(refusal.to_string().contains("full"), "{refusal}");
    assert!(acknowledged.len() > 5);

    // Reading goes on, and freed space is used again.
    assert!(bed.find(org, "r0", NOW).is_some());
    bed.write(move |c| rooms::delete(c, org, "r0", NOW)).unwrap();
    bed.create(large("again"), NOW).unwrap();

    bed.reopen();
    for room in &acknowledged[1..] {
        assert_eq!(bed.find(org, &room.name, NOW).as_ref(), Some(room));
    }
    assert!(bed.find(org, "again", NOW).is_some());
}

/// Some of a group fit and some do not: each caller gets the truth about its
/// own change.
#[test]
fn on_a_full_disk_every_answer_is_true() {
    let mut bed = Bed::open(|config| config.max_database_bytes = Some(1024 * 1024));
    let org = bed.org("local");
    let store = bed.store.clone();
    let answers = bed.wait(async {
        let mut creates = JoinSet::new();
        for n in 0..200 {
            let bytes = if n % 2 == 0 { 20_000 } else { 10 };
            let properties = format!("\"{}\"", "x".repeat(bytes));
            let new = NewRoom { properties, ..new_room(org, &format!("r{n}")) };
            let store = store.clone();
            creates.spawn(async move {
                let name = new.name.clone();
                (name, store.write(move |c| rooms::create(c, &new, NOW)).await)
            });
        }
        creates.join_all().await
    });
    drop(store);
    bed.reopen();
    let mut refused = 0;
    for (name, answer) in answers {
        match answer {
            Ok(created) => assert_eq!(bed.find(org, &name, NOW), Some(created.room)),
            Err(StoreError::Full) => {
                refused += 1;
                assert!(bed.find(org, &name, NOW).is_none(), "{name} was refused");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(refused > 10, "{refused} refused");
}

#[test]
fn a_full_queue_says_busy_at_once_and_recovers() {
    let bed = Bed::sqlite();
    let org = bed.org("local");
    let (entered, inside) = sync_channel::<()>(1);
    let (open, gate) = sync_channel::<()>(1);
    let store = bed.store.clone();
    bed.wait(async {
        let mut waiting = JoinSet::new();
        let gated = store.clone();
        waiting.spawn(async move {
            let gate = move |_: &mut dyn parlor_store::Connection| {
                entered.send(()).unwrap();
                gate.recv().unwrap();
                Ok(())
            };
            gated.write(gate).await
        });
        tokio::task::spawn_blocking(move || inside.recv()).await.unwrap().unwrap();
        let (mut queued, mut busy) = (0, 0);
        while busy == 0 {
            let store = store.clone();
            let mut write = Box::pin(async move {
                store.write(move |c| rooms::find(c, org, "none", NOW).map(drop)).await
            });
            // Polled once: either refused at once or waiting in the queue.
            match poll_once(&mut write).await {
                Some(Err(StoreError::Busy(_))) => busy += 1,
                Some(other) => panic!("{other:?}"),
                None => {
                    queued += 1;
                    waiting.spawn(write);
                }
            }
        }
        assert!(queued >= 1000, "{queued}");
        open.send(()).unwrap();
        for outcome in waiting.join_all().await {
            outcome.unwrap();
        }
    });
    bed.room(org, "after");
    let again = bed.create(new_room(org, "after"), NOW);
    assert!(matches!(again, Err(StoreError::Conflict(Unique::RoomName))));
}

/// The outcome if it is there at the first poll.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(cx) {
            std::task::Poll::Ready(outcome) => Some(outcome),
            std::task::Poll::Pending => None,
        })
    })
    .await
}
