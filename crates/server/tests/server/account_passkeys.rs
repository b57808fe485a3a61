//! Passkeys: added, used, listed, removed; and what is tried with them.

use std::sync::mpsc::sync_channel;

use axum::http::StatusCode;
use futures_util::FutureExt as _;
use parlor_model::id::UserId;
use parlor_model::time::UnixMillis;
use parlor_store::audit::{self, AuditFilter, AuditSlice};
use parlor_store::{Connection, StoreError, accounts, users};
use serde_json::{Value, json};

use crate::authenticator::{Authenticator, ORIGIN};
use crate::browser::{Browser, PASSWORD, account, csrf_in};
use crate::support::{Answer, TestServer};

const ANA: &str = "ana@example.org";
const PAGE: &str = "/account/passkeys";
const DOOR: &str = "/account/sign-in";

async fn start() -> TestServer {
    TestServer::with(|settings| ORIGIN.clone_into(&mut settings.public_url)).await
}

/// Somebody in front of a browser, signed in with the password.
async fn person<'a>(server: &'a TestServer, email: &str) -> (Browser<'a>, UserId) {
    let user = account(server, email).await;
    let mut browser = Browser::new(server);
    browser.sign_in(email, PASSWORD).await;
    (browser, user)
}

/// What the script of `page` sends to `page` and `rest`.
async fn ask(browser: &mut Browser<'_>, page: &str, rest: &str, body: &Value) -> Answer {
    let csrf = csrf_in(&browser.get(page).await.text);
    browser.ask(&format!("{page}{rest}"), &csrf, body).await
}

/// Makes a passkey, up to what the server says of it.
async fn make(browser: &mut Browser<'_>, device: &mut Authenticator) -> Answer {
    let begun = ask(browser, PAGE, "/begin", &json!({})).await;
    assert_eq!(begun.status, StatusCode::OK, "{begun}");
    let credential = device.make(&begun.body["options"]);
    let body =
        json!({ "ceremony": begun.body["ceremony"], "name": "Phone", "credential": credential });
    ask(browser, PAGE, "/finish", &body).await
}

/// A sign-in as far as the device has answered.
async fn answered(browser: &mut Browser<'_>, device: &mut Authenticator) -> Value {
    let begun = ask(browser, DOOR, "/passkey/begin", &json!({})).await;
    assert_eq!(begun.status, StatusCode::OK, "{begun}");
    let credential = device.sign(&begun.body["options"]);
    json!({ "ceremony": begun.body["ceremony"], "credential": credential, "continue": PAGE })
}

async fn enter(browser: &mut Browser<'_>, body: &Value) -> Answer {
    ask(browser, DOOR, "/passkey/finish", body).await
}

