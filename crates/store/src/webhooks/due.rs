//! What is to be sent now, by the page, and when something is next.

use parlor_model::id::{DeliveryId, WebhookId};
use parlor_model::time::UnixMillis;

use super::count;
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;

/// A delivery whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: DeliveryId,
    /// How many attempts it has had, in all.
    pub attempts: u64,
    /// How many since it was last queued.
    pub tries: u64,
    /// Counts how often it was queued again.
    pub generation: i64,
    /// The event's body, byte for byte.
    pub body: String,
}

macro_rules! due {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.attempts, d.tries, d.generation, e.body FROM webhook_deliveries d \
             JOIN webhook_events e ON e.id = d.event_id \
             WHERE d.webhook_id = $1 AND d.state = 'pending' AND ",
            $rest
        )
    };
}

statements! {
    FRESH = "SELECT webhook_id, MAX(seq) FROM webhook_deliveries \
        WHERE state = 'pending' AND next_attempt_at = 0 AND seq > $1 GROUP BY webhook_id";
    NEWEST = "SELECT newest FROM webhook_seq";
    // From one webhook with something pending to the next, along the index:
    // neither those without are read, nor each delivery.
    WAITING = "WITH RECURSIVE w (id) AS ( \
            SELECT MIN(webhook_id) FROM webhook_deliveries WHERE state = 'pending' \
            UNION ALL \
            SELECT (SELECT MIN(webhook_id) FROM webhook_deliveries \
                WHERE state = 'pending' AND webhook_id > w.id) FROM w WHERE w.id IS NOT NULL) \
        SELECT w.id FROM w WHERE EXISTS (SELECT 1 FROM webhooks WHERE webhooks.id = w.id) \
            AND EXISTS (SELECT 1 FROM webhook_deliveries d \
                WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.next_attempt_at <= $1)";
    NEXT_DUE = "SELECT MIN(next_attempt_at) FROM webhook_deliveries \
        WHERE state = 'pending' AND next_attempt_at > 0 AND next_attempt_at > $1";
    DUE_AT_ONCE = due!("d.next_attempt_at = 0 ORDER BY d.seq LIMIT $2");
    DUE_RETRIES = due!("d.next_attempt_at > 0 AND d.next_attempt_at <= $2 \
        ORDER BY d.next_attempt_at, d.seq LIMIT $3");
    MOVE_RETRIES = "UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at - $1 \
        WHERE state = 'pending' AND next_attempt_at > 0 AND next_attempt_at > $2";
    HOLD_BACK_AT_MOST = "UPDATE webhook_deliveries SET next_attempt_at = $1 \
        WHERE state = 'pending' AND next_attempt_at > 0 AND next_attempt_at > $2";
}

/// The webhooks with new deliveries since the event numbered `after`, and the
/// number of the newest event of each.
///
/// # Errors
/// The engine's.
pub fn fresh(
    connection: &mut dyn Connection,
    after: i64,
) -> Result<Vec<(WebhookId, i64)>, StoreError> {
    connection.list(&FRESH, &[after.into()], |row| Ok((row.parsed(0)?, row.int(1)?)))
}

/// The webhooks with something to send at `now`.
///
/// # Errors
/// The engine's.
pub fn waiting(
    connection: &mut dyn Connection,
    now: UnixMillis,
) -> Result<Vec<WebhookId>, StoreError> {
    connection.list(&WAITING, &[now.into()], |row| row.parsed(0))
}

/// The number of the newest event, which may be purged by now.
///
/// # Errors
/// The engine's.
pub fn newest(connection: &mut dyn Connection) -> Result<i64, StoreError> {
    Ok(connection.find(&NEWEST, &[], |row| row.int(0))?.unwrap_or(0))
}

/// When the next retry after `now` is due.
///
/// # Errors
/// The engine's.
pub fn next_due(
    connection: &mut dyn Connection,
    now: UnixMillis,
) -> Result<Option<UnixMillis>, StoreError> {
    let due = connection.find(&NEXT_DUE, &[now.into()], |row| row.optional_millis(0))?;
    Ok(due.flatten())
}

/// Up to `limit` retries that are due at `now` and up to `limit` first tries
/// of a webhook, in this order: so neither kind can keep the other waiting.
///
/// # Errors
/// The engine's.
pub fn due(
    connection: &mut dyn Connection,
    webhook: WebhookId,
    now: UnixMillis,
    limit: u32,
) -> Result<Vec<Due>, StoreError> {
    let (webhook, limit) = (webhook.to_string(), i64::from(limit));
    let params = [webhook.as_str().into(), now.into(), limit.into()];
    let mut all = connection.list(&DUE_RETRIES, &params, delivery)?;
    let params = [webhook.as_str().into(), limit.into()];
    all.extend(connection.list(&DUE_AT_ONCE, &params, delivery)?);
    Ok(all)
}

/// Moves the retries after `now` to `millis` earlier: the clock was set back
/// by so much, and they would wait so much longer.
///
/// # Errors
/// The engine's.
pub fn move_retries(
    connection: &mut dyn Connection,
    now: UnixMillis,
    millis: i64,
) -> Result<u64, StoreError> {
    connection.execute(&MOVE_RETRIES, &[millis.into(), now.into()])
}

/// Moves retries that are due after `latest` to that moment: no back-off is
/// so long, so the clock was set back while nobody looked.
///
/// # Errors
/// The engine's.
pub fn hold_back_at_most(
    connection: &mut dyn Connection,
    latest: UnixMillis,
) -> Result<u64, StoreError> {
    connection.execute(&HOLD_BACK_AT_MOST, &[latest.into(), latest.into()])
}

fn delivery(row: &dyn Row) -> Result<Due, StoreError> {
    Ok(Due {
        id: row.parsed(0)?,
        attempts: count(row, 1)?,
        tries: count(row, 2)?,
        generation: row.int(3)?,
        body: row.text(4)?.to_owned(),
    })
}
