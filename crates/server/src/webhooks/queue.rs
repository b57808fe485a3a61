//! What one webhook has to send, and how much of it at once.
//!
//! A queue holds a page of the store. Little backlog goes out one by one, in
//! order; more of it goes out side by side. A webhook that fails gets fewer
//! places: a breaker never more than the failures it has left, so that it is
//! not sent to after the last one, and any other just one.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use parlor_model::id::{DeliveryId, OrgId, WebhookId};
use parlor_model::rest::webhooks::{RetryType, WebhookState};
use parlor_model::time::UnixMillis;
use parlor_store::webhooks::{Due, Retry, Standing, Verdict, Webhook};

use super::attempt::{Attempt, Finished};
use super::backoff;
use super::message::Address;

/// Failures in a row that stop a circuit breaker.
const MOST_FAILURES: u64 = 3;

/// Attempts at once of a webhook that answers well. More keeps up with more
/// events and mixes their order more.
const MOST_AT_ONCE: usize = 8;

/// Attempts at once of a webhook of which nothing is known.
const FIRST_AT_ONCE: usize = 3;

/// Waiting deliveries that ask for one more attempt at once.
const BACKLOG_A_PLACE: usize = 4;

/// Deliveries held ready. More asks the store less often and holds more
/// bodies in memory.
pub(super) const PAGE: usize = 32;

/// A webhook with something to send.
#[derive(Default)]
pub(super) struct Queue {
    webhook: Option<Known>,
    ready: VecDeque<Due>,
    /// Ready, in flight, or not recorded yet, each with its generation.
    taken: BTreeMap<DeliveryId, i64>,
    /// Taken, and queued again since: the store has them once more.
    again: BTreeSet<DeliveryId>,
    in_flight: usize,
    places: usize,
    failed_count: u64,
    /// Whether the store may have more.
    pub(super) has_more: bool,
    /// Whether it waits for its turn already.
    pub(super) is_listed: bool,
}

/// The webhook as it was last read.
struct Known {
    org: OrgId,
    address: Arc<Address>,
    retry: Retry,
    state: WebhookState,
    generation: i64,
}

impl Queue {
    /// Takes what the store says of the webhook now.
    pub(super) fn know(&mut self, webhook: &Webhook, address: Address) {
        let is_same =
            self.webhook.as_ref().is_some_and(|known| known.generation == webhook.generation);
        // What is not recorded yet is only known here.
        if !is_same || self.taken.is_empty() {
            self.failed_count = webhook.failed_count;
            self.places = first_places(webhook);
        }
        let has_failed_here = is_same && self.is_stopped();
        let state = if has_failed_here { WebhookState::Failed } else { webhook.state };
        self.webhook = Some(Known {
            org: webhook.org_id,
            address: Arc::new(address),
            retry: webhook.retry,
            state,
            generation: webhook.generation,
        });
    }

    /// Forgets what is ready: the webhook has changed, failed or gone.
    pub(super) fn give_up(&mut self) {
        for due in self.ready.drain(..) {
            self.taken.remove(&due.id);
            self.again.remove(&due.id);
        }
    }

    /// Adds what the store has, as far as it is new. If any is, there may be
    /// more. What comes after the webhook has stopped is left to be skipped.
    pub(super) fn add(&mut self, page: Vec<Due>) {
        if self.is_stopped() {
            return;
        }
        for due in page {
            match self.taken.entry(due.id) {
                Entry::Vacant(free) => {
                    free.insert(due.generation);
                    self.ready.push_back(due);
                    self.has_more = true;
                }
                Entry::Occupied(taken) if *taken.get() < due.generation => {
                    self.again.insert(due.id);
                }
                Entry::Occupied(_) => {}
            }
        }
    }

    /// The next attempt, if there is one and a place for it.
    pub(super) fn start(&mut self, webhook: WebhookId) -> Option<Attempt> {
        if self.in_flight >= self.places_now() {
            return None;
        }
        let known = self.webhook.as_ref()?;
        let due = self.ready.pop_front()?;
        self.in_flight += 1;
        let address = Arc::clone(&known.address);
        Some(Attempt { org: known.org, webhook, generation: known.generation, address, due })
    }

