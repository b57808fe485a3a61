//! What a provider answers, and everything that must not be believed.

use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::browser::{Browser, CLIENT_SECRET, Page, corp, server_with};
use super::foreign::{Foreign, Script, Signature};
use crate::support::{START_SECONDS, TestServer};

/// How a provider's answers differ from good ones.
type Change = Box<dyn FnOnce(&mut Script)>;

/// What comes of a sign-in with a provider that answers so.
async fn sign_in(server: &TestServer, foreign: &Foreign) -> (Browser, Page) {
    let mut browser = Browser::default();
    let back = foreign.agree(&browser.begin(server).await);
    let page = browser.open(server, &back).await;
    (browser, page)
}

async fn refused(change: impl FnOnce(&mut Script)) -> Page {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    change(&mut foreign.script());
    let (browser, page) = sign_in(&server, &foreign).await;
    assert!(!browser.has_session(), "{}", page.text);
    assert!(!browser.cookies.contains_key("parlor_federation"));
    page
}

#[tokio::test]
async fn good_token_signs_in() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let (mut browser, page) = sign_in(&server, &foreign).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/account/sessions"));
    assert!(browser.is_signed_in_as(&server, "ana@example.org").await);
    assert!(foreign.was_shown_the_secret_in_the_header());
    let script = foreign.script();
    let form = crate::oauth::driver::pairs(&script.exchanged[0].1);
    assert_eq!((form["grant_type"].as_str(), form["code"].as_str()), ("authorization_code", "c-1"));
    assert!(form["code_verifier"].len() == 43 && !form.contains_key("client_secret"));
    // What the ID token says is not asked for a second time.
    assert!(!script.asked.contains(&"/userinfo".to_owned()));
}

#[tokio::test]
async fn token_with_a_wrong_claim_signs_nobody_in() {
    let second = START_SECONDS;
    let cases: &[(&str, Value)] = &[
        ("iss", json!("https://evil.example")),
        ("aud", json!("another client")),
        ("aud", json!(["parlor", "another client"])),
        ("azp", json!("another client")),
        ("nonce", json!("another nonce")),
        ("nonce", Value::Null),
        ("exp", json!(second)),
        ("exp", json!(second - 3600)),
        ("iat", json!(second + 3600)),
        ("nbf", json!(second + 3600)),
        ("sub", json!("")),
        ("sub", json!("x".repeat(256))),
        ("sub", json!("s-1\0")),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ];
    for (claim, value) in cases {
        let page = refused(|script| script.claims[*claim] = value.clone()).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{claim} {value}");
    }
}

#[tokio::test]
async fn token_that_the_provider_did_not_sign_signs_nobody_in() {
    let alg = |script: &mut Script, alg: &str| script.head["alg"] = json!(alg);
    let cases: Vec<(&str, Change)> = vec![
        (
            "none",
            Box::new(move |s| {
                alg(s, "none");
                s.signature = Signature::Text("");
            }),
        ),
        (
            "none in capitals",
            Box::new(move |s| {
                alg(s, "nOnE");
                s.signature = Signature::Text("");
            }),
        ),
        (
            "shared secret",
            Box::new(move |s| {
                alg(s, "HS256");
                s.signature = Signature::Shared(CLIENT_SECRET.into());
            }),
        ),
        (
            "public key as a secret",
            Box::new(move |s| {
                alg(s, "HS256");
                s.signature = Signature::Shared(s.public_key());
            }),
        ),
        ("another family", Box::new(move |s| alg(s, "RS256"))),
        ("no signature", Box::new(|s| s.signature = Signature::Text(""))),
        ("noise", Box::new(|s| s.signature = Signature::Text("AAAA"))),
        ("unknown key", Box::new(|s| s.head["kid"] = json!("k-9"))),
        (
            "critical",
            Box::new(|s| {
                s.head["crit"] = json!(["exp"]);
            }),
        ),
        ("access token", Box::new(|s| s.head["typ"] = json!("at+jwt"))),
        ("encrypted", Box::new(move |s| alg(s, "RSA-OAEP"))),
    ];
    for (name, change) in cases {
        let page = refused(change).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{name}");
    }
}

