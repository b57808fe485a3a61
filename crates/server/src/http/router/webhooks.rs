//! Webhooks and the log of their deliveries.

use axum::http::Method;
use parlor_model::identity::audit::AuditAction::{Create, Delete, Update};
use parlor_model::identity::audit::AuditTarget::Webhook;
use parlor_model::key_permission::KeyPermission::{ReadWebhooks, WriteWebhooks};

use super::{Operation, op};
use crate::http::rate_limit::LimitClass::Standard;
use crate::http::webhooks;

/// In the order of the published description, ours at the end.
pub(super) fn operations() -> Vec<Operation> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const DELETE: Method = Method::DELETE;
    vec![
        op(GET, "/webhooks", "list_webhooks", ReadWebhooks, Standard, webhooks::list_webhooks),
        op(POST, "/webhooks", "create_webhook", WriteWebhooks, Standard, webhooks::create_webhook)
            .noted(Create, Webhook),
        op(GET, "/webhooks/{id}", "read_webhook", ReadWebhooks, Standard, webhooks::read_webhook),
        op(
            POST,
            "/webhooks/{id}",
            "update_webhook",
            WriteWebhooks,
            Standard,
            webhooks::update_webhook,
        )
        .noted(Update, Webhook),
        op(
            DELETE,
            "/webhooks/{id}",
            "delete_webhook",
            WriteWebhooks,
            Standard,
            webhooks::delete_webhook,
        )
        .noted(Delete, Webhook),
        op(
            GET,
            "/parlor/webhooks/{id}/deliveries",
            "list_webhook_deliveries",
            ReadWebhooks,
            Standard,
            webhooks::list_webhook_deliveries,
        ),
        op(
            POST,
            "/parlor/webhooks/{id}/deliveries/{delivery}/resend",
            "resend_webhook_delivery",
            WriteWebhooks,
            Standard,
            webhooks::resend_webhook_delivery,
        ),
        op(
            POST,
            "/parlor/webhooks/{id}/replay",
            "replay_webhook",
            WriteWebhooks,
            Standard,
            webhooks::replay_webhook,
        ),
    ]
}
