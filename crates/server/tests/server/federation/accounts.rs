//! Which account somebody opens, and whose nobody opens.

use axum::http::StatusCode;
use parlor_model::id::UserId;
use parlor_server::IdentityProvider;
use parlor_store::oauth::federation;
use parlor_store::{members, users};
use serde_json::{Value, json};

use super::browser::{Browser, Page, add_user, corp, server_with};
use super::foreign::Foreign;
use crate::support::TestServer;

pub(super) async fn sign_in(server: &TestServer, foreign: &Foreign) -> (Browser, Page) {
    let mut browser = Browser::default();
    foreign.script().claims["nonce"] = json!("");
    let back = foreign.agree(&browser.begin(server).await);
    let page = browser.open(server, &back).await;
    (browser, page)
}

pub(super) async fn stage(change: impl FnOnce(&mut IdentityProvider)) -> (TestServer, Foreign) {
    let foreign = Foreign::start().await;
    let mut provider = corp(&foreign.issuer);
    change(&mut provider);
    (server_with(provider).await, foreign)
}

pub(super) fn linked(server: &TestServer, foreign: &Foreign) -> Option<UserId> {
    server.store.read(|c| federation::find(c, &foreign.issuer, "s-1")).unwrap()
}

/// Nobody is signed in, and nothing is linked.
async fn is_refused(server: &TestServer, foreign: &Foreign, status: StatusCode, words: &str) {
    let (browser, page) = sign_in(server, foreign).await;
    assert_eq!(page.status, status, "{}", page.text);
    assert!(page.text.contains(words), "{}", page.text);
    assert!(!browser.has_session() && linked(server, foreign).is_none());
}

#[tokio::test]
async fn whoever_is_new_gets_an_account_and_an_organization_of_their_own() {
    let (server, foreign) = stage(|_| {}).await;
    let (mut browser, _) = sign_in(&server, &foreign).await;
    assert!(browser.is_signed_in_as(&server, "ana@example.org").await);
    let user = linked(&server, &foreign).unwrap();
    let (row, places) = server
        .store
        .read(|c| {
            let row = users::find(c, user)?.unwrap();
            Ok::<_, parlor_store::StoreError>((row, members::list_of_user(c, user)?))
        })
        .unwrap();
    assert_eq!(row.name, "Ana María");
    assert!(row.password_hash().is_none());
    assert_eq!(places.len(), 1);
    assert_ne!(places[0].org_id, server.org);
}

#[tokio::test]
async fn account_is_found_by_issuer_and_subject_whatever_the_address_is_now() {
    let (server, foreign) = stage(|_| {}).await;
    sign_in(&server, &foreign).await;
    let user = linked(&server, &foreign).unwrap();
    foreign.script().claims["email"] = json!("somebody.else@example.org");
    let (mut browser, _) = sign_in(&server, &foreign).await;
    assert!(browser.is_signed_in_as(&server, "ana@example.org").await);
    // Somebody else with her old address is somebody else.
    foreign.script().claims["sub"] = json!("s-2");
    foreign.script().claims["email"] = json!("ana@example.org");
    let (browser, page) = sign_in(&server, &foreign).await;
    assert_eq!((page.status, browser.has_session()), (StatusCode::CONFLICT, false));
    assert_eq!(linked(&server, &foreign), Some(user));
}

#[tokio::test]
async fn account_is_not_taken_over_by_its_address_alone() {
    // A provider that speaks for nobody's address.
    let (server, foreign) = stage(|_| {}).await;
    add_user(&server, 7, "ana@example.org", true).await;
    is_refused(&server, &foreign, StatusCode::CONFLICT, "/account/sign-in/corp/connect").await;
    // One that does, and an account whose address nobody vouched for: it may be
    // of somebody who was here before the owner.
    let (server, foreign) = stage(|p| p.email_domains = vec!["example.org".into()]).await;
    add_user(&server, 7, "ana@example.org", false).await;
    is_refused(&server, &foreign, StatusCode::CONFLICT, "You have an account already").await;
}

