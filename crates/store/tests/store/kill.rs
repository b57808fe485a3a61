//! `kill -9` in the middle of many writes. The victim is this test program,
//! started again to run [`victim`] alone.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use parlor_model::id::OrgId;
use parlor_store::orgs::{self, Org};
use parlor_store::page::PageRequest;
use parlor_store::rooms;
use parlor_store::{Store, StoreConfig};
use tokio::task::JoinSet;

use crate::bed::{NOW, new_room, random};

const FOLDER: &str = "PARLOR_TEST_KILL_FOLDER";
const ACKNOWLEDGED: &str = "acknowledged ";

#[test]
fn acknowledged_writes_survive_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::in_folder(folder.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for round in 0..3 {
        let mut victim = start_victim(&config, round);
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let mut acknowledged: Vec<String> = Vec::new();
        let mut next = || {
            let line = lines.next()?.unwrap();
            Some(line.strip_prefix(ACKNOWLEDGED).map(str::to_owned))
        };
        while acknowledged.len() < 1000 {
            acknowledged.extend(next().expect("the victim ended by itself"));
        }
        victim.kill().unwrap();
        // What it acknowledged before it died is still in the pipe.
        while let Some(name) = next() {
            acknowledged.extend(name);
        }
        victim.wait().unwrap();

        let store = Store::open(&config).unwrap();
        let org = store.read(orgs::list).unwrap()[0].id;
        for name in &acknowledged {
            let found = store.read(|c| rooms::find(c, org, name, NOW)).unwrap();
            assert!(found.is_some(), "{name} was acknowledged and is gone");
        }
        let page = PageRequest::default();
        let counted = runtime.block_on(store.scan(move |c| rooms::list(c, org, NOW, &page)));
        store.shutdown();
        let file = rusqlite::Connection::open(config.data_dir.join("parlor.sqlite")).unwrap();
        let there = file.query_row("SELECT COUNT(*) FROM rooms", [], |row| row.get::<_, u32>(0));
        assert_eq!(
            counted.unwrap().total_count,
            u64::from(there.unwrap()),
            "the kept number is off"
        );
    }
}

fn start_victim(config: &StoreConfig, round: u32) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "kill::victim", "--ignored", "--nocapture"])
        .env(FOLDER, config.data_dir.join("").as_os_str())
        .env("PARLOR_TEST_KILL_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Creates rooms from 32 tasks and says the name of each once it is
/// acknowledged, until it is killed.
#[test]
#[ignore = "run by the test above"]
fn victim() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let round = env::var("PARLOR_TEST_KILL_ROUND").unwrap();
    let store = Store::open(&StoreConfig::in_folder(folder)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let org = first_org(&store).await;
        let mut tasks = JoinSet::new();
        for task in 0..32 {
            let (store, round) = (store.clone(), round.clone());
            tasks.spawn(async move {
                for n in 0_u64.. {
                    let mut new = new_room(org, &format!("r{round}-{task}-{n}"));
                    new.id = parlor_model::id::RoomId::from_random(spread(&round, random()));
                    let room = store.write(move |c| rooms::create(c, &new, NOW)).await;
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "\n{ACKNOWLEDGED}{}", room.unwrap().room.name).unwrap();
                }
            });
        }
        tasks.join_all().await;
    });
}

/// Ids of one round differ from those of another.
fn spread(round: &str, mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[15] = round.as_bytes()[0];
    bytes
}

async fn first_org(store: &Store) -> OrgId {
    if let Some(org) = store.read(orgs::list).unwrap().first() {
        return org.id;
    }
    let org = Org::new(OrgId::from_random(random()), "local", NOW, store.master_key()).unwrap();
    let id = org.id;
    store.write(move |c| orgs::create(c, &org)).await.unwrap();
    id
}
