//! Events on their way out.

use aws_lc_rs::digest::{SHA256, digest};
use parlor_model::id::{DeliveryId, OrgId};
use parlor_model::rest::webhook_event::WebhookEvent;
use parlor_model::rest::webhooks::{DeliveryState, WebhookState};
use parlor_model::time::UnixMillis;

use super::join;
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;

/// An event to be told.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent<'a> {
    /// Whose event it is.
    pub org_id: OrgId,
    /// The same for the same fact.
    pub id: &'a str,
    /// Its type, in the wire's word.
    pub event_type: &'a str,
    /// The whole body, byte for byte.
    pub body: &'a str,
    /// When it happened.
    pub at: UnixMillis,
}

statements! {
    SUBSCRIBED = "SELECT id, state FROM webhooks WHERE org_id = $1 \
        AND retry_type <> 'once' AND event_types LIKE $2";
    INSERT_EVENT = "INSERT INTO webhook_events (id, org_id, type, body, at, seq) \
        VALUES ($1, $2, $3, $4, $5, (SELECT newest + 1 FROM webhook_seq)) \
        ON CONFLICT (id) DO NOTHING RETURNING seq";
    COUNT_EVENT = "UPDATE webhook_seq SET newest = $1";
    INSERT_DELIVERY = "INSERT INTO webhook_deliveries (id, webhook_id, event_id, at, seq, state, \
        attempts, tries, next_attempt_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0) \
        ON CONFLICT (id) DO NOTHING";
}

/// Writes an event and one delivery for each webhook of the organization that
/// wants it, and says how many. An event that is there already is not written
/// again. For a webhook that has failed the delivery is `skipped`.
///
/// Ring the dispatcher's bell after the commit.
///
/// # Errors
/// The engine's.
pub fn enqueue(connection: &mut dyn Connection, event: &NewEvent<'_>) -> Result<usize, StoreError> {
    let receivers = receivers(connection, event)?;
    if receivers.is_empty() {
        return Ok(0);
    }
    let org_id = event.org_id.to_string();
    let params = [
        event.id.into(),
        org_id.as_str().into(),
        event.event_type.into(),
        event.body.into(),
        event.at.into(),
    ];
    let Some(seq) = connection.find(&INSERT_EVENT, &params, |row| row.int(0))? else {
        return Ok(0);
    };
    connection.execute(&COUNT_EVENT, &[seq.into()])?;
    for receiver in &receivers {
        insert_delivery(connection, event, receiver, seq)?;
    }
    Ok(receivers.len())
}

/// A webhook that is told.
pub(super) struct Receiver {
    id: String,
    state: WebhookState,
}

fn receivers(
    connection: &mut dyn Connection,
    event: &NewEvent<'_>,
) -> Result<Vec<Receiver>, StoreError> {
    let pattern = format!("%\"{}\"%", event.event_type);
    let org_id = event.org_id.to_string();
    let params = [org_id.as_str().into(), pattern.as_str().into()];
    let mut all = connection.list(&SUBSCRIBED, &params, receiver)?;
    if let Some(participant) = WebhookEvent::joined_participant(event.id) {
        all.extend(join::take(connection, participant)?);
    }
    Ok(all)
}

pub(super) fn receiver(row: &dyn Row) -> Result<Receiver, StoreError> {
    Ok(Receiver { id: row.text(0)?.to_owned(), state: row.parsed(1)? })
}

fn insert_delivery(
    connection: &mut dyn Connection,
    event: &NewEvent<'_>,
    receiver: &Receiver,
    seq: i64,
) -> Result<(), StoreError> {
    let state = match receiver.state {
        WebhookState::Active => DeliveryState::Pending,
        WebhookState::Failed => DeliveryState::Skipped,
    };
    connection.execute(
        &INSERT_DELIVERY,
        &[
            delivery_id(&receiver.id, event.id).to_string().as_str().into(),
            receiver.id.as_str().into(),
            event.id.into(),
            event.at.into(),
            seq.into(),
            state.as_str().into(),
        ],
    )?;
    Ok(())
}

/// The same for the same event and webhook.
fn delivery_id(webhook: &str, event: &str) -> DeliveryId {
    let hash = digest(&SHA256, format!("{webhook}\0{event}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    DeliveryId::from_random(bytes)
}
