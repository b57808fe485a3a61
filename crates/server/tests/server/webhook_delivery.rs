//! From an event to the receiver, and what is tried when it fails.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::receiver::{Conduct, Receiver};
use crate::support::{TestServer, until};
use crate::webhooks::with_receiver;

const SECOND: i64 = 1000;

#[tokio::test]
async fn an_event_is_posted_signed_and_logged() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({"hmac": "c2VjcmV0", "basicAuth": "dTpw"})).await;
    server.dispatch();
    server.happen("one").await;
    let received = receiver.next().await;
    assert_eq!(received.body, r#"{"version":"1.0.0","type":"meeting.started","id":"one"}"#);
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("authorization"), Some("Basic dTpw"));
    let timestamp = received.header("x-webhook-timestamp").unwrap();
    assert_eq!(timestamp, "1893456000");
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
    let signature = STANDARD.decode(received.header("x-webhook-signature").unwrap()).unwrap();
    let message = format!("{timestamp}.{}", received.body);
    hmac::verify(&key, message.as_bytes(), &signature).unwrap();

    server.until_states(&id, &["delivered"]).await;
    let attempt = &server.deliveries(&id).await[0]["attempts"][0];
    assert_eq!((&attempt["number"], &attempt["status"]), (&json!(1), &json!(200)));
    assert_eq!(attempt["request"]["body"], received.body);
    assert_eq!(attempt["request"]["headers"]["x-webhook-timestamp"], "1893456000");
    assert_eq!(attempt["request"]["headers"]["authorization"], Value::Null, "secrets stay out");
    assert_eq!(attempt["response"]["body"], "ok");
    let webhook = server.key().get(&format!("/v1/webhooks/{id}")).await.body;
    assert_eq!(webhook["lastMomentPushed"], "2030-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn what_happened_while_nobody_sent_is_sent_at_the_next_start_in_order() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    for event in ["a", "b", "c"] {
        server.happen(event).await;
    }
    server.dispatch();
    assert_eq!(receiver.events(3).await, ["a", "b", "c"]);
    server.until_states(&id, &["delivered"; 3]).await;
}

#[tokio::test]
async fn three_failures_in_a_row_stop_a_circuit_breaker() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    receiver.conduct(Conduct::Status(502));
    for event in ["a", "b", "c", "d", "e"] {
        server.happen(event).await;
    }
    server.dispatch();
    assert_eq!(receiver.events(3).await, ["a", "b", "c"]);
    let states = ["failed", "failed", "failed", "skipped", "skipped"];
    server.until_states(&id, &states).await;
    server.happen("f").await;
    server
        .until_states(&id, &["failed", "failed", "failed", "skipped", "skipped", "skipped"])
        .await;
    let path = format!("/v1/webhooks/{id}");
    let webhook = server.key().get(&path).await.body;
    assert_eq!((&webhook["state"], &webhook["failedCount"]), (&json!("FAILED"), &json!(3)));
    assert!(receiver.rest().is_empty(), "nothing is sent after the third");
    let log = format!("/v1/parlor/webhooks/{id}");
    let refused = server.key().post(&format!("{log}/replay"), json!({"since": 0})).await;
    assert!(refused.info().contains("has failed and is not sent to"), "{refused}");

    receiver.conduct(Conduct::Status(200));
    let changed = server.key().post(&path, json!({})).await;
    assert_eq!(
        (&changed.body["state"], &changed.body["failedCount"]),
        (&json!("ACTIVE"), &json!(0))
    );
    assert_eq!(receiver.next().await.body, r#"{"test":"test"}"#);
    server.happen("g").await;
    assert_eq!(receiver.events(1).await, ["g"], "what was skipped stays so");
    server
        .until_states(
            &id,
            &["failed", "failed", "failed", "skipped", "skipped", "skipped", "delivered"],
        )
        .await;
    let replayed = server.key().post(&format!("{log}/replay"), json!({"since": 0})).await;
    assert_eq!(replayed.body, json!({"queued": 7}));
    let mut again = receiver.events(7).await;
    again.sort();
    assert_eq!(again, ["a", "b", "c", "d", "e", "f", "g"], "with the same ids");
    server.until_states(&id, &["delivered"; 7]).await;
}

