//! The operator's door: a Unix socket in the data folder, for commands given
//! on the machine itself. Who may open the folder's files may use it (mode
//! 0600), so it asks for no key. One JSON line in, one JSON line out.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use parlor_server::{CallsToEnd, Clock, SystemClock};
use parlor_store::Store;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

use crate::api_key::{self, KeyOrder};
use crate::audit::{self, AuditOrder};
use crate::config::Config;
use crate::noted::{self, Noted};
use crate::oauth_client::{self, OauthClientOrder};
use crate::user::{self, UserOrder};
use crate::{node, organization};

/// Longest order, in bytes.
const MAX_LINE: u64 = 64 * 1024;
/// Longest answer, in bytes: a page of the audit log, of which clients choose
/// some kilobytes an entry.
const MAX_ANSWER: u64 = 8 * 1024 * 1024;
/// How long the other side may take for its line.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long carrying out an order may take: a long audit log is read whole.
/// Others wait meanwhile.
const WORK_PATIENCE: Duration = Duration::from_secs(120);

/// What the operator may order. Each family of commands has orders and
/// outcomes of its own; their words differ.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Order {
    /// `parlor api-key …`
    Key(KeyOrder),
    /// `parlor user …`
    User(UserOrder),
    /// `parlor audit …`
    Audit(AuditOrder),
    /// `parlor oauth-client …`
    OauthClient(OauthClientOrder),
}

/// What is said back.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// The outcome, as the order's family knows it.
    Done(Value),
    Failed(String),
}

/// Carries out `order`: by the server that runs on the data folder, so that it
/// takes effect at once, or straight on the records when none runs.
pub(crate) fn carry_out<T: DeserializeOwned>(config: &Config, order: Order) -> anyhow::Result<T> {
    let outcome = match ask(&config.data, &order)? {
        Some(outcome) => outcome,
        None => carry_out_alone(config, order)?,
    };
    serde_json::from_value(outcome).context("the running server is of another version")
}

/// Opens the records, which no server holds, for this one order.
fn carry_out_alone(config: &Config, order: Order) -> anyhow::Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = node::open_store(&config.data)?;
        organization::ensure(&store, &config.domain, &SystemClock).await?;
        // Without a server there are no calls.
        let outcome = obey(&store, order, &SystemClock, &CallsToEnd::default()).await;
        store.shutdown();
        outcome
    })
}

async fn obey(
    store: &Store,
    order: Order,
    clock: &dyn Clock,
    calls_to_end: &CallsToEnd,
) -> anyhow::Result<Value> {
    let mut noted = noted::intend(store, &order, clock).await?;
    let outcome = obey_noted(store, order, clock, &mut noted, calls_to_end).await;
    noted.done(store, clock, outcome.as_ref().err().map(|error| format!("{error:#}"))).await;
    outcome
}

async fn obey_noted(
    store: &Store,
    order: Order,
    clock: &dyn Clock,
    noted: &mut Noted,
    calls_to_end: &CallsToEnd,
) -> anyhow::Result<Value> {
    Ok(match order {
        Order::Key(order) => serde_json::to_value(api_key::carry_out(store, order, clock).await?)?,
        Order::User(order) => {
            let done = user::carry_out(store, order, clock, noted, calls_to_end);
            serde_json::to_value(done.await?)?
        }
        Order::Audit(order) => serde_json::to_value(audit::carry_out(store, order).await?)?,
        Order::OauthClient(order) => {
            serde_json::to_value(oauth_client::carry_out(store, order, clock).await?)?
        }
    })
}

/// Where the socket of the server on `data` is.
fn socket_path(data: &Path) -> PathBuf {
    data.join("parlor.sock")
}

/// Gives `order` to the server that runs on `data`. `None`: none runs there.
fn ask(data: &Path, order: &Order) -> anyhow::Result<Option<Value>> {
    let path = socket_path(data);
    let Ok(mut stream) = UnixStream::connect(&path) else {
        return Ok(None);
    };
    stream.set_read_timeout(Some(WORK_PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line).context("the running server closed its socket")?;
    let mut answer = String::new();
    BufReader::new(stream.take(MAX_ANSWER))
        .read_line(&mut answer)
        .with_context(|| format!("the running server did not answer on {}", path.display()))?;
    match serde_json::from_str(&answer).context("the running server is of another version")? {
        Answer::Done(outcome) => Ok(Some(outcome)),
        Answer::Failed(why) => Err(anyhow!(why)),
    }
}

/// The listening side, removed again on drop.
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    calls_to_end: CallsToEnd,
}

impl ControlSocket {
    /// Listens in `data`. A socket left over from a killed server is replaced:
    /// the store's lock already proved that no other server runs here. Calls
    /// whose rooms an order takes away go on the server's list.
    pub(crate) fn bind(data: &Path, calls_to_end: CallsToEnd) -> anyhow::Result<Self> {
        let path = socket_path(data);
        if path.exists() {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot replace {}", path.display()))?;
        }
        let listener = UnixListener::bind(&path).with_context(|| {
            format!("cannot listen on {} (a path may have 107 bytes at most)", path.display())
        })?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path, calls_to_end })
    }

    /// Answers one connection after the other until `stop`. Orders are rare,
    /// and a slow asker is cut off, so there is no need for more.
    pub(crate) async fn run(self, store: Store, clock: Arc<dyn Clock>, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            let served =
                async { serve_one(accepted?.0, &store, &*clock, &self.calls_to_end).await };
            match tokio::time::timeout(WORK_PATIENCE, served).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(
                    error = format!("{error:#}"),
                    "a command on the control socket failed"
                ),
                Err(_) => tracing::warn!("a command on the control socket took too long"),
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket was gone already");
        }
    }
}

async fn serve_one(
    mut stream: tokio::net::UnixStream,
    store: &Store,
    clock: &dyn Clock,
    calls_to_end: &CallsToEnd,
) -> anyhow::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = String::new();
    let mut order = tokio::io::BufReader::new(read.take(MAX_LINE));
    tokio::time::timeout(PATIENCE, order.read_line(&mut line)).await??;
    if line.is_empty() {
        // Somebody only looked whether a server is here.
        return Ok(());
    }
    let order: Order = serde_json::from_str(&line).context("not a command of this version")?;
    let answer = match obey(store, order, clock, calls_to_end).await {
        Ok(outcome) => Answer::Done(outcome),
        Err(error) => Answer::Failed(format!("{error:#}")),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    Ok(())
}
