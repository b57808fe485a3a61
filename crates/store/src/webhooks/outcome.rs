//! What became of attempts. Many are written at once: a commit costs the
//! same for one and for a hundred.

use std::collections::BTreeMap;

use parlor_model::id::{DeliveryId, WebhookId};
use parlor_model::rest::webhooks::WebhookState;
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;

/// One attempt that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was delivered, or not.
    pub delivery: DeliveryId,
    /// The delivery's, as it was when the attempt began.
    pub generation: i64,
    /// Counts the delivery's attempts from 1.
    pub number: u64,
    /// When it began.
    pub at: UnixMillis,
    /// How long it took until the answer or the failure.
    pub latency_ms: u64,
    /// Where to.
    pub url: String,
    /// The request's headers, as JSON text.
    pub request_headers: String,
    /// The status that was answered.
    pub status: Option<u16>,
    /// Head and body of the answer, as JSON text.
    pub response: Option<String>,
    /// Why there was no answer, or what was wrong with it.
    pub error: Option<String>,
    /// What it means for the delivery.
    pub verdict: Verdict,
}

/// What an attempt means for its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Delivered,
    /// It will not be tried again.
    Failed,
    /// It is tried again at this time.
    RetryAt(UnixMillis),
}

/// Where a webhook stands after attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The change of the webhook that the attempts belong to. After another
    /// one they say nothing.
    pub generation: i64,
    /// Whether it is still sent to.
    pub state: WebhookState,
    /// Failures in a row.
    pub failed_count: u64,
    /// When an event arrived, if one did.
    pub pushed_at: Option<UnixMillis>,
    /// When this became so.
    pub at: UnixMillis,
}

statements! {
    INSERT_ATTEMPT = "INSERT INTO webhook_attempts (delivery_id, number, at, latency_ms, url, \
        request_headers, status, response, error) \
        SELECT id, $1, $2, $3, $4, $5, $6, $7, $8 FROM webhook_deliveries WHERE id = $9 \
        ON CONFLICT (delivery_id, number) DO NOTHING";
    // A delivery that was queued again meanwhile stays queued.
    SETTLE = "UPDATE webhook_deliveries SET attempts = $1, \
        state = CASE WHEN generation = $2 THEN $3 ELSE state END, \
        next_attempt_at = CASE WHEN generation = $4 THEN $5 ELSE next_attempt_at END, \
        tries = CASE WHEN generation = $6 THEN tries + 1 ELSE tries END \
        WHERE id = $7 AND attempts < $8";
    STAND = "UPDATE webhooks SET state = $1, failed_count = $2, \
        pushed_at = COALESCE($3, pushed_at) WHERE id = $4 AND generation = $5";
    STOP = "UPDATE webhooks SET updated_at = $1 WHERE id = $2 AND generation = $3";
}

/// Writes down what became of attempts, and where their webhooks stand now.
/// Doing so twice changes nothing.
///
/// # Errors
/// The engine's.
pub fn record<'a>(
    connection: &mut dyn Connection,
    outcomes: impl IntoIterator<Item = &'a Outcome>,
    standings: &BTreeMap<WebhookId, Standing>,
) -> Result<(), StoreError> {
    for outcome in outcomes {
        insert_attempt(connection, outcome)?;
        settle(connection, outcome)?;
    }
    for (webhook, standing) in standings {
        stand(connection, *webhook, standing)?;
    }
    Ok(())
}

fn insert_attempt(connection: &mut dyn Connection, outcome: &Outcome) -> Result<(), StoreError> {
    connection.execute(
        &INSERT_ATTEMPT,
        &[
            number(outcome.number).into(),
            outcome.at.into(),
            number(outcome.latency_ms).into(),
            outcome.url.as_str().into(),
            outcome.request_headers.as_str().into(),
            outcome.status.map(i64::from).into(),
            outcome.response.as_ref().into(),
            outcome.error.as_ref().into(),
            (&outcome.delivery.to_string()).into(),
        ],
    )?;
    Ok(())
}

fn settle(connection: &mut dyn Connection, outcome: &Outcome) -> Result<(), StoreError> {
    let (state, next) = match outcome.verdict {
        Verdict::Delivered => ("delivered", UnixMillis::new(0)),
        Verdict::Failed => ("failed", UnixMillis::new(0)),
        Verdict::RetryAt(at) => ("pending", at),
    };
    connection.execute(
        &SETTLE,
        &[
            number(outcome.number).into(),
            outcome.generation.into(),
            state.into(),
            outcome.generation.into(),
            next.into(),
            outcome.generation.into(),
            (&outcome.delivery.to_string()).into(),
            number(outcome.number).into(),
        ],
    )?;
    Ok(())
}

fn stand(
    connection: &mut dyn Connection,
    webhook: WebhookId,
    standing: &Standing,
) -> Result<(), StoreError> {
    let id = webhook.to_string();
    connection.execute(
        &STAND,
        &[
            standing.state.as_str().into(),
            number(standing.failed_count).into(),
            standing.pushed_at.into(),
            id.as_str().into(),
            standing.generation.into(),
        ],
    )?;
    if standing.state == WebhookState::Failed {
        let params = [standing.at.into(), id.as_str().into(), standing.generation.into()];
        connection.execute(&STOP, &params)?;
    }
    Ok(())
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
