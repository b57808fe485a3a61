//! Code with PKCE, from the link to the tokens.

use axum::http::StatusCode;
use serde_json::json;

use super::driver::{CALLBACK, Stage, VERIFIER, authorize, exchange, pairs, part, sign_in};
use crate::support::ORIGIN;

#[tokio::test]
async fn metadata_names_every_address_below_the_issuer() {
    let stage = Stage::set().await;
    let answer = stage.visit_as_stranger("/.well-known/openid-configuration").await;
    let body = answer.json();
    assert_eq!((answer.status, &body["issuer"]), (StatusCode::OK, &json!(ORIGIN)));
    for (name, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("jwks_uri", "/.well-known/jwks.json"),
        ("end_session_endpoint", "/oauth/logout"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("device_authorization_endpoint", "/oauth/device"),
    ] {
        assert_eq!(body[name], json!(format!("{ORIGIN}{path}")));
    }
    assert_eq!(body["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn person_agrees_and_the_application_learns_who_they_are() {
    let stage = Stage::set().await;
    let path = authorize(&[("scope", "openid profile email"), ("nonce", "n-1")]);
    let page = stage.visit(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("The &lt;b&gt;app&lt;/b&gt; wants"), "{}", page.text);
    assert!(page.text.contains(&stage.csrf));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://app.example"), "{policy}");

    let sent = stage.agree(&path).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(sent.location().starts_with(CALLBACK));
    assert_eq!(
        (sent.sent("state").unwrap(), sent.sent("iss").unwrap()),
        ("s-1".into(), ORIGIN.into())
    );

    let code = sent.sent("code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let answer = stage.post_as_app("/oauth/token", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(body["refresh_token"], json!(null));

    let id_token = part(body["id_token"].as_str().unwrap(), 1);
    let user = stage.user.to_string();
    assert_eq!((&id_token["iss"], &id_token["aud"]), (&json!(ORIGIN), &json!("app")));
    assert_eq!((&id_token["sub"], &id_token["nonce"]), (&json!(user), &json!("n-1")));
    assert_eq!(id_token["email"], json!("ana@example.org"));
    assert_eq!(id_token["auth_time"], json!(stage.server.now()));

    let info = stage.user_info(body["access_token"].as_str().unwrap()).await;
    let ana = json!({
        "sub": user, "name": "Ana", "email": "ana@example.org", "email_verified": true
    });
    assert_eq!((info.status, info.json()), (StatusCode::OK, ana));
    // They are not asked a second time.
    let again = stage.visit(&path).await;
    assert!(again.sent("code").is_some(), "{}", again.location());
    // But for more than they agreed to, they are.
    let more = authorize(&[("scope", "openid profile email offline_access")]);
    assert_eq!(stage.visit(&more).await.status, StatusCode::OK);
}

#[tokio::test]
async fn refusal_is_told_to_the_application() {
    let stage = Stage::set().await;
    let sent = stage.decide(&authorize(&[]), "deny").await;
    assert_eq!(sent.sent("error").as_deref(), Some("access_denied"));
    assert_eq!(sent.sent("state").as_deref(), Some("s-1"));
}

#[tokio::test]
async fn stranger_signs_in_first_and_comes_back() {
    let stage = Stage::set().await;
    let path = authorize(&[("client_id", "own")]);
    let sent = stage.visit_as_stranger(&path).await;
    let (page, query) = sent.location().split_once('?').unwrap();
    assert_eq!(page, "/account/sign-in");
    let back = pairs(query).remove("continue").unwrap();
    assert!(back.starts_with("/oauth/authorize?"), "{back}");
    assert!(stage.visit(&back).await.sent("code").is_some());
}

#[tokio::test]
async fn silent_request_asks_nobody() {
    let stage = Stage::set().await;
    let silent = |client| authorize(&[("client_id", client), ("prompt", "none")]);
    let sent = stage.visit_as_stranger(&silent("own")).await;
    assert_eq!(sent.sent("error").as_deref(), Some("login_required"));
    let sent = stage.visit(&silent("app")).await;
    assert_eq!(sent.sent("error").as_deref(), Some("consent_required"));
    assert!(stage.visit(&silent("own")).await.sent("code").is_some());
}

#[tokio::test]
async fn client_may_want_a_fresh_sign_in() {
    let mut stage = Stage::set().await;
    for wish in [("prompt", "login"), ("max_age", "10")] {
        stage.server.clock.advance(60);
        let sent = stage.visit(&authorize(&[("client_id", "own"), wish])).await;
        let (page, query) = sent.location().split_once('?').unwrap();
        let mut query = pairs(query);
        assert_eq!((page, query.remove("again").as_deref()), ("/account/sign-in", Some("1")));
        let back = query.remove("continue").unwrap();
        // As before is not enough; the person has to sign in.
        assert!(stage.visit(&back).await.sent("code").is_none(), "{back}");
        let number = if wish.0 == "prompt" { 6 } else { 7 };
        (stage.cookie, stage.csrf) = sign_in(&stage.server, stage.user, number).await;
        assert!(stage.visit(&back).await.sent("code").is_some(), "{back}");
    }
}

/// Where somebody who follows a link comes back to after signing in, to which
/// they are sent whether they are signed in or not.
async fn way_back(stage: &Stage, path: &str) -> String {
    let sent = stage.visit(path).await;
    let (page, query) = sent.location().split_once('?').unwrap_or_else(|| panic!("{}", sent.text));
    let mut query = pairs(query);
    assert_eq!((page, query.remove("again").as_deref()), ("/account/sign-in", Some("1")));
    query.remove("continue").unwrap()
}

#[tokio::test]
async fn one_sign_in_fulfils_the_smallest_age_however_long_they_read_the_question() {
    let mut stage = Stage::set().await;
    for (number, age) in [(6, "0"), (7, "1")] {
        stage.server.clock.advance(60);
        let back = way_back(&stage, &authorize(&[("max_age", age), ("prompt", "consent")])).await;
        stage.server.clock.advance(20);
        (stage.cookie, stage.csrf) = sign_in(&stage.server, stage.user, number).await;
        stage.server.clock.advance(2);
        let page = stage.visit(&back).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.location());
        stage.server.clock.advance(30);
        let sent = stage.agree(&back).await;
        assert!(sent.sent("code").is_some(), "{age} {}", sent.location());
    }
    // Whoever just signed in does so again, unless nobody may be asked.
    way_back(&stage, &authorize(&[("max_age", "0")])).await;
    let silent = stage.visit(&authorize(&[("max_age", "0"), ("prompt", "none")])).await;
    assert_eq!(silent.sent("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn client_that_names_the_time_of_the_sign_in_itself_demands_no_less() {
    let mut stage = Stage::set().await;
    let wishes = [("prompt", "login"), ("max_age", "0"), ("max_age", "10")];
    for (number, wish) in (6..).zip(wishes) {
        stage.server.clock.advance(60);
        let asked = [("client_id", "own"), wish, ("signed_in_after", "0")];
        let back = way_back(&stage, &authorize(&asked)).await;
        assert!(stage.visit(&back).await.sent("code").is_none(), "{back}");
        (stage.cookie, stage.csrf) = sign_in(&stage.server, stage.user, number).await;
        assert!(stage.visit(&back).await.sent("code").is_some(), "{back}");
    }
    // More, it may: and gets it, as far as it can be had.
    for number in 9..=10 {
        stage.server.clock.advance(60);
        let just_now = stage.server.now() * 1000 - 1;
        let after = if number == 9 { just_now } else { i64::MAX }.to_string();
        let asked = [("client_id", "own"), ("max_age", "9000"), ("signed_in_after", &after)];
        let back = way_back(&stage, &authorize(&asked)).await;
        assert!(stage.visit(&back).await.sent("code").is_none(), "{back}");
        (stage.cookie, stage.csrf) = sign_in(&stage.server, stage.user, number).await;
        assert!(stage.visit(&back).await.sent("code").is_some(), "{back}");
    }
}

#[tokio::test]
async fn any_loopback_port_will_do_for_the_command_line() {
    let stage = Stage::set().await;
    for uri in ["http://127.0.0.1:40123/done", "http://[::1]:9/x", "http://localhost:5000/"] {
        let path = authorize(&[("client_id", "cli"), ("redirect_uri", uri)]);
        let sent = stage.agree(&path).await;
        let code = sent.sent("code").unwrap();
        let mut form = exchange(&code);
        form[2].1 = uri;
        form[3].1 = "cli";
        assert_eq!(stage.post("/oauth/token", &form).await.status, StatusCode::OK);
    }
}
