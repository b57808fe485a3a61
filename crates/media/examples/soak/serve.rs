//! The server side: a media node, told on standard input when to report.

use std::io::{BufRead, stdin};
use std::net::{IpAddr, Ipv4Addr};

use parlor_bus::{Bus, TicketKey};
use parlor_media::{Counts, MediaConfig, MediaNode};
use tokio::task::JoinSet;

/// Both sides know it; it opens nothing else.
pub(crate) fn ticket_key() -> TicketKey {
    TicketKey::from_bytes([7; 32])
}

/// Prints its HTTP address, then its counts for each line it reads. Ends with
/// its input.
pub(crate) async fn run() {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let (_bus, requests) = Bus::local();
    let config = MediaConfig {
        threads: None,
        udp_port: 0,
        max_load: 100,
        own_receivers: parlor_media::OWN_RECEIVERS,
        ips: vec![loopback],
        announce: Vec::new(),
        streams: parlor_media::StreamConfig::default(),
        ticket_key: ticket_key(),
        facts: parlor_bus::facts().0,
        wall_clock: parlor_media::system_clock(),
    };
    let node = MediaNode::start(config, requests).expect("loopback has free ports");
    let listener = tokio::net::TcpListener::bind((loopback, 0)).await.expect("free ports");
    println!("{}", listener.local_addr().expect("the listener is bound"));
    let router = node.router();
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await });

    let (asked, mut questions) = tokio::sync::mpsc::channel::<()>(1);
    std::thread::spawn(move || {
        for _line in stdin().lock().lines() {
            if asked.blocking_send(()).is_err() {
                return;
            }
        }
    });
    while questions.recv().await.is_some() {
        let stats = node.stats();
        let (rooms, participants) = (stats.rooms, stats.participants);
        let total = stats.workers.into_iter().fold(Counts::default(), |mut sum, worker| {
            sum += worker;
            sum
        });
        println!("{rooms} {participants} {} {}", total.connections, total.streams);
    }
    node.shutdown().await;
}