#[tokio::test]
async fn passkey_is_added_opens_the_account_and_is_removed() {
    let server = start().await;
    let (mut browser, _) = person(&server, ANA).await;
    let mut phone = Authenticator::new(1);
    let made = make(&mut browser, &mut phone).await;
    assert_eq!(made.status, StatusCode::OK, "{made}");
    let page = browser.get(PAGE).await.text;
    assert!(page.contains("<b>Phone</b>") && page.contains("never used"), "{page}");

    let mut elsewhere = Browser::new(&server);
    let body = answered(&mut elsewhere, &mut phone).await;
    let inside = enter(&mut elsewhere, &body).await;
    assert_eq!((inside.status, &inside.body["location"]), (StatusCode::OK, &json!(PAGE)));
    assert!(inside.header("set-cookie").starts_with("__Host-parlor_session="), "{inside}");
    let sessions = elsewhere.get("/account/sessions").await.text;
    assert!(sessions.contains("With a passkey"), "{sessions}");
    let page = elsewhere.get(PAGE).await.text;
    assert!(page.contains("last used <time"), "{page}");

    let (_, rest) = page.split_once(r#"name="passkey" value=""#).unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    browser.fill(PAGE, "/account/passkeys/remove", &[("passkey", &id)]).await;
    assert!(browser.get(PAGE).await.text.contains("No passkeys yet"));
    let mut late = Browser::new(&server);
    let body = answered(&mut late, &mut phone).await;
    assert_eq!(enter(&mut late, &body).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn passkey_that_is_removed_while_it_is_used_opens_nothing() {
    let server = start().await;
    let (mut browser, ana) = person(&server, ANA).await;
    let mut phone = Authenticator::new(1);
    make(&mut browser, &mut phone).await;
    let mut elsewhere = Browser::new(&server);
    let body = answered(&mut elsewhere, &mut phone).await;
    let csrf = csrf_in(&elsewhere.get(DOOR).await.text);

    // Changes follow each other: behind the closed gate, the passkey's use is noted
    // first, then its account passes to somebody else, and then a session begins.
    let (open, gate) = sync_channel::<()>(1);
    let closed = server.store.write(move |_| {
        gate.recv().ok();
        Ok::<_, StoreError>(())
    });
    let entering = elsewhere.ask("/account/sign-in/passkey/finish", &csrf, &body);
    let hand_over = server.store.write(move |c: &mut dyn Connection| {
        accounts::remove_other_ways(c, ana)?;
        accounts::replace_password(c, ana, "$x", UnixMillis::new(0))
    });
    let (mut closed, mut entering, mut hand_over) =
        (Box::pin(closed), Box::pin(entering), Box::pin(hand_over));
    assert!((&mut closed).now_or_never().is_none());
    assert!((&mut entering).now_or_never().is_none());
    assert!((&mut hand_over).now_or_never().is_none());
    open.send(()).unwrap();
    let (_, entered, handed_over) = tokio::join!(closed, entering, hand_over);
    assert!(handed_over.unwrap());
    assert_eq!(entered.status, StatusCode::FORBIDDEN, "{entered}");
    assert!(entered.info().starts_with("this passkey opens no account here"), "{entered}");
    assert_eq!(elsewhere.cookie("__Host-parlor_session"), None);
}

#[tokio::test]
async fn answer_of_a_ceremony_counts_once_in_time_and_in_its_own_browser() {
    let server = start().await;
    let (mut browser, _) = person(&server, ANA).await;
    let mut phone = Authenticator::new(1);
    make(&mut browser, &mut phone).await;
    let (mut one, mut other) = (Browser::new(&server), Browser::new(&server));
    let body = answered(&mut one, &mut phone).await;
    assert_eq!(enter(&mut other, &body).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(enter(&mut one, &body).await.status, StatusCode::OK);
    let mut again = Browser::new(&server);
    again.cookies = one.cookies.clone();
    again.cookies.retain(|(name, _)| !name.contains("session"));
    let replayed = enter(&mut again, &body).await;
    assert_eq!(replayed.status, StatusCode::BAD_REQUEST, "{replayed}");
    assert!(replayed.body["info"].as_str().unwrap().contains("answered already"));
    let slow = answered(&mut again, &mut phone).await;
    server.clock.advance(300);
    assert_eq!(enter(&mut again, &slow).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.cookie("__Host-parlor_session"), None);
}

#[tokio::test]
async fn passkeys_of_other_origins_of_nobody_and_without_a_finger_open_nothing() {
    let server = start().await;
    let (mut browser, ana) = person(&server, ANA).await;
    for origin in ["https://evil.example", "https://sub.parlor.test", "http://parlor.test"] {
        let mut elsewhere = Authenticator::new(9);
        elsewhere.origin = origin;
        assert_eq!(make(&mut browser, &mut elsewhere).await.status, StatusCode::FORBIDDEN);
    }
    let mut careless = Authenticator::new(8);
    careless.is_verifying = false;
    assert_eq!(make(&mut browser, &mut careless).await.status, StatusCode::FORBIDDEN);
    let mut phone = Authenticator::new(1);
    make(&mut browser, &mut phone).await;

    let mut door = Browser::new(&server);
    phone.origin = "https://evil.example";
    let body = answered(&mut door, &mut phone).await;
    assert_eq!(enter(&mut door, &body).await.status, StatusCode::FORBIDDEN);
    phone.origin = ORIGIN;
    phone.is_verifying = false;
    let body = answered(&mut door, &mut phone).await;
    assert_eq!(enter(&mut door, &body).await.status, StatusCode::FORBIDDEN);
    phone.is_verifying = true;
    let mut forged = Authenticator::new(1);
    for handle in [b"0123456789abcdef", ana.as_uuid().as_bytes()] {
        forged.claim(handle);
        let body = answered(&mut door, &mut forged).await;
        assert_eq!(enter(&mut door, &body).await.status, StatusCode::FORBIDDEN);
    }
    for nonsense in [json!(null), json!({}), json!({ "id": "x", "rawId": "!", "type": 3 })] {
        let mut body = answered(&mut door, &mut phone).await;
        body["credential"] = nonsense;
        assert_eq!(enter(&mut door, &body).await.status, StatusCode::FORBIDDEN);
    }
    // A copy of the device has fallen behind its count.
    phone.count = 0;
    let body = answered(&mut door, &mut phone).await;
    assert_eq!(enter(&mut door, &body).await.status, StatusCode::FORBIDDEN);
    phone.count = 500;
    let body = answered(&mut door, &mut phone).await;
    assert_eq!(enter(&mut door, &body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn passkey_of_one_person_is_never_another_persons() {
    let server = start().await;
    let (mut ana, _) = person(&server, ANA).await;
    let (mut bo, bo_id) = person(&server, "bo@example.org").await;
    let mut phone = Authenticator::new(1);
    make(&mut ana, &mut phone).await;
    // The same credential again, for whoever it is.
    let mut copy = Authenticator::new(1);
    assert_eq!(make(&mut bo, &mut copy).await.status, StatusCode::BAD_REQUEST);
    // Ana's passkey that says it is Bo's.
    phone.claim(bo_id.as_uuid().as_bytes());
    let mut door = Browser::new(&server);
    let body = answered(&mut door, &mut phone).await;
    assert_eq!(enter(&mut door, &body).await.status, StatusCode::FORBIDDEN);
    // What Ana began, Bo does not finish.
    let begun = ask(&mut ana, PAGE, "/begin", &json!({})).await;
    let credential = Authenticator::new(2).make(&begun.body["options"]);
    let body = json!({ "ceremony": begun.body["ceremony"], "credential": credential });
    assert_eq!(ask(&mut bo, PAGE, "/finish", &body).await.status, StatusCode::BAD_REQUEST);
    // Nor removes what is hers.
    let page = ana.get(PAGE).await.text;
    let (_, rest) = page.split_once(r#"name="passkey" value=""#).unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    bo.fill(PAGE, "/account/passkeys/remove", &[("passkey", &id)]).await;
    assert!(ana.get(PAGE).await.text.contains("<b>Phone</b>"));
}

#[tokio::test]
async fn who_signed_in_long_ago_or_sends_no_page_value_adds_no_passkey() {
    let server = start().await;
    let (mut browser, _) = person(&server, ANA).await;
    let csrf = csrf_in(&browser.get(PAGE).await.text);
    for wrong in ["", "x"] {
        let refused = browser.ask("/account/passkeys/begin", wrong, &json!({})).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let nobody = Browser::new(&server).ask("/account/passkeys/begin", &csrf, &json!({})).await;
    assert_eq!(nobody.status, StatusCode::FORBIDDEN);
    server.clock.advance(901);
    let late = browser.ask("/account/passkeys/begin", &csrf, &json!({})).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    let page = browser.get(PAGE).await.text;
    assert!(page.contains("/account/sign-in?again=1&amp;continue=/account/passkeys"), "{page}");
}

#[tokio::test]
async fn last_passkey_of_an_account_without_a_password_stays() {
    let server = start().await;
    let (mut browser, user) = person(&server, ANA).await;
    make(&mut browser, &mut Authenticator::new(1)).await;
    let now = UnixMillis::new(server.now() * 1000);
    server.store.write(move |c| users::set_password_hash(c, user, None, now)).await.unwrap();
    let page = browser.get(PAGE).await.text;
    let (_, rest) = page.split_once(r#"name="passkey" value=""#).unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    let kept = browser.fill(PAGE, "/account/passkeys/remove", &[("passkey", &id)]).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(kept.text.contains("could not sign in any more"), "{}", kept.text);
    make(&mut browser, &mut Authenticator::new(2)).await;
    let gone = browser.fill(PAGE, "/account/passkeys/remove", &[("passkey", &id)]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn beginning_over_and_over_from_one_address_is_slowed_down() {
    let server = start().await;
    let mut browser = Browser::new(&server);
    let csrf = csrf_in(&browser.get(DOOR).await.text);
    // What another site has the browser send uses nothing up.
    for _ in 0..40 {
        let foreign = browser.ask("/account/sign-in/passkey/begin", "", &json!({})).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    }
    for _ in 0..30 {
        let begun = browser.ask("/account/sign-in/passkey/begin", &csrf, &json!({})).await;
        assert_eq!(begun.status, StatusCode::OK);
    }
    let refused = browser.ask("/account/sign-in/passkey/begin", &csrf, &json!({})).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "60");
}

#[tokio::test]
async fn answers_to_what_was_never_begun_are_not_written_down() {
    let server = start().await;
    let mut browser = Browser::new(&server);
    let csrf = csrf_in(&browser.get(DOOR).await.text);
    let entries = || {
        let slice = AuditSlice { before: None, skip: 0, limit: 100 };
        server.store.read(|c| audit::list(c, None, &AuditFilter::default(), slice)).unwrap().total
    };
    let before = entries();
    let body = json!({ "ceremony": "AAAAAAAAAAAAAAAAAAAAAA", "credential": {} });
    for _ in 0..40 {
        let refused = browser.ask("/account/sign-in/passkey/finish", &csrf, &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(entries(), before);
    // One that was begun is.
    let body = answered(&mut browser, &mut Authenticator::new(1)).await;
    assert_eq!(enter(&mut browser, &body).await.status, StatusCode::FORBIDDEN);
    assert_eq!(entries(), before + 1);
}

#[tokio::test]
async fn where_browsers_have_no_passkeys_none_are_offered() {
    let server = TestServer::with(|s| "http://192.0.2.1:7880".clone_into(&mut s.public_url)).await;
    let (mut browser, _) = person(&server, ANA).await;
    let page = browser.get(PAGE).await.text;
    assert!(page.contains("http://192.0.2.1:7880 is none"), "{page}");
    let csrf = csrf_in(&browser.get("/account/sessions").await.text);
    let refused = browser.ask("/account/passkeys/begin", &csrf, &json!({})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(!Browser::new(&server).get(DOOR).await.text.contains("passkey"));
}
