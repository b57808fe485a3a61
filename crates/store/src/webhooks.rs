//! Webhooks, and the outbox that feeds them.
//!
//! ```text
//! fact ─ enqueue ─► event + one delivery for each webhook that wants it
//!                   pending ─ due ─► attempt ─ record ─► delivered | failed | pending, later
//! ```
//! - [`enqueue`] belongs into the transaction of the fact: both are there, or
//!   neither.
//! - A delivery stays pending until its outcome is recorded. An attempt that a
//!   crash cuts off therefore never happened, and is made again.
//! - One dispatcher works on a store (the data folder is locked), so nothing
//!   here claims a delivery.

use parlor_model::id::{OrgId, WebhookId};
use parlor_model::rest::webhooks::{EventType, RetryType, WebhookState};
use parlor_model::time::UnixMillis;
use zeroize::Zeroizing;

use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;
use crate::seal::{MasterKey, SealPlace, Sealed};

/// Every statement that reads webhooks reads these columns, in the order that
/// [`webhook`] expects.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, url, sealed_hmac, sealed_basic_auth, retry_type, event_types, \
             state, failed_count, generation, pushed_at, created_at, updated_at FROM webhooks ",
            $rest
        )
    };
}

mod due;
mod join;
mod log;
mod outbox;
mod outcome;

pub use due::{Due, due, fresh, hold_back_at_most, move_retries, newest, next_due, waiting};
pub use join::{ExpectedJoin, expect_join, forget_join_addresses, forget_joins};
pub use log::{
    Attempt, Delivery, Replayed, find_delivery, list_deliveries, purge, replay, resend,
    skip_pending,
};
pub use outbox::{NewEvent, enqueue};
pub use outcome::{Outcome, Standing, Verdict, record};

pub(crate) use due::STATEMENTS as DUE_STATEMENTS;
pub(crate) use join::STATEMENTS as JOIN_STATEMENTS;
pub(crate) use log::STATEMENTS as LOG_STATEMENTS;
pub(crate) use outbox::STATEMENTS as OUTBOX_STATEMENTS;
pub(crate) use outcome::STATEMENTS as OUTCOME_STATEMENTS;

/// How a webhook's attempts that fail are made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// As the webhook says.
    As(RetryType),
    /// One try, whatever happens: a `meeting_join_hook`.
    Once,
}

impl Retry {
    const ONCE: &str = "once";

    fn as_str(self) -> &'static str {
        match self {
            Self::As(retry) => retry.as_str(),
            Self::Once => Self::ONCE,
        }
    }

    fn parse(word: &str) -> Result<Self, StoreError> {
        if word == Self::ONCE {
            return Ok(Self::Once);
        }
        let known = word.parse().map(Self::As);
        known.map_err(|_| StoreError::Corrupt("a webhook's retry type is unknown".into()))
    }
}

/// A webhook's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub org_id: OrgId,
    /// Where events go.
    pub url: String,
    /// What happens when an attempt fails.
    pub retry: Retry,
    /// What it is told of.
    pub event_types: Vec<EventType>,
    /// Whether it is sent to.
    pub state: WebhookState,
    /// Failures in a row.
    pub failed_count: u64,
    /// Counts its changes.
    pub generation: i64,
    /// When an event last arrived.
    pub pushed_at: Option<UnixMillis>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it, or its state, was changed.
    pub updated_at: UnixMillis,
    sealed_hmac: Sealed,
    sealed_basic_auth: Option<Sealed>,
}

/// What somebody says of a webhook.
#[derive(Clone, Debug)]
pub struct Content {
    /// Where events go.
    pub url: String,
    /// The key of the signatures: base64 text, as it was given.
    pub hmac: Zeroizing<String>,
    /// What follows `Basic `.
    pub basic_auth: Option<Zeroizing<String>>,
    /// What happens when an attempt fails.
    pub retry: RetryType,
    /// What it is told of.
    pub event_types: Vec<EventType>,
}

