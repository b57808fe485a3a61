//! How long the bus takes to say who is in an organization's rooms, and how
//! soon a command has reached everybody: a node on loopback with many call
//! sockets that have no media.
//!
//! `cargo run --release -p parlor-media --example bench_presence [people] [rooms]`

#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

mod crowd;

use std::time::{Duration, Instant};

use parlor_bus::Bus;
use parlor_model::call::{Everybody, Recipients, ServerMessage};
use parlor_model::command::{Command, Reply};
use serde_json::json;

use crowd::{Crowd, org, room};

/// How often each thing is measured.
const ROUNDS: usize = 200;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let people: usize = numbers.next().unwrap_or(1000);
    let rooms: usize = numbers.next().unwrap_or(people / 10);
    let mut crowd = Crowd::gather(people, rooms).await;
    println!("{people} people in {rooms} rooms of one organization");
    presence(&crowd.bus, people).await;
    messages(&mut crowd).await;
    crowd.disperse().await;
}

async fn presence(bus: &Bus, people: usize) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let reply = bus.request(Command::OrgPresence { org: org() }).await;
        times.push(began.elapsed());
        let Ok(Reply::Presence { participants }) = reply else { panic!("no presence") };
        assert_eq!(participants.len(), people);
    }
    report("presence of the organization", times);
}

/// From the request of an app message until it arrived at the first socket.
async fn messages(crowd: &mut Crowd) {
    let mut times = Vec::new();
    for n in 0..ROUNDS {
        let to = Recipients::All(Everybody::Everybody);
        let began = Instant::now();
        let command = Command::SendAppMessage { room: room(0), to, data: json!(n) };
        assert_eq!(crowd.bus.request(command).await, Ok(Reply::Done));
        crowd.first_hears(|message| matches!(message, ServerMessage::AppMessage { .. })).await;
        times.push(began.elapsed());
    }
    report("app message, from request to arrival", times);
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!("{what}: p50 {:.3} ms, p99 {:.3} ms, max {:.3} ms", at(50), at(99), at(100));
}
