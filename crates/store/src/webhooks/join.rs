//! `meeting_join_hook`: an address that is posted to when one participant
//! joins. Each address of an organization has one row among the webhooks,
//! which nobody sees, so that its posts are queued, sent and recorded as those
//! of a webhook are.

use parlor_model::id::{OrgId, ParticipantId, WebhookId};
use parlor_model::rest::webhooks::WebhookState;
use parlor_model::time::UnixMillis;

use super::outbox::{Receiver, receiver};
use super::{Retry, Webhook, hmac_place, insert};
use crate::engine::{Connection, statements};
use crate::error::StoreError;
use crate::seal::MasterKey;

statements! {
    FIND_ONCE = "SELECT id FROM webhooks WHERE org_id = $1 AND url = $2 AND retry_type = 'once'";
    EXPECT = "INSERT INTO webhook_joins (participant_id, webhook_id, created_at) \
        VALUES ($1, $2, $3) ON CONFLICT (participant_id) DO NOTHING";
    TAKE = "SELECT webhooks.id, webhooks.state FROM webhook_joins \
        JOIN webhooks ON webhooks.id = webhook_joins.webhook_id \
        WHERE webhook_joins.participant_id = $1";
    FORGET = "DELETE FROM webhook_joins WHERE created_at < $1";
    FORGET_ADDRESSES = "DELETE FROM webhooks WHERE id IN (SELECT w.id FROM webhooks w \
        WHERE w.retry_type = 'once' AND w.created_at < $1 \
        AND NOT EXISTS (SELECT 1 FROM webhook_joins j WHERE j.webhook_id = w.id) \
        AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id) LIMIT $2)";
}

/// Somebody who is about to join, and the address to post that to.
#[derive(Clone, Debug)]
pub struct ExpectedJoin {
    /// Whose room it is.
    pub org_id: OrgId,
    /// Who will join.
    pub participant: ParticipantId,
    /// Where to post.
    pub url: String,
    /// Names the address's row, should there be none yet.
    pub new_id: WebhookId,
}

/// Remembers where to post when this participant joins.
///
/// # Errors
/// The engine's, or that of the system's random source.
pub fn expect_join(
    connection: &mut dyn Connection,
    join: &ExpectedJoin,
    now: UnixMillis,
    master_key: &MasterKey,
) -> Result<(), StoreError> {
    let org_id = join.org_id.to_string();
    let params = [org_id.as_str().into(), join.url.as_str().into()];
    let known = connection.find(&FIND_ONCE, &params, |row| row.parsed::<WebhookId>(0))?;
    let webhook = match known {
        Some(id) => id,
        None => {
            insert(connection, &hidden(join, now, master_key)?)?;
            join.new_id
        }
    };
    let (participant, webhook) = (join.participant.to_string(), webhook.to_string());
    connection
        .execute(&EXPECT, &[participant.as_str().into(), webhook.as_str().into(), now.into()])
        .map(drop)
}

/// Forgets those who were expected before `cutoff`. Their tickets have run out.
///
/// # Errors
/// The engine's.
pub fn forget_joins(
    connection: &mut dyn Connection,
    cutoff: UnixMillis,
) -> Result<u64, StoreError> {
    connection.execute(&FORGET, &[cutoff.into()])
}

/// Forgets up to `limit` addresses from before `cutoff` that nobody is expected
/// with and no delivery is left of; says how many.
///
/// # Errors
/// The engine's.
pub fn forget_join_addresses(
    connection: &mut dyn Connection,
    cutoff: UnixMillis,
    limit: u32,
) -> Result<u64, StoreError> {
    connection.execute(&FORGET_ADDRESSES, &[cutoff.into(), i64::from(limit).into()])
}

/// Where to post that this participant joined.
pub(super) fn take(
    connection: &mut dyn Connection,
    participant: ParticipantId,
) -> Result<Option<Receiver>, StoreError> {
    connection.find(&TAKE, &[(&participant.to_string()).into()], receiver)
}

fn hidden(
    join: &ExpectedJoin,
    now: UnixMillis,
    master_key: &MasterKey,
) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: join.new_id,
        org_id: join.org_id,
        url: join.url.clone(),
        retry: Retry::Once,
        event_types: Vec::new(),
        state: WebhookState::Active,
        failed_count: 0,
        generation: 0,
        pushed_at: None,
        created_at: now,
        updated_at: now,
        // Nobody knows a key, so these posts carry no signature.
        sealed_hmac: master_key.seal(&hmac_place(&join.new_id.to_string()), b"")?,
        sealed_basic_auth: None,
    })
}
