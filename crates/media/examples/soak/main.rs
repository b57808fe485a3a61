//! The soak: four rooms of 25, in which somebody leaves and somebody joins all
//! the time, for half an hour (`SOAK_MINUTES`). At its end the server must need
//! as much memory as when it had warmed up, within 5 %, and once everybody has
//! left it must hold nothing of them.
//!
//! ```text
//! make soak
//! ```
//!
//! It starts itself again as the server, so that memory is the server's alone.

#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

mod caller;
mod crowd;
mod process;
mod serve;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crowd::Crowd;
use process::{Held, Server};
use tokio::time::sleep;

/// The argument that makes this program the server.
const SERVE: &str = "serve";
/// How long unless said otherwise.
const MINUTES: f64 = 30.0;
/// The part of the time before memory is looked at: buffers find their size.
const WARM_UP: f64 = 0.25;
/// Between two of those who leave.
const CHANGE_EVERY: Duration = Duration::from_millis(1_000);
/// How far memory may move, as a part.
const TOLERANCE: f64 = 0.05;
/// How long the server may take to forget everybody: silent ones have a grace
/// time, and rooms remember redeemed tickets for a minute.
const FORGETS_WITHIN: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime needs threads and timers only");
    if std::env::args().nth(1).as_deref() == Some(SERVE) {
        runtime.block_on(serve::run());
        return ExitCode::SUCCESS;
    }
    let is_well = runtime.block_on(soak(minutes()));
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn minutes() -> Duration {
    let asked = std::env::var("SOAK_MINUTES").ok();
    let minutes = asked.map_or(MINUTES, |text| text.parse().expect("SOAK_MINUTES is a number"));
    Duration::from_secs_f64(minutes * 60.0)
}

async fn soak(time: Duration) -> bool {
    let mut server = Server::start();
    let mut crowd = Crowd::new(&server.http);
    crowd.fill().await;
    let began = Instant::now();
    let mut samples = Vec::new();
    println!("minute  joined  people  sockets  resident KiB");
    while began.elapsed() < time {
        sleep(CHANGE_EVERY).await;
        crowd.change().await;
        let part = began.elapsed().as_secs_f64() / time.as_secs_f64();
        samples.push((part, server.resident_kib()));
        if samples.len() % 60 == 0 {
            report(&mut server, &crowd, began, samples.last().map_or(0, |sample| sample.1));
        }
    }
    let is_alive = crowd.is_alive().await;
    if !is_alive {
        println!("FAILED: somebody in the call does not receive what the others send");
    }
    let is_flat = judge_memory(&samples);
    crowd.leave().await;
    let is_empty = forgets(&mut server).await;
    server.stop();
    is_alive && is_flat && is_empty
}

fn report(server: &mut Server, crowd: &Crowd, began: Instant, resident: u64) {
    let Held { participants, call_sockets, .. } = server.held();
    println!(
        "{:>6.1}  {:>6}  {participants:>6}  {call_sockets:>7}  {resident:>12}",
        began.elapsed().as_secs_f64() / 60.0,
        crowd.joined(),
    );
}

/// Compares the first quarter after the warm-up with the last one.
fn judge_memory(samples: &[(f64, u64)]) -> bool {
    let quarter = (1.0 - WARM_UP) / 4.0;
    let mean = |from: f64, to: f64| {
        let chosen = samples.iter().filter(|(at, _)| (from..to).contains(at));
        let chosen: Vec<_> = chosen.map(|(_, kib)| *kib).collect();
        chosen.iter().sum::<u64>() as f64 / chosen.len().max(1) as f64
    };
    let (first, last) = (mean(WARM_UP, WARM_UP + quarter), mean(1.0 - quarter, f64::MAX));
    let change = last / first - 1.0;
    let is_flat = change.abs() <= TOLERANCE;
    let verdict = if is_flat { "flat" } else { "FAILED: not flat" };
    println!(
        "memory: {first:.0} KiB after the warm-up, {last:.0} KiB at the end: {:+.1} %, {verdict}",
        change * 100.0
    );
    is_flat
}

async fn forgets(server: &mut Server) -> bool {
    let until = Instant::now() + FORGETS_WITHIN;
    loop {
        let held = server.held();
        if held == Held::default() {
            println!("everybody has left, and nothing of them is held");
            return true;
        }
        if Instant::now() > until {
            println!("FAILED: everybody has left, but the server holds {held:?}");
            return false;
        }
        sleep(Duration::from_secs(1)).await;
    }
}
