//! The keys that sign: published before they do, changed without a restart.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::driver::{Stage, part, sign_in};

fn kids(keys: &Value) -> BTreeSet<String> {
    let keys = keys["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn key_set_has_current_and_next_keys_and_nothing_private() {
    let stage = Stage::set().await;
    let answer = stage.visit_as_stranger("/.well-known/jwks.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["cache-control"], "public, max-age=3600");
    let body = answer.json();
    let keys = body["keys"].as_array().unwrap();
    for alg in ["RS256", "ES256", "EdDSA"] {
        assert_eq!(keys.iter().filter(|key| key["alg"] == json!(alg)).count(), 2, "{alg}");
    }
    for key in keys {
        assert_eq!(key["use"], json!("sig"));
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}

#[tokio::test]
async fn keys_change_when_their_time_has_come_and_old_ones_still_check() {
    let mut stage = Stage::set().await;
    let before = stage.visit_as_stranger("/.well-known/jwks.json").await.json();
    let old = stage.tokens("openid").await;
    // A token that is made just before the change outlives it.
    stage.server.clock.advance(30 * 86_400 - 300);
    (stage.cookie, stage.csrf) = sign_in(&stage.server, stage.user, 6).await;
    let last = stage.tokens("openid").await;
    let last = last["access_token"].as_str().unwrap();
    stage.server.clock.advance(300);
    let new = stage.tokens("openid").await;
    let new = new["access_token"].as_str().unwrap();
    let kid = |token: &str| part(token, 0)["kid"].as_str().unwrap().to_owned();
    assert_eq!(kid(old["access_token"].as_str().unwrap()), kid(last));
    assert_ne!(kid(last), kid(new));
    // The new one was published all the time.
    assert!(kids(&before).contains(&kid(new)));
    for token in [last, new] {
        assert_eq!(stage.user_info(token).await.status, StatusCode::OK);
    }
    let after = stage.visit_as_stranger("/.well-known/jwks.json").await.json();
    assert!(kids(&after).is_superset(&kids(&before)));
    assert_eq!(kids(&after).len(), kids(&before).len() + 3);
}
