//! How many facts a second the recorder writes down, and what one costs. Facts
//! of many rooms are told as fast as the stream takes them, or at a given rate.
//!
//! ```sh
//! cargo run --release -p parlor-server --example bench_recorder -- 100000 1000
//! ```
//! The first number is how many facts, the second how many a second; 0 is as
//! fast as they are written.

use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parlor_bus::{Bus, Facts};
use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::{MeetingId, OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::time::UnixMillis;
use parlor_server::{FaultInjector, Recorder, RequestLog, SystemClock, WebhookSettings, Webhooks};
use parlor_store::{Store, StoreConfig, orgs};
use tokio_util::sync::CancellationToken;

/// Clock ticks a second in `/proc/self/stat`. Linux tells every program 100.
const TICKS_PER_SECOND: f64 = 100.0;

/// How many facts are told between two looks at the clock.
const STEP: u64 = 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let count = numbers.next().transpose()?.unwrap_or(50_000);
    let rate = numbers.next().transpose()?.unwrap_or(0);
    let folder = tempfile::tempdir()?;
    let store = Store::open(&StoreConfig::in_folder(folder.path()))?;
    let org = OrgId::from_random([1; 16]);
    let record = orgs::Org::new(org, "bench", UnixMillis::new(0), store.master_key())?;
    store.write(move |c| orgs::create(c, &record)).await?;

    let (facts, stream) = parlor_bus::facts();
    let (bus, _requests) = Bus::local();
    let log = RequestLog::off();
    let webhooks = Webhooks::new(WebhookSettings::default(), FaultInjector::default(), log)?;
    let bell = webhooks.bell().clone();
    let recorder = Recorder::new(store.clone(), bus, Arc::new(SystemClock), bell);
    let mut written = recorder.written();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(recorder.run(stream, CancellationToken::new()));

    let (began, before) = (Instant::now(), cpu_seconds()?);
    let mut most_behind = 0;
    for number in 0..count {
        tell(&facts, org, number);
        if number % STEP == 0 {
            let behind = number.saturating_sub(*written.borrow());
            most_behind = most_behind.max(behind);
            pace(began, number, rate, behind).await;
        }
    }
    written.wait_for(|written| *written >= count).await?;
    let (elapsed, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds()? - before);
    writeln!(
        io::stdout(),
        "{count} facts in {elapsed:.2} s: {:.0}/s, {:.1} µs CPU each, {} lost, {most_behind} behind at most",
        to_f64(count) / elapsed,
        cpu * 1e6 / to_f64(count),
        facts.lost(),
    )?;
    drop(facts);
    tasks.join_all().await;
    Ok(())
}

/// Waits until the next facts are due, or until the recorder has caught up.
async fn pace(began: Instant, told: u64, rate: u64, behind: u64) {
    if rate > 0 {
        let due = began + Duration::from_secs_f64(to_f64(told) / to_f64(rate));
        tokio::time::sleep_until(due.into()).await;
    } else if behind > 4096 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Meetings of two people: six facts each, told one meeting after the other.
fn tell(facts: &Facts, org: OrgId, number: u64) {
    let (meeting, step) = (number / 6, number % 6);
    let bytes = |salt: u8| {
        let mut bytes = [salt; 16];
        bytes[..8].copy_from_slice(&meeting.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        bytes
    };
    let start = UnixMillis::new(1_900_000_000_000);
    let person = |salt| ParticipantId::from_random(bytes(salt));
    let joined = |salt| Fact::ParticipantJoined {
        participant: person(salt),
        user_id: Some("u-1".to_owned()),
        user_name: "Ana".to_owned(),
        is_owner: false,
        permissions: Permissions::owner(),
        eject_at: None,
    };
    let left = |salt| Fact::ParticipantLeft {
        participant: person(salt),
        reason: LeaveReason::Left,
        duration_ms: 0,
        joined_at: start,
        user_id: Some("u-1".to_owned()),
        user_name: "Ana".to_owned(),
        is_owner: false,
        permissions: Permissions::owner(),
        eject_at: None,
    };
    let fact = match step {
        0 => Fact::MeetingStarted,
        1 => joined(2),
        2 => joined(3),
        3 => left(2),
        4 => left(3),
        _ => Fact::MeetingEnded,
    };
    facts.tell(RoomEvent {
        org,
        room: RoomId::from_random([9; 16]),
        room_name: format!("room-{}", meeting % 100),
        seq: step,
        at: start,
        meeting: MeetingId::from_random(bytes(1)),
        meeting_started_at: start,
        fact,
    });
}

fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no fields")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_PER_SECOND)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
fn to_f64(count: u64) -> f64 {
    count as f64
}
