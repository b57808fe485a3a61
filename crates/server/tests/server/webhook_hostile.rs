//! Receivers that lie, hang, drip or send without end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::receiver::{Conduct, Receiver};
use crate::support::TestServer;
use crate::webhooks::with_settings;

/// A server whose attempts end soon, sending to a webhook.
async fn with_webhook() -> (TestServer, Receiver, String) {
    let server = with_settings(|settings| settings.attempt = Duration::from_millis(400));
    let (mut server, mut receiver) = (server.await, Receiver::start().await);
    let id = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    (server, receiver, id)
}

/// What the log says of the one attempt when a receiver behaves so.
async fn attempt(conduct: Conduct, state: &str) -> Value {
    let (server, mut receiver, id) = with_webhook().await;
    receiver.conduct(conduct);
    server.happen("one").await;
    receiver.next().await;
    server.until_states(&id, &[state]).await;
    let attempt = server.deliveries(&id).await[0]["attempts"][0].clone();
    server.happen("two").await;
    receiver.next().await;
    attempt
}

/// A chunk of 16 bytes, a NUL among them.
const ENDLESS_CHUNK: &[u8] = b"10\r\n\0aaaaaaaaaaaaaaa\r\n";

fn bytes(text: &str) -> Conduct {
    Conduct::Bytes(text.as_bytes().to_vec())
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let mut elsewhere = Receiver::start().await;
    let answer =
        format!("HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url());
    let attempt = attempt(bytes(&answer), "failed").await;
    assert_eq!(attempt["status"], 302);
    assert_eq!(attempt["response"]["headers"]["location"], elsewhere.url());
    assert!(elsewhere.rest().is_empty());
}

#[tokio::test]
async fn other_successes_than_200_are_failures() {
    assert_eq!(attempt(Conduct::Status(204), "failed").await["status"], 204);
}

#[tokio::test]
async fn a_body_shorter_than_its_length_is_an_arrival_all_the_same() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort";
    let attempt = attempt(bytes(short), "delivered").await;
    assert_eq!((&attempt["status"], &attempt["response"]["body"]), (&json!(200), &json!("short")));
    assert_eq!(attempt["response"]["isCut"], true);
    assert!(attempt["error"].is_string(), "{attempt}");
}

#[tokio::test]
async fn a_body_longer_than_its_length_is_ignored_beyond_it() {
    let long = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and some more";
    assert_eq!(attempt(bytes(long), "delivered").await["response"]["body"], "ok");
}

#[tokio::test]
async fn a_length_that_is_none_is_a_failure() {
    for length in ["-1", "many", "2\r\ncontent-length: 3", "99999999999999999999"] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\nok");
        let attempt = attempt(bytes(&answer), "failed").await;
        assert_eq!(attempt["status"], Value::Null, "{length}: {attempt}");
    }
}

#[tokio::test]
async fn an_endless_body_is_read_for_a_while_and_cut() {
    let attempt = attempt(
        Conduct::Endless {
            head: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            again: ENDLESS_CHUNK,
            every: Duration::ZERO,
        },
        "delivered",
    )
    .await;
    assert_eq!(attempt["response"]["isCut"], true);
    assert!(attempt["response"]["body"].as_str().unwrap().len() <= 3 * 4096);
}

#[tokio::test]
async fn endless_headers_are_a_failure() {
    let again = b"x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    let endless = Conduct::Endless { head: "HTTP/1.1 200 OK\r\n", again, every: Duration::ZERO };
    let attempt = attempt(endless, "failed").await;
    assert_eq!(attempt["status"], Value::Null, "{attempt}");
}

#[tokio::test]
async fn a_receiver_that_drips_its_head_fails_when_the_time_is_over() {
    let every = Duration::from_millis(50);
    let drip = Conduct::Endless { head: "HTTP/1.1 200 OK\r\nx: ", again: b"y", every };
    let attempt = attempt(drip, "failed").await;
    assert_eq!(attempt["error"], "no answer in time");
    assert!((400..5_000).contains(&attempt["latencyMs"].as_u64().unwrap()), "{attempt}");
}

#[tokio::test]
async fn a_receiver_that_drips_its_body_has_the_event() {
    let every = Duration::from_millis(50);
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n";
    let attempt = attempt(Conduct::Endless { head, again: b"y", every }, "delivered").await;
    assert_eq!(attempt["error"], "the answer did not end in time");
}

#[tokio::test]
async fn what_is_not_http_is_a_failure() {
    let attempt = attempt(bytes("SSH-2.0-OpenSSH_9.9\r\n"), "failed").await;
    assert!(attempt["error"].as_str().unwrap().contains("error sending request"), "{attempt}");
}

#[tokio::test]
async fn a_tls_handshake_that_fails_is_a_failure() {
    let (server, mut receiver, id) = with_webhook().await;
    // Changed in the records: through the API it would be tested first.
    let address = receiver.address;
    let uuid = id.parse().unwrap();
    let key = server.store.master_key().clone();
    server
        .store
        .write(move |c| {
            let webhook = parlor_store::webhooks::find_of_any(c, uuid)?.unwrap();
            let content = parlor_store::webhooks::Content {
                url: format!("https://{address}/"),
                hmac: webhook.hmac(&key)?,
                basic_auth: None,
                retry: parlor_model::rest::webhooks::RetryType::CircuitBreaker,
                event_types: webhook.event_types.clone(),
            };
            let changed = webhook.changed(&content, webhook.updated_at, &key)?;
            parlor_store::webhooks::change(c, &changed)
        })
        .await
        .unwrap();
    server.happen("one").await;
    server.until_states(&id, &["failed"]).await;
    let attempt = &server.deliveries(&id).await[0]["attempts"][0];
    assert_eq!(attempt["status"], Value::Null);
    assert!(receiver.rest().is_empty());
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_up_nobody_else() {
    let server = with_settings(|settings| settings.max_count = 100).await;
    let mut server = server;
    let mut silent = Receiver::start().await;
    let mut prompt = Receiver::start().await;
    for _ in 0..20 {
        server.webhook(&mut silent, json!({"retryType": "exponential"})).await;
    }
    let id = server.webhook(&mut prompt, json!({})).await;
    silent.conduct(Conduct::Silence);
    server.dispatch();
    let events: Vec<String> = (0..50).map(|index| format!("event-{index:02}")).collect();
    for event in &events {
        server.happen(event).await;
    }
    let mut received = prompt.events(50).await;
    received.sort();
    assert_eq!(received, events);
    server.until_states(&id, &["delivered"; 50]).await;
}
