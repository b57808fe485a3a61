//! The local bus: what an asker learns when the media node answers, is slow,
//! is gone or is overwhelmed.

use std::future::Future;
use std::task::{Context, Waker};

use parlor_bus::{Bus, BusError, QUEUE_LENGTH, REQUEST_TIMEOUT};
use parlor_model::command::{Command, EndReason, Reply};
use parlor_model::id::RoomId;
use tokio::task::JoinSet;

fn end_room(n: u8) -> Command {
    Command::EndRoom { room: RoomId::from_random([n; 16]), reason: EndReason::RoomDeleted }
}

#[tokio::test]
async fn request_gets_the_reply_to_its_own_command() {
    let (bus, mut requests) = Bus::local();
    let mut askers = JoinSet::new();
    for n in 1..=3 {
        let bus = bus.clone();
        askers.spawn(async move { (n, bus.request(end_room(n)).await) });
    }
    for _ in 1..=3 {
        let request = requests.next().await.unwrap();
        let removed = (1..=3).find(|n| request.command == end_room(*n)).unwrap();
        request.reply(Reply::Ended { removed: usize::from(removed) });
    }
    for (n, reply) in askers.join_all().await {
        assert_eq!(reply, Ok(Reply::Ended { removed: usize::from(n) }));
    }
}

#[tokio::test]
async fn full_queue_is_busy_at_once() {
    let (bus, requests) = Bus::local();
    let mut waiting: Vec<_> =
        (0..QUEUE_LENGTH).map(|_| Box::pin(bus.request(end_room(1)))).collect();
    let mut cx = Context::from_waker(Waker::noop());
    for asker in &mut waiting {
        assert!(asker.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(bus.request(end_room(2)).await, Err(BusError::Busy));
    drop(requests);
    for asker in waiting {
        assert_eq!(asker.await, Err(BusError::Closed));
    }
}

#[tokio::test]
async fn request_dropped_unanswered_is_closed() {
    let (bus, mut requests) = Bus::local();
    let node = async { drop(requests.next().await) };
    let (outcome, ()) = tokio::join!(bus.request(end_room(1)), node);
    assert_eq!(outcome, Err(BusError::Closed));
}

#[tokio::test]
async fn request_after_the_node_stopped_is_closed() {
    let (bus, requests) = Bus::local();
    drop(requests);
    assert_eq!(bus.request(end_room(1)).await, Err(BusError::Closed));
}

#[tokio::test(start_paused = true)]
async fn silent_node_times_out() {
    let (bus, mut requests) = Bus::local();
    let began = tokio::time::Instant::now();
    let (outcome, held) = tokio::join!(bus.request(end_room(1)), requests.next());
    assert_eq!(outcome, Err(BusError::Timeout));
    assert_eq!(began.elapsed().as_secs(), REQUEST_TIMEOUT.as_secs());
    // Answering somebody who has given up does no harm.
    held.unwrap().reply(Reply::Ended { removed: 0 });
}

#[tokio::test]
async fn requests_end_when_no_asker_is_left() {
    let (bus, mut requests) = Bus::local();
    drop(bus);
    assert!(requests.next().await.is_none());
}
