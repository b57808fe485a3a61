//! Whole calls: headless participants over call sockets and UDP, with real
//! ICE, DTLS and SRTP.

use parlor_client::{Participant, ParticipantConfig, SlotCount, TrackScript};
use parlor_model::call::TrackSource;
use parlor_model::id::{ParticipantId, RoomId};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::caller::Caller;
use crate::support::{PATIENCE, TestNode, room};

pub(crate) struct Person {
    pub(crate) caller: Caller,
    pub(crate) id: ParticipantId,
}

impl Person {
    pub(crate) async fn join(
        node: &TestNode,
        tasks: &mut JoinSet<()>,
        room: RoomId,
        tracks: Vec<TrackScript>,
    ) -> Self {
        let ticket = node.ticket(room);
        let url = format!("ws://{}/_parlor/call", node.http);
        let caller = Caller::start(tasks, &url, |address| ParticipantConfig {
            ticket: node.seal(&ticket),
            user_data: None,
            address,
            tracks,
            slots: SlotCount::default(),
        });
        Self { caller: caller.await, id: ticket.participant }
    }

    pub(crate) async fn until(&self, what: &str, is_met: impl FnMut(&Participant) -> bool) {
        let waited = timeout(PATIENCE, self.caller.until(is_met)).await;
        assert!(waited.is_ok(), "never: {what}");
    }

    pub(crate) async fn receives(&self, from: &Self, source: TrackSource, frames: u64) {
        let is_met = |me: &Participant| {
            me.reception(from.id, source).is_some_and(|reception| reception.frames >= frames)
        };
        self.until("frames of the other arrive", is_met).await;
    }
}

pub(crate) fn both() -> Vec<TrackScript> {
    vec![TrackScript::camera(), TrackScript::microphone()]
}

#[tokio::test]
async fn two_people_see_and_hear_each_other() {
    let (node, mut tasks) = (TestNode::start().await, JoinSet::new());
    let ana = Person::join(&node, &mut tasks, room(1), both()).await;
    let bo = Person::join(&node, &mut tasks, room(1), both()).await;
    for (me, other) in [(&ana, &bo), (&bo, &ana)] {
        me.receives(other, TrackSource::CamVideo, 30).await;
        me.receives(other, TrackSource::CamAudio, 30).await;
    }
    bo.caller.with(|bo| {
        let video = bo.reception(ana.id, TrackSource::CamVideo).unwrap();
        assert_eq!((video.lost(), video.freezes, video.setbacks), (0, 0, 0));
    });
    let sent: u64 = node.node.stats().workers.iter().map(|worker| worker.packets_out).sum();
    assert!(sent > 100, "{sent}");
}

#[tokio::test]
async fn rooms_on_different_workers_do_not_mix() {
    let (node, mut tasks) = (TestNode::start().await, JoinSet::new());
    let mut pairs = Vec::new();
    for n in 1..=4 {
        let sender = Person::join(&node, &mut tasks, room(n), both()).await;
        let receiver = Person::join(&node, &mut tasks, room(n), Vec::new()).await;
        pairs.push((sender, receiver));
    }
    for (sender, receiver) in &pairs {
        receiver.receives(sender, TrackSource::CamVideo, 10).await;
        receiver.caller.with(|me| {
            let others: Vec<_> = me.others().map(|other| other.id).collect();
            assert_eq!(others, [sender.id]);
        });
    }
    let stats = node.node.stats();
    assert!(stats.workers.iter().all(|worker| worker.rooms == 2), "{stats:?}");
}

#[tokio::test]
async fn a_call_survives_garbage_from_anywhere() {
    let (node, mut tasks) = (TestNode::start().await, JoinSet::new());
    let ana = Person::join(&node, &mut tasks, room(1), both()).await;
    let bo = Person::join(&node, &mut tasks, room(1), Vec::new()).await;
    bo.receives(&ana, TrackSource::CamVideo, 5).await;
    let stranger = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    for addr in node.node.udp_addrs() {
        for first in 0..=255u8 {
            stranger.send_to(&[first; 1200], addr).unwrap();
        }
    }
    let so_far = bo.caller.with(|bo| bo.reception(ana.id, TrackSource::CamVideo).unwrap().frames);
    bo.receives(&ana, TrackSource::CamVideo, so_far + 30).await;
}

#[tokio::test]
async fn media_reach_a_full_room_in_batches() {
    let (node, mut tasks) = (TestNode::start().await, JoinSet::new());
    let ana = Person::join(&node, &mut tasks, room(1), both()).await;
    let mut others = Vec::new();
    for _ in 0..9 {
        others.push(Person::join(&node, &mut tasks, room(1), Vec::new()).await);
    }
    for other in &others {
        other.receives(&ana, TrackSource::CamVideo, 30).await;
    }
    let stats = node.node.stats();
    let (gso_calls, gso_packets) = stats.workers.iter().fold((0, 0), |(calls, packets), worker| {
        (calls + worker.gso_calls, packets + worker.gso_packets)
    });
    assert!(gso_packets >= 2 * gso_calls && gso_calls > 0, "{stats:?}");
}
