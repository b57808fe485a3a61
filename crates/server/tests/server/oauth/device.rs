//! The way of programs without a browser.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::driver::Stage;
use crate::support::ORIGIN;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn begin(stage: &Stage) -> Value {
    let form = [("client_id", "cli"), ("scope", "openid offline_access")];
    let answer = stage.post("/oauth/device", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn ask(stage: &Stage, codes: &Value, client: &str) -> super::driver::Answer {
    let code = codes["device_code"].as_str().unwrap();
    let form = [("grant_type", GRANT), ("device_code", code), ("client_id", client)];
    stage.post("/oauth/token", &form).await
}

#[tokio::test]
async fn device_is_told_where_the_person_goes_and_waits() {
    let stage = Stage::set().await;
    let codes = begin(&stage).await;
    assert_eq!(codes["verification_uri"], json!(format!("{ORIGIN}/account/device")));
    let code = codes["user_code"].as_str().unwrap();
    assert_eq!((code.len(), code.as_bytes()[4]), (9, b'-'));
    assert_eq!((&codes["interval"], &codes["expires_in"]), (&json!(5), &json!(600)));
    assert_eq!(ask(&stage, &codes, "cli").await.error(), "authorization_pending");
    // Too early; from then on it waits longer.
    assert_eq!(ask(&stage, &codes, "cli").await.error(), "slow_down");
    stage.server.clock.advance(6);
    assert_eq!(ask(&stage, &codes, "cli").await.error(), "slow_down");
    stage.server.clock.advance(16);
    assert_eq!(ask(&stage, &codes, "cli").await.error(), "authorization_pending");
    assert_eq!(ask(&stage, &codes, "own").await.error(), "invalid_grant");
    stage.server.clock.advance(600);
    assert_eq!(ask(&stage, &codes, "cli").await.error(), "expired_token");
}

#[tokio::test]
async fn device_of_nobody_gets_nothing() {
    let stage = Stage::set().await;
    let answer = stage.post("/oauth/device", &[("client_id", "nobody")]).await;
    assert_eq!(answer.error(), "invalid_client");
    let form = [("grant_type", GRANT), ("device_code", "x"), ("client_id", "cli")];
    assert_eq!(stage.post("/oauth/token", &form).await.error(), "invalid_grant");
    let wrong = [("client_id", "cli"), ("scope", "nothing")];
    assert_eq!(stage.post("/oauth/device", &wrong).await.error(), "invalid_scope");
}
