//! The log of requests, for `GET /logs/api`: from the door of each operation,
//! and from the sender of webhooks, through a bounded queue to the records.
//!
//! ```text
//! guard, dispatcher ─ note ─► queue ─► writer ─ redact ─► one commit a batch
//! ```
//! Nobody waits for it: what does not fit into the queue is dropped and
//! counted. Secrets are taken out ([`redact`]) before anything is written.

mod redact;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use parlor_model::id::{ApiKeyId, ApiLogId, OrgId, UserId, WebhookId};
use parlor_model::time::UnixMillis;
use parlor_store::api_log::{self, Entry, Source};
use parlor_store::{Connection, Store, StoreError};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::random;

/// Longest beginning of a body that is kept, in bytes.
pub const KEPT_BYTES: usize = 4 * 1024;

/// Longest beginning of an address that is kept, in bytes.
pub(crate) const KEPT_URL_BYTES: usize = 2 * 1024;

/// Most requests that may wait to be written; with an address and two bodies
/// each they take 20 MiB. More bridges a longer stall of the store; fewer loses entries
/// sooner.
const QUEUE_LENGTH: usize = 2048;

/// Most requests in one commit.
const BATCH: usize = 256;

/// How long the writer still waits for those who note requests, once the
/// server stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// Whose request it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A caller of the API, with this key.
    Key(ApiKeyId),
    /// A caller of the API who signed in.
    Person(UserId),
    /// The server itself, to this webhook.
    Webhook(WebhookId),
}

/// A request as it happened, secrets and all. Only this module looks into it.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Whose log it belongs into.
    pub org: OrgId,
    /// Who sent it, or to whom it was sent.
    pub actor: Actor,
    /// Where it came from or went to, if that is known.
    pub ip: Option<IpAddr>,
    /// Its method.
    pub method: Method,
    /// Its address.
    pub url: String,
    /// The status of the answer; 0 when there was none.
    pub status: u16,
    /// When it was answered.
    pub at: UnixMillis,
    /// The beginning of its body, at most [`KEPT_BYTES`].
    pub request: Option<Vec<u8>>,
    /// The beginning of the answer's body, at most [`KEPT_BYTES`].
    pub response: Option<Vec<u8>>,
}

/// Takes notes of requests. Clones share the queue.
#[derive(Clone, Debug)]
pub struct RequestLog {
    queue: Option<mpsc::Sender<Noted>>,
    dropped: Arc<AtomicU64>,
}

impl RequestLog {
    /// A log, and who writes it down.
    #[must_use]
    pub fn new(store: Store) -> (Self, RequestLogWriter) {
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        let log = Self { queue: Some(sender), dropped: Arc::default() };
        (log, RequestLogWriter { store, queue: receiver, written: watch::Sender::new(0) })
    }

    /// A log that nobody writes down.
    #[must_use]
    pub fn off() -> Self {
        Self { queue: None, dropped: Arc::default() }
    }

    /// Whether anybody writes it down.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    /// Notes a request. Never waits: with a full queue it is dropped.
    pub fn note(&self, request: Noted) {
        let Some(queue) = &self.queue else {
            return;
        };
        if queue.try_send(request).is_err() && self.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!("the request log cannot keep up: entries are missing from it");
        }
    }

    /// How many requests were dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Writes the log of requests.
#[derive(Debug)]
pub struct RequestLogWriter {
    store: Store,
    queue: mpsc::Receiver<Noted>,
    written: watch::Sender<u64>,
}

impl RequestLogWriter {
    /// How many requests have been written.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Writes until nobody can note anything any more; after `shutdown` it
    /// waits for that a few seconds only.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let write = self.write_all();
        let give_up = async {
            shutdown.cancelled().await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            () = write => {}
            () = give_up => {}
        }
    }

    async fn write_all(&mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.queue.recv_many(&mut batch, BATCH).await > 0 {
            let count = batch.len() as u64;
            if let Err(error) = self.write(std::mem::take(&mut batch)).await {
                tracing::warn!(%error, requests = count, "some of these requests are missing from the log");
            }
            self.written.send_modify(|written| *written += count);
        }
    }

    async fn write(&self, batch: Vec<Noted>) -> Result<(), StoreError> {
        let entries: Arc<[Entry]> =
            batch.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?.into();
        let all = Arc::clone(&entries);
        let written = self.store.write(move |connection| api_log::add(connection, &all)).await;
        match written {
            Err(_) if entries.len() > 1 => self.write_singly(&entries).await,
            done => done,
        }
    }

    /// One that cannot be written does not take the others with it. Says the
    /// last failure.
    async fn write_singly(&self, entries: &Arc<[Entry]>) -> Result<(), StoreError> {
        let mut last = Ok(());
        for at in 0..entries.len() {
            let all = Arc::clone(entries);
            let one =
                move |connection: &mut dyn Connection| api_log::add(connection, &all[at..=at]);
            if let Err(error) = self.store.write(one).await {
                last = Err(error);
            }
        }
        last
    }
}

fn entry(noted: Noted) -> Result<Entry, StoreError> {
    let text = |body: Vec<u8>| redact::json(&String::from_utf8_lossy(&body));
    let (source, actor) = match noted.actor {
        Actor::Key(id) => (Source::Api, id.to_string()),
        Actor::Person(id) => (Source::Api, id.to_string()),
        Actor::Webhook(id) => (Source::Webhook, id.to_string()),
    };
    Ok(Entry {
        id: ApiLogId::from_random(random::bytes().map_err(|_| StoreError::Random)?),
        org_id: noted.org,
        source,
        actor,
        ip: noted.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        method: noted.method.to_string(),
        url: redact::url(&noted.url),
        status: noted.status,
        created_at: noted.at,
        request: noted.request.map(text),
        response: noted.response.map(text),
    })
}
