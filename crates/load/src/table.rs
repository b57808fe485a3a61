//! The targets of docs/performance.md beside what was measured.

mod row;

use crate::calibrate;
use crate::compare::{Comparison, compare};
use crate::report;
use crate::run::{Measurement, Settings};
use crate::scenario::{Camera, Scenario};
use crate::target::{Kind, Spec};
use row::Row;

/// The webinars of the table, in order of their subscribers.
const WEBINARS: [&str; 3] = ["webinar-20", "webinar-100", "webinar-1000"];
/// The one on which others are compared with us.
const COMPARED: usize = 1;
/// Part of a core that a media thread spends at half load.
const HALF: f64 = 0.5;
/// And where nothing must be lost yet.
const HIGH: f64 = 0.8;
/// Subscribers of the runs whose load is chosen by what a packet costs.
const SUBSCRIBERS: usize = 100;

/// Everything that was run, in order.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    runs: Vec<Measurement>,
}

/// Runs everything and prints the table. Our server is the first of `specs`;
/// every other one is compared with it.
pub async fn run(specs: &[Spec], settings: &Settings, rounds: usize) -> Vec<Measurement> {
    report::calibration(&calibrate::run());
    report::head();
    let mut table = Table::default();
    let Some(ours) = specs.first() else {
        return table.runs;
    };
    let cost = table.webinars(specs, settings, rounds).await;
    table.memory(ours, settings).await;
    if let Some(micros) = cost {
        table.loads(ours, settings, micros).await;
        table.threads(ours, settings).await;
    }
    table.rush(ours, settings).await;
    table.large_room(ours, settings).await;
    report::text("");
    report::text(&Row::head());
    for row in &table.rows {
        report::text(&row.line());
    }
    table.runs
}

impl Table {
    /// What a packet costs, ours and others'; returns ours.
    async fn webinars(
        &mut self,
        specs: &[Spec],
        settings: &Settings,
        rounds: usize,
    ) -> Option<f64> {
        let cost = |run: &Measurement| run.cpu_micros_per_packet;
        let (mut costs, mut compared) = (Vec::new(), Comparison::default());
        for (index, name) in WEBINARS.iter().enumerate() {
            let specs = if index == COMPARED { specs } else { &specs[..1] };
            let comparison = self.compare(specs, &named(name), settings, rounds).await;
            let watchers = named(name).watchers;
            let median = comparison.median(0, cost);
            let what = format!("CPU per delivered packet, {watchers} subscribers");
            let spread = comparison.spread(0, cost).unwrap_or_default();
            let row = Row::at_most(&what, median, 1.8, "µs");
            self.rows.push(row.noted(format!("runs within {:.0} %", spread * 100.0)));
            costs.extend(median);
            if index == COMPARED {
                compared = comparison;
            }
        }
        let least = costs.iter().copied().reduce(f64::min);
        let most = costs.iter().copied().reduce(f64::max);
        let flat = least.zip(most).filter(|_| costs.len() == WEBINARS.len());
        let flat = flat.map(|(least, most)| (most / least - 1.0) * 100.0);
        self.rows.push(Row::at_most("the same, most beside least", flat, 15.0, "%"));
        for (index, spec) in specs.iter().enumerate().skip(1) {
            let ratio = compared.ratio(0, index, cost);
            let what = format!("ratio to {}, {SUBSCRIBERS} subscribers", spec.label);
            let target = match spec.kind {
                Kind::Janus(_) => Some(1.0 / 8.0),
                Kind::LiveKit(_) => Some(1.0 / 5.0),
                Kind::Parlor(_) => None,
            };
            let theirs = compared.median(index, cost);
            let note = theirs.map_or(String::new(), |theirs| format!("{theirs:.2} µs"));
            let row = target.map_or_else(
                || Row::seen(&what, ratio, ""),
                |target| Row::at_most(&what, ratio, target, ""),
            );
            self.rows.push(row.noted(note));
        }
        costs.get(COMPARED).copied()
    }

    async fn memory(&mut self, ours: &Spec, settings: &Settings) {
        for (name, target) in [("idle", 300.0), ("senders", 600.0)] {
            let scenario = named(name);
            let run = self.once(ours, &scenario, settings).await;
            let what = format!("memory per participant, {name}");
            let row = Row::at_most(&what, run.as_ref().map(|run| run.kib_each), target, "KiB");
            let idle = |run: &Measurement| run.server_cores * 1e3 / run.people as f64;
            let note = run.as_ref().map(|run| format!("{:.3} ms CPU a second each", idle(run)));
            self.rows.push(row.noted(note.unwrap_or_default()));
        }
    }

