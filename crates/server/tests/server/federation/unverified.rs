//! What an address is worth that only a provider vouched for which speaks for
//! nobody's: anybody may have made an account there with somebody else's.

use axum::http::header::AUTHORIZATION;
use axum::http::{Method, Request, StatusCode};
use parlor_model::id::{InvitationId, UserId};
use parlor_model::identity::invitation::InvitationStatus;
use parlor_store::invitations;
use parlor_store::oauth::federation;
use serde_json::json;

use super::accounts::{linked, sign_in, stage};
use super::browser::{Browser, add_owner, corp};
use super::foreign::Foreign;
use crate::account_invitations::{invite, is_member};
use crate::browser::csrf_in;
use crate::oauth::driver::{
    add_client, authorize, client, exchange, form, pairs, part, query, send,
};
use crate::person::SignedIn;
use crate::support::{Answer, TestServer};

const MINE: &str = "/organizations/invitations";

/// Whoever signed in, as a page of theirs calls the API.
async fn api<'a>(server: &'a TestServer, browser: &mut Browser, user: UserId) -> SignedIn<'a> {
    let csrf = csrf_in(&browser.open(server, "/account/sessions").await.text);
    SignedIn::with_session(server, user, &browser.cookies["parlor_session"], &csrf).await
}

async fn get(person: &SignedIn<'_>, path: &str) -> Answer {
    let answer = person.send(Method::GET, path, None, "").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    answer
}

#[tokio::test]
async fn address_is_verified_only_where_the_provider_speaks_for_its_domain() {
    for is_trusted in [false, true] {
        let domains = if is_trusted { vec!["example.org".to_owned()] } else { Vec::new() };
        let (server, foreign) = stage(|provider| provider.email_domains = domains).await;
        let (mut browser, _) = sign_in(&server, &foreign).await;
        assert!(browser.is_signed_in_as(&server, "ana@example.org").await);
        let ana = api(&server, &mut browser, linked(&server, &foreign).unwrap()).await;
        assert_eq!(get(&ana, "/users/me").await.body["emailVerified"], json!(is_trusted));

        // What applications are told.
        add_client(&server, client("own", None, true)).await;
        let asked = authorize(&[("client_id", "own"), ("scope", "openid email")]);
        let sent = browser.open(&server, &asked).await;
        let code = pairs(sent.location().split_once('?').unwrap().1)["code"].clone();
        let request = form(Request::post("/oauth/token"), &exchange(&code));
        let tokens = send(&server, request).await.json();
        let id_token = part(tokens["id_token"].as_str().unwrap(), 1);
        assert_eq!(id_token["email_verified"], json!(is_trusted));
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let request = Request::get("/oauth/userinfo").header(AUTHORIZATION, bearer);
        let info = send(&server, request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(info.json()["email_verified"], json!(is_trusted));
    }
}

#[tokio::test]
async fn invitation_is_not_stolen_with_an_address_of_somebody_else() {
    let (server, foreign) = stage(|_| {}).await;
    invite(&server, "ana@example.org", 3).await;
    let id = InvitationId::from_random([3; 16]);
    let (mut browser, _) = sign_in(&server, &foreign).await;
    let user = linked(&server, &foreign).unwrap();
    let thief = api(&server, &mut browser, user).await;
    assert_eq!(get(&thief, MINE).await.body, json!([]));
    assert_eq!(get(&thief, &format!("{MINE}/count")).await.body, json!(0));
    for answer in ["accept", "decline"] {
        let path = format!("{MINE}/{id}/{answer}");
        let refused = thief.send(Method::POST, &path, None, "").await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{refused}");
    }
    assert!(!is_member(&server, user).await);
    let invitation = server.store.read(|c| invitations::find(c, id)).unwrap().unwrap();
    assert_eq!(invitation.status, InvitationStatus::Pending);
}

#[tokio::test]
async fn whoever_was_given_the_link_joins_with_it() {
    let (server, foreign) = stage(|_| {}).await;
    let link = invite(&server, "ana@example.org", 3).await;
    let (mut browser, _) = sign_in(&server, &foreign).await;
    let csrf = csrf_in(&browser.open(&server, &link).await.text);
    let form = query(&[("csrf", &csrf), ("decision", "join")]);
    let joined = browser.submit(&server, &link, &form).await;
    assert_eq!((joined.status, joined.location()), (StatusCode::SEE_OTHER, "/dashboard"));
    assert!(is_member(&server, linked(&server, &foreign).unwrap()).await);
}

#[tokio::test]
async fn account_that_was_made_with_her_address_is_not_what_its_owner_gets() {
    let (anybodys, trusted) = (Foreign::start().await, Foreign::start().await);
    let mut staff = corp(&trusted.issuer);
    (staff.name, staff.title) = ("staff".to_owned(), "Staff".to_owned());
    staff.email_domains = vec!["example.org".to_owned()];
    let providers = vec![corp(&anybodys.issuer), staff];
    let server = TestServer::with(|settings| settings.identity_providers = providers).await;
    add_owner(&server).await;
    let (mut thief, _) = sign_in(&server, &anybodys).await;
    assert!(thief.is_signed_in_as(&server, "ana@example.org").await);

    let mut ana = Browser::default();
    let sent = ana.open(&server, "/account/sign-in/staff").await;
    let back = trusted.agree_for(sent.location(), "/account/sign-in/staff/callback");
    let page = ana.open(&server, &back).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text);
    assert!(page.text.contains("/account/sign-in/staff/connect"), "{}", page.text);
    assert!(!ana.has_session());
    let known = server.store.read(|c| federation::find(c, &trusted.issuer, "s-1")).unwrap();
    assert_eq!(known, None);
}
