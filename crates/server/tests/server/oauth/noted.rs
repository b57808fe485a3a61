//! What people let applications do stands in the audit log.

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, StatusCode};
use parlor_model::identity::audit::{AuditAction, AuditEntry};
use parlor_model::time::UnixMillis;
use parlor_store::audit::{self, AuditFilter, AuditSlice};
use parlor_store::{accounts, members};
use serde_json::json;

use super::driver::{Stage, authorize};

/// What stands in the log of no organization, oldest first.
async fn log(stage: &Stage) -> Vec<AuditEntry> {
    let slice = AuditSlice { before: None, skip: 0, limit: 100 };
    let all = move |c: &mut dyn parlor_store::Connection| {
        audit::list(c, None, &AuditFilter::default(), slice)
    };
    let mut items = stage.server.store.scan(all).await.unwrap().items;
    items.reverse();
    items
}

#[tokio::test]
async fn each_application_that_is_let_in_or_thrown_out_is_noted() {
    let stage = Stage::set().await;
    let path = authorize(&[("scope", "openid email")]);
    assert_eq!(stage.visit(&path).await.status, StatusCode::OK);
    assert!(log(&stage).await.is_empty(), "a question is no answer");
    stage.decide(&path, "deny").await;
    stage.agree(&path).await;

    let tokens = stage.tokens("openid offline_access").await;
    let token = tokens["refresh_token"].as_str().unwrap();
    stage.post("/oauth/revoke", &[("token", token), ("client_id", "public")]).await;
    stage.post("/oauth/revoke", &[("token", token), ("client_id", "own")]).await;

    let form = [("client_id", "cli"), ("scope", "openid")];
    let codes = stage.post("/oauth/device", &form).await.json();
    let code = codes["user_code"].as_str().unwrap();
    let typed = [("csrf", stage.csrf.as_str()), ("user_code", code), ("decision", "allow")];
    assert_eq!(stage.submit("/account/device", &typed).await.status, StatusCode::OK);
    stage.submit("/oauth/logout", &[("csrf", &stage.csrf)]).await;

    use AuditAction::{Authorize, Logout, Revoke};
    let log = log(&stage).await;
    let said: Vec<_> = log.iter().map(|one| (one.action, one.status_code.unwrap())).collect();
    assert_eq!(
        said,
        [
            (Authorize, 403),
            (Authorize, 303),
            (Authorize, 303),
            (Revoke, 200),
            (Authorize, 200),
            (Logout, 200)
        ]
    );
    assert!(log.iter().all(|one| one.actor_id == stage.user.to_string()), "{log:?}");
    assert_eq!(
        (log[1].target_id.as_str(), log[1].actor_email.as_str()),
        ("app", "ana@example.org")
    );
    assert_eq!(log[1].metadata["scope"], json!("openid email"));
    assert_eq!(log[4].metadata["method"], json!("device"));
    let all = format!("{log:?}");
    assert!(!all.contains(token) && !all.contains(code), "{all}");
}

#[tokio::test]
async fn what_an_application_does_for_somebody_names_the_application() {
    let stage = Stage::set().await;
    let (org, now) = (stage.server.org, UnixMillis::new(stage.server.now() * 1000));
    let owner = accounts::owner(org, stage.user, now);
    stage.server.store.write(move |c| members::add(c, &owner)).await.unwrap();
    let tokens = stage.tokens("openid").await;
    let token = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let body = json!({"name": "ci", "permissions": ["read:rooms"], "application": "another"});
    let request = Request::post("/api-keys").header(AUTHORIZATION, token);
    let made = stage.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let log = stage.server.key().get(&format!("/audit/organizations/{org}")).await;
    let entry = &log.body["items"][0];
    assert_eq!(entry["actorId"], stage.user.to_string());
    assert_eq!(entry["metadata"]["application"]["id"], "own", "{log}");
    assert!(entry["metadata"]["application"]["name"].is_string(), "{log}");
}

#[tokio::test]
async fn what_is_presented_twice_is_noted_once() {
    let stage = Stage::set().await;
    let first = stage.tokens("openid offline_access").await;
    let old = first["refresh_token"].as_str().unwrap();
    assert_eq!(stage.refresh(old).await.status, StatusCode::OK);
    let before = log(&stage).await.len();
    for _ in 0..3 {
        assert_eq!(stage.refresh(old).await.error(), "invalid_grant");
    }
    let log = log(&stage).await;
    let [one] = &log[before..] else { panic!("{log:?}") };
    assert_eq!((one.action, one.status_code), (AuditAction::Revoke, Some(400)));
    assert_eq!(one.actor_id, stage.user.to_string());
    assert_eq!(one.metadata["reason"], json!("presented twice, or by somebody else"));
    assert!(!format!("{log:?}").contains(old));
}
