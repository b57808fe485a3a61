//! The log of deliveries: read, sent again, purged.

use parlor_model::id::{DeliveryId, WebhookId};
use parlor_model::rest::webhooks::{DeliveryState, EventType};
use parlor_model::time::UnixMillis;

use super::count;
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;
use crate::page::{Cursor, Page, PageRequest};

/// A delivery with its event and latest attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// How far it is.
    pub state: DeliveryState,
    /// When it is tried next; `None`: at once, or not.
    pub next_attempt_at: Option<UnixMillis>,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: EventType,
    /// The event's body.
    pub body: String,
    /// When the event happened.
    pub at: UnixMillis,
    /// The latest attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// An attempt as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Counts from 1.
    pub number: u64,
    /// When it began.
    pub at: UnixMillis,
    /// How long it took.
    pub latency_ms: u64,
    /// Where to.
    pub url: String,
    /// The request's headers, as JSON text.
    pub request_headers: String,
    /// The status that was answered.
    pub status: Option<u16>,
    /// Head and body of the answer, as JSON text.
    pub response: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

impl Attempt {
    /// About how many bytes of it somebody else chose.
    fn chosen_bytes(&self) -> usize {
        let response = self.response.as_ref().map_or(0, String::len);
        self.url.len() + self.request_headers.len() + response
    }
}

/// Most attempts shown of one delivery. More would let a delivery that is
/// resent again and again fill a page.
const SHOWN_ATTEMPTS: i64 = 20;

/// Bytes of attempts on a page, each with the event that it sent. Once there
/// are so many, only the latest attempt of each further delivery is shown.
const PAGE_BYTES: usize = 1024 * 1024;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.state, d.next_attempt_at, d.event_id, e.type, e.body, d.at \
             FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id \
             WHERE d.webhook_id = $1 ",
            $rest
        )
    };
}

statements! {
    COUNT = "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1";
    LIST_NEWEST = select!("ORDER BY d.seq DESC, d.id DESC LIMIT $2");
    LIST_OLDEST = select!("ORDER BY d.seq, d.id LIMIT $2");
    LIST_AFTER = select!("AND (d.seq, d.id) < ($2, $3) ORDER BY d.seq DESC, d.id DESC LIMIT $4");
    LIST_BEFORE = select!("AND (d.seq, d.id) > ($2, $3) ORDER BY d.seq, d.id LIMIT $4");
    FIND = select!("AND d.id = $2");
    SEQ = "SELECT seq FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2";
    ATTEMPTS = "SELECT number, at, latency_ms, url, request_headers, status, response, error \
        FROM webhook_attempts WHERE delivery_id = $1 ORDER BY number DESC LIMIT $2";
    RESEND = "UPDATE webhook_deliveries SET state = 'pending', tries = 0, next_attempt_at = 0, \
        generation = generation + 1 WHERE webhook_id = $1 AND id = $2";
    REPLAY_PAGE = "SELECT MAX(seq) FROM (SELECT seq FROM webhook_deliveries \
        WHERE webhook_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS page";
    REPLAY = "UPDATE webhook_deliveries SET state = 'pending', tries = 0, next_attempt_at = 0, \
        generation = generation + 1 WHERE webhook_id = $1 AND seq > $2 AND seq <= $3 AND at >= $4 \
        AND state <> 'pending'";
    SKIP_PENDING = "UPDATE webhook_deliveries SET state = 'skipped', next_attempt_at = 0 \
        WHERE id IN (SELECT id FROM webhook_deliveries \
            WHERE webhook_id = $1 AND state = 'pending' LIMIT $2) \
        AND EXISTS (SELECT 1 FROM webhooks WHERE id = $3 AND state = 'FAILED' AND generation = $4)";
    PURGE = "DELETE FROM webhook_events WHERE id IN \
        (SELECT id FROM webhook_events WHERE at < $1 ORDER BY at LIMIT $2)";
}

/// One page of a webhook's deliveries, newest first. Counting scans: call it
/// from `scan`.
///
/// # Errors
/// [`StoreError::UnknownCursor`] when the cursor is no delivery of it.
pub fn list_deliveries(
    connection: &mut dyn Connection,
    webhook: WebhookId,
    request: &PageRequest,
) -> Result<Page<Delivery>, StoreError> {
    let webhook = webhook.to_string();
    let total = connection.find(&COUNT, &[webhook.as_str().into()], |row| row.int(0))?;
    let mut items = list_items(connection, &webhook, request)?;
    let mut bytes = 0;
    for delivery in &mut items {
        let most = if bytes < PAGE_BYTES { SHOWN_ATTEMPTS } else { 1 };
        delivery.attempts = attempts(connection, delivery.id, most)?;
        bytes += delivery
            .attempts
            .iter()
            .map(|one| delivery.body.len() + one.chosen_bytes())
            .sum::<usize>();
    }
    let total_count = total.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    Ok(Page { total_count, items })
}

/// One delivery of a webhook.
///
/// # Errors
/// The engine's.
pub fn find_delivery(
    connection: &mut dyn Connection,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    let (webhook, text) = (webhook.to_string(), id.to_string());
    let params = [webhook.as_str().into(), text.as_str().into()];
    let Some(mut found) = connection.find(&FIND, &params, delivery)? else {
        return Ok(None);
    };
    found.attempts = attempts(connection, id, SHOWN_ATTEMPTS)?;
    Ok(Some(found))
}

