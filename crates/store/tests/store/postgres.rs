//! A private PostgreSQL for one test run, from the system's own package.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Lives until its standard input closes, which it does when this process
/// ends, however it ends.
const SCRIPT: &str = r#"
set -eu
bin=$1 port=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
quiet() { "$@" >>log 2>&1 || { cat log >&2; exit 1; }; }
quiet "$bin/initdb" -D data -U parlor -A trust -E UTF8 --no-sync --no-instructions
quiet "$bin/pg_ctl" -D data -l log -w -t 60 start -o "-p $port -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c fsync=off -c max_connections=60"
echo ready
read -r line || true
quiet "$bin/pg_ctl" -D data -m immediate -w stop
"#;

/// A running server with nobody else's data in it.
pub(crate) struct Cluster {
    process: Child,
    port: u16,
}

impl Cluster {
    /// The server of this test run, started by whoever asks first and ended by
    /// whoever lets go last. `None` when `PARLOR_TEST_POSTGRES=off` says that this
    /// machine has none; its absence is a failure otherwise.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        static RUNNING: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        if std::env::var("PARLOR_TEST_POSTGRES").is_ok_and(|value| value == "off") {
            println!("PARLOR_TEST_POSTGRES=off: PostgreSQL is NOT tested");
            return None;
        }
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = running.upgrade() {
            return Some(cluster);
        }
        let cluster = Arc::new(Self::start());
        *running = Arc::downgrade(&cluster);
        Some(cluster)
    }

    fn start() -> Self {
        let bin = server_programs().expect(
            "PostgreSQL's server is missing: install it (apt-get install postgresql-15), \
             or set PARLOR_TEST_POSTGRES=off to go without",
        );
        // The port is free for a moment only, so a neighbour may take it.
        (0..3)
            .find_map(|_| Self::start_on(&bin, spare_port()))
            .expect("PostgreSQL should start; its messages are above")
    }

    fn start_on(bin: &PathBuf, port: u16) -> Option<Self> {
        let mut process = unprivileged_shell()
            .arg("-c")
            .arg(SCRIPT)
            .arg("postgres-for-tests")
            .arg(bin)
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("text");
        if line.trim() == "ready" {
            return Some(Self { process, port });
        }
        process.wait().expect("it was started");
        None
    }

    /// An empty database.
    pub(crate) fn create_database(&self, name: &str) -> String {
        let admin = self.url("postgres");
        let mut client = postgres::Client::connect(&admin, postgres::NoTls).unwrap();
        // Names longer than 63 bytes are cut by the server, and then clash.
        let name = &name[..name.len().min(60)];
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.url(name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://parlor@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            println!("PostgreSQL did not end: {error}");
        }
    }
}

/// The newest installed version's programs.
fn server_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<_> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
        .collect();
    found.sort();
    found.pop()
}

/// PostgreSQL refuses to run as root; its package brings a user for it.
fn unprivileged_shell() -> Command {
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !is_root {
        return Command::new("sh");
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--", "sh"]);
    command
}

fn spare_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a spare port");
    listener.local_addr().expect("it is bound").port()
}