#[tokio::test]
async fn answer_that_is_none_is_told_and_follows_nothing() {
    let mut elsewhere = HeaderMap::new();
    elsewhere.insert(LOCATION, "http://127.0.0.1:1/token".parse().unwrap());
    let answers = [
        (StatusCode::OK, HeaderMap::new(), "no JSON".to_owned()),
        (StatusCode::OK, HeaderMap::new(), r#"{"access_token":"a","token_type":"Bearer"}"#.into()),
        (StatusCode::OK, HeaderMap::new(), "x".repeat(300 * 1024)),
        (StatusCode::BAD_REQUEST, HeaderMap::new(), r#"{"error":"invalid_grant"}"#.into()),
        (StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), String::new()),
        (StatusCode::TEMPORARY_REDIRECT, elsewhere, String::new()),
    ];
    for answer in answers {
        let page = refused(|script| script.token_answer = Some(answer.clone())).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", answer.0);
        assert!(page.text.contains("Corp cannot be used now"), "{}", page.text);
    }
}

#[tokio::test]
async fn metadata_that_cannot_be_used_send_nobody_anywhere() {
    let cases: Vec<Change> = vec![
        Box::new(|s| s.raw_metadata = Some("no JSON".to_owned())),
        Box::new(|s| s.raw_metadata = Some("{}".to_owned())),
        Box::new(|s| s.raw_metadata = Some(format!("\"{}\"", "x".repeat(300 * 1024)))),
        Box::new(|s| s.metadata["issuer"] = json!("https://evil.example")),
        Box::new(|s| s.metadata["authorization_endpoint"] = json!("javascript:alert(1)")),
        Box::new(|s| s.metadata["jwks_uri"] = json!("http://127.0.0.1:1/keys")),
    ];
    for (number, change) in cases.into_iter().enumerate() {
        let foreign = Foreign::start().await;
        let server = server_with(corp(&foreign.issuer)).await;
        change(&mut foreign.script());
        let mut browser = Browser::default();
        let page = browser.open(&server, "/account/sign-in/corp").await;
        assert_eq!((page.status, page.location()), (StatusCode::BAD_GATEWAY, ""), "{number}");
        assert!(browser.cookies.is_empty());
    }
}

#[tokio::test]
async fn provider_that_failed_is_asked_again_only_after_a_while() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    foreign.script().raw_metadata = Some("no JSON".to_owned());
    let mut browser = Browser::default();
    for _ in 0..3 {
        let page = browser.open(&server, "/account/sign-in/corp").await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    }
    assert_eq!(foreign.script().asked.len(), 1);
    foreign.script().raw_metadata = None;
    server.clock.advance(10);
    let page = browser.open(&server, "/account/sign-in/corp").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn key_that_is_new_is_fetched_and_invented_ones_are_not_fetched_each_time() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let (browser, _) = sign_in(&server, &foreign).await;
    assert!(browser.has_session());
    foreign.script().rotate();
    server.clock.advance(10);
    foreign.script().claims["nonce"] = json!("");
    let (browser, page) = sign_in(&server, &foreign).await;
    assert!(browser.has_session(), "{}", page.text);

    let looks =
        |foreign: &Foreign| foreign.script().asked.iter().filter(|path| *path == "/keys").count();
    let before = looks(&foreign);
    foreign.script().head["kid"] = json!("k-9");
    for _ in 0..3 {
        foreign.script().claims["nonce"] = json!("");
        let (browser, _) = sign_in(&server, &foreign).await;
        assert!(!browser.has_session());
    }
    assert_eq!(looks(&foreign), before);
}

#[tokio::test]
async fn address_may_come_from_the_userinfo_endpoint_of_the_same_person() {
    let without_email = |script: &mut Script| {
        let claims = script.claims.as_object_mut().unwrap();
        claims.remove("email");
        claims.remove("email_verified");
    };
    let ana = json!({ "sub": "s-1", "email": "ana@example.org", "email_verified": true });
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    without_email(&mut foreign.script());
    foreign.script().user_info = ana.clone();
    let (mut browser, _) = sign_in(&server, &foreign).await;
    assert!(browser.is_signed_in_as(&server, "ana@example.org").await);

    let page = refused(|script| {
        without_email(script);
        script.user_info =
            json!({ "sub": "s-2", "email": "ana@example.org", "email_verified": true });
    });
    assert_eq!(page.await.status, StatusCode::BAD_GATEWAY);
    // A token that fits into no header is not sent in one.
    let page = refused(|script| {
        without_email(script);
        script.user_info = ana;
        script.access_token = "a\r\nb".to_owned();
    });
    assert_eq!(page.await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn provider_that_wants_the_secret_in_the_form_gets_it_there() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    foreign.script().metadata["token_endpoint_auth_methods_supported"] =
        json!(["client_secret_post"]);
    let (browser, _) = sign_in(&server, &foreign).await;
    assert!(browser.has_session());
    let (header, form) = foreign.script().exchanged[0].clone();
    assert_eq!(header, "");
    assert_eq!(crate::oauth::driver::pairs(&form)["client_secret"], CLIENT_SECRET);
}
