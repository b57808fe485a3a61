//! Choosing another password, and the applications that somebody let in.

use axum::http::StatusCode;
use parlor_model::id::{GrantId, UserId};
use parlor_model::oauth::{OauthClientId, Scopes};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::grants::{self, Grant};
use parlor_store::{audit, users};

use crate::browser::{Browser, PASSWORD, account, csrf_in};
use crate::support::TestServer;

const ANA: &str = "ana@example.org";
const NEW: &str = "another horse & battery";
const PAGE: &str = "/account/password";

fn fields<'a>(current: &'a str, new: &'a str, again: &'a str) -> [(&'a str, &'a str); 3] {
    [("current", current), ("password", new), ("again", again)]
}

/// What somebody granted to the command line, good for an hour.
async fn grant(server: &TestServer, user: UserId, number: u8) -> GrantId {
    let now = UnixMillis::new(server.now() * 1000);
    let id = GrantId::from_random([number; 16]);
    let grant = Grant {
        id,
        user,
        client: OauthClientId::cli(),
        scopes: Scopes::known_in("openid email"),
        nonce: None,
        signed_in_at: now,
        created_at: now,
        ends_at: now.plus_seconds(3600),
        revoked_at: None,
    };
    server.store.write(move |c| grants::create(c, &grant)).await.unwrap();
    id
}

async fn is_good(server: &TestServer, id: GrantId) -> bool {
    let now = UnixMillis::new(server.now() * 1000);
    server.store.scan(move |c| grants::find(c, id)).await.unwrap().unwrap().is_good(now)
}

