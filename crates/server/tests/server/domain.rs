//! `GET /` and `POST /`: the domain's own settings.

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::TestServer;

#[tokio::test]
async fn domain_config_always_carries_its_core_of_keys() {
    let server = TestServer::with(|settings| settings.has_rate_limits = true).await;
    let answer = server.key().get("/v1").await;
    assert_snapshot!(answer, @r#"200 {"domain_name":"acme","domain_id":"[id]","config":{"hide_daily_branding":false,"redirect_on_meeting_exit":"","meeting_join_hook":"","hipaa":false,"intercom_auto_record":false,"lang":"en"}}"#);
    assert_eq!(answer.body["domain_id"], server.org.to_string());
    assert_eq!(server.key().get("/v1/").await.body, answer.body);
    assert_eq!(server.key().get("/api/v1/").await.body, answer.body);
}

#[tokio::test]
async fn domain_says_when_requests_are_not_counted() {
    let server = TestServer::start().await;
    assert_eq!(server.key().get("/v1").await.body["config"]["disable_rate_limiting"], true);
}

#[tokio::test]
async fn change_is_kept_and_null_resets() {
    let server = TestServer::start().await;
    let change = json!({ "properties": { "lang": "de", "enable_hand_raising": true } });
    let answer = server.key().post("/v1/", change).await;
    assert_eq!(
        (&answer.body["config"]["lang"], &answer.body["config"]["enable_hand_raising"]),
        (&json!("de"), &json!(true))
    );
    assert_eq!(server.key().get("/v1").await.body, answer.body);
    let answer = server.key().post("/v1", json!({ "properties": { "lang": null } })).await;
    assert_eq!(
        (&answer.body["config"]["lang"], &answer.body["config"]["enable_hand_raising"]),
        (&json!("en"), &json!(true))
    );
    let answer = server.other_org().get("/v1").await;
    assert_eq!(
        (&answer.body["domain_name"], &answer.body["config"]["enable_hand_raising"]),
        (&json!("globex"), &Value::Null)
    );
}

#[tokio::test]
async fn empty_change_answers_the_domain() {
    let server = TestServer::start().await;
    let before = server.key().get("/v1").await;
    let after = server.key().send(Method::POST, "/v1", "").await;
    assert_eq!((after.status, after.body), (StatusCode::OK, before.body));
}

#[tokio::test]
async fn wrong_top_level_key_and_read_only_properties_are_400() {
    let server = TestServer::start().await;
    let answer = server.key().post("/v1", json!({ "foobar": 1 })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'foobar'"}"#);
    for name in ["intercom_auto_record", "hipaa", "colour", "max_participants"] {
        let answer = server.key().post("/v1", json!({ "properties": { name: true } })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {answer}");
    }
    let answer = server.key().post("/v1", json!({ "properties": { "lang": "xx" } })).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