/// Queues a delivery once more, whatever became of it. `false` when there is
/// none with that id.
///
/// # Errors
/// The engine's.
pub fn resend(
    connection: &mut dyn Connection,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<bool, StoreError> {
    let (webhook, id) = (webhook.to_string(), id.to_string());
    let params = [webhook.as_str().into(), id.as_str().into()];
    Ok(connection.execute(&RESEND, &params)? == 1)
}

/// A page of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// How many deliveries it queued.
    pub queued: u64,
    /// Where the next page begins; `None`: that was the last one.
    pub next: Option<i64>,
}

/// Queues once more what a webhook was to be told since `since`, of the
/// `limit` deliveries after the place `after` (0 at first). What is pending
/// stays so, and is not counted.
///
/// # Errors
/// The engine's.
pub fn replay(
    connection: &mut dyn Connection,
    webhook: WebhookId,
    since: UnixMillis,
    after: i64,
    limit: u32,
) -> Result<Replayed, StoreError> {
    let webhook = webhook.to_string();
    let params = [webhook.as_str().into(), after.into(), i64::from(limit).into()];
    let last = connection.find(&REPLAY_PAGE, &params, |row| row.optional_int(0))?.flatten();
    let Some(last) = last else {
        return Ok(Replayed { queued: 0, next: None });
    };
    let params = [webhook.as_str().into(), after.into(), last.into(), since.into()];
    Ok(Replayed { queued: connection.execute(&REPLAY, &params)?, next: Some(last) })
}

/// Gives up to `limit` pending deliveries of a webhook up, because it has
/// failed after the change numbered `generation`; says how many. None once it
/// was changed again.
///
/// # Errors
/// The engine's.
pub fn skip_pending(
    connection: &mut dyn Connection,
    webhook: WebhookId,
    generation: i64,
    limit: u32,
) -> Result<u64, StoreError> {
    let webhook = webhook.to_string();
    let id = webhook.as_str();
    let params = [id.into(), i64::from(limit).into(), id.into(), generation.into()];
    connection.execute(&SKIP_PENDING, &params)
}

/// Removes up to `limit` events from before `cutoff`, with their deliveries
/// and attempts; says how many.
///
/// # Errors
/// The engine's.
pub fn purge(
    connection: &mut dyn Connection,
    cutoff: UnixMillis,
    limit: u32,
) -> Result<u64, StoreError> {
    connection.execute(&PURGE, &[cutoff.into(), i64::from(limit).into()])
}

fn list_items(
    connection: &mut dyn Connection,
    webhook: &str,
    request: &PageRequest,
) -> Result<Vec<Delivery>, StoreError> {
    let limit = i64::from(request.limit()).into();
    let mut items = match request.cursor() {
        Cursor::Newest => connection.list(&LIST_NEWEST, &[webhook.into(), limit], delivery)?,
        Cursor::Oldest => connection.list(&LIST_OLDEST, &[webhook.into(), limit], delivery)?,
        Cursor::After(id) => {
            let params = [webhook.into(), seq(connection, webhook, id)?.into(), id.into(), limit];
            connection.list(&LIST_AFTER, &params, delivery)?
        }
        Cursor::Before(id) => {
            let params = [webhook.into(), seq(connection, webhook, id)?.into(), id.into(), limit];
            connection.list(&LIST_BEFORE, &params, delivery)?
        }
    };
    if matches!(request.cursor(), Cursor::Oldest | Cursor::Before(_)) {
        items.reverse();
    }
    Ok(items)
}

fn seq(connection: &mut dyn Connection, webhook: &str, cursor: &str) -> Result<i64, StoreError> {
    connection
        .find(&SEQ, &[webhook.into(), cursor.into()], |row| row.int(0))?
        .ok_or_else(|| StoreError::UnknownCursor { cursor: cursor.to_owned() })
}

fn attempts(
    connection: &mut dyn Connection,
    delivery: DeliveryId,
    most: i64,
) -> Result<Vec<Attempt>, StoreError> {
    let delivery = delivery.to_string();
    let params = [delivery.as_str().into(), most.into()];
    let mut attempts = connection.list(&ATTEMPTS, &params, attempt)?;
    attempts.reverse();
    Ok(attempts)
}

fn delivery(row: &dyn Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: row.parsed(0)?,
        state: row.parsed(1)?,
        next_attempt_at: row.optional_millis(2)?.filter(|at| at.as_millis() > 0),
        event_id: row.text(3)?.to_owned(),
        event_type: row.parsed(4)?,
        body: row.text(5)?.to_owned(),
        at: row.millis(6)?,
        attempts: Vec::new(),
    })
}

fn attempt(row: &dyn Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        number: count(row, 0)?,
        at: row.millis(1)?,
        latency_ms: count(row, 2)?,
        url: row.text(3)?.to_owned(),
        request_headers: row.text(4)?.to_owned(),
        status: row.optional_int(5)?.and_then(|status| u16::try_from(status).ok()),
        response: row.optional_text(6)?.map(str::to_owned),
        error: row.optional_text(7)?.map(str::to_owned),
    })
}
