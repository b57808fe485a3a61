//! The way out and the way back belong to one browser, and lead to addresses of
//! this server alone.

use axum::http::StatusCode;
use serde_json::json;

use super::browser::{Browser, CALLBACK, CLIENT_SECRET, corp, server_with};
use super::foreign::Foreign;
use crate::support::TestServer;

#[tokio::test]
async fn sign_in_page_offers_the_providers_there_are() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let page = Browser::default().open(&server, "/account/sign-in?continue=/account/device").await;
    let link = r#"href="/account/sign-in/corp?continue=/account/device""#;
    assert!(page.text.contains(link) && page.text.contains("Continue with Corp"), "{}", page.text);
    let none = TestServer::start().await;
    let page = Browser::default().open(&none, "/account/sign-in").await;
    assert!(!page.text.contains("Continue with"));
    let lost = Browser::default().open(&none, "/account/sign-in/corp").await;
    assert_eq!(lost.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn cookie_of_an_attempt_is_kept_from_scripts_and_other_sites() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let sent = Browser::default().open(&server, "/account/sign-in/corp").await;
    let cookie = sent.headers["set-cookie"].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(sent.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn answer_counts_only_in_the_browser_that_asked_and_in_time() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let mut browser = Browser::default();
    let back = foreign.agree(&browser.begin(&server).await);
    // Somebody is sent a link with the attacker's code.
    let mut victim = Browser::default();
    let page = victim.open(&server, &back).await;
    assert_eq!((page.status, victim.has_session()), (StatusCode::FORBIDDEN, false));
    victim.begin(&server).await;
    let page = victim.open(&server, &back).await;
    assert_eq!((page.status, victim.has_session()), (StatusCode::FORBIDDEN, false));

    for broken in [
        back.replace("state=", "state=x"),
        back.replace("&state=", "&stat="),
        format!("{back}&state=again"),
        CALLBACK.to_owned(),
    ] {
        let page = browser.open(&server, &broken).await;
        assert_eq!(
            (page.status, browser.has_session()),
            (StatusCode::FORBIDDEN, false),
            "{broken}"
        );
    }
    assert!(foreign.script().exchanged.is_empty(), "no code was sent anywhere");

    let mut slow = browser.clone();
    server.clock.advance(600);
    let page = slow.open(&server, &back).await;
    assert_eq!((page.status, slow.has_session()), (StatusCode::FORBIDDEN, false));
}

#[tokio::test]
async fn answer_of_one_provider_is_never_taken_for_anothers() {
    let (foreign, other) = (Foreign::start().await, Foreign::start().await);
    let mut second = corp(&other.issuer);
    second.name = "other".to_owned();
    let first = corp(&foreign.issuer);
    let server = TestServer::with(|settings| settings.identity_providers = vec![first, second]);
    let server = server.await;
    let mut browser = Browser::default();
    let back = foreign.agree(&browser.begin(&server).await);
    let page = browser.open(&server, &back.replace("/corp/", "/other/")).await;
    assert_eq!((page.status, browser.has_session()), (StatusCode::FORBIDDEN, false));
    // One that names its issuer names the right one (RFC 9207).
    let page = browser.open(&server, &format!("{back}&iss=https%3A%2F%2Fevil.example")).await;
    assert_eq!((page.status, browser.has_session()), (StatusCode::FORBIDDEN, false));
    assert!(other.script().exchanged.is_empty() && foreign.script().exchanged.is_empty());
}

#[tokio::test]
async fn provider_that_always_names_its_issuer_is_not_believed_without() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    foreign.script().metadata["authorization_response_iss_parameter_supported"] = json!(true);
    let mut browser = Browser::default();
    let back = foreign.agree(&browser.begin(&server).await);
    let page = browser.clone().open(&server, &back).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let issuer = foreign.issuer.replace(':', "%3A").replace('/', "%2F");
    browser.open(&server, &format!("{back}&iss={issuer}")).await;
    assert!(browser.has_session());
}

#[tokio::test]
async fn nobody_is_sent_away_after_signing_in() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    for way in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "x"] {
        let mut browser = Browser::default();
        let sent = browser.open(&server, &format!("/account/sign-in/corp?continue={way}")).await;
        foreign.script().claims["nonce"] = json!("");
        let back = foreign.agree(sent.location());
        let page = browser.open(&server, &back).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/dashboard"), "{way}");
    }
}

#[tokio::test]
async fn no_of_a_person_is_told_with_another_way_in() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    for word in ["access_denied", "server_error", "%3Cscript%3E"] {
        let mut browser = Browser::default();
        let back = foreign.agree(&browser.begin(&server).await);
        let no = back.replace("code=c-1", &format!("error={word}&error_description=Call+us"));
        let page = browser.open(&server, &no).await;
        assert_eq!((page.status, browser.has_session()), (StatusCode::FORBIDDEN, false));
        assert!(page.text.contains("Corp did not sign you in"), "{}", page.text);
        assert!(page.text.contains("/account/sign-in?continue=/account/sessions"));
        // Nobody else's words stand on a page of ours.
        assert!(!page.text.contains("Call us") && !page.text.contains("<script>"));
    }
}

#[tokio::test]
async fn who_must_prove_again_who_they_are_does_so_there() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let sent = Browser::default().open(&server, "/account/sign-in/corp?again=1").await;
    assert!(sent.location().contains("prompt=login"), "{}", sent.location());
}

#[tokio::test]
async fn organization_reads_through_whom_its_people_sign_in_and_no_secret() {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let all = format!("/api/organizations/{}/identity-providers", server.org);
    let list = server.key().get(&all).await;
    assert_eq!(list.status, StatusCode::OK, "{list}");
    assert_eq!(list.body[0]["oidcConfig"]["issuerUrl"], json!(foreign.issuer));
    assert_eq!(list.body[0]["allowAnyDomain"], json!(true));
    assert!(!list.body.to_string().contains(CLIENT_SECRET));
    let one = server.key().get(&format!("{all}/corp")).await;
    assert_eq!((one.status, &one.body), (StatusCode::OK, &list.body[0]));
    let lost = server.key().get(&format!("{all}/other")).await;
    assert_eq!((lost.status, &lost.body["error"]), (StatusCode::NOT_FOUND, &json!("Not Found")));
}
