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

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Ticks a second of `/proc/<pid>/stat`. Linux tells every program 100.
const TICKS_PER_SECOND: f64 = 100.0;

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
    let rooms = prepare(&options)?;
    let mut out = io::stdout();
    writeln!(out, "| request | CPU µs | requests/s | p50 ms | p99 ms |\n|---|---|---|---|---|")?;
    let get_room = request(&options, "GET", &format!("/v1/rooms/{rooms}"), "");
    let token = r#"{"properties":{"room_name":"standup","is_owner":true,"user_name":"Ana"}}"#;
    let room = r#"{"properties":{"start_video_off":true,"max_participants":20}}"#;
    let kinds = [
        ("GET /healthz", request(&options, "GET", "/healthz", "")),
        ("GET /v1/rooms/:name", get_room),
        ("POST /v1/meeting-tokens", request(&options, "POST", "/v1/meeting-tokens", token)),
        ("GET /v1/rooms (100)", request(&options, "GET", "/v1/rooms", "")),
        ("POST /v1/rooms", request(&options, "POST", "/v1/rooms", room)),
    ];
    let wanted = kinds.into_iter().filter(|(name, _)| name.contains(options.only.as_str()));
    for (name, request) in wanted {
        let figures = measure(&options, request)?;
        writeln!(
            out,
            "| `{name}` | {:.1} | {:.0} | {:.2} | {:.2} |",
            figures.cpu_micros, figures.rate, figures.p50_ms, figures.p99_ms
        )?;
    }
    Ok(())
}

/// Makes sure that a list has 100 rooms, and names one of them.
fn prepare(options: &Options) -> Outcome<String> {
    let mut client = Client::connect(options)?;
    for _ in 0..100 {
        client.exchange(&request(options, "POST", "/v1/rooms", "{}"))?;
    }
    let answer = client.exchange(&request(options, "POST", "/v1/rooms", "{}"))?;
    let (_, rest) = answer.split_once(r#""name":""#).ok_or("a room has a name")?;
    let (name, _) = rest.split_once('"').ok_or("a name ends")?;
    Ok(name.to_owned())
}

fn request(options: &Options, method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        options.host,
        options.key,
        body.len()
    )
    .into_bytes()
}

struct Figures {
    cpu_micros: f64,
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// Runs one kind of request on all clients for the chosen time.
fn measure(options: &Arc<Options>, request: Vec<u8>) -> Outcome<Figures> {
    let request = Arc::new(request);
    let done = Arc::new(AtomicU64::new(0));
    let cpu_before = cpu_seconds(options.pid)?;
    let started = Instant::now();
    let clients: Vec<_> = (0..options.clients)
        .map(|_| {
            let (options, request) = (Arc::clone(options), Arc::clone(&request));
            let done = Arc::clone(&done);
            std::thread::spawn(move || drive(&options, &request, started, &done))
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
    let count = done.load(Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let count = count as f64;
    Ok(Figures {
        cpu_micros: cpu * 1e6 / count,
        rate: count / elapsed,
        p50_ms: at(50).as_secs_f64() * 1000.0,
        p99_ms: at(99).as_secs_f64() * 1000.0,
    })
}

fn drive(
    options: &Options,
    request: &[u8],
    started: Instant,
    done: &AtomicU64,
) -> Outcome<Vec<Duration>> {
    let mut client = Client::connect(options)?;
    let mut times = Vec::new();
    while started.elapsed() < options.time {
        let sent = Instant::now();
        client.exchange(request)?;
        times.push(sent.elapsed());
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(times)
}

struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    fn connect(options: &Options) -> Outcome<Self> {
        let stream = TcpStream::connect(&options.host)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 256 * 1024] })
    }

    /// One request and its whole answer, which must be a 200.
    fn exchange(&mut self, request: &[u8]) -> Outcome<String> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..])?;
            if count == 0 {
                return Err("the server closed the connection".into());
            }
            filled += count;
            if let Some(answer) = complete(&self.buffer[..filled])? {
                return Ok(answer);
            }
        }
    }
}

fn complete(answer: &[u8]) -> Outcome<Option<String>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&answer[..end])?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.ok_or("an answer without a length")?.parse()?;
    if answer.len() < end + 4 + length {
        return Ok(None);
    }
    if !head.starts_with("HTTP/1.1 200") {
        return Err(String::from_utf8_lossy(answer).into_owned().into());
    }
    Ok(Some(String::from_utf8_lossy(&answer[end + 4..]).into_owned()))
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