#[tokio::test]
async fn another_password_ends_every_other_session_and_grant_and_opens_the_account() {
    let server = TestServer::start().await;
    let user = account(&server, ANA).await;
    let granted = grant(&server, user, 1).await;
    let (mut browser, mut other) = (Browser::new(&server), Browser::new(&server));
    browser.sign_in(ANA, PASSWORD).await;
    other.sign_in(ANA, PASSWORD).await;
    let stolen = browser.cookies.clone();
    let answer = browser.fill(PAGE, PAGE, &fields(PASSWORD, NEW, NEW)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.text.contains("Password changed"), "{}", answer.text);
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::OK);
    assert_eq!(other.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
    let mut thief = Browser::new(&server);
    thief.cookies = stolen;
    assert_eq!(thief.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
    assert!(!is_good(&server, granted).await);
    assert_eq!(Browser::new(&server).sign_in(ANA, PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(Browser::new(&server).sign_in(ANA, NEW).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn password_is_changed_only_with_the_one_before_and_to_a_fit_one() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.sign_in(ANA, PASSWORD).await;
    for (current, new, again, words) in [
        ("something else", NEW, NEW, "The password you have now is another one"),
        ("", NEW, NEW, "The password you have now is another one"),
        (PASSWORD, "short", "short", "at least 8 characters"),
        (PASSWORD, NEW, "another horse", "The two new passwords differ"),
        (PASSWORD, PASSWORD, PASSWORD, "That is the password you have now"),
    ] {
        let answer = browser.fill(PAGE, PAGE, &fields(current, new, again)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(answer.text.contains(words), "{}", answer.text);
        assert!(!answer.text.contains(NEW), "what was typed is not shown again");
    }
    assert_eq!(Browser::new(&server).sign_in(ANA, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_found_an_open_browser_guesses_as_slowly_as_at_the_door() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.sign_in(ANA, PASSWORD).await;
    for _ in 0..10 {
        let answer = browser.fill(PAGE, PAGE, &fields("a guess", NEW, NEW)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = browser.fill(PAGE, PAGE, &fields(PASSWORD, NEW, NEW)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "600");
}

#[tokio::test]
async fn password_form_of_nobody_or_another_session_changes_nothing() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let (mut browser, mut other) = (Browser::new(&server), Browser::new(&server));
    assert_eq!(
        browser.get(PAGE).await.header("location"),
        "/account/sign-in?continue=/account/password"
    );
    browser.sign_in(ANA, PASSWORD).await;
    other.sign_in(ANA, PASSWORD).await;
    let foreign = csrf_in(&other.get(PAGE).await.text);
    for csrf in ["", "x", &foreign] {
        let all = [[("csrf", csrf)].as_slice(), &fields(PASSWORD, NEW, NEW)].concat();
        assert_eq!(browser.post(PAGE, &all).await.status, StatusCode::FORBIDDEN, "{csrf}");
    }
    let own = csrf_in(&browser.get(PAGE).await.text);
    browser.headers.push(("sec-fetch-site", "cross-site"));
    let all = [[("csrf", own.as_str())].as_slice(), &fields(PASSWORD, NEW, NEW)].concat();
    assert_eq!(browser.post(PAGE, &all).await.status, StatusCode::FORBIDDEN);
    assert_eq!(Browser::new(&server).sign_in(ANA, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_has_no_password_chooses_one_only_right_after_signing_in() {
    let server = TestServer::start().await;
    let user = account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.sign_in(ANA, PASSWORD).await;
    let now = UnixMillis::new(server.now() * 1000);
    server.store.write(move |c| users::set_password_hash(c, user, None, now)).await.unwrap();
    let page = browser.get(PAGE).await;
    assert!(!page.text.contains(r#"name="current""#), "{}", page.text);
    let csrf = csrf_in(&page.text);
    server.clock.advance(901);
    let all = [("csrf", csrf.as_str()), ("password", NEW), ("again", NEW)];
    let again = "/account/sign-in?again=1&continue=/account/password";
    assert_eq!(browser.post(PAGE, &all).await.header("location"), again);
    assert_eq!(browser.get(PAGE).await.header("location"), again);
}

#[tokio::test]
async fn applications_are_listed_and_signed_out_by_their_own_person_alone() {
    let server = TestServer::start().await;
    let ana = account(&server, ANA).await;
    account(&server, "bo@example.org").await;
    let granted = grant(&server, ana, 1).await;
    let (mut browser, mut bo) = (Browser::new(&server), Browser::new(&server));
    browser.sign_in(ANA, PASSWORD).await;
    bo.sign_in("bo@example.org", PASSWORD).await;
    let page = browser.get("/account/sessions").await.text;
    assert!(page.contains("<b>Parlor command line</b>"), "{page}");
    assert!(!bo.get("/account/sessions").await.text.contains("command line"));
    let id = granted.to_string();
    let end = "/account/applications/end";
    bo.fill("/account/sessions", end, &[("grant", &id)]).await;
    assert!(is_good(&server, granted).await);
    browser.fill("/account/sessions", end, &[("grant", &id)]).await;
    assert!(!is_good(&server, granted).await);
    assert!(!browser.get("/account/sessions").await.text.contains("command line"));
    let second = grant(&server, ana, 2).await;
    browser.fill("/account/sessions", "/account/sessions/end-others", &[]).await;
    assert!(!is_good(&server, second).await);
}

#[tokio::test]
async fn what_people_do_at_the_door_stands_in_the_audit_log_without_secrets() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.sign_in("hunter2 is my password", "x").await;
    browser.sign_in(ANA, "a guess").await;
    browser.sign_in(ANA, PASSWORD).await;
    browser.fill(PAGE, PAGE, &fields("a guess", NEW, NEW)).await;
    browser.fill(PAGE, PAGE, &fields(PASSWORD, NEW, NEW)).await;
    browser.fill("/account/sessions", "/account/sign-out", &[]).await;
    let lines = server.store.scan(|c| audit::walk(c, None, 0, 100)).await.unwrap();
    let lines: Vec<String> = lines.into_iter().map(|one| one.line).collect();
    let log = lines.join("\n");
    for secret in ["hunter2", PASSWORD, NEW, "a guess"] {
        assert!(!log.contains(secret), "{log}");
    }
    let told = |action: &str, target: &str, status: u16| {
        let parts = [
            format!(r#""action":"{action}""#),
            format!(r#""targetType":"{target}""#),
            format!(r#""statusCode":{status}"#),
        ];
        lines.iter().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    };
    assert_eq!(told("login", "session", 403), 2, "{log}");
    assert_eq!(told("login", "session", 303), 1, "{log}");
    assert_eq!((told("update", "user", 422), told("update", "user", 200)), (1, 1), "{log}");
    assert_eq!(told("logout", "session", 303), 1, "{log}");
    assert!(log.contains(ANA), "{log}");
}
