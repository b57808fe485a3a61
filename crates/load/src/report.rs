//! What is printed: a line a run, and JSON for programs.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is this module's job")]

use std::path::Path;

use anyhow::Context as _;

use crate::calibrate::Calibration;
use crate::compare::Comparison;
use crate::run::Measurement;
use crate::target::Spec;

/// Names the columns of [`line`].
pub fn head() {
    println!(
        "{:<10} {:<13} {:>9} {:>7} {:>8} {:>6} {:>6} {:>6} {:>17} {:>9} {:>8} {:>7}",
        "server",
        "scenario",
        "packets/s",
        "Mbit/s",
        "µs/pkt",
        "cores",
        "lost",
        "holes",
        "added ms 50/99/.9",
        "first ms",
        "KiB each",
        "client",
    );
}

/// One run.
pub fn line(run: &Measurement) {
    println!(
        "{:<10} {:<13} {:>9.0} {:>7.1} {:>8.2} {:>6.2} {:>6} {:>6} {:>5.1}/{:>5.1}/{:>5.1} {:>9.0} {:>8.0} {:>6.0}%",
        run.server,
        run.scenario,
        run.packets_per_second,
        run.bits_per_second / 1e6,
        run.cpu_micros_per_packet,
        run.server_cores,
        run.lost,
        run.holes,
        run.added_ms.p50,
        run.added_ms.p99,
        run.added_ms.p999,
        run.first_packet_ms.p50,
        run.kib_each,
        run.client_busiest * 100.0,
    );
    if run.joins_per_second > 0.0 {
        println!("           with {:.0} joins a second beside it", run.joins_per_second);
    }
    for doubt in &run.doubts {
        let kind = if doubt.is_fatal() { "NOT VALID" } else { "note" };
        println!("           {kind}: {doubt}");
    }
}

/// Medians of all servers, and how they relate to the first.
pub fn ratios(specs: &[Spec], comparison: &Comparison) {
    let cost = |run: &Measurement| run.cpu_micros_per_packet;
    for (index, spec) in specs.iter().enumerate() {
        let Some(median) = comparison.median(index, cost) else {
            println!("{:<10} has no valid run", spec.label);
            continue;
        };
        let spread = comparison.spread(index, cost).unwrap_or_default() * 100.0;
        print!("{:<10} median {median:.2} µs a packet, runs within {spread:.0} %", spec.label);
        match comparison.ratio(0, index, cost).filter(|_| index > 0) {
            Some(ratio) => println!(", {} needs {ratio:.2} of it", specs[0].label),
            None => println!(),
        }
    }
}

/// A run that came to nothing.
pub fn failure(server: &str, scenario: &str, error: &anyhow::Error) {
    println!("{server:<10} {scenario:<13} FAILED: {error:#}");
}

/// How fast the machine is.
pub fn calibration(calibration: &Calibration) {
    println!(
        "this machine, for 1,200 bytes: AES-128-GCM {:.2} µs, send {:.2} µs a packet (4 a call)",
        calibration.seal.as_secs_f64() * 1e6,
        calibration.send.as_secs_f64() * 1e6,
    );
}

/// A line of its own.
pub fn text(text: &str) {
    println!("{text}");
}

/// What went wrong, at the end.
pub fn error(error: &anyhow::Error) {
    eprintln!("parlor-load: {error:#}");
}

/// Writes all runs as JSON.
///
/// # Errors
///
/// When the file cannot be written.
pub fn json(path: &Path, runs: &[Measurement]) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(runs).context("runs are JSON")?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
