//! The load client: what a forwarded packet and an idle participant cost.
//!
//! ```text
//! cargo run --release -p parlor-media --example bench_media
//! ```
//!
//! It starts itself again as the server, so that the CPU time and memory of
//! the server alone are read from `/proc`, and joins it as any client would:
//! call socket, ICE, DTLS, SRTP, one UDP socket a participant. The figures are
//! CPU time a packet, which a busy machine disturbs less than throughput.

#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

mod calibrate;
mod caller;
mod load;
#[expect(dead_code, reason = "the soak looks at more")]
mod process;
mod serve;

use std::time::Duration;

use load::{Forwarding, Load};
use process::Server;

/// The argument that makes this program the server.
const SERVE: &str = "serve";

/// How long each scenario is measured, after it has settled.
const MEASURED: Duration = Duration::from_secs(10);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime needs threads and timers only");
    match arguments.next().as_deref() {
        Some(SERVE) => runtime.block_on(serve::run()),
        Some("forward") => runtime.block_on(forward()),
        Some("idle") => runtime.block_on(idle()),
        _ => runtime.block_on(async {
            forward().await;
            idle().await;
        }),
    }
}

/// One camera in bursts of 4 or 5 packets of 1200 bytes, at a frame rate that
/// makes at least 50,000 forwarded packets a second.
async fn forward() {
    print_calibration();
    println!("subscribers  packets/s  CPU µs/packet  lost  GSO packets/call  server busy");
    for (subscribers, frames_per_second) in [(20, 600), (100, 120)] {
        let mut server = Server::start();
        let mut load = Load::new(&server);
        let report = load.forward(&mut server, subscribers, frames_per_second, MEASURED).await;
        print_forwarding(subscribers, &report);
        server.stop();
    }
}

fn print_calibration() {
    let calibrate::Calibration { seal, send } = calibrate::run();
    println!(
        "this machine, for 1200 bytes: AES-128-GCM {:.2} µs, send {:.2} µs a packet (4 a call)",
        seal.as_secs_f64() * 1e6,
        send.as_secs_f64() * 1e6,
    );
}

fn print_forwarding(subscribers: usize, report: &Forwarding) {
    println!(
        "{subscribers:>11}  {:>9.0}  {:>13.2}  {:>4}  {:>16.1}  {:>10.1}%",
        report.packets_per_second,
        report.cpu_micros_per_packet,
        report.lost,
        report.packets_per_gso_call,
        report.busy_percent,
    );
}

/// Participants with a connected transport who send and receive nothing.
async fn idle() {
    let server = Server::start();
    let mut load = Load::new(&server);
    let report = load.idle(&server, MEASURED).await;
    println!("empty server: {} KiB resident", report.empty_kib);
    println!(
        "idle participants: {}, {:.0} KiB each, {:.2} ms CPU a second each",
        report.participants, report.kib_each, report.cpu_millis_per_second_each
    );
    server.stop();
}
