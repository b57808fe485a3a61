//! The one who sends: owns a queue for each webhook with something to send,
//! starts attempts, and writes their outcomes down in batches.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use parlor_model::id::WebhookId;
use parlor_model::rest::webhooks::WebhookState;
use parlor_model::time::UnixMillis;
use parlor_store::webhooks::{self as records, Outcome, Webhook};
use parlor_store::{Connection, Store, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Webhooks;
use super::attempt::Finished;
use super::backoff;
use super::batch::{Batch, Written};
use super::message::Address;
use super::queue::{PAGE, Queue};
use super::watch::ClockWatch;
use crate::clock::{Clock, sleep_until};

/// Attempts at once of all webhooks. More lets more of them hang without
/// holding up others, and takes as many sockets.
const MOST_AT_ONCE: usize = 512;

/// Outcomes that may wait for the disk. When it takes none, nothing more is
/// sent: what was sent must be written down.
const MOST_UNRECORDED: usize = 1024;

/// How often an otherwise idle dispatcher looks whether the clock was set.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(5);

/// Sends what is in the outbox.
pub struct Dispatcher {
    store: Store,
    clock: Arc<dyn Clock>,
    webhooks: Webhooks,
    queues: BTreeMap<WebhookId, Queue>,
    /// Those with something to start, in the order in which they get to.
    turns: VecDeque<WebhookId>,
    attempts: JoinSet<Option<Finished>>,
    writes: JoinSet<Written>,
    is_recording: bool,
    unrecorded: Batch,
    /// The newest event that was seen.
    seen: i64,
    next_retry: Option<UnixMillis>,
    watch: ClockWatch,
    /// Whether the store has to be looked through, because of a start or a
    /// failure.
    must_look: bool,
}

impl Dispatcher {
    /// A dispatcher that does nothing until it [runs](Self::run).
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, webhooks: Webhooks) -> Self {
        Self {
            watch: ClockWatch::new(clock.now()),
            store,
            clock,
            webhooks,
            queues: BTreeMap::new(),
            turns: VecDeque::new(),
            attempts: JoinSet::new(),
            writes: JoinSet::new(),
            is_recording: false,
            unrecorded: Batch::default(),
            seen: 0,
            next_retry: None,
            must_look: true,
        }
    }

    /// Sends until `shutdown`, then waits for what is on its way.
    pub async fn run(mut self, shutdown: CancellationToken) {
        self.begin();
        while !shutdown.is_cancelled() {
            self.look().await;
            self.start_attempts(&shutdown);
            self.record();
            self.wait(&shutdown).await;
        }
        self.drain().await;
    }

    fn begin(&mut self) {
        let latest = self.clock.now().plus_millis(backoff::LONGEST_MILLIS);
        self.write(move |c| records::hold_back_at_most(c, latest));
    }

    async fn wait(&mut self, shutdown: &CancellationToken) {
        let clock = Arc::clone(&self.clock);
        tokio::select! {
            () = shutdown.cancelled() => {}
            Some(done) = self.attempts.join_next() => self.finish(done),
            Some(done) = self.writes.join_next() => self.written(done),
            () = self.webhooks.bell.heard() => self.hear(),
            () = retry_is_due(&*clock, self.next_retry) => self.must_look = true,
            () = clock.jumped() => {}
            () = tokio::time::sleep(LOOK_AT_CLOCK), if self.next_retry.is_some() => {}
        }
        // Whatever else is over by now belongs into the same batch.
        while let Some(done) = self.attempts.try_join_next() {
            self.finish(done);
        }
    }

    /// Starts nothing more. What cannot be written down is sent again after
    /// the next start.
    async fn drain(mut self) {
        while let Some(done) = self.attempts.join_next().await {
            self.finish(done);
            self.record();
        }
        loop {
            self.record();
            match self.writes.join_next().await {
                Some(Ok(Written::NotRecorded(..))) | None => return,
                Some(done) => self.written(done),
            }
        }
    }

    /// Asks the store for work, where there may be some.
    async fn look(&mut self) {
        let now = self.clock.now();
        if let Some(back) = self.watch.set_back_by(now) {
            tracing::warn!(back_ms = back, "the clock was set back; retries follow it");
            self.write(move |c| records::move_retries(c, now, back));
        }
        if !std::mem::take(&mut self.must_look) {
            return;
        }
        let looked = self.store.scan(move |c| {
            Ok::<_, StoreError>((
                records::newest(c)?,
                records::waiting(c, now)?,
                records::next_due(c, now)?,
            ))
        });
        match looked.await {
            Ok((newest, waiting, next)) => {
                self.seen = self.seen.max(newest);
                self.next_retry = next;
                waiting.into_iter().for_each(|webhook| self.expect_more(webhook));
            }
            Err(error) => self.look_again(&error),
        }
    }

    /// Somebody rang.
    fn hear(&mut self) {
        for webhook in self.webhooks.bell.take_changed() {
            self.expect_more(webhook);
            self.queues.entry(webhook).or_default().give_up();
        }
        let seen = self.seen;
        let found = self
            .store
            .read(move |c| Ok::<_, StoreError>((records::newest(c)?, records::fresh(c, seen)?)));
        match found {
            Ok((newest, _)) if newest < seen => {
                tracing::warn!(newest, seen, "the outbox went back; it is looked through afresh");
                self.seen = newest;
                self.must_look = true;
            }
            Ok((_, fresh)) => {
                for (webhook, newest) in fresh {
                    self.seen = self.seen.max(newest);
                    self.expect_more(webhook);
                }
            }
            Err(error) => self.look_again(&error),
        }
    }

    fn expect_more(&mut self, webhook: WebhookId) {
        self.queues.entry(webhook).or_default().has_more = true;
        self.give_turn(webhook);
    }

    fn give_turn(&mut self, webhook: WebhookId) {
        if let Some(queue) = self.queues.get_mut(&webhook)
            && !std::mem::replace(&mut queue.is_listed, true)
        {
            self.turns.push_back(webhook);
        }
    }

    /// Starts what there are places for, one attempt a turn.
    fn start_attempts(&mut self, shutdown: &CancellationToken) {
        while self.attempts.len() < MOST_AT_ONCE && self.unrecorded.outcomes.len() < MOST_UNRECORDED
        {
            let Some(webhook) = self.turns.pop_front() else {
                return;
            };
            let Some(queue) = self.queues.get_mut(&webhook) else {
                continue;
            };
            queue.is_listed = false;
            if queue.is_hungry() {
                self.feed(webhook);
            }
            let attempt = self.queues.get_mut(&webhook).and_then(|queue| queue.start(webhook));
            if let Some(attempt) = attempt {
                let clock = Arc::clone(&self.clock);
                let run = attempt.run(self.webhooks.clone(), clock, shutdown.clone());
                self.attempts.spawn(run);
                self.give_turn(webhook);
            } else {
                self.forget_if_idle(webhook);
            }
        }
    }

    /// Fills a queue from the store.
    fn feed(&mut self, webhook: WebhookId) {
        let (now, held) = (self.clock.now(), self.queues.get(&webhook).map_or(0, Queue::held));
        let limit = u32::try_from(PAGE + held).unwrap_or(u32::MAX);
        let found = self.store.read(move |c| {
            let record = records::find_of_any(c, webhook)?;
            let page = records::due(c, webhook, now, limit)?;
            Ok::<_, StoreError>(record.map(|record| (record, page)))
        });
        let known = match found {
            Ok(Some((record, page))) => self.usable(&record).map(|address| (record, address, page)),
            // Deleted.
            Ok(None) => None,
            Err(error) => {
                self.look_again(&error);
                None
            }
        };
        let Some(queue) = self.queues.get_mut(&webhook) else {
            return;
        };
        queue.has_more = false;
        match known {
            Some((record, address, page)) => {
                queue.know(&record, address);
                queue.add(page);
            }
            None => queue.give_up(),
        }
    }

    /// Where a webhook's posts go, if any do.
    fn usable(&mut self, webhook: &Webhook) -> Option<Address> {
        if webhook.state == WebhookState::Failed {
            self.skip(webhook.id, webhook.generation);
            return None;
        }
        let address = Address::of(webhook, self.store.master_key());
        let told =
            |error| tracing::error!(%error, webhook.id = %webhook.id, "a webhook is unusable");
        address.map_err(told).ok()
    }

    /// Takes the end of an attempt.
    fn finish(&mut self, done: Result<Option<Finished>, tokio::task::JoinError>) {
        let finished = match done {
            Ok(Some(finished)) => finished,
            // Never made; only a stop does that.
            Ok(None) => return,
            Err(error) => return tracing::error!(%error, "an attempt to deliver was lost"),
        };
        let webhook = finished.webhook;
        let Some(queue) = self.queues.get_mut(&webhook) else {
            return;
        };
        let (verdict, standing) = queue.finish(&finished);
        self.unrecorded.outcomes.push((webhook, Outcome { verdict, ..finished.outcome }));
        if let Some(standing) = standing {
            self.unrecorded.stand(webhook, standing);
        }
        self.give_turn(webhook);
    }

    /// Writes down what is over, unless that is being done.
    fn record(&mut self) {
        if self.is_recording || self.unrecorded.outcomes.is_empty() {
            return;
        }
        self.is_recording = true;
        let batch = std::mem::take(&mut self.unrecorded);
        self.writes.spawn(batch.write(self.store.clone()));
    }

    fn written(&mut self, done: Result<Written, tokio::task::JoinError>) {
        match done {
            Ok(Written::Recorded(batch)) => self.recorded(batch),
            Ok(Written::NotRecorded(batch, error)) => {
                tracing::error!(%error, "outcomes of webhooks could not be written down yet");
                self.is_recording = false;
                self.unrecorded.put_back(batch);
            }
            Ok(Written::Changed) => self.must_look = true,
            Ok(Written::Skipped) => {}
            Ok(Written::NotChanged(error)) => {
                tracing::error!(%error, "the webhooks' outbox could not be changed or read");
                self.must_look = true;
            }
            Err(error) => tracing::error!(%error, "a write of the webhooks' outbox was lost"),
        }
    }

    /// A batch is on disk.
    fn recorded(&mut self, batch: Batch) {
        self.is_recording = false;
        for (webhook, outcome) in batch.outcomes {
            if let records::Verdict::RetryAt(at) = outcome.verdict {
                self.next_retry = Some(self.next_retry.map_or(at, |next| next.min(at)));
            }
            if let Some(queue) = self.queues.get_mut(&webhook) {
                queue.settle(outcome.delivery);
                if queue.has_more {
                    self.give_turn(webhook);
                }
            }
            self.forget_if_idle(webhook);
        }
        for (webhook, standing) in batch.standings {
            if standing.state == WebhookState::Failed {
                self.skip(webhook, standing.generation);
            }
        }
    }

    fn forget_if_idle(&mut self, webhook: WebhookId) {
        if self.queues.get(&webhook).is_some_and(Queue::is_idle) {
            self.queues.remove(&webhook);
        }
    }

    /// Gives up what a failed webhook was to be told.
    fn skip(&mut self, webhook: WebhookId, generation: i64) {
        self.writes.spawn(Written::skip(self.store.clone(), webhook, generation));
    }

    fn write<T: Send + 'static>(
        &mut self,
        work: impl FnMut(&mut dyn Connection) -> Result<T, StoreError> + Send + 'static,
    ) {
        self.writes.spawn(Written::change(self.store.clone(), work));
    }

    fn look_again(&mut self, error: &StoreError) {
        let error = error.clone();
        self.writes.spawn(Written::not_changed(error));
    }
}

/// Waits for the next retry, or for ever.
async fn retry_is_due(clock: &dyn Clock, at: Option<UnixMillis>) {
    match at {
        Some(at) => sleep_until(clock, at).await,
        None => pending().await,
    }
}