impl Webhook {
    /// A new webhook.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system's random source fails.
    pub fn new(
        id: WebhookId,
        org_id: OrgId,
        content: &Content,
        now: UnixMillis,
        master_key: &MasterKey,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            id,
            org_id,
            url: content.url.clone(),
            retry: Retry::As(content.retry),
            event_types: content.event_types.clone(),
            state: WebhookState::Active,
            failed_count: 0,
            generation: 0,
            pushed_at: None,
            created_at: now,
            updated_at: now,
            sealed_hmac: master_key.seal(&hmac_place(&id.to_string()), content.hmac.as_bytes())?,
            sealed_basic_auth: sealed_basic_auth(id, content, master_key)?,
        })
    }

    /// The same webhook with other content, running again.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system's random source fails.
    pub fn changed(
        &self,
        content: &Content,
        now: UnixMillis,
        master_key: &MasterKey,
    ) -> Result<Self, StoreError> {
        let new = Self::new(self.id, self.org_id, content, now, master_key)?;
        let Self { generation, pushed_at, created_at, .. } = *self;
        Ok(Self { generation, pushed_at, created_at, ..new })
    }

    /// The key of the signatures, as base64 text.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when the row was tampered with.
    pub fn hmac(&self, master_key: &MasterKey) -> Result<Zeroizing<String>, StoreError> {
        open(master_key, &hmac_place(&self.id.to_string()), &self.sealed_hmac)
    }

    /// What follows `Basic ` in the `Authorization` header.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when the row was tampered with.
    pub fn basic_auth(
        &self,
        master_key: &MasterKey,
    ) -> Result<Option<Zeroizing<String>>, StoreError> {
        let Some(sealed) = &self.sealed_basic_auth else {
            return Ok(None);
        };
        open(master_key, &basic_auth_place(&self.id.to_string()), sealed).map(Some)
    }
}

statements! {
    INSERT = "INSERT INTO webhooks (id, org_id, url, sealed_hmac, sealed_basic_auth, retry_type, \
        event_types, state, failed_count, generation, pushed_at, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, NULL, $9, $10) ON CONFLICT DO NOTHING";
    COUNT = "SELECT COUNT(*) FROM webhooks WHERE org_id = $1 AND retry_type <> 'once'";
    FIND = select!("WHERE id = $1");
    LIST = select!("WHERE org_id = $1 AND retry_type <> 'once' ORDER BY created_at, id");
    CHANGE = "UPDATE webhooks SET url = $1, sealed_hmac = $2, sealed_basic_auth = $3, \
        retry_type = $4, event_types = $5, state = 'ACTIVE', failed_count = 0, \
        generation = generation + 1, updated_at = $6 WHERE id = $7 AND generation = $8";
    DELETE = "DELETE FROM webhooks WHERE org_id = $1 AND id = $2 AND retry_type <> 'once'";
}

/// Adds a webhook, unless the organization has `most` already.
///
/// # Errors
/// The engine's.
pub fn create(
    connection: &mut dyn Connection,
    webhook: &Webhook,
    most: u64,
) -> Result<bool, StoreError> {
    let org_id = webhook.org_id.to_string();
    let count = connection.find(&COUNT, &[org_id.as_str().into()], |row| row.int(0))?;
    if count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0) >= most {
        return Ok(false);
    }
    insert(connection, webhook)?;
    Ok(true)
}

/// The organization's webhook with that id.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    org_id: OrgId,
    id: WebhookId,
) -> Result<Option<Webhook>, StoreError> {
    let found = find_of_any(connection, id)?;
    Ok(found.filter(|webhook| webhook.org_id == org_id && webhook.retry != Retry::Once))
}

/// The webhook with that id, whoever it belongs to; join hooks too.
///
/// # Errors
/// The engine's.
pub fn find_of_any(
    connection: &mut dyn Connection,
    id: WebhookId,
) -> Result<Option<Webhook>, StoreError> {
    connection.find(&FIND, &[id.to_string().as_str().into()], webhook)
}

/// The organization's webhooks, oldest first.
///
/// # Errors
/// The engine's.
pub fn list(connection: &mut dyn Connection, org_id: OrgId) -> Result<Vec<Webhook>, StoreError> {
    connection.list(&LIST, &[org_id.to_string().as_str().into()], webhook)
}

