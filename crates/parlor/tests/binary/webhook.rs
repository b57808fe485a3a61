//! `parlor webhook`, with a receiver on this machine.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::person::Person;
use super::process::{Dev, failure};

/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(50);

/// Answers 200 to every request, and says the body of each.
fn receiver() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, received) = sync_channel(100);
    // Ends with the test's process: it waits for connections until then.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut bytes = [0; 4096];
            while body(&request).is_none() {
                match stream.read(&mut bytes).unwrap() {
                    0 => break,
                    count => request.extend_from_slice(&bytes[..count]),
                }
            }
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
            stream.write_all(answer).unwrap();
            if sender.send(body(&request).unwrap_or_default()).is_err() {
                return;
            }
        }
    });
    (url, received)
}

/// The body, once it is all there.
fn body(request: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(request).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    (body.len() >= length).then(|| body.to_owned())
}

/// Makes a webhook for meetings that begin.
fn webhook(dev: &Dev, url: &str) -> Value {
    let body = json!({"url": url, "eventTypes": ["meeting.started"]}).to_string();
    let (status, webhook) = dev.request(dev.key(), "POST", "/v1/webhooks", &body);
    assert_eq!(status, 200, "{webhook}");
    webhook
}

#[test]
fn webhooks_are_listed_and_their_log_is_empty_at_first() {
    let dev = Dev::start_with(|command| command);
    assert_eq!(dev.cli_text(&["webhook", "list"]), "no webhooks; POST /v1/webhooks makes one\n");
    let (url, received) = receiver();
    let made = webhook(&dev, &url);
    assert_eq!(received.recv_timeout(PATIENCE).unwrap(), r#"{"test":"test"}"#);
    assert_eq!(dev.cli_json(&["webhook", "list"]), json!([made]));
    let uuid = made["uuid"].as_str().unwrap();
    let text = dev.cli_text(&["webhook", "list"]);
    assert!(text.contains(uuid) && text.contains("ACTIVE") && text.contains(&url), "{text}");
    assert_eq!(dev.cli_json(&["webhook", "deliveries", uuid]), json!([]));
    let text = dev.cli_text(&["webhook", "deliveries", uuid]);
    assert_eq!(text, "nothing was sent to this webhook\n");
    let replayed = dev.cli_json(&["webhook", "replay", uuid, "--since", "1h"]);
    assert_eq!(replayed, json!({"queued": 0}));
}

#[test]
fn delivery_is_shown_resent_and_replayed() {
    let dev = Dev::start_with(|command| command);
    let (url, received) = receiver();
    let uuid = webhook(&dev, &url)["uuid"].as_str().unwrap().to_owned();
    assert_eq!(received.recv_timeout(PATIENCE).unwrap(), r#"{"test":"test"}"#);
    dev.cli_json(&["room", "create", "--name", "standup"]);
    let _ana = Person::enter(&dev, "standup");
    let told = received.recv_timeout(PATIENCE).unwrap();

    let deliveries = dev.cli_json(&["webhook", "deliveries", &uuid]);
    let id = deliveries[0]["id"].as_str().unwrap();
    assert_eq!(deliveries[0]["event"]["type"], "meeting.started");
    let text = dev.cli_text(&["webhook", "deliveries", &uuid]);
    assert!(text.contains(id) && text.contains("meeting.started"), "{text}");

    dev.cli_json(&["webhook", "resend", &uuid, id]);
    assert_eq!(received.recv_timeout(PATIENCE).unwrap(), told, "the same event again");
    let text = dev.cli_text(&["webhook", "replay", &uuid, "--since", "1h"]);
    assert_eq!(text, "1 delivery is sent again\n");
    assert_eq!(received.recv_timeout(PATIENCE).unwrap(), told);
}

#[test]
fn dropped_deliveries_never_arrive() {
    let dev = Dev::start_with(|command| command);
    let (url, received) = receiver();
    webhook(&dev, &url);
    received.recv_timeout(PATIENCE).unwrap();
    dev.request(dev.key(), "POST", "/_dev/faults", r#"{"webhooks":{"drop":1}}"#);
    dev.cli_json(&["room", "create", "--name", "standup"]);
    let _ana = Person::enter(&dev, "standup");
    let dropped =
        || dev.request(dev.key(), "GET", "/_dev/faults", "").1["webhooks"]["dropped"].clone();
    let began = std::time::Instant::now();
    while dropped() == 0 {
        assert!(began.elapsed() < PATIENCE, "nothing was dropped");
        assert!(received.recv_timeout(INTERVAL).is_err(), "it arrived");
    }
    assert_eq!(dropped(), 1);
    assert!(received.try_recv().is_err());
}

#[test]
fn what_is_not_there_is_named() {
    let dev = Dev::start_with(|command| command);
    let nobody = "00000000-0000-4000-8000-000000000000";
    for arguments in [
        &["webhook", "deliveries", nobody][..],
        &["webhook", "deliveries", "not-a-uuid"],
        &["webhook", "resend", nobody, nobody],
        &["webhook", "replay", nobody, "--since", "7d"],
    ] {
        let text = failure(&dev.cli(arguments));
        assert!(text.contains("not found"), "{arguments:?}: {text}");
    }
}
