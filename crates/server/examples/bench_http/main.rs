//! Drives a running server over loopback keep-alive connections and says what
//! each kind of request costs it: CPU time of the server's process for one
//! request, requests a second, and the times in the middle and at the end of
//! the distribution. The CPU time of this program is not in the figures, but
//! it competes for the same cores: compare CPU, not rates.
//!
//! ```sh
//! cargo run --release --example bench_http -- \
//!     --url http://127.0.0.1:8080 --key "$PARLOR_API_KEY" --pid "$(pidof parlor)"
//! ```

mod call;
mod client;
mod kinds;

use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use call::Call;
use client::{Client, request};
use kinds::Kind;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Ticks a second of `/proc/<pid>/stat`. Linux tells every program 100.
const TICKS_PER_SECOND: f64 = 100.0;

/// How many are in the call.
const PEOPLE: usize = 2;

struct Options {
    host: String,
    key: String,
    pid: u32,
    clients: usize,
    time: Duration,
    /// Only the kinds of request whose name contains this.
    only: String,
}

impl Options {
    fn parse() -> Outcome<Self> {
        let mut options = Self {
            host: "127.0.0.1:8080".to_owned(),
            key: String::new(),
            pid: 0,
            clients: 32,
            time: Duration::from_secs(3),
            only: String::new(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--url" => value.trim_start_matches("http://").clone_into(&mut options.host),
                "--key" => options.key = value,
                "--pid" => options.pid = value.parse()?,
                "--only" => options.only = value,
                "--clients" => options.clients = value.parse()?,
                "--seconds" => options.time = Duration::from_secs(value.parse()?),
                other => return Err(format!("unknown option {other}").into()),
            }
        }
        if options.key.is_empty() || options.pid == 0 {
            return Err("--key and --pid are needed".into());
        }
        Ok(options)
    }
}

fn main() -> Outcome<()> {
    let options = Arc::new(Options::parse()?);
    let call = Call::begin(&options, PEOPLE)?;
    let kinds = kinds::prepare(&options, &call.room)?;
    let mut out = io::stdout();
    writeln!(
        out,
        "| request | class | CPU µs | requests/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|"
    )?;
    let wanted = kinds.into_iter().filter(|kind| kind.name.contains(options.only.as_str()));
    for kind in wanted {
        let (name, class) = (kind.name.clone(), kind.class);
        let figures = measure(&options, kind)?;
        writeln!(
            out,
            "| `{name}` | {class} | {:.1} | {:.0} | {:.2} | {:.2} |",
            figures.cpu_micros, figures.rate, figures.p50_ms, figures.p99_ms
        )?;
    }
    Ok(())
}

struct Figures {
    cpu_micros: f64,
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// Runs one kind of request on all clients for the chosen time.
fn measure(options: &Arc<Options>, kind: Kind) -> Outcome<Figures> {
    let kind = Arc::new(kind);
    let begun = Arc::new(AtomicU64::new(0));
    let cpu_before = cpu_seconds(options.pid)?;
    let started = Instant::now();
    let clients: Vec<_> = (0..options.clients)
        .map(|_| {
            let (options, kind, begun) =
                (Arc::clone(options), Arc::clone(&kind), Arc::clone(&begun));
            std::thread::spawn(move || drive(&options, &kind, started, &begun))
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.join().map_err(|_| "a client panicked")??);
    }
    let elapsed = started.elapsed().as_secs_f64();
    let cpu = cpu_seconds(options.pid)? - cpu_before;
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let count = times.len() as f64;
    Ok(Figures {
        cpu_micros: cpu * 1e6 / count,
        rate: count / elapsed,
        p50_ms: at(50).as_secs_f64() * 1000.0,
        p99_ms: at(99).as_secs_f64() * 1000.0,
    })
}

fn drive(
    options: &Options,
    kind: &Kind,
    started: Instant,
    begun: &AtomicU64,
) -> Outcome<Vec<Duration>> {
    let mut client = Client::connect(options)?;
    let mut times = Vec::new();
    while started.elapsed() < options.time {
        let number = begun.fetch_add(1, Ordering::Relaxed);
        if number >= kind.most {
            break;
        }
        let path = kind.path.replace("{n}", &number.to_string());
        let request = request(options, kind.method, &path, &kind.body);
        let sent = Instant::now();
        let answer = client.exchange(&request)?;
        times.push(sent.elapsed());
        if answer.status != kind.status {
            return Err(format!("{}: {} {}", kind.name, answer.status, answer.body).into());
        }
    }
    Ok(times)
}

/// User and system time of a process, all its threads together.
fn cpu_seconds(pid: u32) -> Outcome<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in brackets, and may hold spaces.
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |index: usize| -> Outcome<f64> {
        Ok(fields.get(index).ok_or("a short stat")?.parse::<f64>()?)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}
