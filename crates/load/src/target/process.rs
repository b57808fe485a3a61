//! A server's process: started on a folder of its own, ended with its handle.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// How long a server may take to answer after its start.
const STARTS_WITHIN: Duration = Duration::from_secs(20);
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A running process and its folder.
pub(super) struct Process {
    child: Child,
    /// Removed when the process is gone.
    folder: TempDir,
}

impl Process {
    /// Starts it; what it prints goes to `log` in the folder.
    pub(super) fn start(command: &mut Command, folder: TempDir) -> anyhow::Result<Self> {
        let log = std::fs::File::create(folder.path().join("log")).context("no log file")?;
        let errors = log.try_clone().context("no log file")?;
        let program = command.get_program().to_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { child, folder })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it answers.
    pub(super) async fn until<F: Future<Output = bool>>(
        &mut self,
        mut answers: impl FnMut() -> F,
    ) -> anyhow::Result<()> {
        let until = Instant::now() + STARTS_WITHIN;
        while !answers().await {
            let ended = self.child.try_wait().context("a child can be asked")?;
            if ended.is_some() || Instant::now() > until {
                let log = self.log();
                anyhow::bail!("the server does not answer; it said:\n{log}");
            }
            sleep(ASK_EVERY).await;
        }
        Ok(())
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that is gone already cannot be killed, and needs not.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A folder for one server.
pub(super) fn folder() -> anyhow::Result<TempDir> {
    tempfile::Builder::new().prefix("parlor-load-").tempdir().context("no temporary folder")
}

/// A program that sees nothing of our settings in the environment: what a run
/// is like must not depend on them.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PARLOR_") {
            command.env_remove(name);
        }
    }
    command
}

/// A client for the server's HTTP, past any proxy.
pub(super) fn http_client() -> anyhow::Result<reqwest::Client> {
    // Only the first client's provider counts, and all are the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().context("no HTTP client")
}

/// Writes a file of it.
pub(super) fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
}

/// A port that nobody uses. Somebody could take it before the server does; then
/// the server does not start, and the run fails.
pub(super) fn free_port(ip: std::net::IpAddr) -> anyhow::Result<u16> {
    let listener = std::net::TcpListener::bind((ip, 0)).context("no free port")?;
    Ok(listener.local_addr().context("it is bound")?.port())
}
