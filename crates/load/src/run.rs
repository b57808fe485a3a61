//! One scenario against one server: a [`Measurement`], and what makes one doubt it.

mod crowd;
mod doubt;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Serialize;
use tokio::time::sleep;

use crate::engine::{Counted, Engine};
use crate::histogram::Histogram;
use crate::meter::{Cpu, Spent, dropped_by_port, resident_kib};
use crate::peer::Stamp;
use crate::scenario::Scenario;
use crate::target::{Place, Spec, Target};
use crowd::Crowd;

pub use doubt::Doubt;

/// How long everybody may take until they receive something, once all have joined.
const RECEIVES_WITHIN: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The one address of servers and clients.
    pub ip: std::net::IpAddr,
    /// How long is measured.
    pub measured: Duration,
    /// Threads of the client that move datagrams.
    pub engines: usize,
    /// Media threads of our server; none: as many as it takes by itself.
    pub threads: Option<usize>,
}

/// Times at which half, 99 and 99.9 of a hundred are done, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half.
    pub p50: f64,
    /// 99 %.
    pub p99: f64,
    /// 99.9 %.
    pub p999: f64,
}

impl Percentiles {
    fn of(times: &Histogram) -> Self {
        let millis = |part| times.quantile(part).as_secs_f64() * 1e3;
        Self { p50: millis(0.5), p99: millis(0.99), p999: millis(0.999) }
    }

    fn beyond(self, other: Self) -> Self {
        let beyond = |own: f64, other: f64| (own - other).max(0.0);
        Self {
            p50: beyond(self.p50, other.p50),
            p99: beyond(self.p99, other.p99),
            p999: beyond(self.p999, other.p999),
        }
    }
}

/// What a run found.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// The server's label.
    pub server: String,
    /// The scenario's name.
    pub scenario: String,
    /// How long it was measured.
    pub seconds: f64,
    /// Participants.
    pub people: usize,
    /// Delivered to all.
    pub packets: u64,
    /// Delivered to all.
    pub packets_per_second: f64,
    /// UDP payload delivered to all.
    pub bits_per_second: f64,
    /// Of the server's process, for each delivered packet.
    pub cpu_micros_per_packet: f64,
    /// Cores that the server's process kept busy.
    pub server_cores: f64,
    /// Of a core, by the busiest thread of the server.
    pub server_busiest: f64,
    /// Never came, or too late for the report.
    pub lost: u64,
    /// Were missing when a later one came, whether repaired or not.
    pub holes: u64,
    /// From the sender's to the receiver's hands, both in this process.
    pub delay_ms: Percentiles,
    /// The same between two sockets of this process, at the same time.
    pub path_ms: Percentiles,
    /// The difference: what the server adds.
    pub added_ms: Percentiles,
    /// From asking to join to the first packet.
    pub first_packet_ms: Percentiles,
    /// Beside the calls that are measured, those of a rush.
    pub joins_per_second: f64,
    /// Until all had joined.
    pub joining_seconds: f64,
    /// Resident memory before anybody came.
    pub empty_kib: u64,
    /// What was added, for each participant.
    pub kib_each: f64,
    /// Of a core, by the client's busiest thread.
    pub client_busiest: f64,
    /// Of a core, used by anything else on the machine.
    pub others_cores: f64,
    /// What makes this run worth less, or nothing.
    pub doubts: Vec<Doubt>,
}

impl Measurement {
    /// Whether the client measured the server, and not itself.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.doubts.iter().any(Doubt::is_fatal)
    }
}

/// Everything that is read at the beginning and at the end.
struct Reading {
    at: Instant,
    server: Cpu,
    client: Cpu,
    machine: Duration,
    dropped: std::collections::BTreeMap<u16, u64>,
}

impl Reading {
    fn take(server: u32) -> anyhow::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            server: Cpu::of(server)?,
            client: Cpu::of(std::process::id())?,
            machine: crate::meter::machine()?,
            dropped: dropped_by_port()?,
        })
    }

    /// Datagrams lost in socket buffers since: the client's, and everybody else's.
    fn dropped_since(&self, earlier: &Self, own: &[u16]) -> (u64, u64) {
        let (mut ours, mut others) = (0, 0);
        for (port, dropped) in &self.dropped {
            let before = earlier.dropped.get(port).copied().unwrap_or_default();
            let since = dropped.saturating_sub(before);
            *(if own.contains(port) { &mut ours } else { &mut others }) += since;
        }
        (ours, others)
    }
}

