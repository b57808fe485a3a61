//! What a webhook was promised comes, whatever happens in between.

use axum::http::StatusCode;
use parlor_server::Dispatcher;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::receiver::{Conduct, Receiver};
use crate::support::{TestServer, until};
use crate::webhooks::{with_receiver, with_settings};

/// An emulator whose webhooks may go to this machine.
async fn emulator() -> TestServer {
    TestServer::emulator(|settings| settings.webhooks.allows_private_addresses = true).await
}

#[tokio::test]
async fn events_go_on_arriving_after_all_of_them_were_purged() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    for event in ["a", "b", "c"] {
        server.happen(event).await;
        assert_eq!(receiver.events(1).await, [event]);
    }
    server.until_states(&id, &["delivered"; 3]).await;
    server.clock.advance(15 * 86_400);
    server.jobs().run_round().await;
    assert!(server.deliveries(&id).await.is_empty());
    server.happen("d").await;
    assert_eq!(receiver.events(1).await, ["d"]);
}

#[tokio::test]
async fn events_go_on_arriving_after_a_reset() {
    let (mut server, mut receiver) = (emulator().await, Receiver::start().await);
    let id = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    for event in ["a", "b", "c"] {
        server.happen(event).await;
        assert_eq!(receiver.events(1).await, [event]);
    }
    server.until_states(&id, &["delivered"; 3]).await;
    let answer = server.key().post("/_dev/reset", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    let id = server.webhook(&mut receiver, json!({})).await;
    server.happen("a").await;
    assert_eq!(receiver.events(1).await, ["a"]);
    server.until_states(&id, &["delivered"]).await;
}

#[tokio::test]
async fn what_is_resent_while_it_is_sent_is_sent_again() {
    let short = |settings: &mut parlor_server::WebhookSettings| {
        settings.attempt = std::time::Duration::from_millis(500);
    };
    let (mut server, mut receiver) = (with_settings(short).await, Receiver::start().await);
    let id = server.webhook(&mut receiver, json!({})).await;
    receiver.conduct(Conduct::Silence);
    server.dispatch();
    server.happen("one").await;
    let first = receiver.next().await;
    let delivery = server.deliveries(&id).await[0]["id"].as_str().unwrap().to_owned();
    receiver.conduct(Conduct::Status(200));
    let path = format!("/v1/parlor/webhooks/{id}/deliveries/{delivery}/resend");
    assert_eq!(server.key().post(&path, json!({})).await.status, StatusCode::OK);
    assert_eq!(receiver.next().await.body, first.body);
    server.until_states(&id, &["delivered"]).await;
    let log = server.deliveries(&id).await.remove(0);
    let attempts = log["attempts"].as_array().unwrap().iter();
    let made: Vec<_> = attempts.map(|one| (one["number"].clone(), one["status"].clone())).collect();
    assert_eq!(made, [(json!(1), json!(null)), (json!(2), json!(200))]);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_asked_to_try_again() {
    let (server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    let path = format!("/v1/webhooks/{id}");
    let key = server.key();
    let (one, other) = tokio::join!(
        key.post(&path, json!({"retryType": "exponential"})),
        key.post(&path, json!({"eventTypes": ["meeting.ended"]})),
    );
    let (kept, refused) = if one.status == StatusCode::OK { (one, other) } else { (other, one) };
    assert_eq!((kept.status, refused.status), (StatusCode::OK, StatusCode::BAD_REQUEST));
    assert_eq!(refused.info(), format!("webhook {id} was changed meanwhile; try again"));
    assert_eq!(server.key().get(&path).await.body, kept.body);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_attempts_that_faults_hold_back() {
    let (server, mut receiver) = (emulator().await, Receiver::start().await);
    let id = server.webhook(&mut receiver, json!({})).await;
    let faults = json!({"webhooks": {"latency_ms": 60_000, "drop": 1}});
    let answer = server.key().post("/_dev/faults", faults).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    let clock = server.jobs().clock.clone();
    let dispatcher = Dispatcher::new(server.store.clone(), clock, server.webhooks.clone());
    let (stop, mut running) = (CancellationToken::new(), JoinSet::new());
    running.spawn(dispatcher.run(stop.clone()));
    server.happen("one").await;
    until(async || {
        let faults = server.key().get("/_dev/faults").await.body;
        if faults["webhooks"]["dropped"] == 1 { Ok(()) } else { Err(faults) }
    })
    .await;
    stop.cancel();
    let stopped = tokio::time::timeout(std::time::Duration::from_secs(10), running.join_next());
    stopped.await.expect("it stops at once").unwrap().unwrap();
    let log = server.deliveries(&id).await;
    assert_eq!((&log[0]["state"], &log[0]["attempts"]), (&json!("pending"), &json!([])));
}