    /// One media thread, half busy and then nearly full.
    async fn loads(&mut self, ours: &Spec, settings: &Settings, micros: f64) {
        let settings = Settings { threads: Some(1), ..*settings };
        let half = webinar("half-load", (HALF * 1e6 / micros) as usize);
        let run = self.once(ours, &half, &settings).await;
        let added = |part: fn(&Measurement) -> f64| run.as_ref().map(part);
        let note = run.as_ref().map_or(String::new(), busy);
        let p50 =
            Row::at_most("delay added, half load, p50", added(|it| it.added_ms.p50), 1.5, "ms");
        let p99 =
            Row::at_most("delay added, half load, p99", added(|it| it.added_ms.p99), 3.0, "ms");
        self.rows.extend([p50.noted(note.clone()), p99.noted(note)]);
        let high = webinar("high-load", (HIGH * 1e6 / micros) as usize);
        let run = self.once(ours, &high, &settings).await;
        let lost = run.as_ref().map(|run| run.holes as f64);
        let note = run.as_ref().map_or(String::new(), busy);
        let row = Row::at_most("packets lost by the server, 80 % of a core", lost, 0.0, "");
        self.rows.push(row.noted(note));
    }

    /// Whether many joins disturb calls that run.
    async fn rush(&mut self, ours: &Spec, settings: &Settings) {
        let run = self.once(ours, &named("rush"), settings).await;
        let p99 = run.as_ref().map(|run| run.added_ms.p99);
        let joins = |run: &Measurement| format!("{:.0} joins a second", run.joins_per_second);
        let note = run.as_ref().map_or(String::new(), joins);
        self.rows
            .push(Row::at_most("delay added while others join, p99", p99, 10.0, "ms").noted(note));
    }

    /// How much less busy the busiest thread is with two media threads than
    /// with one, under the same load. With client and server on the same cores
    /// no server can be filled up, so this stands for throughput.
    async fn threads(&mut self, ours: &Spec, settings: &Settings) {
        let one_room = named(WEBINARS[COMPARED]);
        let many_rooms = Scenario {
            name: "four-rooms".to_owned(),
            rooms: 4,
            watchers: one_room.watchers / 4,
            ..one_room.clone()
        };
        for (what, scenario) in [("rooms", many_rooms), ("a single room", one_room)] {
            let with = |threads| Settings { threads: Some(threads), ..*settings };
            let one = self.once(ours, &scenario, &with(1)).await;
            let two = self.once(ours, &scenario, &with(2)).await;
            let each = |run: Measurement| run.server_busiest / run.packets_per_second;
            let scaling = one.zip(two).map(|(one, two)| each(one) / each(two));
            let what = format!("scaling from one media thread to two, {what}");
            self.rows.push(Row::at_least(&what, scaling, 1.8, "×"));
        }
    }

    async fn large_room(&mut self, ours: &Spec, settings: &Settings) {
        // So many sockets with a packet at a time are more than one thread's work.
        let settings = Settings { engines: 2, ..*settings };
        let run = self.once(ours, &named("large-room"), &settings).await;
        let rate = run.as_ref().map(|run| run.packets_per_second);
        let row = Row::seen("1,000 people and 25 cameras in one room", rate, "packets/s");
        let note = run.map_or(String::new(), |run| {
            let Measurement { cpu_micros_per_packet, holes, .. } = run;
            format!("{cpu_micros_per_packet:.2} µs a packet, {holes} lost on the way")
        });
        self.rows.push(row.noted(note));
    }

    async fn once(
        &mut self,
        spec: &Spec,
        scenario: &Scenario,
        settings: &Settings,
    ) -> Option<Measurement> {
        let specs = std::slice::from_ref(spec);
        let comparison = self.compare(specs, scenario, settings, 1).await;
        comparison.of(0).next().cloned()
    }

    async fn compare(
        &mut self,
        specs: &[Spec],
        scenario: &Scenario,
        settings: &Settings,
        rounds: usize,
    ) -> Comparison {
        let comparison = compare(specs, scenario, settings, rounds).await;
        self.runs.extend(comparison.rounds.iter().flatten().flatten().cloned());
        comparison
    }
}

fn busy(run: &Measurement) -> String {
    let Measurement { server_busiest, packets_per_second, .. } = run;
    format!("busiest thread {:.0} %, {packets_per_second:.0} packets/s", server_busiest * 100.0)
}

fn named(name: &str) -> Scenario {
    Scenario::load(name).expect("a test reads every named scenario")
}

/// One camera and so many packets a second, delivered to all together.
fn webinar(name: &str, packets_per_second: usize) -> Scenario {
    let each = u32::try_from(packets_per_second / SUBSCRIBERS).unwrap_or(u32::MAX);
    Scenario {
        name: name.to_owned(),
        watchers: SUBSCRIBERS,
        camera: Some(Camera::Packets { packets_per_second: each }),
        ramp_secs: 12,
        ..named(WEBINARS[COMPARED])
    }
}
