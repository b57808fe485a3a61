//! The log of a webhook's deliveries, and sending them again.

use parlor_model::error::ApiError;
use parlor_model::id::{DeliveryId, OrgId};
use parlor_model::rest::webhooks::{
    Attempt, AttemptRequest, Delivery, DeliveryEvent, DeliveryList, Replayed, WebhookState,
    parse_replay,
};
use parlor_model::time::UnixMillis;
use parlor_store::webhooks::{self as records, Webhook};
use parlor_store::{Connection, StoreError};
use serde_json::{Map, Value};

use super::find;
use crate::app::rooms::PageQuery;
use crate::cx::AppState;
use crate::failure::Failure;

/// Deliveries queued in one commit of a replay. More is done sooner and keeps
/// other writes waiting longer.
const REPLAYED_AT_ONCE: u32 = 500;

/// One page of a webhook's deliveries, newest first.
pub(crate) async fn list_deliveries(
    state: &AppState,
    org: OrgId,
    id: &str,
    query: PageQuery<'_>,
) -> Result<DeliveryList, Failure> {
    let webhook = find(state, org, id)?.id;
    let page = query.parse()?;
    let listed = state.cx.store.scan(move |c| records::list_deliveries(c, webhook, &page)).await;
    let page = listed.map_err(|error| match error {
        StoreError::UnknownCursor { cursor } => query.unknown_cursor(&cursor).into(),
        other => Failure::Store(other),
    })?;
    let data = page.items.into_iter().map(shown).collect();
    Ok(DeliveryList { total_count: page.total_count, data })
}

/// Sends a delivery once more, with the same event id.
pub(crate) async fn resend(
    state: &AppState,
    org: OrgId,
    id: &str,
    delivery: &str,
) -> Result<Delivery, Failure> {
    let webhook = running(state, org, id)?.id;
    let not_found = || ApiError::delivery_not_found(delivery);
    let wanted: DeliveryId = delivery.parse().map_err(|_| not_found())?;
    let queued = state.cx.store.write(move |c| {
        records::resend(c, webhook, wanted)?;
        records::find_delivery(c, webhook, wanted)
    });
    let queued = queued.await?.ok_or_else(not_found)?;
    state.cx.webhooks.bell().ring_for(webhook);
    Ok(shown(queued))
}

/// Sends once more what happened since a time.
pub(crate) async fn replay(
    state: &AppState,
    org: OrgId,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Replayed, Failure> {
    let since = parse_replay(body)?;
    let webhook = running(state, org, id)?.id;
    let (mut queued, mut next) = (0, Some(0));
    while let Some(after) = next {
        let page = move |c: &mut dyn Connection| {
            records::replay(c, webhook, since, after, REPLAYED_AT_ONCE)
        };
        let page = state.cx.store.write(page).await?;
        queued += page.queued;
        next = page.next;
        state.cx.webhooks.bell().ring_for(webhook);
    }
    Ok(Replayed { queued })
}

/// A webhook that is sent to: another would only skip what is queued.
fn running(state: &AppState, org: OrgId, id: &str) -> Result<Webhook, Failure> {
    let webhook = find(state, org, id)?;
    match webhook.state {
        WebhookState::Active => Ok(webhook),
        WebhookState::Failed => Err(ApiError::webhook_failed(&webhook.id.to_string()).into()),
    }
}

fn shown(delivery: records::Delivery) -> Delivery {
    let body = delivery.body;
    Delivery {
        id: delivery.id,
        state: delivery.state,
        event: DeliveryEvent { id: delivery.event_id, event_type: delivery.event_type },
        created_at: delivery.at.to_iso8601(),
        next_attempt_at: delivery.next_attempt_at.map(UnixMillis::to_iso8601),
        attempts: delivery.attempts.into_iter().map(|one| attempt(one, &body)).collect(),
    }
}

fn attempt(attempt: records::Attempt, body: &str) -> Attempt {
    let response = attempt.response.as_deref();
    Attempt {
        number: attempt.number,
        at: attempt.at.to_iso8601(),
        latency_ms: attempt.latency_ms,
        status: attempt.status,
        error: attempt.error,
        request: AttemptRequest {
            url: attempt.url,
            headers: serde_json::from_str(&attempt.request_headers).unwrap_or_default(),
            body: body.to_owned(),
        },
        response: response.and_then(|text| serde_json::from_str(text).ok()),
    }
}
