//! An account and a provider, connected by the account's owner.

use axum::http::StatusCode;
use parlor_model::identity::audit::AuditEntry;
use parlor_store::audit::{self, AuditFilter, AuditSlice};
use serde_json::json;

use super::browser::{Browser, add_user, corp, server_with};
use super::foreign::Foreign;
use crate::oauth::driver::{query, sign_in};
use crate::support::TestServer;

const CONNECT: &str = "/account/sign-in/corp/connect";
const SESSIONS: &str = "/account/sessions";

/// Ana, who signed in with a password a moment ago.
async fn ana() -> (TestServer, Foreign, Browser, String) {
    let foreign = Foreign::start().await;
    let server = server_with(corp(&foreign.issuer)).await;
    let user = add_user(&server, 7, "ana@example.org", true).await;
    let (cookie, csrf) = sign_in(&server, user, 7).await;
    let mut browser = Browser::default();
    let (name, value) = cookie.split_once('=').unwrap();
    browser.cookies.insert(name.to_owned(), value.to_owned());
    (server, foreign, browser, csrf)
}

async fn through_corp(server: &TestServer, foreign: &Foreign) -> Browser {
    let mut browser = Browser::default();
    foreign.script().claims["nonce"] = json!("");
    let back = foreign.agree(&browser.begin(server).await);
    browser.open(server, &back).await;
    browser
}

