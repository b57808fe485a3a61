//! `/v1/webhooks` and `/v1/parlor/webhooks`.

use axum::extract::State;
use parlor_model::rest::webhooks::{
    CreateWebhookBody, Delivery, DeliveryList, ReplayBody, Replayed, UpdateWebhookBody, Webhook,
};
use serde_json::{Map, Value};

use crate::app::rooms::PageQuery;
use crate::app::webhooks;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, QueryPairs, Segment, TwoSegments};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// List webhooks, oldest first.
#[utoipa::path(
    get, path = "/webhooks", tag = "webhooks",
    responses((status = 200, description = "All of them", body = Vec<Webhook>), Errors),
)]
pub(crate) async fn list_webhooks(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Vec<Webhook>>, Refusal> {
    Ok(Answer(webhooks::list(&state, caller.org())?))
}

/// Create a webhook. Its address must answer a post of `{"test":"test"}`,
/// signed as every event is, with 200 within eight seconds; otherwise nothing
/// is saved.
#[utoipa::path(
    post, path = "/webhooks", tag = "webhooks",
    request_body(content = CreateWebhookBody),
    responses((status = 200, description = "The webhook", body = Webhook), Errors),
)]
pub(crate) async fn create_webhook(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<Webhook>, Refusal> {
    Ok(Answer(webhooks::create(&state, caller.org(), &body).await?))
}

/// Read a webhook.
#[utoipa::path(
    get, path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "The webhook's uuid", example = "0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21")),
    responses((status = 200, description = "The webhook", body = Webhook), Errors),
)]
pub(crate) async fn read_webhook(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<Webhook>, Refusal> {
    Ok(Answer(webhooks::read(&state, caller.org(), &id)?))
}

/// Change a webhook, or start a failed one again. What is not named stays; the
/// address is tested as at creation.
#[utoipa::path(
    post, path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "The webhook's uuid", example = "0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21")),
    request_body(content = UpdateWebhookBody, description = "May be empty"),
    responses((status = 200, description = "The webhook", body = Webhook), Errors),
)]
pub(crate) async fn update_webhook(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Webhook>, Refusal> {
    Ok(Answer(webhooks::update(&state, caller.org(), &id, &body).await?))
}

/// Delete a webhook. Nothing more is sent to it.
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "The webhook's uuid", example = "0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21")),
    responses((status = 200, description = "It is gone", body = Object, example = json!({})), Errors),
)]
pub(crate) async fn delete_webhook(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<Map<String, Value>>, Refusal> {
    webhooks::delete(&state, caller.org(), &id).await?;
    Ok(Answer(Map::new()))
}

/// List what a webhook was told, newest first. Each delivery comes with its
/// latest attempts: status, latency, request and response.
#[utoipa::path(
    get, path = "/parlor/webhooks/{id}/deliveries", tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's uuid", example = "0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Most deliveries in the page, 1 to 100; 100 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "Delivery id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Delivery id: the page ends just before it; `OLDEST` for the last page"),
    ),
    responses((status = 200, description = "One page", body = DeliveryList), Errors),
)]
pub(crate) async fn list_webhook_deliveries(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment,
    query: QueryPairs,
) -> Result<Answer<DeliveryList>, Refusal> {
    let page = PageQuery {
        limit: query.get("limit"),
        starting_after: query.get("starting_after"),
        ending_before: query.get("ending_before"),
    };
    Ok(Answer(webhooks::list_deliveries(&state, caller.org(), &id, page).await?))
}

/// Send one delivery again. The event keeps its id.
#[utoipa::path(
    post, path = "/parlor/webhooks/{id}/deliveries/{delivery}/resend", tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's uuid", example = "0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21"),
        ("delivery" = String, Path, description = "The delivery's id", example = "7d9f1c3e-2b4a-4d6e-8f0a-1b2c3d4e5f60"),
    ),
    responses((status = 200, description = "The delivery, which waits for its turn", body = Delivery), Errors),
)]
pub(crate) async fn resend_webhook_delivery(
    State(state): State<AppState>,
    caller: Caller,
    TwoSegments(id, delivery): TwoSegments,
) -> Result<Answer<Delivery>, Refusal> {
    Ok(Answer(webhooks::resend(&state, caller.org(), &id, &delivery).await?))
}

/// Send again what happened since a time. Events keep their ids; what waits
/// for its turn anyway is not counted.
#[utoipa::path(
    post, path = "/parlor/webhooks/{id}/replay", tag = "webhooks",
    params(("id" = String, Path, description = "The webhook's uuid", example = "0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21")),
    request_body(content = ReplayBody),
    responses((status = 200, description = "How many deliveries are sent again", body = Replayed), Errors),
)]
pub(crate) async fn replay_webhook(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<Replayed>, Refusal> {
    Ok(Answer(webhooks::replay(&state, caller.org(), &id, &body).await?))
}
