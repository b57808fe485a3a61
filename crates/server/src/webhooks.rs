//! Telling webhooks what happened.
//!
//! ```text
//! recorder ─ enqueue, commit, ring ─► Bell ─► Dispatcher ─► attempt ─► outcome, in batches
//!                                      ▲          │ one queue a webhook
//!              REST, the clock ────────┘          └─ Client (address policy, 8 s, bounded)
//! ```
//! - The store is the queue; the [`Dispatcher`] holds a page of it for each
//!   webhook that has something to send.
//! - Every webhook has its own places, so that one that never answers holds up
//!   nobody else.
//! - A delivery is settled when its outcome is on disk. What a crash cuts off
//!   is sent again, with the same event id.

mod address;
mod attempt;
mod backoff;
mod batch;
mod bell;
mod client;
mod dispatcher;
mod message;
mod queue;
mod watch;

use std::time::Duration;

pub use bell::Bell;
pub use client::ClientError as WebhookClientError;
pub use dispatcher::Dispatcher;

use client::Client;
use message::verify;
use parlor_model::error::ApiError;
use parlor_model::time::UnixMillis;
use parlor_store::webhooks::Content;

use crate::api_log::RequestLog;
use crate::dev::FaultInjector;

/// What the operator chose about webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Most webhooks of an organization that says nothing else.
    pub max_count: u64,
    /// Whether posts may go to private, loopback and link-local addresses.
    pub allows_private_addresses: bool,
    /// How long an attempt may take, until the status has arrived.
    pub attempt: Duration,
    /// How long deliveries stay in the log, in days.
    pub kept_days: u32,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            max_count: 10,
            allows_private_addresses: false,
            attempt: Duration::from_secs(8),
            kept_days: 14,
        }
    }
}

/// What the parts that have to do with webhooks share. Clones share it.
#[derive(Clone)]
pub struct Webhooks {
    bell: Bell,
    client: Client,
    settings: WebhookSettings,
    faults: FaultInjector,
    request_log: RequestLog,
}

impl Webhooks {
    /// Sets the client up. Attempts meet `faults`, of which `serve` has none,
    /// and are noted in `request_log`.
    ///
    /// # Errors
    /// When the TLS library cannot be set up.
    pub fn new(
        settings: WebhookSettings,
        faults: FaultInjector,
        request_log: RequestLog,
    ) -> Result<Self, WebhookClientError> {
        let (bell, client) = (Bell::default(), Client::new(&settings)?);
        Ok(Self { bell, client, settings, faults, request_log })
    }

    /// Wakes the dispatcher.
    #[must_use]
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// What the operator chose.
    pub(crate) fn settings(&self) -> &WebhookSettings {
        &self.settings
    }

    /// Posts the test message of a webhook to be saved, and wants a 200.
    ///
    /// # Errors
    /// In the words that clients know.
    pub(crate) async fn verify(&self, content: &Content, now: UnixMillis) -> Result<(), ApiError> {
        verify(&self.client, content, now).await
    }
}
