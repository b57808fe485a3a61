//! Media over connections: a whole call over ICE-TCP, and what is refused.

use std::net::SocketAddr;
use std::time::Duration;

use parlor_client::{ParticipantConfig, SlotCount, TrackScript};
use parlor_media::{StreamConfig, StreamEnds};
use parlor_model::call::TrackSource;
use parlor_model::id::ParticipantId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::caller::{Caller, Pipe, Wire};
use crate::support::{LOOPBACK, PATIENCE, TestNode, room};

/// A node that takes ICE-TCP at the address that is returned. It has one thread,
/// so that all of its media come from one address.
async fn node(tasks: &mut JoinSet<()>) -> (TestNode, SocketAddr) {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let streams = StreamConfig { tcp: vec![address], per_address: 8 };
    let node = TestNode::start_with(|config| {
        config.streams = streams;
        config.threads = Some(1);
    })
    .await;
    let door = node.node.streams();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, peer)) = listener.accept().await {
            let door = door.clone();
            let ends = StreamEnds { peer, local: address };
            connections.spawn(async move { door.ice_tcp(stream, ends).await });
        }
    });
    (node, address)
}

/// Carries a participant's datagrams over a connection, each behind its length,
/// whatever their address.
async fn tcp_wire(tasks: &mut JoinSet<()>, node: &TestNode, to: SocketAddr) -> (Wire, SocketAddr) {
    let stream = TcpStream::connect(to).await.unwrap();
    let address = stream.local_addr().unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let (outgoing, mut to_send) = mpsc::channel::<(SocketAddr, Vec<u8>)>(1024);
    let (received, incoming) = mpsc::channel(1024);
    let source = node.node.udp_addrs()[0];
    tasks.spawn(async move {
        while let Some((_to, contents)) = to_send.recv().await {
            let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
            if writer.write_all(&[&length[..], &contents].concat()).await.is_err() {
                return;
            }
        }
    });
    tasks.spawn(async move {
        while let Ok(length) = reader.read_u16().await {
            let mut contents = vec![0; usize::from(length)];
            reader.read_exact(&mut contents).await.unwrap();
            received.send((source, contents)).await.ok();
        }
    });
    (Wire::Pipe(Pipe { outgoing, incoming }), address)
}

async fn join(
    node: &TestNode,
    tasks: &mut JoinSet<()>,
    wire: Option<(Wire, SocketAddr)>,
) -> (Caller, ParticipantId) {
    let ticket = node.ticket(room(1));
    let url = format!("ws://{}/_parlor/call", node.http);
    let config = |address| ParticipantConfig {
        ticket: node.seal(&ticket),
        user_data: None,
        address,
        tracks: vec![TrackScript::camera(), TrackScript::microphone()],
        slots: SlotCount::default(),
    };
    let caller = match wire {
        Some((wire, address)) => Caller::start_over(tasks, &url, wire, config(address)).await,
        None => Caller::start(tasks, &url, config).await,
    };
    (caller, ticket.participant)
}

async fn sees(me: &Caller, other: ParticipantId, frames: u64) {
    let video = TrackSource::CamVideo;
    let is_met = |me: &parlor_client::Participant| {
        me.reception(other, video).is_some_and(|reception| reception.frames >= frames)
    };
    assert!(timeout(PATIENCE, me.until(is_met)).await.is_ok(), "never: frames of the other arrive");
}

#[tokio::test]
async fn somebody_without_udp_is_in_the_call_over_tcp() {
    let mut tasks = JoinSet::new();
    let (node, address) = node(&mut tasks).await;
    let wire = tcp_wire(&mut tasks, &node, address).await;
    let (ana, ana_id) = join(&node, &mut tasks, Some(wire)).await;
    let (bo, bo_id) = join(&node, &mut tasks, None).await;
    sees(&ana, bo_id, 30).await;
    sees(&bo, ana_id, 30).await;
    let workers = node.node.stats().workers;
    assert!(workers.iter().any(|counts| counts.stream_packets_out > 0 && counts.streams == 1));
    node.node.shutdown().await;
}

/// Whether the node closes the connection by itself after this.
async fn is_closed_after(address: SocketAddr, bytes: &[u8]) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let ended = timeout(PATIENCE, stream.read(&mut [0; 64])).await;
    matches!(ended, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn connections_that_are_not_for_anybody_are_closed() {
    let mut tasks = JoinSet::new();
    let (node, address) = node(&mut tasks).await;
    let stranger =
        [&[0, 28, 0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12], b"\0\x06\0\x04zz:a"];
    for bytes in [&b"\xff\xff"[..], b"\0\x01x", &stranger.concat()] {
        assert!(is_closed_after(address, bytes).await, "{bytes:?}");
    }
    node.node.shutdown().await;
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_no_more() {
    let mut tasks = JoinSet::new();
    let (node, address) = node(&mut tasks).await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(TcpStream::connect(address).await.unwrap());
    }
    assert!(is_closed_after(address, b"").await);
    drop(open);
    // Their places are free again as soon as the node has noticed.
    let is_open = async { while is_closed_within(address, Duration::from_millis(200)).await {} };
    timeout(PATIENCE, is_open).await.unwrap();
    node.node.shutdown().await;
}

async fn is_closed_within(address: SocketAddr, time: Duration) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    timeout(time, stream.read(&mut [0; 64])).await.is_ok()
}
