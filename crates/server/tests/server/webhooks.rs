//! `/webhooks` and `/parlor/webhooks`: the records and the log.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use parlor_model::key_permission::KeyPermission;
use parlor_model::time::UnixMillis;
use parlor_server::{Clock as _, Dispatcher, WebhookSettings};
use parlor_store::webhooks::{self as records, NewEvent};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::receiver::{Conduct, Receiver};
use crate::support::{Answer, TestServer, until};

/// A server whose webhooks may go to this machine, and a receiver.
pub(crate) async fn with_receiver() -> (TestServer, Receiver) {
    let server = with_settings(|_| {}).await;
    (server, Receiver::start().await)
}

/// A server whose webhooks may go to this machine.
pub(crate) async fn with_settings(change: impl FnOnce(&mut WebhookSettings)) -> TestServer {
    TestServer::with(|settings| {
        settings.webhooks.allows_private_addresses = true;
        change(&mut settings.webhooks);
    })
    .await
}

/// Short ways to webhooks.
impl TestServer {
    /// Sends what is in the outbox, until the test ends or cancels it.
    pub(crate) fn dispatch(&mut self) -> CancellationToken {
        let stop = CancellationToken::new();
        let clock = Arc::clone(&self.jobs().clock);
        let dispatcher = Dispatcher::new(self.store.clone(), clock, self.webhooks.clone());
        self.tasks.spawn(dispatcher.run(stop.clone()));
        stop
    }

