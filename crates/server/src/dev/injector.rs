//! Decides which requests and which webhook deliveries fail. Every draw
//! depends on the seed, the rule and how often that rule was asked before, and
//! on nothing else: the same requests meet the same faults again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parlor_model::rest::dev::{FaultStatus, Faults};
use serde_json::{Value, json};

/// Longest time that all rules together hold an answer back.
const MAX_LATENCY: Duration = Duration::from_secs(60);

/// Where the draws for webhooks lie among those for rules.
const WEBHOOKS: u64 = u64::MAX;

/// The faults in force. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct FaultInjector {
    active: Arc<Mutex<Active>>,
}

#[derive(Debug, Default)]
struct Active {
    faults: Faults,
    /// One for each rule, in the same order.
    rules: Vec<RuleState>,
    webhooks: Tally,
}

#[derive(Debug)]
struct RuleState {
    /// The operation that the rule is about; `None`: all of them.
    operation: Option<&'static str>,
    tally: Tally,
}

/// How often a rule was asked, and how often it hit.
#[derive(Debug, Default)]
struct Tally {
    asked: u64,
    hits: u64,
}

/// What happens to one request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Strike {
    /// How long its answer is held back.
    pub(crate) latency: Duration,
    /// The answer it gets instead of the operation's.
    pub(crate) refusal: Option<Refusal>,
}

/// A status that is answered on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: FaultStatus,
    /// Seconds.
    pub(crate) retry_after: u64,
}

/// What happens to one attempt to deliver a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookStrike {
    /// How long it is held back.
    pub latency: Duration,
    /// Whether it is lost on the way: nothing is sent, and it has failed.
    pub is_dropped: bool,
}

impl FaultInjector {
    /// Puts `faults` in the place of those in force. `operations` names the
    /// operation of each rule, `None` where it is about all.
    pub(crate) fn set(&self, faults: Faults, operations: Vec<Option<&'static str>>) {
        let state = |operation| RuleState { operation, tally: Tally::default() };
        let rules = operations.into_iter().map(state).collect();
        self.with(|active| *active = Active { faults, rules, webhooks: Tally::default() });
    }

    /// Ends every fault.
    pub(crate) fn clear(&self) {
        self.set(Faults::default(), Vec::new());
    }

    /// What happens to a request of `operation`.
    pub(crate) fn strike(&self, operation: &str) -> Strike {
        self.with(|active| active.strike(operation))
    }

    /// What happens to an attempt to deliver a webhook.
    #[must_use]
    pub fn strike_webhook(&self) -> WebhookStrike {
        self.with(|active| {
            let Active { faults, webhooks, .. } = active;
            WebhookStrike {
                latency: Duration::from_millis(faults.webhooks.latency_ms),
                is_dropped: webhooks.draw(faults.seed, WEBHOOKS, faults.webhooks.drop),
            }
        })
    }

