//! A moment in which no token can be made costs nobody their sign-in: what was
//! not answered was not spent, and the next try is no theft.

use axum::http::StatusCode;
use parlor_model::id::SigningKeyId;
use parlor_model::oauth::{DEVICE_CODE_GRANT, SigningAlg};
use parlor_model::time::UnixMillis;
use parlor_store::Connection;
use parlor_store::oauth::signing_keys::{self, Rotation, SigningKey};

use super::driver::{Stage, exchange, sign_in};

/// Puts keys in place of all others that nobody can read.
async fn break_keys(stage: &Stage) {
    let store = &stage.server.store;
    let now = UnixMillis::new(stage.server.now() * 1000);
    let key = |n: u8| {
        let id = SigningKeyId::from_random([n; 16]);
        let alg = SigningAlg::ALL[usize::from(n) / 2];
        SigningKey::new(id, alg, "none".to_owned(), b"", now, store.master_key()).unwrap()
    };
    let broken: Vec<_> = (0..6).map(key).collect();
    let rotation = Rotation { signs_ms: 1_000_000, checks_ms: 1_000_000 };
    let write = move |c: &mut dyn Connection| {
        signing_keys::forget_all(c)?;
        signing_keys::rotate(c, &broken, rotation, now)
    };
    store.write(write).await.unwrap();
}

async fn mend_keys(stage: &Stage) {
    stage.server.store.write(signing_keys::forget_all).await.unwrap();
}

#[tokio::test]
async fn code_is_good_still() {
    let stage = Stage::set().await;
    let code = stage.code("openid email offline_access").await;
    break_keys(&stage).await;
    let failed = stage.post("/oauth/token", &exchange(&code)).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", failed.text);
    mend_keys(&stage).await;
    let answer = stage.post("/oauth/token", &exchange(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    // And once.
    assert_eq!(stage.post("/oauth/token", &exchange(&code)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn refresh_token_is_good_still() {
    let mut stage = Stage::set().await;
    stage.visit_as_stranger("/.well-known/jwks.json").await;
    stage.server.clock.advance(29 * 86_400);
    (stage.cookie, stage.csrf) = sign_in(&stage.server, stage.user, 6).await;
    let tokens = stage.tokens("openid email offline_access").await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    // The keys have to change.
    stage.server.clock.advance(86_400);
    break_keys(&stage).await;
    let failed = stage.refresh(refresh).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", failed.text);
    mend_keys(&stage).await;
    let answer = stage.refresh(refresh).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.json()["id_token"].is_string());
}

#[tokio::test]
async fn device_code_is_good_still() {
    let stage = Stage::set().await;
    let form = [("client_id", "cli"), ("scope", "openid")];
    let codes = stage.post("/oauth/device", &form).await.json();
    let code = codes["user_code"].as_str().unwrap();
    let typed = [("csrf", stage.csrf.as_str()), ("user_code", code), ("decision", "allow")];
    assert_eq!(stage.submit("/account/device", &typed).await.status, StatusCode::OK);
    let poll = [
        ("grant_type", DEVICE_CODE_GRANT),
        ("device_code", codes["device_code"].as_str().unwrap()),
        ("client_id", "cli"),
    ];
    break_keys(&stage).await;
    let failed = stage.post("/oauth/token", &poll).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", failed.text);
    mend_keys(&stage).await;
    let answer = stage.post("/oauth/token", &poll).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}
