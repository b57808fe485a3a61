//! One attempt, from the delivery to its outcome.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::http::Method;
use futures_util::FutureExt as _;
use parlor_model::id::{OrgId, WebhookId};
use parlor_model::time::UnixMillis;
use parlor_store::webhooks::{Due, Outcome, Verdict};
use tokio_util::sync::CancellationToken;

use super::Webhooks;
use super::client::Exchange;
use super::message::Address;
use crate::api_log::{Actor, KEPT_BYTES, Noted};
use crate::clock::Clock;
use crate::dev::WebhookStrike;

/// What an attempt needs.
pub(super) struct Attempt {
    pub(super) org: OrgId,
    pub(super) webhook: WebhookId,
    /// The change of the webhook that it belongs to.
    pub(super) generation: i64,
    pub(super) address: Arc<Address>,
    pub(super) due: Due,
}

/// An attempt that is over.
pub(super) struct Finished {
    pub(super) webhook: WebhookId,
    pub(super) generation: i64,
    /// How many tries the delivery had before.
    pub(super) tries: u64,
    /// When it was over.
    pub(super) at: UnixMillis,
    pub(super) has_arrived: bool,
    /// The verdict is the queue's to say.
    pub(super) outcome: Outcome,
}

impl Attempt {
    /// Posts the event; `None` when `shutdown` came before it had begun.
    pub(super) async fn run(
        self,
        webhooks: Webhooks,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) -> Option<Finished> {
        let strike = webhooks.faults.strike_webhook();
        if !strike.latency.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(strike.latency) => {}
                () = shutdown.cancelled() => return None,
            }
        }
        let began = clock.now();
        let posting = self.post(&webhooks, strike, began);
        // The places of a webhook are few: none may be lost.
        let exchange = AssertUnwindSafe(posting).catch_unwind().await.unwrap_or_else(|_panic| {
            tracing::error!(webhook.id = %self.webhook, "an attempt to deliver panicked");
            Exchange::failed("the attempt failed unexpectedly")
        });
        webhooks.request_log.note(self.noted(&exchange, clock.now()));
        Some(Finished {
            webhook: self.webhook,
            generation: self.generation,
            tries: self.due.tries,
            at: clock.now(),
            has_arrived: exchange.has_arrived(),
            outcome: self.outcome(exchange, began),
        })
    }

    async fn post(&self, webhooks: &Webhooks, strike: WebhookStrike, now: UnixMillis) -> Exchange {
        if strike.is_dropped {
            return Exchange::failed("dropped on purpose, as the faults in force say");
        }
        webhooks.client.post(&self.address, self.due.body.clone(), now).await
    }

    /// The attempt as the log of requests shows it.
    fn noted(&self, exchange: &Exchange, at: UnixMillis) -> Noted {
        let beginning = |text: &str| text.as_bytes()[..text.len().min(KEPT_BYTES)].to_vec();
        let answered = exchange.response.as_ref().map(|response| beginning(&response.body));
        Noted {
            org: self.org,
            actor: Actor::Webhook(self.webhook),
            ip: None,
            method: Method::POST,
            url: self.address.url.to_string(),
            status: exchange.status.unwrap_or(0),
            at,
            request: Some(beginning(&self.due.body)),
            response: answered,
        }
    }

    fn outcome(&self, exchange: Exchange, at: UnixMillis) -> Outcome {
        let response = exchange.response.map(|response| serde_json::to_string(&response));
        Outcome {
            delivery: self.due.id,
            generation: self.due.generation,
            number: self.due.attempts + 1,
            at,
            latency_ms: u64::try_from(exchange.latency.as_millis()).unwrap_or(u64::MAX),
            url: self.address.url.to_string(),
            request_headers: serde_json::Value::Object(exchange.request_headers).to_string(),
            status: exchange.status,
            response: response.and_then(Result::ok),
            error: exchange.error,
            verdict: Verdict::Delivered,
        }
    }
}
