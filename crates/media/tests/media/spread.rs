//! Rooms that spread over the node's threads.

use parlor_client::{Participant, TrackScript};
use parlor_model::call::TrackSource;
use parlor_model::command::{Command, Reply};
use parlor_model::id::RoomId;
use tokio::task::JoinSet;

use crate::call::{Person, both};
use crate::support::{TestNode, room};

/// A node of two threads, whose rooms serve one receiver by themselves, and a
/// room of so many people.
async fn node_and_people(tasks: &mut JoinSet<()>, people: usize) -> (TestNode, Vec<Person>) {
    let node = TestNode::start_with(|config| config.own_receivers = 1).await;
    let people = join(&node, tasks, room(1), people).await;
    (node, people)
}

async fn join(
    node: &TestNode,
    tasks: &mut JoinSet<()>,
    room: RoomId,
    people: usize,
) -> Vec<Person> {
    let mut joined: Vec<Person> = Vec::new();
    for _ in 0..people {
        let tracks: Vec<TrackScript> = if joined.is_empty() { both() } else { Vec::new() };
        let person = Person::join(node, tasks, room, tracks).await;
        person.until("they are connected", Participant::is_connected).await;
        joined.push(person);
    }
    joined
}

#[tokio::test]
async fn a_large_room_is_sent_by_two_threads_and_leaves_nothing_on_the_other() {
    let mut tasks = JoinSet::new();
    let (node, people) = node_and_people(&mut tasks, 5).await;
    let (ana, others) = people.split_first().unwrap();
    for other in others {
        other.receives(ana, TrackSource::CamVideo, 30).await;
        other.receives(ana, TrackSource::CamAudio, 30).await;
        other.caller.with(|me| {
            let video = me.reception(ana.id, TrackSource::CamVideo).unwrap();
            assert_eq!((video.duplicates, video.setbacks, video.skips), (0, 0, 0));
        });
    }
    let stats = node.node.stats();
    let shards: Vec<_> = stats.workers.iter().map(|worker| worker.shards).collect();
    assert_eq!(shards.iter().sum::<u64>(), 1, "{stats:?}");
    assert!(stats.workers.iter().all(|worker| worker.packets_out > 100), "{stats:?}");
    assert!(stats.workers.iter().all(|worker| worker.shard_inputs_dropped == 0), "{stats:?}");
    for person in &people {
        person.caller.with(Participant::leave);
    }
    node.until(|stats| stats.participants == 0 && stats.workers.iter().all(|it| it.shards == 0))
        .await;
    node.node.shutdown().await;
}

#[tokio::test]
async fn the_fall_of_a_thread_that_helps_a_room_costs_it_only_those_it_served() {
    let mut tasks = JoinSet::new();
    let (node, people) = node_and_people(&mut tasks, 4).await;
    let ana = &people[0];
    for other in &people[1..] {
        other.receives(ana, TrackSource::CamVideo, 10).await;
    }
    // The other thread has fewer people, and so gets the next room.
    let _other_room = join(&node, &mut tasks, room(2), 1).await;
    let failed = node.bus.request(Command::FailThread { room: room(2) }).await;
    assert_eq!(failed, Ok(Reply::Done));
    node.until(|stats| stats.workers.iter().map(|it| it.shards_lost).sum::<u64>() == 1).await;
    // Who was served by the room's own thread is inside as before.
    node.until(|stats| stats.participants == 1).await;
    node.until(|stats| stats.workers.iter().all(|it| it.shards == 0)).await;
    let late = join(&node, &mut tasks, room(1), 1).await;
    late[0].receives(ana, TrackSource::CamVideo, 10).await;
    ana.receives(&late[0], TrackSource::CamVideo, 10).await;
    node.node.shutdown().await;
}

#[tokio::test]
async fn the_fall_of_a_rooms_thread_ends_what_others_did_for_it() {
    let mut tasks = JoinSet::new();
    let (node, people) = node_and_people(&mut tasks, 3).await;
    for other in &people[1..] {
        other.receives(&people[0], TrackSource::CamVideo, 10).await;
    }
    node.until(|stats| stats.workers.iter().any(|it| it.shards == 1)).await;
    let failed = node.bus.request(Command::FailThread { room: room(1) }).await;
    assert_eq!(failed, Ok(Reply::Done));
    node.until(|stats| stats.participants == 0 && stats.workers.iter().all(|it| it.shards == 0))
        .await;
    node.node.shutdown().await;
}