    /// The faults in force, and how often each has hit.
    pub(crate) fn to_json(&self) -> Value {
        self.with(|active| {
            let mut shown = json!(active.faults);
            for (index, rule) in active.rules.iter().enumerate() {
                shown["rules"][index]["hits"] = rule.tally.hits.into();
            }
            shown["webhooks"]["dropped"] = active.webhooks.hits.into();
            shown
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Active) -> T) -> T {
        // Counters stay consistent even if a thread panicked while holding them.
        work(&mut self.active.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Active {
    fn strike(&mut self, operation: &str) -> Strike {
        let mut strike = Strike::default();
        let rules = self.faults.rules.iter().zip(&mut self.rules).zip(0_u64..);
        for ((rule, state), number) in rules {
            let is_about = state.operation.is_none_or(|own| own == operation);
            let is_spent = rule.times.is_some_and(|times| state.tally.hits >= times);
            if !is_about || is_spent {
                continue;
            }
            if !state.tally.draw(self.faults.seed, number, rule.probability) {
                continue;
            }
            strike.latency += rule.latency();
            if let Some(status) = rule.status {
                strike.refusal = Some(Refusal { status, retry_after: rule.retry_after });
                break;
            }
        }
        strike.latency = strike.latency.min(MAX_LATENCY);
        strike
    }
}

impl Tally {
    /// Whether this rule hits this time.
    fn draw(&mut self, seed: u64, rule: u64, probability: f64) -> bool {
        let word = mix(mix(seed ^ mix(rule)).wrapping_add(self.asked));
        self.asked += 1;
        let is_hit = unit(word) < probability;
        self.hits += u64::from(is_hit);
        is_hit
    }
}

/// A word as a number from 0 to below 1, of its upper 53 bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
fn unit(word: u64) -> f64 {
    (word >> 11) as f64 / (1_u64 << 53) as f64
}

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014): one step of its output function.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Duration, FaultInjector, Faults};
    use serde_json::{Value, json};

    fn injector(body: &Value, operations: &[Option<&'static str>]) -> FaultInjector {
        let injector = FaultInjector::default();
        injector.set(Faults::parse(body.as_object().unwrap()).unwrap(), operations.to_vec());
        injector
    }

    fn statuses(injector: &FaultInjector, operation: &str, requests: usize) -> Vec<u16> {
        let status = |_| {
            let refusal = injector.strike(operation).refusal;
            refusal.map_or(0, |refusal| refusal.status.code())
        };
        (0..requests).map(status).collect()
    }

    #[test]
    fn same_seed_gives_the_same_faults_and_another_gives_others() {
        let rules = |seed: u64| json!({"seed": seed, "rules": [{"route": "*", "status": 503, "probability": 0.5}]});
        let run = |seed| statuses(&injector(&rules(seed), &[None]), "create_room", 64);
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).into_iter().filter(|status| *status == 503).count();
        assert!((20..=44).contains(&hits), "{hits} of 64 at one half");
    }

    #[test]
    fn requests_of_other_operations_do_not_change_the_draws() {
        let rules = json!({"rules": [{"route": "POST /rooms", "status": 500, "probability": 0.5}]});
        let alone = statuses(&injector(&rules, &[Some("create_room")]), "create_room", 32);
        let injector = injector(&rules, &[Some("create_room")]);
        let mixed: Vec<u16> = (0..32)
            .flat_map(|_| {
                assert_eq!(statuses(&injector, "list_rooms", 3), [0, 0, 0]);
                statuses(&injector, "create_room", 1)
            })
            .collect();
        assert_eq!(alone, mixed);
    }

    #[test]
    fn rule_hits_as_often_as_it_says() {
        let rules = json!({"rules": [{"route": "*", "status": 429, "times": 3}]});
        let injector = injector(&rules, &[None]);
        assert_eq!(statuses(&injector, "a", 5), [429, 429, 429, 0, 0]);
        assert_eq!(injector.to_json()["rules"][0]["hits"], 3);
        injector.clear();
        assert_eq!(injector.to_json()["rules"], json!([]));
    }

    #[test]
    fn latencies_add_up_until_a_status_ends_the_request() {
        let rules = json!({"rules": [
            {"route": "*", "latency_ms": 100},
            {"route": "*", "latency_ms": 20, "status": 500, "times": 1},
            {"route": "*", "latency_ms": 60_000},
        ]});
        let injector = injector(&rules, &[None, None, None]);
        assert_eq!(injector.strike("a").latency, Duration::from_millis(120));
        assert_eq!(injector.strike("a").latency, Duration::from_secs(60));
    }

    #[test]
    fn webhooks_are_dropped_by_their_own_draws() {
        let injector = injector(&json!({"webhooks": {"drop": 0.25, "latency_ms": 5}}), &[]);
        let dropped = (0..1000).filter(|_| injector.strike_webhook().is_dropped).count();
        assert!((200..300).contains(&dropped), "{dropped}");
        assert_eq!(injector.to_json()["webhooks"]["dropped"], dropped);
        assert_eq!(injector.strike_webhook().latency, Duration::from_millis(5));
    }
}