#[tokio::test]
async fn a_success_between_failures_keeps_a_circuit_breaker_running() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    let mut states = Vec::new();
    for (index, status) in [500, 500, 200, 500, 500, 200].into_iter().enumerate() {
        receiver.conduct(Conduct::Status(status));
        server.happen(&format!("event-{index}")).await;
        receiver.next().await;
        states.push(if status == 200 { "delivered" } else { "failed" });
        server.until_states(&id, &states).await;
    }
    assert_eq!(server.key().get(&format!("/v1/webhooks/{id}")).await.body["state"], "ACTIVE");
}

#[tokio::test]
async fn an_exponential_webhook_tries_five_times_further_and_further_apart() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({"retryType": "exponential"})).await;
    let mut punctual = Receiver::start().await;
    let other = server.webhook(&mut punctual, json!({"eventTypes": ["meeting.ended"]})).await;
    receiver.conduct(Conduct::Status(500));
    server.dispatch();
    server.happen("one").await;
    assert_eq!(receiver.events(1).await, ["one"]);
    for (tries, longest) in [(1, 15), (2, 60), (3, 240), (4, 900)] {
        let wait = wait_for_retry(&server, &id, tries).await;
        assert!((longest * SECOND / 2..=longest * SECOND).contains(&wait), "{tries}: {wait}");
        server.clock.advance_millis(wait - 1);
        // What is due by now has gone out before this, or along with it.
        server.happen_as(&format!("barrier-{tries}"), "meeting.ended").await;
        punctual.next().await;
        server.until_states(&other, &vec!["delivered"; tries]).await;
        assert_eq!(attempts(&server, &id).await, tries, "not before its time");
        assert!(receiver.rest().is_empty(), "not before its time");
        server.clock.advance_millis(1);
        assert_eq!(receiver.events(1).await, ["one"]);
    }
    server.until_states(&id, &["failed"]).await;
    let webhook = server.key().get(&format!("/v1/webhooks/{id}")).await.body;
    assert_eq!((&webhook["state"], &webhook["failedCount"]), (&json!("ACTIVE"), &json!(5)));
    let numbers: Vec<_> = server.deliveries(&id).await[0]["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

/// How many milliseconds there are to the next try, once so many were made.
async fn wait_for_retry(server: &TestServer, id: &str, tries: usize) -> i64 {
    until(async || {
        let made = attempts(server, id).await;
        if made == tries { Ok(()) } else { Err(format!("try {tries} after {made}")) }
    })
    .await;
    let next = server.store.read(|c| parlor_store::webhooks::next_due(c, server.clock_now()));
    next.unwrap().unwrap().millis_since(server.clock_now())
}

/// How often the webhook's newest delivery was tried.
async fn attempts(server: &TestServer, id: &str) -> usize {
    server.deliveries(id).await[0]["attempts"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_hold_retries_up() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({"retryType": "exponential"})).await;
    receiver.conduct(Conduct::Status(500));
    server.dispatch();
    server.happen("one").await;
    receiver.next().await;
    let wait = wait_for_retry(&server, &id, 1).await;
    server.clock.advance(-86_400);
    until(async || {
        let next = server.store.read(|c| parlor_store::webhooks::next_due(c, server.clock_now()));
        let next = next.unwrap().unwrap().millis_since(server.clock_now());
        if next <= wait { Ok(()) } else { Err(format!("a retry in {wait} ms, not in {next}")) }
    })
    .await;
    receiver.conduct(Conduct::Status(200));
    server.clock.advance_millis(wait);
    assert_eq!(receiver.events(1).await, ["one"]);
    server.happen("two").await;
    assert_eq!(receiver.events(1).await, ["two"], "a first try waits for no time of day");
    server.until_states(&id, &["delivered"; 2]).await;
}

#[tokio::test]
async fn a_delivery_is_resent_with_the_same_event_id() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    server.happen("one").await;
    let first = receiver.next().await;
    server.until_states(&id, &["delivered"]).await;
    let delivery = server.deliveries(&id).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/parlor/webhooks/{id}/deliveries/{delivery}/resend");
    let queued = server.key().post(&path, json!({})).await;
    assert_eq!((&queued.body["state"], &queued.body["id"]), (&json!("pending"), &json!(delivery)));
    assert_eq!(receiver.next().await.body, first.body);
    server.until_states(&id, &["delivered"]).await;
    assert_eq!(server.deliveries(&id).await[0]["attempts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_replay_sends_what_is_not_older() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    for event in ["a", "b", "c"] {
        server.happen(event).await;
        receiver.next().await;
        server.clock.advance(10);
    }
    server.until_states(&id, &["delivered"; 3]).await;
    let since = server.now() - 20;
    let path = format!("/v1/parlor/webhooks/{id}/replay");
    let replayed = server.key().post(&path, json!({"since": since})).await;
    assert_eq!(replayed.body, json!({"queued": 2}));
    assert_eq!(receiver.events(2).await, ["b", "c"]);
}

#[tokio::test]
async fn a_changed_address_takes_over_what_waits() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({"retryType": "exponential"})).await;
    receiver.conduct(Conduct::Status(500));
    server.dispatch();
    server.happen("one").await;
    receiver.next().await;
    wait_for_retry(&server, &id, 1).await;
    let mut elsewhere = Receiver::start().await;
    let path = format!("/v1/webhooks/{id}");
    server.key().post(&path, json!({"url": elsewhere.url()})).await;
    assert_eq!(elsewhere.next().await.body, r#"{"test":"test"}"#);
    server.clock.advance(15);
    assert_eq!(elsewhere.events(1).await, ["one"]);
    server.until_states(&id, &["delivered"]).await;
}