#[tokio::test]
async fn account_is_linked_where_everybody_vouched_for_the_address() {
    let (server, foreign) = stage(|p| p.email_domains = vec!["example.org".into()]).await;
    let user = add_user(&server, 7, "ana@example.org", true).await;
    foreign.script().claims["email"] = json!("Ana@Example.org");
    let (mut browser, _) = sign_in(&server, &foreign).await;
    assert!(browser.is_signed_in_as(&server, "ana@example.org").await);
    assert_eq!(linked(&server, &foreign), Some(user));
}

#[tokio::test]
async fn address_that_the_provider_did_not_look_at_opens_nothing() {
    let (server, foreign) = stage(|p| p.email_domains = vec!["example.org".into()]).await;
    add_user(&server, 7, "ana@example.org", true).await;
    for verified in [json!(false), Value::Null] {
        foreign.script().claims["email_verified"] = verified;
        is_refused(&server, &foreign, StatusCode::FORBIDDEN, "is not confirmed").await;
    }
    foreign.script().claims["email_verified"] = json!(true);
    // The Kelvin sign, whose small letter is a k.
    add_user(&server, 8, "kim@example.org", true).await;
    for email in ["\u{212a}im@example.org", "ana@example.org\n", "ana", "a@b@example.org"] {
        foreign.script().claims["email"] = json!(email);
        let (browser, page) = sign_in(&server, &foreign).await;
        let is_trimmed = email.ends_with('\n');
        assert_eq!(browser.has_session(), is_trimmed, "{email:?} {}", page.text);
    }
}

#[tokio::test]
async fn only_the_named_domains_come_in_each_time() {
    let (server, foreign) = stage(|p| p.email_domains = vec!["corp.example".into()]).await;
    let words = "people of corp.example in through Corp";
    is_refused(&server, &foreign, StatusCode::FORBIDDEN, words).await;
    foreign.script().claims["email"] = json!("ana@evil.corp.example");
    is_refused(&server, &foreign, StatusCode::FORBIDDEN, words).await;
    foreign.script().claims["email"] = json!("ana@corp.example");
    let (browser, _) = sign_in(&server, &foreign).await;
    assert!(browser.has_session());
    // Who left has no address there any more.
    foreign.script().claims["email"] = json!("ana@example.org");
    let (browser, page) = sign_in(&server, &foreign).await;
    assert_eq!((page.status, browser.has_session()), (StatusCode::FORBIDDEN, false));
}

#[tokio::test]
async fn accounts_are_made_only_where_the_operator_wants_that() {
    let (server, foreign) = stage(|p| p.creates_accounts = false).await;
    let before = server.store.read(users::count).unwrap();
    is_refused(&server, &foreign, StatusCode::FORBIDDEN, "Ask whoever runs this server").await;
    assert_eq!(server.store.read(users::count).unwrap(), before);
}

#[tokio::test]
async fn first_account_of_a_server_is_nobodys_to_take() {
    let foreign = Foreign::start().await;
    let provider = corp(&foreign.issuer);
    let server = TestServer::with(|settings| settings.identity_providers.push(provider)).await;
    is_refused(&server, &foreign, StatusCode::FORBIDDEN, "parlor user create").await;
    assert_eq!(server.store.read(users::count).unwrap(), 0);
}

#[tokio::test]
async fn names_that_are_none_are_not_taken_over() {
    for (told, name) in [(json!("<b>Ana</b>"), "ana"), (json!(""), "ana"), (Value::Null, "ana")] {
        let (server, foreign) = stage(|_| {}).await;
        foreign.script().claims["name"] = told;
        sign_in(&server, &foreign).await;
        let user = linked(&server, &foreign).unwrap();
        let row = server.store.read(|c| users::find(c, user)).unwrap().unwrap();
        assert_eq!(row.name, name);
    }
    let (server, foreign) = stage(|_| {}).await;
    foreign.script().claims["name"] = json!("é".repeat(1000));
    sign_in(&server, &foreign).await;
    let user = linked(&server, &foreign).unwrap();
    let row = server.store.read(|c| users::find(c, user)).unwrap().unwrap();
    assert_eq!(row.name, "é".repeat(100));
}
