//! `parlor doctor`: looks for what keeps a server on this machine from
//! working, and says the fix beside each finding.

mod folder;
mod machine;
mod network;
mod server;
mod ways;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::ServerOptions;
use super::output::{Form, Mark, Output, printable};
use crate::config::Config;

/// Options of `parlor doctor`.
#[derive(Args)]
pub(crate) struct DoctorOptions {
    #[command(flatten)]
    server: ServerOptions,
    /// The server's configuration [default: parlor.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder, e.g. of `parlor dev --data`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What was looked at, and how it stands.
#[derive(Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Works, but not for everything.
    Warning,
    /// Does not work.
    Problem,
    /// There was nothing to look at.
    Skipped,
}

impl Finding {
    fn ok(check: &'static str, finding: impl Into<String>) -> Self {
        Self { check, state: State::Ok, finding: finding.into(), fix: None }
    }

    fn skipped(check: &'static str, finding: impl Into<String>) -> Self {
        Self { check, state: State::Skipped, finding: finding.into(), fix: None }
    }

    fn warning(check: &'static str, finding: impl Into<String>, fix: impl Into<String>) -> Self {
        let fix = Some(fix.into());
        Self { check, state: State::Warning, finding: finding.into(), fix }
    }

    fn problem(check: &'static str, finding: impl Into<String>, fix: impl Into<String>) -> Self {
        let fix = Some(fix.into());
        Self { check, state: State::Problem, finding: finding.into(), fix }
    }
}

/// Looks at everything. Fails (1) when something is wrong.
pub(crate) async fn run(options: DoctorOptions) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(&options.server);
    let findings = examine(&options).await;
    match output.form() {
        Form::Json => {
            let is_well = findings.iter().all(|one| one.state != State::Problem);
            output.json(&json!({ "ok": is_well, "findings": findings }))?;
        }
        Form::Text => print(&mut output, &findings)?,
    }
    let has_problem = findings.iter().any(|one| one.state == State::Problem);
    Ok(if has_problem { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn examine(options: &DoctorOptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = match configuration(options.config.as_deref()) {
        Ok(config) => config,
        Err(finding) => {
            findings.push(finding);
            None
        }
    };
    if let Some(config) = &config {
        findings.push(Finding::ok("configuration", "it can be read and makes sense"));
        findings.extend(network::public_url(config).await);
    }
    let data = options.data.clone().or_else(|| Some(config.as_ref()?.data.clone()));
    match &data {
        Some(data) => findings.extend(folder::examine(data)),
        None => findings.push(Finding::skipped(
            "data folder",
            "none is named: --data DIR or --config FILE looks at one",
        )),
    }
    let is_running = data.as_deref().is_some_and(network::is_running);
    findings.extend(network::ports(config.as_ref(), is_running));
    if let Some(config) = config.as_ref().filter(|_| is_running) {
        findings.extend(ways::examine(config).await);
    }
    findings.extend(machine::examine());
    findings.extend(server::examine(&options.server).await);
    findings
}

/// The configuration, where there is one.
fn configuration(file: Option<&Path>) -> Result<Option<Config>, Finding> {
    let usual = Path::new("parlor.toml");
    let Some(file) = file.or_else(|| usual.exists().then_some(usual)) else {
        return Ok(None);
    };
    Config::load(file).map(Some).map_err(|error| {
        let fix = "mend the file; docs/reference/config.md lists every key";
        Finding::problem("configuration", format!("{error:#}"), fix)
    })
}

fn print(output: &mut Output, findings: &[Finding]) -> anyhow::Result<()> {
    let width = findings.iter().map(|one| one.check.len()).max().unwrap_or(0);
    for finding in findings {
        let (mark, word) = match finding.state {
            State::Ok => (Mark::Good, "ok     "),
            State::Warning => (Mark::Warning, "warning"),
            State::Problem => (Mark::Bad, "problem"),
            State::Skipped => (Mark::Bold, "skipped"),
        };
        let word = output.marked(mark, word);
        let (check, text) = (finding.check, printable(&finding.finding));
        output.line(&format!("{word}  {check:width$}  {text}"))?;
        if let Some(fix) = &finding.fix {
            output.line(&format!("{:9}{:width$}  → {}", "", "", printable(fix)))?;
        }
    }
    let count = |state| findings.iter().filter(|one| one.state == state).count();
    let verdict = match (count(State::Problem), count(State::Warning)) {
        (0, 0) => "Nothing is wrong.".to_owned(),
        (0, warnings) => format!("Nothing is wrong; worth a look: {warnings}."),
        (problems, _) => format!("Wrong: {problems}."),
    };
    output.line(&format!("\n{verdict}"))?;
    Ok(output.flush()?)
}
