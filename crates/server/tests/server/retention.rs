//! The jobs that forget.

use axum::http::StatusCode;
use parlor_model::event::Fact;
use serde_json::json;

use crate::meetings::Call;
use crate::support::TestServer;

const DAY: i64 = 24 * 60 * 60;

/// How many meetings, reported lines and logged requests are there. Asking
/// makes a request, too.
async fn kept(server: &TestServer, session: &str) -> (usize, usize, usize) {
    let count = async |path: &str, list: &str| {
        let answer = server.key().get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        let list = if list.is_empty() { &answer.body } else { &answer.body[list] };
        list.as_array().unwrap().len()
    };
    let lines = count(&format!("/v1/logs?userSessionId={session}"), "logs").await;
    let requests = count("/v1/logs/api?url=/v1/rooms", "").await;
    (count("/v1/meetings", "data").await, lines, requests)
}

#[tokio::test]
async fn what_is_kept_long_enough_is_forgotten_and_what_runs_is_not() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    server.wait_for_logged(1).await;
    let join = server.anonymous_post("/_parlor/join", r#"{"room":"standup"}"#).await;
    let line = json!({ "time": 1, "level": 1, "message": "hello" });
    let report = json!({ "pass": join.body["log_pass"], "logs": [line] }).to_string();
    let reported = server.anonymous_post("/_parlor/logs", &report).await;
    assert_eq!(reported.status, StatusCode::NO_CONTENT, "{reported}");
    let mut over = Call::new(&server, "standup", 1, 0);
    over.tell(&server, 0, Fact::MeetingStarted);
    over.tell(&server, 60, Fact::MeetingEnded);
    let mut running = Call::new(&server, "standup", 2, 0);
    running.tell(&server, 0, Fact::MeetingStarted);
    server.wait_for_facts(3).await;
    let session = join.body["participant"].as_str().unwrap();

    server.jobs().run_round().await;
    assert_eq!(kept(&server, session).await, (2, 1, 1));
    // The rooms do not answer any more, so nobody is taken for gone.
    server.live.lock().unwrap().is_deaf = true;
    server.clock.advance(30 * DAY);
    server.jobs().run_round().await;
    assert_eq!(kept(&server, session).await, (2, 1, 1));
    server.clock.advance(1);
    server.jobs().run_round().await;
    assert_eq!(kept(&server, session).await, (2, 0, 0));
    server.clock.advance(335 * DAY + 60);
    server.jobs().run_round().await;
    assert_eq!(kept(&server, session).await.0, 1);
}
