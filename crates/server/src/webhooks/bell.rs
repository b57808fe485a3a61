//! Wakes the dispatcher.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use parlor_model::id::WebhookId;
use tokio::sync::Notify;

/// Tells the [`Dispatcher`](super::Dispatcher) to look into the store. Clones
/// are the same bell; ringing never waits, and a bell that was rung while
/// nobody listened is heard later.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    rung: Notify,
    /// As many as there are webhooks, at most.
    changed: Mutex<BTreeSet<WebhookId>>,
}

impl Bell {
    /// Events were enqueued, and are committed.
    pub fn ring(&self) {
        self.inner.rung.notify_one();
    }

    /// A webhook was changed, or some of its deliveries were queued again.
    pub(crate) fn ring_for(&self, webhook: WebhookId) {
        self.changed(|changed| changed.insert(webhook));
        self.ring();
    }

    /// Waits until somebody rings.
    pub(super) async fn heard(&self) {
        self.inner.rung.notified().await;
    }

    /// The webhooks that were changed since the last call.
    pub(super) fn take_changed(&self) -> BTreeSet<WebhookId> {
        self.changed(std::mem::take)
    }

    fn changed<T>(&self, work: impl FnOnce(&mut BTreeSet<WebhookId>) -> T) -> T {
        // A set stays consistent even if a thread panicked while holding it.
        work(&mut self.inner.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