#[tokio::test]
async fn a_stop_waits_for_what_is_on_its_way() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    let stop = server.dispatch();
    server.happen("one").await;
    receiver.next().await;
    stop.cancel();
    server.until_states(&id, &["delivered"]).await;
    server.happen("two").await;
    server.until_states(&id, &["delivered", "pending"]).await;
    server.dispatch();
    assert_eq!(receiver.events(1).await, ["two"]);
}

#[tokio::test]
async fn old_deliveries_are_purged() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    server.happen("old").await;
    receiver.next().await;
    server.until_states(&id, &["delivered"]).await;
    server.clock.advance(14 * 86_400);
    server.happen("new").await;
    receiver.next().await;
    server.jobs().run_round().await;
    server.until_states(&id, &["delivered", "delivered"]).await;
    server.clock.advance(1);
    server.jobs().run_round().await;
    let events: Vec<_> = server.deliveries(&id).await;
    assert_eq!((events.len(), &events[0]["event"]["id"]), (1, &json!("new")));
}

#[tokio::test]
async fn a_join_hook_is_told_once_when_its_participant_joins() {
    let (mut server, mut receiver) = with_receiver().await;
    server.key().create_room("hooked", json!({"meeting_join_hook": receiver.url()})).await;
    let join = server.anonymous().post("/_parlor/join", json!({"room": "hooked"})).await;
    let participant = join.body["participant"].as_str().unwrap();
    receiver.conduct(Conduct::Status(500));
    server.dispatch();
    let joined = format!("ptcp-join-{participant}-1-1893456000000");
    server.happen_as(&joined, "participant.joined").await;
    let received = receiver.next().await;
    assert_eq!(received.event(), joined);
    assert_eq!(received.header("x-webhook-signature"), None, "nobody knows a key");
    server.clock.advance(86_400);
    server.key().create_room("plain", json!({})).await;
    server.anonymous().post("/_parlor/join", json!({"room": "plain"})).await;
    let mut other = Receiver::start().await;
    let id = server.webhook(&mut other, json!({})).await;
    server.happen("one").await;
    server.until_states(&id, &["delivered"]).await;
    assert!(receiver.rest().is_empty(), "one try");
    assert_eq!(server.key().get("/v1/webhooks").await.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_attempt_is_in_the_log_of_requests() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({"basicAuth": "sesame"})).await;
    server.dispatch();
    server.happen("one").await;
    let received = receiver.next().await;
    server.until_states(&id, &["delivered"]).await;
    // The request that made the webhook, the attempt, and the look at its deliveries.
    server.wait_for_logged(3).await;
    let log = server.key().get("/v1/logs/api?source=webhook").await;
    let entry = &log.body[0];
    assert_eq!((&entry["userId"], &entry["status"]), (&json!(id), &json!(200)), "{log}");
    assert_eq!((&entry["request"], &entry["response"]), (&json!(received.body), &json!("ok")));
    assert_eq!(log.body.as_array().unwrap().len(), 1, "{log}");
    let all = server.key().get("/v1/logs/api").await;
    assert!(!all.text.contains("sesame"), "{all}");
}
