//! Webhooks as records: create, read, change, delete and list them.

mod deliveries;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parlor_model::error::ApiError;
use parlor_model::id::{OrgId, WebhookId};
use parlor_model::rest::webhooks::{EventType, RetryType, Webhook, WebhookRequest};
use parlor_model::time::UnixMillis;
use parlor_store::webhooks::{self as records, Content, Retry};
use reqwest::Url;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::cx::AppState;
use crate::failure::Failure;
use crate::random;

pub(crate) use deliveries::{list_deliveries, replay, resend};

/// Makes a webhook, once its address has answered the test.
pub(crate) async fn create(
    state: &AppState,
    org: OrgId,
    body: &Map<String, Value>,
) -> Result<Webhook, Failure> {
    let content = merged(WebhookRequest::create(body)?, None)?;
    let most = state.cx.webhooks.settings().max_count;
    let have = state.cx.store.read(|c| records::list(c, org))?.len();
    if u64::try_from(have).unwrap_or(u64::MAX) >= most {
        return Err(ApiError::too_many_webhooks(most).into());
    }
    state.cx.webhooks.verify(&content, state.now()).await?;
    let id = WebhookId::from_random(random::bytes()?);
    let master_key = state.cx.store.master_key();
    let new = records::Webhook::new(id, org, &content, state.now(), master_key)?;
    let stored = new.clone();
    if !state.cx.store.write(move |c| records::create(c, &stored, most)).await? {
        return Err(ApiError::too_many_webhooks(most).into());
    }
    shown(state, &new)
}

/// Reads a webhook.
pub(crate) fn read(state: &AppState, org: OrgId, id: &str) -> Result<Webhook, Failure> {
    shown(state, &find(state, org, id)?)
}

/// The record of the organization's webhook with that id.
fn find(state: &AppState, org: OrgId, id: &str) -> Result<records::Webhook, Failure> {
    let not_found = || ApiError::webhook_not_found(id);
    let uuid: WebhookId = id.parse().map_err(|_| not_found())?;
    let found = state.cx.store.read(|c| records::find(c, org, uuid))?;
    Ok(found.ok_or_else(not_found)?)
}

/// Changes what the request names and keeps the rest. The address is tested
/// again, and a webhook that had failed runs again.
pub(crate) async fn update(
    state: &AppState,
    org: OrgId,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Webhook, Failure> {
    let request = WebhookRequest::update(body)?;
    let before = find(state, org, id)?;
    let content = merged(request, Some(content(state, &before)?))?;
    state.cx.webhooks.verify(&content, state.now()).await?;
    let changed = before.changed(&content, state.now(), state.cx.store.master_key())?;
    let stored = changed.clone();
    if !state.cx.store.write(move |c| records::change(c, &stored)).await? {
        // The test takes seconds. What others wrote in them stays as it is.
        let id = find(state, org, id)?.id.to_string();
        return Err(ApiError::webhook_changed_meanwhile(&id).into());
    }
    state.cx.webhooks.bell().ring_for(changed.id);
    shown(state, &changed)
}

/// Deletes a webhook. Nothing more is sent to it.
pub(crate) async fn delete(state: &AppState, org: OrgId, id: &str) -> Result<(), Failure> {
    let uuid = find(state, org, id)?.id;
    if !state.cx.store.write(move |c| records::delete(c, org, uuid)).await? {
        return Err(ApiError::webhook_not_found(id).into());
    }
    state.cx.webhooks.bell().ring_for(uuid);
    Ok(())
}

/// The organization's webhooks, oldest first.
pub(crate) fn list(state: &AppState, org: OrgId) -> Result<Vec<Webhook>, Failure> {
    let found = state.cx.store.read(|c| records::list(c, org))?;
    found.iter().map(|record| shown(state, record)).collect()
}

/// What a webhook holds now.
fn content(state: &AppState, webhook: &records::Webhook) -> Result<Content, Failure> {
    let master_key = state.cx.store.master_key();
    Ok(Content {
        url: webhook.url.clone(),
        hmac: webhook.hmac(master_key)?,
        basic_auth: webhook.basic_auth(master_key)?,
        retry: retry_type(webhook.retry),
        event_types: webhook.event_types.clone(),
    })
}

/// What a request names, over what there was, over the defaults.
fn merged(request: WebhookRequest, before: Option<Content>) -> Result<Content, Failure> {
    let mut content = match before {
        Some(before) => before,
        None => Content {
            url: String::new(),
            hmac: Zeroizing::new(STANDARD.encode(random::bytes::<32>()?)),
            basic_auth: None,
            retry: RetryType::CircuitBreaker,
            event_types: EventType::ALL.to_vec(),
        },
    };
    if let Some(url) = request.url {
        check_url(&url)?;
        content.url = url;
    }
    if let Some(hmac) = request.hmac {
        content.hmac = Zeroizing::new(hmac);
    }
    if let Some(basic_auth) = request.basic_auth {
        content.basic_auth = basic_auth.map(Zeroizing::new);
    }
    content.retry = request.retry_type.unwrap_or(content.retry);
    content.event_types = request.event_types.unwrap_or(content.event_types);
    Ok(content)
}

/// The address is shown to everybody who may read webhooks, and so are
/// credentials within it.
fn check_url(text: &str) -> Result<(), ApiError> {
    let fault = match Url::parse(text) {
        Ok(url) if url.username().is_empty() && url.password().is_none() => return Ok(()),
        Ok(_) => "must not hold a user name or a password: use basicAuth",
        Err(_) => "must be a valid uri with http or https",
    };
    Err(ApiError::must("url", fault, &Value::from(text)))
}

fn retry_type(retry: Retry) -> RetryType {
    match retry {
        Retry::As(retry) => retry,
        // Join hooks are nobody's, so that none gets here.
        Retry::Once => RetryType::CircuitBreaker,
    }
}

fn shown(state: &AppState, webhook: &records::Webhook) -> Result<Webhook, Failure> {
    let content = content(state, webhook)?;
    Ok(Webhook {
        uuid: webhook.id,
        url: content.url,
        hmac: content.hmac.to_string(),
        basic_auth: content.basic_auth.map(|value| value.to_string()),
        retry_type: content.retry,
        event_types: content.event_types,
        state: webhook.state,
        failed_count: webhook.failed_count,
        last_moment_pushed: webhook.pushed_at.map(UnixMillis::to_iso8601),
        domain_id: webhook.org_id,
        created_at: webhook.created_at.to_iso8601(),
        updated_at: webhook.updated_at.to_iso8601(),
    })
}
