//! What the store costs, without HTTP around it: `cargo run --release -p
//! parlor-store --example bench_store [FOLDER]`. The folder should lie on the
//! disk that is to be measured; default is the current one.
//!
//! CPU time is that of the whole process, from /proc/self/stat, which counts
//! in hundredths of a second: each measurement runs for two seconds.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parlor_model::id::{ApiKeyId, OrgId, RoomId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermissions;
use parlor_model::rest::rooms::Privacy;
use parlor_model::time::UnixMillis;
use parlor_store::api_keys::NewApiKey;
use parlor_store::key::KeyValue;
use parlor_store::orgs::{self, Org};
use parlor_store::page::PageRequest;
use parlor_store::rooms::{self, NewRoom};
use parlor_store::{Connection, Store, StoreConfig, StoreError};
use tokio::task::JoinSet;

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

const RUN: Duration = Duration::from_secs(2);
const NOW: UnixMillis = UnixMillis::new(1_935_576_000_000);

/// Rooms there are before anything but lists is measured.
const STOCK: u64 = 10_000;

/// Rooms there are when lists are measured.
const LISTED: [u64; 2] = [1_000, 1_000_000];

/// Rooms made in one commit.
const BATCH: u64 = 10_000;

#[tokio::main(worker_threads = 2)]
async fn main() -> Outcome {
    let parent = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = tempfile::tempdir_in(&parent)?;
    let bench = Bench::open(&StoreConfig::in_folder(folder.path()), STOCK).await?;
    println!("{:<34}{:>10}{:>12}{:>12}", "operation", "clients", "per second", "CPU µs each");
    bench.creates("durable create", 1).await?;
    bench.creates("durable create", 32).await?;
    bench.creates("durable create", 256).await?;
    bench.inline("point read", Bench::point_read)?;
    bench.inline("point read of nothing", Bench::failed_read)?;
    bench.inline("authenticate an API key", Bench::authenticate)?;
    bench.store.shutdown();
    for stock in LISTED {
        let folder = tempfile::tempdir_in(&parent)?;
        let bench = Bench::open(&StoreConfig::in_folder(folder.path()), stock).await?;
        bench.lists(1).await?;
        bench.lists(32).await?;
        bench.store.shutdown();
    }
    Ok(())
}

struct Bench {
    store: Store,
    org: OrgId,
    key: KeyValue,
    made: Arc<AtomicU64>,
}

impl Bench {
    async fn open(config: &StoreConfig, stock: u64) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let store = Store::open(config)?;
        let id = OrgId::from_random([1; 16]);
        let org = Org::new(id, "local", NOW, store.master_key())?;
        store.write(move |c| orgs::create(c, &org)).await?;
        let key = KeyValue::generate()?;
        let new = NewApiKey {
            id: ApiKeyId::from_random([1; 16]),
            org_id: id,
            further_orgs: Vec::new(),
            user_id: None,
            name: "bench".to_owned(),
            permissions: KeyPermissions::admin(),
            created_at: NOW,
            expires_at: None,
            limits: UsageLimits::default(),
        };
        store.api_keys().create(new, &key).await?;
        for from in (0..stock).step_by(usize::try_from(BATCH)?) {
            let to = stock.min(from + BATCH);
            let fill = move |c: &mut dyn Connection| {
                (from..to).try_for_each(|n| rooms::create(c, &new_room(id, n), at(n)).map(drop))
            };
            store.write(fill).await.map_err(|error: StoreError| error)?;
        }
        Ok(Self { store, org: id, key, made: Arc::new(AtomicU64::new(stock)) })
    }

    async fn creates(&self, name: &str, clients: usize) -> Outcome {
        let (meter, end) = (Meter::start(), Instant::now() + RUN);
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            let (store, org, made) = (self.store.clone(), self.org, Arc::clone(&self.made));
            tasks.spawn(async move {
                let mut done = 0;
                while Instant::now() < end {
                    let n = made.fetch_add(1, Ordering::Relaxed);
                    let new = new_room(org, n);
                    store.write(move |c| rooms::create(c, &new, at(n))).await?;
                    done += 1;
                }
                Ok::<u64, StoreError>(done)
            });
        }
        let done: Result<Vec<u64>, _> = tasks.join_all().await.into_iter().collect();
        meter.report(name, clients, done?.iter().sum());
        Ok(())
    }

    async fn lists(&self, clients: usize) -> Outcome {
        let (meter, end) = (Meter::start(), Instant::now() + RUN);
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            let (store, org) = (self.store.clone(), self.org);
            tasks.spawn(async move {
                let mut done = 0;
                while Instant::now() < end {
                    let page = PageRequest::default();
                    store.scan(move |c| rooms::list(c, org, NOW, &page)).await?;
                    done += 1;
                }
                Ok::<u64, StoreError>(done)
            });
        }
        let done: Result<Vec<u64>, _> = tasks.join_all().await.into_iter().collect();
        let total = self.made.load(Ordering::Relaxed);
        meter.report(&format!("list 100 of {total}"), clients, done?.iter().sum());
        Ok(())
    }

    fn inline(&self, name: &str, step: fn(&Self, u64) -> Result<(), StoreError>) -> Outcome {
        let (meter, end) = (Meter::start(), Instant::now() + RUN);
        let mut done = 0;
        while Instant::now() < end {
            for _ in 0..100 {
                step(self, done)?;
                done += 1;
            }
        }
        meter.report(name, 1, done);
        Ok(())
    }

    fn point_read(&self, n: u64) -> Result<(), StoreError> {
        let name = format!("room-{}", n % STOCK);
        let room = self.store.read(|c| rooms::find(c, self.org, &name, NOW))?;
        room.map(drop).ok_or(StoreError::Closed)
    }

    fn failed_read(&self, n: u64) -> Result<(), StoreError> {
        let name = format!("none-{n}");
        self.store.read(|c| rooms::find(c, self.org, &name, NOW)).map(drop)
    }

    fn authenticate(&self, n: u64) -> Result<(), StoreError> {
        let key = self.store.api_keys().authenticate(self.key.expose(), at(n));
        key.map(drop).map_err(|_| StoreError::Closed)
    }
}

/// A tenth of a millisecond apart: ten thousand a second.
fn at(n: u64) -> UnixMillis {
    NOW.plus_millis(i64::try_from(n / 10).unwrap_or(0))
}

/// Ids as random as real ones, names as long.
fn new_room(org_id: OrgId, n: u64) -> NewRoom {
    let spread = u128::from(n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    NewRoom {
        id: RoomId::from_random(spread.to_be_bytes()),
        org_id,
        name: format!("room-{n}"),
        privacy: Privacy::Private,
        properties: r#"{"exp":1935662830,"start_video_off":true,"max_participants":20}"#.to_owned(),
        expires_at: Some(NOW.plus_seconds(86_400)),
    }
}

/// Wall and CPU time since it was started.
struct Meter {
    started: Instant,
    cpu: Duration,
}

impl Meter {
    fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu_time() }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few millions")]
    fn report(&self, name: &str, clients: usize, done: u64) {
        let rate = done as f64 / self.started.elapsed().as_secs_f64();
        let each = (cpu_time() - self.cpu).as_secs_f64() * 1e6 / done as f64;
        println!("{name:<34}{clients:>10}{rate:>12.0}{each:>12.2}");
    }
}

/// User and system time of this process. The fields follow the program's name,
/// which stands in brackets and may hold anything (proc(5)).
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
