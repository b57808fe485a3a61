//! `parlor-load`: the load harness on the command line.
//!
//! ```text
//! parlor-load run webinar-100 --server ours=target/release/parlor --server janus --rounds 3
//! parlor-load table --server ours=target/release/parlor --server livekit=/path
//! ```

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use parlor_load::compare::compare;
use parlor_load::run::{Measurement, Settings};
use parlor_load::scenario::Scenario;
use parlor_load::target::Spec;
use parlor_load::{calibrate, meter, peer, report, table};

/// Sockets and files of as many participants.
const OPEN_FILES: u64 = 65_536;

#[derive(Parser)]
#[command(about = "Many real participants against one server or several in turn")]
struct Cli {
    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand)]
enum Order {
    /// Scenarios by name or file, each against all servers in turn
    Run {
        /// Names (webinar-20, webinar-100, webinar-1000, large-room, meeting, audio, churn, rush,
        /// bad-network, idle, senders) or files
        #[arg(required = true)]
        scenarios: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// The table of docs/performance.md: targets beside what was measured
    Table {
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Args)]
struct Options {
    /// ours=PATH (or any other name), janus, livekit=PATH; once for each server
    #[arg(long = "server", required = true, value_name = "NAME=PATH")]
    servers: Vec<Spec>,
    /// How often each is run
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many seconds are measured
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// The one address of servers and clients; it must be this machine's
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    ip: IpAddr,
    /// Client threads that move datagrams
    #[arg(long, default_value_t = 1)]
    engines: usize,
    /// Media threads of our server
    #[arg(long)]
    threads: Option<usize>,
    /// Read the client's sockets without GRO
    #[arg(long)]
    no_gro: bool,
    /// Write all runs to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Options {
    fn settings(&self) -> anyhow::Result<Settings> {
        if !meter::is_own_address(self.ip) {
            bail!("{} is not an address of this machine", self.ip);
        }
        if self.no_gro {
            peer::read_plainly();
        }
        Ok(Settings {
            ip: self.ip,
            measured: Duration::from_secs_f64(self.seconds),
            engines: self.engines,
            threads: self.threads,
        })
    }

    fn write(&self, runs: &[Measurement]) -> anyhow::Result<()> {
        self.json.as_ref().map_or(Ok(()), |path| report::json(path, runs))
    }
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    rlimit::increase_nofile_limit(OPEN_FILES)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.order {
            Order::Run { scenarios, options } => run(&scenarios, &options).await,
            Order::Table { options } => {
                let runs = table::run(&options.servers, &options.settings()?, options.rounds).await;
                options.write(&runs)
            }
        }
    })
}

async fn run(names: &[String], options: &Options) -> anyhow::Result<()> {
    let settings = options.settings()?;
    let scenarios: Vec<_> =
        names.iter().map(|name| Scenario::load(name)).collect::<anyhow::Result<_>>()?;
    report::calibration(&calibrate::run());
    report::head();
    let mut runs = Vec::new();
    for scenario in &scenarios {
        let comparison = compare(&options.servers, scenario, &settings, options.rounds).await;
        report::ratios(&options.servers, &comparison);
        runs.extend(comparison.rounds.into_iter().flatten().flatten());
    }
    options.write(&runs)
}
