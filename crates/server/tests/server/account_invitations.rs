//! The page of an invitation: who joins with it, and who does not.

use axum::http::{Method, StatusCode};
use parlor_model::id::{InvitationId, UserId};
use parlor_model::identity::Email;
use parlor_model::identity::invitation::InvitationStatus;
use parlor_model::identity::member::MemberRole;
use parlor_model::time::UnixMillis;
use parlor_server::account_exists;
use parlor_store::invitations::{self, Invitation};
use parlor_store::members;
use parlor_store::secret_token::{SecretToken, TokenKind};
use serde_json::json;

use crate::browser::{Browser, PASSWORD, account, csrf_in};
use crate::person::SignedIn;
use crate::support::TestServer;

const BO: &str = "bo@example.org";

/// The address of a new invitation for `email`, good for an hour.
pub(crate) async fn invite(server: &TestServer, email: &str, number: u8) -> String {
    let now = UnixMillis::new(server.now() * 1000);
    let invitation = Invitation {
        id: InvitationId::from_random([number; 16]),
        org_id: server.org,
        email: Email::parse(email).unwrap(),
        invited_by: None,
        role: MemberRole::Member,
        role_ids: Vec::new(),
        status: InvitationStatus::Pending,
        created_at: now,
        updated_at: now,
        expires_at: now.plus_seconds(3600),
    };
    let token = SecretToken::generate().unwrap();
    let hash = token.hash(TokenKind::Invitation);
    server.store.write(move |c| invitations::create(c, &invitation, &hash)).await.unwrap();
    format!("/account/invitations/{}", token.expose())
}

pub(crate) async fn is_member(server: &TestServer, user: UserId) -> bool {
    let org = server.org;
    server.store.scan(move |c| members::find(c, org, user)).await.unwrap().is_some()
}

#[tokio::test]
async fn who_has_no_account_makes_one_and_joins() {
    let server = TestServer::start().await;
    account(&server, "ana@example.org").await;
    let page = invite(&server, BO, 1).await;
    let mut browser = Browser::new(&server);
    let shown = browser.get(&page).await;
    assert!(
        shown.text.contains("bo@example.org") && shown.text.contains("new-password"),
        "{}",
        shown.text
    );
    let short = browser.fill(&page, &page, &[("name", "Bo"), ("password", "short")]).await;
    assert_eq!(short.status, StatusCode::FORBIDDEN);
    assert!(short.text.contains("at least 8 characters"), "{}", short.text);
    let nameless = browser.fill(&page, &page, &[("name", "<b>"), ("password", PASSWORD)]).await;
    assert_eq!(nameless.status, StatusCode::FORBIDDEN);
    let joined = browser.fill(&page, &page, &[("name", "Bo"), ("password", PASSWORD)]).await;
    assert_eq!((joined.status, joined.header("location")), (StatusCode::SEE_OTHER, "/dashboard"));
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::OK);
    assert_eq!(browser.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(Browser::new(&server).sign_in(BO, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_has_an_account_signs_in_first_and_then_joins_or_declines() {
    let server = TestServer::start().await;
    account(&server, "ana@example.org").await;
    let bo = account(&server, BO).await;
    let page = invite(&server, BO, 1).await;
    let mut browser = Browser::new(&server);
    assert!(browser.get(&page).await.text.contains("Sign in to join"));
    browser.sign_in(BO, PASSWORD).await;
    assert!(!is_member(&server, bo).await);
    let declined = browser.fill(&page, &page, &[("decision", "decline")]).await;
    assert!(declined.text.contains("Invitation declined"), "{}", declined.text);
    assert!(!is_member(&server, bo).await);
    let page = invite(&server, BO, 2).await;
    let joined = browser.fill(&page, &page, &[("decision", "join")]).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER);
    assert!(is_member(&server, bo).await);
}

#[tokio::test]
async fn invitation_of_somebody_else_is_not_theirs_to_take() {
    let server = TestServer::start().await;
    account(&server, "ana@example.org").await;
    let eve = account(&server, "eve@example.org").await;
    account(&server, BO).await;
    let page = invite(&server, BO, 1).await;
    let mut browser = Browser::new(&server);
    browser.sign_in("eve@example.org", PASSWORD).await;
    let shown = browser.get(&page).await;
    assert!(shown.text.contains("You are signed in as eve@example.org"), "{}", shown.text);
    browser.fill(&page, &page, &[("decision", "join")]).await;
    assert!(!is_member(&server, eve).await);
}

#[tokio::test]
async fn unknown_and_expired_invitations_look_the_same_and_forms_need_their_value() {
    let server = TestServer::start().await;
    account(&server, "ana@example.org").await;
    let page = invite(&server, BO, 1).await;
    let mut browser = Browser::new(&server);
    let fields = [("csrf", "x"), ("name", "Bo"), ("password", PASSWORD)];
    assert_eq!(browser.post(&page, &fields).await.status, StatusCode::FORBIDDEN);
    let unknown = browser.get("/account/invitations/nothing").await;
    server.clock.advance(3600);
    let expired = browser.get(&page).await;
    assert_eq!((unknown.status, expired.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(unknown.text, expired.text);
}

#[tokio::test]
async fn who_is_invited_before_anybody_has_an_account_owns_nothing_but_their_own() {
    let server = TestServer::start().await;
    server.clock.advance(1);
    let page = invite(&server, BO, 1).await;
    let mut browser = Browser::new(&server);
    let fields = [("name", "Bo"), ("password", PASSWORD)];
    let joined = browser.fill(&page, &page, &fields).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.text);
    let org = server.org;
    let owners = async || server.store.scan(move |c| members::count_owners(c, org)).await.unwrap();
    assert_eq!(owners().await, 0);
    account(&server, "ana@example.org").await;
    assert_eq!(owners().await, 1, "the operator's own account does");
}

/// The page of an invitation that somebody makes with the API.
async fn invited_by(inviter: &SignedIn<'_>, org: &str, email: &str) -> String {
    let path = format!("/organizations/{org}/invitations");
    let wanted = json!({"email": email, "role": "member"}).to_string();
    let made = inviter.send(Method::POST, &path, None, &wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    let url = made.body["url"].as_str().unwrap();
    url[url.find("/account/").unwrap()..].to_owned()
}

#[tokio::test]
async fn personal_organization_makes_nobody_an_account() {
    let server = TestServer::start().await;
    account(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, BO).await;
    let own = bo.send(Method::GET, "/organizations", None, "").await;
    assert_eq!(own.body[0]["personal"], true, "{own}");
    let own = own.body[0]["id"].as_str().unwrap().to_owned();
    let page = invited_by(&bo, &own, "cy@example.org").await;

    let mut browser = Browser::new(&server);
    let shown = browser.get(&page).await;
    assert_eq!(shown.status, StatusCode::FORBIDDEN);
    for words in ["has no account", "whoever runs this server", "an owner of a shared"] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    assert!(!shown.text.contains("new-password"), "{}", shown.text);
    let csrf = csrf_in(&browser.get("/account/sign-in").await.text);
    let fields = [("csrf", csrf.as_str()), ("name", "Cy"), ("password", PASSWORD)];
    let refused = browser.post(&page, &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let cy = Email::parse("cy@example.org").unwrap();
    assert!(!account_exists(&server.store, &cy).await.unwrap());

    // With an account, they join as everywhere.
    account(&server, "cy@example.org").await;
    browser.sign_in("cy@example.org", PASSWORD).await;
    let joined = browser.fill(&page, &page, &[("decision", "join")]).await;
    assert_eq!((joined.status, joined.header("location")), (StatusCode::SEE_OTHER, "/dashboard"));
}