/// Runs it.
///
/// # Errors
///
/// When the server does not start, or somebody cannot join.
pub async fn run(
    spec: &Spec,
    scenario: &Scenario,
    settings: &Settings,
) -> anyhow::Result<Measurement> {
    let stamp = Stamp(Instant::now());
    let place = Place { ip: settings.ip, stamp, threads: settings.threads };
    let target = Target::start(spec, place, scenario.all_rooms())
        .await
        .with_context(|| format!("{} does not start", spec.label))?;
    let engines: anyhow::Result<Vec<_>> =
        (0..settings.engines.max(1)).map(|_| Engine::start(place).map(Arc::new)).collect();
    let engines = engines?;
    let empty_kib = resident_kib(target.pid())?;
    let mut crowd = Crowd::new(scenario, &engines, &target);
    let began = Instant::now();
    crowd.fill().await?;
    let joining_seconds = began.elapsed().as_secs_f64();
    let all_receive = until_all_receive(scenario, &engines).await?;
    let takes = Duration::from_secs(scenario.ramp_secs);
    for engine in &engines {
        engine.all(move |peer, now| peer.speed_up(now, takes));
    }
    sleep(scenario.settling()).await;

    let kib = resident_kib(target.pid())?.saturating_sub(empty_kib);
    engines.iter().for_each(|engine| engine.mark());
    let before = Reading::take(target.pid())?;
    let joins = crowd.live(settings.measured).await?;
    let after = Reading::take(target.pid())?;
    let mut counted = Counted::default();
    for engine in &engines {
        counted += engine.report().await;
    }
    let first_packets = crowd.first_packets().await;

    let elapsed = after.at.duration_since(before.at).as_secs_f64();
    let server = after.server.since(&before.server);
    let threads: Vec<_> = engines.iter().map(|engine| engine.thread_id).collect();
    let client = after.client.since(&before.client);
    let moving = after.client.of_threads_since(&before.client, &threads);
    let used = after.machine.saturating_sub(before.machine);
    let others = used.saturating_sub(server.ran + client.ran).as_secs_f64() / elapsed;
    let (own_drops, server_drops) = after.dropped_since(&before, &counted.ports);
    let seen = doubt::Seen {
        all_receive,
        moving: Spent { busiest: client.busiest, ..moving },
        elapsed,
        others,
        own_drops,
        server_drops,
        late: counted.tally.late.quantile(0.99),
        troubles: target.troubles(),
        receiving: counted.counts.receiving,
        expected: scenario.receivers().saturating_sub(scenario.newcomers()) as u64,
    };
    let packets = counted.counts.packets;
    let delay_ms = Percentiles::of(&counted.tally.delays);
    let path_ms = Percentiles::of(&counted.path);
    Ok(Measurement {
        server: spec.label.clone(),
        scenario: scenario.name.clone(),
        seconds: elapsed,
        people: scenario.people(),
        packets,
        packets_per_second: packets as f64 / elapsed,
        bits_per_second: counted.counts.bytes as f64 * 8.0 / elapsed,
        cpu_micros_per_packet: server.ran.as_secs_f64() * 1e6 / packets.max(1) as f64,
        server_cores: server.ran.as_secs_f64() / elapsed,
        server_busiest: server.busiest.as_secs_f64() / elapsed,
        lost: counted.counts.lost,
        holes: counted.counts.holes,
        delay_ms,
        path_ms,
        added_ms: delay_ms.beyond(path_ms),
        first_packet_ms: Percentiles::of(&first_packets),
        joins_per_second: joins as f64 / elapsed,
        joining_seconds,
        empty_kib,
        kib_each: kib as f64 / scenario.people() as f64,
        client_busiest: client.busiest.as_secs_f64() / elapsed,
        others_cores: others,
        doubts: seen.doubts(),
    })
}

/// Whether all did, in time.
async fn until_all_receive(scenario: &Scenario, engines: &[Arc<Engine>]) -> anyhow::Result<bool> {
    let until = Instant::now() + RECEIVES_WITHIN;
    loop {
        let (mut receiving, mut connected) = (0, 0);
        for engine in engines {
            let counts = engine.report().await.counts;
            receiving += counts.receiving;
            connected += counts.connected;
        }
        if connected >= scenario.people() as u64 && receiving >= scenario.receivers() as u64 {
            return Ok(true);
        }
        if Instant::now() > until {
            if connected == 0 {
                bail!("nobody is connected after {RECEIVES_WITHIN:?}");
            }
            return Ok(false);
        }
        sleep(LOOK_EVERY).await;
    }
}