    /// The time on the server.
    pub(crate) fn clock_now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// Makes a webhook for meetings that begin, and says its id.
    pub(crate) async fn webhook(&self, receiver: &mut Receiver, more: Value) -> String {
        let mut body = json!({"url": receiver.url(), "eventTypes": ["meeting.started"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.key().post("/v1/webhooks", body).await;
        assert_eq!(made.status, StatusCode::OK, "{made}");
        assert_eq!(receiver.next().await.body, r#"{"test":"test"}"#);
        made.body["uuid"].as_str().unwrap().to_owned()
    }

    /// Lets a meeting begin.
    pub(crate) async fn happen(&self, id: &str) {
        self.happen_as(id, "meeting.started").await;
    }

    /// Lets something of this type happen.
    pub(crate) async fn happen_as(&self, id: &str, event_type: &'static str) {
        let (org_id, at, id) = (self.org, self.clock_now(), id.to_owned());
        let body = json!({"version": "1.0.0", "type": event_type, "id": id}).to_string();
        let enqueue = move |c: &mut dyn parlor_store::Connection| {
            records::enqueue(c, &NewEvent { org_id, id: &id, event_type, body: &body, at })
        };
        self.store.write(enqueue).await.unwrap();
        self.webhooks.bell().ring();
    }

    /// The deliveries of a webhook, newest first.
    pub(crate) async fn deliveries(&self, webhook: &str) -> Vec<Value> {
        let path = format!("/v1/parlor/webhooks/{webhook}/deliveries");
        let answer = self.key().get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        answer.body["data"].as_array().unwrap().clone()
    }

    /// The states of the deliveries, oldest first, once they are these.
    pub(crate) async fn until_states(&self, webhook: &str, wanted: &[&str]) {
        until(async || {
            let mut log = self.deliveries(webhook).await;
            log.reverse();
            let is_so = log.iter().map(|one| &one["state"]).eq(wanted);
            if is_so { Ok(()) } else { Err(format!("{wanted:?} of {log:#?}")) }
        })
        .await;
    }
}

#[tokio::test]
async fn a_webhook_is_made_once_its_address_has_answered_the_test() {
    let (server, mut receiver) = with_receiver().await;
    let body = json!({
        "url": receiver.url(), "hmac": "c2VjcmV0", "basicAuth": "dTpw",
        "eventTypes": ["meeting.started", "meeting.ended"],
    });
    let made = server.key().post("/v1/webhooks", body).await;
    let id = made.body["uuid"].as_str().unwrap().to_owned();
    let shown = made.to_string().replace(&receiver.url(), "[url]");
    assert_snapshot!(shown, @r#"200 {"uuid":"[id]","url":"[url]","hmac":"c2VjcmV0","basicAuth":"dTpw","retryType":"circuit-breaker","eventTypes":["meeting.started","meeting.ended"],"state":"ACTIVE","failedCount":0,"lastMomentPushed":null,"domainId":"[id]","createdAt":"2030-01-01T00:00:00.000Z","updatedAt":"2030-01-01T00:00:00.000Z"}"#);
    let test = receiver.next().await;
    assert_eq!(
        (test.line.as_str(), test.body.as_str()),
        ("POST /hook HTTP/1.1", r#"{"test":"test"}"#)
    );
    assert_eq!(test.header("authorization"), Some("Basic dTpw"));
    assert!(test.header("x-webhook-signature").is_some());
    let listed = server.key().get("/v1/webhooks").await;
    assert_eq!(listed.body, json!([made.body]));
    assert_eq!(server.key().get(&format!("/v1/webhooks/{id}/")).await.body, made.body);
}

#[tokio::test]
async fn an_address_that_does_not_answer_200_is_not_saved() {
    let server = with_settings(|settings| settings.attempt = std::time::Duration::from_millis(200));
    let (server, receiver) = (server.await, Receiver::start().await);
    let create = async || {
        server.key().post("/v1/webhooks", json!({"url": receiver.url()})).await.to_string()
    };
    for status in [201, 204, 302, 404, 500] {
        receiver.conduct(Conduct::Status(status));
        let wanted = format!("non-200 status code returned from webhook endpoint, recvd {status}");
        let answer = create().await;
        assert!(answer.contains(&wanted) && answer.starts_with("400"), "{answer}");
    }
    receiver.conduct(Conduct::Silence);
    assert_snapshot!(create().await, @r#"400 {"error":"invalid-request-error","info":"non-200 status code returned from webhook endpoint, recvd undefined"}"#);
    assert_eq!(server.key().get("/v1/webhooks").await.body, json!([]));
}

#[tokio::test]
async fn what_is_left_out_has_its_default() {
    let (server, receiver) = with_receiver().await;
    let made = server.key().post("/v1/webhooks", json!({"url": receiver.url()})).await;
    assert_eq!(made.body["hmac"].as_str().unwrap().len(), 44, "32 bytes in base64");
    assert_eq!(made.body["eventTypes"].as_array().unwrap().len(), 32);
    assert_eq!(made.body["retryType"], "circuit-breaker");
    assert_eq!(made.body["basicAuth"], Value::Null);
}

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_before_anything_is_sent() {
    let (server, mut receiver) = with_receiver().await;
    let url = receiver.url();
    let cases = [
        (json!({}), "missing required field 'url'"),
        (json!({"url": 5}), "\"url\" must be a string [Received url=5]"),
        (json!({"url": "ftp://x.example"}), "\"url\" must be a valid uri"),
        (json!({"url": "http://"}), "\"url\" must be a valid uri"),
        (json!({"url": "http://u:p@x.example/"}), "use basicAuth"),
        (json!({"url": url, "scope": "all"}), "\"scope\" is not allowed [Received scope=\"all\"]"),
        (
            json!({"url": url, "eventTypes": ["meeting.began"]}),
            "\"eventTypes[0]\" must be one of [",
        ),
        (json!({"url": url, "eventTypes": "meeting.started"}), "\"eventTypes\" must be an array"),
        (
            json!({"url": url, "retryType": "never"}),
            "\"retryType\" must be one of [circuit-breaker, exponential]",
        ),
        (json!({"url": url, "hmac": "näh"}), "\"hmac\" must be a valid base64 string"),
        (json!({"url": url, "basicAuth": "a\r\nX: y"}), "\"basicAuth\" must be printable ASCII"),
    ];
    for (body, info) in cases {
        let answer = server.key().post("/v1/webhooks", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer.info().contains(info), "{answer}");
    }
    for body in ["[]", "{", "\"x\"", "nul", "{\"url\":"] {
        let answer = server.key().send(Method::POST, "/v1/webhooks", body.to_owned()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {answer}");
    }
    assert!(receiver.rest().is_empty());
}

#[tokio::test]
async fn a_private_address_is_refused_unless_the_setting_allows_it() {
    let server = TestServer::start().await;
    let mut receiver = Receiver::start().await;
    let port = receiver.address.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let body = json!({"url": format!("http://{host}:{port}/")});
        let answer = server.key().post("/v1/webhooks", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
        let wanted = "non-200 status code returned from webhook endpoint, recvd undefined (";
        assert!(answer.info().starts_with(wanted), "{answer}");
        assert!(answer.info().contains("webhooks.allow_private_addresses"), "{answer}");
    }
    assert!(receiver.rest().is_empty());
}

#[tokio::test]
async fn a_domain_has_as_many_webhooks_as_the_setting_says() {
    let server = with_settings(|settings| settings.max_count = 2).await;
    let mut receiver = Receiver::start().await;
    for _ in 0..2 {
        server.webhook(&mut receiver, json!({})).await;
    }
    let answer = server.key().post("/v1/webhooks", json!({"url": receiver.url()})).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"the domain has 2 webhooks, which is the most it may have (max_webhook_count): delete one first"}"#);
    assert_eq!(server.key().get("/v1").await.body["config"]["max_webhook_count"], 2);
    let other = server.other_org().post("/v1/webhooks", json!({"url": receiver.url()})).await;
    assert_eq!(other.status, StatusCode::OK, "{other}");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name_and_tests_the_address_again() {
    let (server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({"hmac": "c2VjcmV0", "basicAuth": "dTpw"})).await;
    let path = format!("/v1/webhooks/{id}");
    server.clock.advance(5);
    let change = json!({"retryType": "exponential", "basicAuth": null});
    let changed = server.key().post(&path, change).await;
    assert_eq!(changed.body["retryType"], "exponential", "{changed}");
    assert_eq!(
        (&changed.body["hmac"], &changed.body["basicAuth"]),
        (&json!("c2VjcmV0"), &Value::Null)
    );
    assert_eq!(changed.body["updatedAt"], "2030-01-01T00:00:05.000Z");
    assert_eq!(receiver.next().await.header("authorization"), None);

    receiver.conduct(Conduct::Status(503));
    let refused = server.key().post(&path, json!({"eventTypes": []})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.key().get(&path).await.body, changed.body, "nothing was saved");
}

#[tokio::test]
async fn a_deleted_webhook_is_gone_and_told_nothing_more() {
    let (mut server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    server.happen("before").await;
    let gone = server.key().delete(&format!("/v1/webhooks/{id}")).await;
    assert_snapshot!(gone, @"200 {}");
    server.happen("after").await;
    let other = server.webhook(&mut receiver, json!({})).await;
    server.dispatch();
    server.happen("last").await;
    server.until_states(&other, &["delivered"]).await;
    assert_eq!(receiver.rest().len(), 1);
    let answer = server.key().get(&format!("/v1/webhooks/{id}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.info(), format!("webhook {id} not found"));
}

/// Every operation on one webhook, with a delivery of it.
async fn try_all(caller: &crate::support::Caller<'_>, id: &str, delivery: &str) -> Vec<Answer> {
    let log = format!("/v1/parlor/webhooks/{id}");
    vec![
        caller.get(&format!("/v1/webhooks/{id}")).await,
        caller.post(&format!("/v1/webhooks/{id}"), json!({})).await,
        caller.get(&format!("{log}/deliveries")).await,
        caller.post(&format!("{log}/deliveries/{delivery}/resend"), json!({})).await,
        caller.post(&format!("{log}/replay"), json!({"since": 0})).await,
        caller.delete(&format!("/v1/webhooks/{id}")).await,
    ]
}

#[tokio::test]
async fn another_organization_and_unknown_ids_get_404() {
    let (server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    server.happen("one").await;
    let delivery = server.deliveries(&id).await[0]["id"].as_str().unwrap().to_owned();
    for answer in try_all(&server.other_org(), &id, &delivery).await {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer}");
        assert_eq!(answer.info(), format!("webhook {id} not found"));
    }
    assert_eq!(server.other_org().get("/v1/webhooks").await.body, json!([]));
    for unknown in ["nobody", "%20", "a%2Fb", "7d9f1c3e-2b4a-4d6e-8f0a-1b2c3d4e5f60"] {
        for answer in try_all(&server.key(), unknown, &delivery).await {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}: {answer}");
        }
    }
    for unknown in ["nobody", id.as_str()] {
        let path = format!("/v1/parlor/webhooks/{id}/deliveries/{unknown}/resend");
        let answer = server.key().post(&path, json!({})).await;
        assert_eq!(answer.info(), format!("delivery {unknown} not found"), "{answer}");
    }
    let garbled = server.key().get("/v1/webhooks/%ff").await;
    assert_eq!(garbled.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn reading_and_writing_are_permissions_of_their_own() {
    let (server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    let reader = server.limited_key(KeyPermission::ReadWebhooks).await;
    let stranger = server.limited_key(KeyPermission::WriteRooms).await;
    let may: Vec<_> = try_all(&server.bearer(&reader), &id, &id).await;
    let forbidden: Vec<_> = may.iter().map(|one| one.status == StatusCode::FORBIDDEN).collect();
    assert_eq!(forbidden, [false, true, false, true, true, true]);
    for answer in try_all(&server.bearer(&stranger), &id, &id).await {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer}");
    }
}

#[tokio::test]
async fn the_log_is_paged_and_its_queries_are_checked() {
    let (server, mut receiver) = with_receiver().await;
    let id = server.webhook(&mut receiver, json!({})).await;
    for event in ["a", "b", "c"] {
        server.happen(event).await;
    }
    let path = format!("/v1/parlor/webhooks/{id}/deliveries");
    let page = server.key().get(&format!("{path}?limit=2")).await;
    assert_eq!(page.body["total_count"], 3);
    assert_eq!(page.body["data"][1]["event"], json!({"id": "b", "type": "meeting.started"}));
    let last = page.body["data"][1]["id"].as_str().unwrap();
    let page = server.key().get(&format!("{path}?starting_after={last}")).await;
    assert_eq!(page.body["data"][0]["event"]["id"], "a");
    for bad in ["limit=0", "limit=x", "starting_after=nobody", "starting_after=a&ending_before=b"] {
        let answer = server.key().get(&format!("{path}?{bad}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer}");
    }
    for bad in [json!({}), json!({"since": "x"}), json!({"since": -1}), json!({"until": 1})] {
        let answer = server.key().post(&format!("/v1/parlor/webhooks/{id}/replay"), bad).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    }
}
