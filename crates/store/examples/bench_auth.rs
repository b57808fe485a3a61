//! What it costs to find out whose API key a request carries, with many keys:
//! a good one, and the three that are refused, which must not differ in time;
//! and how long after the order a revoked key is still accepted.
//!
//! ```sh
//! cargo run --release -p parlor-store --example bench_auth -- 100000
//! ```

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::Instant;

use parlor_model::id::{ApiKeyId, OrgId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermissions;
use parlor_model::time::UnixMillis;
use parlor_store::api_keys::NewApiKey;
use parlor_store::key::KeyValue;
use parlor_store::{Store, StoreConfig, orgs};
use tokio::task::JoinSet;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// When the keys are made and used.
const NOW: UnixMillis = UnixMillis::new(1_893_456_000_000);

/// Requests of each kind that are timed.
const ROUNDS: u32 = 200_000;

/// Keys that are revoked.
const REVOCATIONS: usize = 200;

/// How many keys wait for the same commit.
const AT_ONCE: usize = 512;

#[tokio::main]
async fn main() -> Outcome<()> {
    let count: u32 = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(&StoreConfig::in_folder(folder.path()))?;
    let org = OrgId::from_random([1; 16]);
    let record = orgs::Org::new(org, "bench", NOW, store.master_key())?;
    store.write(move |c| orgs::create(c, &record)).await?;
    fill(&store, org, count).await?;
    let good = add(&store, org, "good", None).await?;
    let expired = add(&store, org, "expired", Some(NOW.plus_seconds(-1))).await?;
    let revoked = add(&store, org, "revoked", None).await?;
    if let Some(key) = store.api_keys().find(revoked.expose()) {
        store.api_keys().revoke(&key, NOW).await?;
    }
    let unknown = KeyValue::generate()?;
    let mut out = io::stdout().lock();
    for (name, value) in
        [("good", &good), ("unknown", &unknown), ("revoked", &revoked), ("expired", &expired)]
    {
        let nanos = time(&store, value);
        writeln!(out, "{name:8} {nanos:>6} ns with {count} keys")?;
    }
    let slowest = slowest_revocation(&store, org).await?;
    writeln!(out, "revoked after {slowest} µs at most, of {REVOCATIONS}")?;
    Ok(())
}

/// The longest time from the order to revoke a key to its first refusal, in
/// microseconds.
async fn slowest_revocation(store: &Store, org: OrgId) -> Outcome<u128> {
    let mut slowest = 0;
    for number in 0..REVOCATIONS {
        let value = add(store, org, &"x".repeat(50 + number), None).await?;
        let key = store.api_keys().find(value.expose()).ok_or("the key is gone")?;
        let started = Instant::now();
        store.api_keys().revoke(&key, NOW).await?;
        if store.api_keys().authenticate(value.expose(), NOW).is_ok() {
            return Err("a revoked key is accepted".into());
        }
        slowest = slowest.max(started.elapsed().as_micros());
    }
    Ok(slowest)
}

/// The time of one look-up, in nanoseconds: the fastest of several spans, which
/// is the one that others disturbed least.
fn time(store: &Store, value: &KeyValue) -> u128 {
    let span = || {
        let started = Instant::now();
        for _ in 0..ROUNDS {
            black_box(store.api_keys().authenticate(black_box(value.expose()), NOW).is_ok());
        }
        started.elapsed().as_nanos() / u128::from(ROUNDS)
    };
    (0..5).map(|_| span()).min().unwrap_or_default()
}

async fn fill(store: &Store, org: OrgId, count: u32) -> Outcome<()> {
    let mut making = JoinSet::new();
    for number in 0..count {
        if making.len() >= AT_ONCE
            && let Some(made) = making.join_next().await
        {
            made??;
        }
        let (store, value) = (store.clone(), KeyValue::generate()?);
        let new = new(org, &format!("key {number}"), number, None);
        making.spawn(async move { store.api_keys().create(new, &value).await });
    }
    while let Some(made) = making.join_next().await {
        made??;
    }
    Ok(())
}

async fn add(
    store: &Store,
    org: OrgId,
    name: &str,
    expires_at: Option<UnixMillis>,
) -> Outcome<KeyValue> {
    let value = KeyValue::generate()?;
    let number = u32::MAX - u32::try_from(name.len())?;
    store.api_keys().create(new(org, name, number, expires_at), &value).await?;
    Ok(value)
}

fn new(org_id: OrgId, name: &str, number: u32, expires_at: Option<UnixMillis>) -> NewApiKey {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    id[4..8].copy_from_slice(&u32::try_from(name.len()).unwrap_or_default().to_be_bytes());
    if let Some(first) = name.bytes().next() {
        id[9] = first;
    }
    NewApiKey {
        id: ApiKeyId::from_random(id),
        org_id,
        further_orgs: Vec::new(),
        user_id: None,
        name: name.to_owned(),
        permissions: KeyPermissions::admin(),
        created_at: NOW,
        expires_at,
        limits: UsageLimits::default(),
    }
}
