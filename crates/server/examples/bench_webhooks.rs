//! How soon and how fast webhooks are told. Prints, for an idle server, the
//! time from a fact to its arrival, and for a busy one, whether all of a
//! thousand facts a second arrive, and how far behind.
//!
//! Usage: `cargo run --release -p parlor-server --example bench_webhooks [facts a second] [seconds]`

#![expect(clippy::print_stdout, reason = "a bench talks to the person at the terminal")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parlor_model::id::{OrgId, WebhookId};
use parlor_model::rest::webhooks::{EventType, RetryType};
use parlor_server::{
    Clock as _, Dispatcher, FaultInjector, RequestLog, SystemClock, WebhookSettings, Webhooks,
};
use parlor_store::webhooks::{Content, NewEvent, Webhook, create, enqueue};
use parlor_store::{Store, StoreConfig, StoreError, orgs};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error>;

const IDLE_FACTS: u64 = 300;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let rate = numbers.next().transpose()?.unwrap_or(1000);
    let seconds = numbers.next().transpose()?.unwrap_or(20);
    let mut bench = Bench::start().await?;
    let mut idle = bench.run_idle().await?;
    idle.sort();
    println!("idle: first attempt after {}", percentiles(&idle));
    bench.run_busy(rate, seconds).await?;
    bench.stop.cancel();
    while bench.tasks.join_next().await.is_some() {}
    bench.store.shutdown();
    Ok(())
}

struct Bench {
    store: Store,
    webhooks: Webhooks,
    org: OrgId,
    arrived: mpsc::Receiver<(u64, Instant)>,
    tasks: JoinSet<()>,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&StoreConfig::in_folder(folder.path()))?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let org = add_webhook(&store, url).await?;
        let (sender, arrived) = mpsc::channel(1_000_000);
        let settings =
            WebhookSettings { allows_private_addresses: true, ..WebhookSettings::default() };
        let webhooks = Webhooks::new(settings, FaultInjector::default(), RequestLog::off())?;
        let stop = CancellationToken::new();
        let dispatcher = Dispatcher::new(store.clone(), Arc::new(SystemClock), webhooks.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(dispatcher.run(stop.clone()));
        tasks.spawn(receive(listener, sender, stop.clone()));
        Ok(Self { store, webhooks, org, arrived, tasks, stop, _folder: folder })
    }

    /// Facts `from..to`, in one transaction.
    async fn tell(&self, from: u64, to: u64) -> Result<(), StoreError> {
        let (org_id, at) = (self.org, SystemClock.now());
        self.store
            .write(move |c| {
                for number in from..to {
                    let id = format!("bench-{number}");
                    let body = format!(
                        "{{\"version\":\"1.0.0\",\"id\":\"{id}\",\"n\":{number},\"payload\":{{\"room\":\"{:400}\"}}}}",
                        ""
                    );
                    let (id, body, event_type) = (id.as_str(), body.as_str(), "meeting.started");
                    enqueue(c, &NewEvent { org_id, id, event_type, body, at })?;
                }
                Ok(())
            })
            .await
            .map(|()| self.webhooks.bell().ring())
    }

    async fn run_idle(&mut self) -> Result<Vec<Duration>, Failure> {
        let mut waits = Vec::new();
        for number in 0..IDLE_FACTS {
            let told = Instant::now();
            self.tell(number, number + 1).await?;
            let (_, at) = self.arrived.recv().await.ok_or("the receiver ended")?;
            waits.push(at - told);
            sleep(Duration::from_millis(10)).await;
        }
        Ok(waits)
    }

    async fn run_busy(&mut self, rate: u64, seconds: u64) -> Result<(), Failure> {
        const TICKS: u64 = 100;
        let first = 1_000_000;
        let (began, mut told) = (Instant::now(), HashMap::new());
        let mut tick = interval(Duration::from_secs(1) / 100);
        for turn in 0..seconds * TICKS {
            tick.tick().await;
            let from = first + turn * rate / TICKS;
            let to = first + (turn + 1) * rate / TICKS;
            let now = Instant::now();
            told.extend((from..to).map(|number| (number, now)));
            self.tell(from, to).await?;
        }
        let took = began.elapsed();
        let (mut waits, mut twice) = (Vec::new(), 0);
        while !told.is_empty() {
            let Ok(Some((number, at))) =
                timeout(Duration::from_secs(10), self.arrived.recv()).await
            else {
                println!("busy: {} facts did not arrive", told.len());
                break;
            };
            match told.remove(&number) {
                Some(since) => waits.push(at - since),
                None => twice += 1,
            }
        }
        println!(
            "busy: {} facts in {:.1} s, all arrived after {:.1} s, {twice} twice",
            waits.len(),
            took.as_secs_f64(),
            began.elapsed().as_secs_f64()
        );
        waits.sort();
        println!("busy: first attempt after {}", percentiles(&waits));
        Ok(())
    }
}

async fn add_webhook(store: &Store, url: String) -> Result<OrgId, Failure> {
    let (org_id, now) = (OrgId::from_random([1; 16]), SystemClock.now());
    let org = orgs::Org::new(org_id, "bench", now, store.master_key())?;
    let content = Content {
        url,
        hmac: "c2VjcmV0".to_owned().into(),
        basic_auth: None,
        retry: RetryType::CircuitBreaker,
        event_types: EventType::ALL.to_vec(),
    };
    let id = WebhookId::from_random([2; 16]);
    let webhook = Webhook::new(id, org_id, &content, now, store.master_key())?;
    store
        .write(move |c| -> Result<bool, StoreError> {
            orgs::create(c, &org)?;
            create(c, &webhook, 1)
        })
        .await?;
    Ok(org_id)
}

async fn receive(
    listener: TcpListener,
    sender: mpsc::Sender<(u64, Instant)>,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(answer(stream, sender.clone()));
            }
        }
    }
}

/// Answers 200 to each request, and says which fact it told.
async fn answer(mut stream: TcpStream, sender: mpsc::Sender<(u64, Instant)>) {
    let mut data = Vec::new();
    while stream.read_buf(&mut data).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&data);
        let is_whole = text.ends_with("}}");
        let number = text.split("\"n\":").nth(1).and_then(|rest| rest.split(',').next());
        if let Some(number) = number.filter(|_| is_whole).and_then(|number| number.parse().ok()) {
            if sender.send((number, Instant::now())).await.is_err() {
                return;
            }
            data.clear();
            if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.is_err() {
                return;
            }
        }
    }
}

fn percentiles(sorted: &[Duration]) -> String {
    let at = |percent: usize| {
        let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(index).map_or(0.0, |wait| wait.as_secs_f64() * 1000.0)
    };
    format!("p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", at(50), at(99), at(100))
}