/// Saves the content of a webhook that was [changed](Webhook::changed), and
/// lets it run again. `false` when it is gone, or somebody else changed it after
/// it was read.
///
/// # Errors
/// The engine's.
pub fn change(connection: &mut dyn Connection, webhook: &Webhook) -> Result<bool, StoreError> {
    let sealed = webhook.sealed_basic_auth.as_ref();
    let changed = connection.execute(
        &CHANGE,
        &[
            webhook.url.as_str().into(),
            webhook.sealed_hmac.0.as_str().into(),
            sealed.map(|sealed| sealed.0.as_str()).into(),
            webhook.retry.as_str().into(),
            event_types_text(&webhook.event_types).as_str().into(),
            webhook.updated_at.into(),
            webhook.id.to_string().as_str().into(),
            webhook.generation.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Deletes a webhook. What was on its way to it is purged with time.
///
/// # Errors
/// The engine's.
pub fn delete(
    connection: &mut dyn Connection,
    org_id: OrgId,
    id: WebhookId,
) -> Result<bool, StoreError> {
    let (org_id, id) = (org_id.to_string(), id.to_string());
    Ok(connection.execute(&DELETE, &[org_id.as_str().into(), id.as_str().into()])? == 1)
}

fn insert(connection: &mut dyn Connection, webhook: &Webhook) -> Result<u64, StoreError> {
    let sealed = webhook.sealed_basic_auth.as_ref();
    connection.execute(
        &INSERT,
        &[
            webhook.id.to_string().as_str().into(),
            webhook.org_id.to_string().as_str().into(),
            webhook.url.as_str().into(),
            webhook.sealed_hmac.0.as_str().into(),
            sealed.map(|sealed| sealed.0.as_str()).into(),
            webhook.retry.as_str().into(),
            event_types_text(&webhook.event_types).as_str().into(),
            webhook.state.as_str().into(),
            webhook.created_at.into(),
            webhook.updated_at.into(),
        ],
    )
}

fn hmac_place(row: &str) -> SealPlace<'_> {
    SealPlace { table: "webhooks.hmac", row }
}

fn basic_auth_place(row: &str) -> SealPlace<'_> {
    SealPlace { table: "webhooks.basic_auth", row }
}

fn sealed_basic_auth(
    id: WebhookId,
    content: &Content,
    master_key: &MasterKey,
) -> Result<Option<Sealed>, StoreError> {
    let row = id.to_string();
    let seal =
        |value: &Zeroizing<String>| master_key.seal(&basic_auth_place(&row), value.as_bytes());
    content.basic_auth.as_ref().map(seal).transpose()
}

fn open(
    master_key: &MasterKey,
    place: &SealPlace<'_>,
    sealed: &Sealed,
) -> Result<Zeroizing<String>, StoreError> {
    let opened = master_key.open(place, sealed)?;
    let text = std::str::from_utf8(&opened).map_err(|_| StoreError::Unsealable)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// As a JSON list: each word stands between quotes, which is how
/// [`enqueue`] looks for one.
fn event_types_text(event_types: &[EventType]) -> String {
    let words: Vec<&str> = event_types.iter().map(|one| one.as_str()).collect();
    serde_json::to_string(&words).unwrap_or_default()
}

/// The one way from a row to a webhook.
fn webhook(row: &dyn Row) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: row.parsed(0)?,
        org_id: row.parsed(1)?,
        url: row.text(2)?.to_owned(),
        sealed_hmac: Sealed(row.text(3)?.to_owned()),
        sealed_basic_auth: row.optional_text(4)?.map(|text| Sealed(text.to_owned())),
        retry: Retry::parse(row.text(5)?)?,
        event_types: event_types(row.text(6)?)?,
        state: row.parsed(7)?,
        failed_count: count(row, 8)?,
        generation: row.int(9)?,
        pushed_at: row.optional_millis(10)?,
        created_at: row.millis(11)?,
        updated_at: row.millis(12)?,
    })
}

/// A type that a later release introduced is left out here.
fn event_types(text: &str) -> Result<Vec<EventType>, StoreError> {
    let words: Vec<String> = serde_json::from_str(text)
        .map_err(|_| StoreError::Corrupt("a webhook's event types are not a list".into()))?;
    Ok(words.iter().filter_map(|word| word.parse().ok()).collect())
}

fn count(row: &dyn Row, column: usize) -> Result<u64, StoreError> {
    u64::try_from(row.int(column)?).map_err(|_| StoreError::column(column, "a count"))
}
