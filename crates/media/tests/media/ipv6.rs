//! Both protocols at once: who has only one of them meets who has the other.

use std::net::{IpAddr, Ipv6Addr};

use parlor_client::{Participant, ParticipantConfig, SlotCount, TrackScript};
use parlor_model::call::TrackSource;
use parlor_model::id::ParticipantId;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::caller::{Caller, Wire};
use crate::support::{LOOPBACK, PATIENCE, TestNode, room};

const LOOPBACK_V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

async fn join(node: &TestNode, tasks: &mut JoinSet<()>, ip: IpAddr) -> (Caller, ParticipantId) {
    let socket = UdpSocket::bind((ip, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let ticket = node.ticket(room(1));
    let url = format!("ws://{}/_parlor/call", node.http);
    let config = ParticipantConfig {
        ticket: node.seal(&ticket),
        user_data: None,
        address,
        tracks: vec![TrackScript::camera()],
        slots: SlotCount::default(),
    };
    let caller = Caller::start_over(tasks, &url, Wire::Udp(socket), config).await;
    (caller, ticket.participant)
}

#[tokio::test]
async fn who_has_ipv6_only_sees_who_has_ipv4_only() {
    let Ok(_there_is_ipv6) = UdpSocket::bind((LOOPBACK_V6, 0)).await else {
        // A machine without IPv6 has nothing to show here.
        return;
    };
    let ips = vec![LOOPBACK, LOOPBACK_V6];
    let node = TestNode::start_with(|config| config.ips = ips).await;
    let mut tasks = JoinSet::new();
    let (ana, ana_id) = join(&node, &mut tasks, LOOPBACK_V6).await;
    let (bo, bo_id) = join(&node, &mut tasks, LOOPBACK).await;
    for (me, other) in [(&ana, bo_id), (&bo, ana_id)] {
        let sees = |me: &Participant| {
            let reception = me.reception(other, TrackSource::CamVideo);
            reception.is_some_and(|reception| reception.frames >= 30)
        };
        assert!(timeout(PATIENCE, me.until(sees)).await.is_ok(), "never: frames of {other}");
    }
    node.node.shutdown().await;
}