    /// Takes the end of an attempt; says what it means, and where the webhook
    /// stands, unless it was changed meanwhile.
    pub(super) fn finish(&mut self, finished: &Finished) -> (Verdict, Option<Standing>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(known) = &mut self.webhook else {
            return (verdict(Retry::Once, finished), None);
        };
        let verdict = verdict(known.retry, finished);
        if known.generation != finished.generation {
            return (verdict, None);
        }
        if finished.has_arrived {
            self.failed_count = 0;
            self.places = (self.places + 1).min(MOST_AT_ONCE);
        } else {
            self.failed_count += 1;
            self.places = FIRST_AT_ONCE;
            if known.retry == Retry::As(RetryType::CircuitBreaker) {
                self.failed_count = self.failed_count.min(MOST_FAILURES);
                if self.failed_count == MOST_FAILURES {
                    known.state = WebhookState::Failed;
                }
            }
        }
        let standing = Standing {
            generation: known.generation,
            state: known.state,
            failed_count: self.failed_count,
            pushed_at: finished.has_arrived.then_some(finished.at),
            at: finished.at,
        };
        if standing.state == WebhookState::Failed {
            self.give_up();
            self.has_more = false;
        }
        (verdict, Some(standing))
    }

    /// A delivery's outcome is on disk.
    pub(super) fn settle(&mut self, delivery: DeliveryId) {
        self.taken.remove(&delivery);
        self.has_more |= self.again.remove(&delivery);
    }

    /// Whether the webhook is not sent to any more.
    pub(super) fn is_stopped(&self) -> bool {
        self.webhook.as_ref().is_some_and(|known| known.state == WebhookState::Failed)
    }

    /// Whether there is a place for more than is ready.
    pub(super) fn is_hungry(&self) -> bool {
        self.has_more && self.ready.len() < MOST_AT_ONCE && self.taken.len() < 4 * PAGE
    }

    /// Whether nothing is known to be left to do.
    pub(super) fn is_idle(&self) -> bool {
        self.taken.is_empty() && !self.has_more
    }

    /// How many deliveries it holds in whatever way.
    pub(super) fn held(&self) -> usize {
        self.taken.len()
    }

    fn places_now(&self) -> usize {
        let wanted = 1 + self.ready.len() / BACKLOG_A_PLACE;
        let failed = usize::try_from(self.failed_count).unwrap_or(usize::MAX);
        let allowed = match self.webhook.as_ref().map(|known| known.retry) {
            Some(Retry::As(RetryType::CircuitBreaker)) => self.places.saturating_sub(failed),
            _ if failed > 0 => 1,
            _ => self.places,
        };
        wanted.min(allowed)
    }
}

fn first_places(webhook: &Webhook) -> usize {
    match webhook.state {
        WebhookState::Active => FIRST_AT_ONCE,
        WebhookState::Failed => 0,
    }
}

fn verdict(retry: Retry, finished: &Finished) -> Verdict {
    if finished.has_arrived {
        return Verdict::Delivered;
    }
    let wait = match retry {
        Retry::As(RetryType::Exponential) => backoff::wait_millis(finished.tries + 1),
        Retry::As(RetryType::CircuitBreaker) | Retry::Once => None,
    };
    wait.map_or(Verdict::Failed, |wait| {
        Verdict::RetryAt(UnixMillis::plus_millis(finished.at, wait))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_queued_again_while_it_is_taken_is_asked_for_once_it_is_settled() {
        let id = DeliveryId::from_random([1; 16]);
        let due = |generation| Due { id, attempts: 0, tries: 0, generation, body: String::new() };
        let mut queue = Queue::default();
        queue.add(vec![due(0)]);
        queue.has_more = false;
        queue.add(vec![due(0)]);
        assert!(!queue.has_more, "the same once more");
        queue.add(vec![due(1)]);
        queue.settle(id);
        assert!(queue.has_more && !queue.is_idle());
        queue.has_more = false;
        queue.settle(id);
        assert!(queue.is_idle(), "asked for once");
    }
}
