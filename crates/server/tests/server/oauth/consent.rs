//! Who is asked before an application gets a code, and who is not.

use axum::http::StatusCode;

use super::driver::{Stage, authorize};

/// A port of the person's device, and an application's own scheme: whichever
/// program is there first has them.
const ON_DEVICE: [&str; 2] = ["http://127.0.0.1:40123/cb", "com.example.app:/cb"];

#[tokio::test]
async fn program_on_the_device_is_agreed_to_each_time_whoever_it_says_it_is() {
    let stage = Stage::set().await;
    for (client, uri) in [
        ("cli", ON_DEVICE[0]),
        ("cli", "http://[::1]:9/x"),
        ("cli", "http://localhost:5000/"),
        ("own", ON_DEVICE[0]),
        ("own", ON_DEVICE[1]),
        ("public", ON_DEVICE[0]),
        ("public", ON_DEVICE[1]),
    ] {
        let path = authorize(&[("client_id", client), ("redirect_uri", uri)]);
        // What they agreed to a moment ago, another program would have for nothing.
        for _ in 0..2 {
            let page = stage.visit(&path).await;
            assert_eq!((page.status, page.location()), (StatusCode::OK, ""), "{client} {uri}");
            assert!(page.text.contains("a program on this device ("), "{}", page.text);
            assert!(stage.agree(&path).await.sent("code").is_some(), "{client} {uri}");
        }
        let silent = authorize(&[("client_id", client), ("redirect_uri", uri), ("prompt", "none")]);
        let sent = stage.visit(&silent).await;
        assert_eq!(sent.sent("error").as_deref(), Some("consent_required"), "{client} {uri}");
        assert_eq!(sent.sent("code"), None);
    }
}

#[tokio::test]
async fn application_with_a_secret_is_remembered_wherever_it_is() {
    let stage = Stage::set().await;
    for uri in ON_DEVICE {
        let path = authorize(&[("redirect_uri", uri), ("scope", "openid profile")]);
        assert!(stage.agree(&path).await.sent("code").is_some(), "{uri}");
        assert!(stage.visit(&path).await.sent("code").is_some(), "{uri}");
    }
}

#[tokio::test]
async fn site_without_a_secret_is_remembered_but_not_for_lasting_access() {
    let stage = Stage::set().await;
    for (scope, is_remembered) in [("openid", true), ("openid offline_access", false)] {
        let path = authorize(&[("client_id", "public"), ("scope", scope)]);
        assert_eq!(stage.visit(&path).await.status, StatusCode::OK, "{scope}");
        assert!(stage.agree(&path).await.sent("code").is_some(), "{scope}");
        assert_eq!(stage.visit(&path).await.sent("code").is_some(), is_remembered, "{scope}");
    }
}

#[tokio::test]
async fn answer_to_an_address_that_no_policy_can_name_is_let_through_by_its_scheme() {
    let stage = Stage::set().await;
    for (uri, source) in
        [("http://[::1]:9/x", "http:"), ("http://127.0.0.1:9/x", "http://127.0.0.1:9")]
    {
        let page = stage.visit(&authorize(&[("client_id", "cli"), ("redirect_uri", uri)])).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.ends_with(&format!("form-action 'self' {source}")), "{policy}");
    }
}

#[tokio::test]
async fn whoever_agrees_reads_that_the_application_acts_with_all_they_may_do() {
    let stage = Stage::set().await;
    let page = stage.visit(&authorize(&[("scope", "openid")])).await;
    let told = "<li>Do whatever you may do here, in your name</li><li>Know who you are</li>";
    assert!(page.text.contains(told), "{}", page.text);
}
