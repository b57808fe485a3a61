//! One instance of this server as the provider of another one, over HTTP.

use axum::http::StatusCode;
use parlor_store::oauth::clients::Client;
use parlor_store::users;
use tokio::net::TcpListener;

use super::browser::{Browser, CALLBACK, CLIENT_ID, CLIENT_SECRET, corp, path_of, server_with};
use crate::oauth::driver::{Stage, add_client, client};
use crate::support::{ORIGIN, TestServer};

/// The provider: a server of its own, where Ana is signed in.
async fn provider() -> (Stage, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let mut server = TestServer::with(|settings| settings.public_url.clone_from(&issuer)).await;
    server.listen_on(listener);
    let stage = Stage::on(server).await;
    let redirect_uris = vec![format!("{ORIGIN}{CALLBACK}")];
    let own = Client { redirect_uris, ..client(CLIENT_ID, Some(CLIENT_SECRET), true) };
    add_client(&stage.server, own).await;
    (stage, issuer)
}

/// Where the provider sends Ana's browser, of what it was sent.
async fn pass(provider: &Stage, issuer: &str, sent: &str) -> String {
    let path = sent.strip_prefix(issuer).unwrap_or_else(|| panic!("not the provider: {sent}"));
    let answer = provider.visit(path).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location().to_owned()
}

#[tokio::test]
async fn somebody_signs_in_through_another_server_and_is_known_the_next_time() {
    let (provider, issuer) = provider().await;
    let server = server_with(corp(&issuer)).await;
    let mut browser = Browser::default();
    let sent = browser.begin(&server).await;
    let back = pass(&provider, &issuer, &sent).await;
    let entered = browser.open(&server, path_of(&back)).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/account/sessions"));
    assert!(browser.is_signed_in_as(&server, "ana@example.org").await);
    assert!(!browser.cookies.contains_key("parlor_federation"));

    // Their address changes there; they are who they were.
    let users_before = server.store.read(users::count).unwrap();
    let mut again = Browser::default();
    let sent = again.begin(&server).await;
    let back = pass(&provider, &issuer, &sent).await;
    again.open(&server, path_of(&back)).await;
    assert!(again.is_signed_in_as(&server, "ana@example.org").await);
    assert_eq!(server.store.read(users::count).unwrap(), users_before);
}

#[tokio::test]
async fn what_was_brought_back_once_opens_nothing_twice() {
    let (provider, issuer) = provider().await;
    let server = server_with(corp(&issuer)).await;
    let mut browser = Browser::default();
    let sent = browser.begin(&server).await;
    let mut thief = browser.clone();
    let back = pass(&provider, &issuer, &sent).await;
    browser.open(&server, path_of(&back)).await;
    assert!(browser.has_session());
    // Not even with the cookie of the attempt: the code is spent.
    let replayed = thief.open(&server, path_of(&back)).await;
    assert_eq!(replayed.status, StatusCode::BAD_GATEWAY);
    assert!(!thief.has_session());
}

#[tokio::test]
async fn code_of_one_attempt_is_worth_nothing_in_another() {
    let (provider, issuer) = provider().await;
    let server = server_with(corp(&issuer)).await;
    let (mut victim, mut attacker) = (Browser::default(), Browser::default());
    let victims = victim.begin(&server).await;
    let back = pass(&provider, &issuer, &attacker.begin(&server).await).await;
    let state = |address: &str| {
        let pairs = crate::oauth::driver::pairs(address.split_once('?').unwrap().1);
        pairs["state"].clone()
    };
    // The attacker's code with the victim's state: PKCE and the nonce are the
    // victim's.
    let injected = path_of(&back).replace(&state(&back), &state(&victims));
    let answer = victim.open(&server, &injected).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(!victim.has_session());
}

#[tokio::test]
async fn keys_of_the_provider_may_change_while_both_run() {
    let (mut provider, issuer) = provider().await;
    let server = server_with(corp(&issuer)).await;
    let mut browser = Browser::default();
    let sent = browser.begin(&server).await;
    browser.open(&server, path_of(&pass(&provider, &issuer, &sent).await)).await;
    assert!(browser.has_session());
    // A month and a bit: the provider signs with another key, and has a new one
    // that was in no key set before.
    for server in [&server, &provider.server] {
        server.clock.advance(61 * 86_400);
    }
    (provider.cookie, provider.csrf) =
        crate::oauth::driver::sign_in(&provider.server, provider.user, 8).await;
    let mut later = Browser::default();
    let sent = later.begin(&server).await;
    let entered = later.open(&server, path_of(&pass(&provider, &issuer, &sent).await)).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text);
    assert!(later.has_session());
}