/// Ana connects, and what comes of it.
async fn connect(
    server: &TestServer,
    foreign: &Foreign,
    browser: &mut Browser,
    csrf: &str,
) -> super::browser::Page {
    let form = query(&[("csrf", csrf), ("decision", "connect")]);
    let sent = browser.submit(server, CONNECT, &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    // They prove again who they are there.
    assert!(sent.location().contains("prompt=login"), "{}", sent.location());
    foreign.script().claims["nonce"] = json!("");
    let back = foreign.agree(sent.location());
    browser.open(server, &back).await
}

#[tokio::test]
async fn owner_connects_and_signs_in_through_the_provider_from_then_on() {
    let (server, foreign, mut browser, csrf) = ana().await;
    // Another address there changes nothing: it is not the address that counts.
    foreign.script().claims["email"] = json!("a.m@example.com");
    let page = browser.open(&server, CONNECT).await;
    assert!(page.text.contains(r#"value="connect""#) && page.text.contains(&csrf), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with(&format!("form-action 'self' {}", foreign.issuer)), "{policy}");
    let session = browser.cookies["parlor_session"].clone();
    let back = connect(&server, &foreign, &mut browser, &csrf).await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, SESSIONS));
    assert_eq!(browser.cookies["parlor_session"], session);
    let mut other = through_corp(&server, &foreign).await;
    assert!(other.is_signed_in_as(&server, "ana@example.org").await);

    let page = browser.open(&server, CONNECT).await;
    assert!(page.text.contains(r#"value="disconnect""#), "{}", page.text);
    // Without a password it is the only way in.
    let form = query(&[("csrf", &csrf), ("decision", "disconnect")]);
    let page = browser.submit(&server, CONNECT, &form).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(through_corp(&server, &foreign).await.has_session());
    let user = parlor_model::id::UserId::from_random([7; 16]);
    let now = parlor_model::time::UnixMillis::new(server.now() * 1000);
    let set = move |c: &mut dyn parlor_store::Connection| {
        parlor_store::users::set_password_hash(c, user, Some("x"), now)
    };
    assert!(server.store.write(set).await.unwrap());
    let page = browser.submit(&server, CONNECT, &form).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, SESSIONS));
    foreign.script().claims["email"] = json!("ana@example.org");
    assert!(!through_corp(&server, &foreign).await.has_session());
}

#[tokio::test]
async fn way_to_connect_is_on_the_page_of_the_sessions() {
    let (server, foreign, mut browser, csrf) = ana().await;
    let link = |word: &str| format!(r#"href="{CONNECT}" aria-label="{word} Corp">{word}</a>"#);
    let page = browser.open(&server, SESSIONS).await;
    assert!(page.text.contains(&link("Connect")), "{}", page.text);
    connect(&server, &foreign, &mut browser, &csrf).await;
    let page = browser.open(&server, SESSIONS).await;
    assert!(page.text.contains(&link("Disconnect")), "{}", page.text);
    assert!(!page.text.contains(&link("Connect")));
}

#[tokio::test]
async fn nobody_is_connected_by_a_link_or_a_form_of_others() {
    let (server, foreign, mut browser, _) = ana().await;
    for csrf in ["", "wrong"] {
        let form = query(&[("csrf", csrf), ("decision", "connect")]);
        let page = browser.submit(&server, CONNECT, &form).await;
        assert_eq!((page.status, page.location()), (StatusCode::FORBIDDEN, ""));
    }
    let page = browser.open(&server, &format!("{CONNECT}?decision=connect")).await;
    assert_eq!((page.status, page.location()), (StatusCode::OK, ""));
    assert!(!foreign.script().asked.contains(&"/token".to_owned()));
}

#[tokio::test]
async fn only_who_just_signed_in_connects() {
    let (server, foreign, mut browser, csrf) = ana().await;
    server.clock.advance(900);
    let page = browser.open(&server, CONNECT).await;
    let expected = format!("/account/sign-in?again=1&continue={CONNECT}");
    assert_eq!(page.location(), expected);
    let form = query(&[("csrf", &csrf), ("decision", "connect")]);
    let page = browser.submit(&server, CONNECT, &form).await;
    assert_eq!(page.location(), expected);
    let page = Browser::default().open(&server, CONNECT).await;
    assert_eq!(page.location(), expected);
    assert!(!foreign.script().asked.contains(&"/token".to_owned()));
}

#[tokio::test]
async fn attempt_to_connect_belongs_to_whoever_began_it() {
    let (server, foreign, mut browser, csrf) = ana().await;
    let form = query(&[("csrf", &csrf), ("decision", "connect")]);
    let sent = browser.submit(&server, CONNECT, &form).await;
    let back = foreign.agree(sent.location());
    // Somebody else signs in with that browser before it comes back.
    let bo = add_user(&server, 9, "bo@example.org", true).await;
    let (cookie, _) = sign_in(&server, bo, 9).await;
    let session = cookie.split_once('=').unwrap().1.to_owned();
    browser.cookies.insert("parlor_session".to_owned(), session);
    let page = browser.open(&server, &back).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        !through_corp(&server, &foreign).await.is_signed_in_as(&server, "bo@example.org").await
    );
}

#[tokio::test]
async fn somebodys_person_at_the_provider_is_not_connected_twice() {
    let (server, foreign, mut browser, csrf) = ana().await;
    foreign.script().claims["email"] = json!("bo@example.org");
    assert!(through_corp(&server, &foreign).await.has_session());
    let page = connect(&server, &foreign, &mut browser, &csrf).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let mut other = through_corp(&server, &foreign).await;
    assert!(other.is_signed_in_as(&server, "bo@example.org").await);
}

/// What the audit log says that belongs to no organization, newest first.
fn log(server: &TestServer) -> Vec<AuditEntry> {
    let slice = AuditSlice { before: None, skip: 0, limit: 50 };
    let all = server.store.read(|c| audit::list(c, None, &AuditFilter::default(), slice)).unwrap();
    all.items
}

#[tokio::test]
async fn sign_ins_and_connections_are_in_the_audit_log() {
    let (server, foreign, mut browser, csrf) = ana().await;
    assert!(!through_corp(&server, &foreign).await.has_session());
    connect(&server, &foreign, &mut browser, &csrf).await;
    assert!(through_corp(&server, &foreign).await.has_session());
    let log = log(&server);
    let told: Vec<_> = log
        .iter()
        .map(|entry| {
            let account = entry.metadata.get("account").and_then(|word| word.as_str());
            (entry.action.as_str(), entry.status_code, account, entry.actor_email.as_str())
        })
        .collect();
    let ana = "ana@example.org";
    assert_eq!(
        told,
        [
            ("login", Some(303), Some("known"), ana),
            ("update", Some(303), Some("linked"), ana),
            ("login", Some(409), None, ""),
        ]
    );
    assert_eq!(log[2].target_id, "corp");
    assert_eq!(log[2].metadata["subject"], json!("s-1"));
    assert!(log[2].error_message.as_deref().unwrap().contains("not connected"));
}
