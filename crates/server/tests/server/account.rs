//! Signing in and out, sessions, and what others may try with them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use crate::browser::{Browser, PASSWORD, account, csrf_in};
use crate::support::TestServer;

const ANA: &str = "ana@example.org";
const DAY: i64 = 86_400;

#[tokio::test]
async fn sign_in_page_runs_our_script_alone_is_framed_by_nobody_and_kept_by_nobody() {
    let server = TestServer::start().await;
    let page = Browser::new(&server).get("/account/sign-in").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let scripts = page.text.matches("<script").count();
    let ours = page.text.matches(r#"<script src="/static/account.js"></script>"#).count();
    assert_eq!((scripts, ours), (1, 1), "{}", page.text);
    assert!(!page.text.contains("style="), "{}", page.text);
    assert_eq!(
        (page.header("cache-control"), page.header("x-frame-options")),
        ("no-store", "DENY")
    );
    assert_eq!(page.header("access-control-allow-origin"), "");
    let cookie = page.header("set-cookie");
    assert!(cookie.contains("HttpOnly; SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn pages_with_the_value_of_a_form_are_not_compressed_and_files_are() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.sign_in(ANA, PASSWORD).await;
    browser.headers.push(("accept-encoding", "gzip, br"));
    for page in ["/account/device?user_code=csrf", "/account/sessions", "/dashboard"] {
        let answer = browser.get(page).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (StatusCode::OK, ""));
    }
    let request = Request::get("/static/account.css").header("accept-encoding", "gzip, br");
    let style = server.send(request.body(Body::empty()).unwrap()).await;
    assert_ne!(style.header("content-encoding"), "");
}

#[tokio::test]
async fn cookies_are_secure_and_bound_to_the_host_on_https() {
    let server = TestServer::with(|s| "https://parlor.test".clone_into(&mut s.public_url)).await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    let answer = browser.sign_in(ANA, PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-parlor_session="), "{cookie}");
    assert!(
        cookie.contains("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=1209600"),
        "{cookie}"
    );
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::OK);
}

#[tokio::test]
async fn somebody_signs_in_and_goes_on_to_where_they_wanted() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    let away = browser.get("/dashboard/api-keys").await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert_eq!(away.header("location"), "/account/sign-in?continue=/dashboard/api-keys");
    let fields = [("email", " Ana@Example.org"), ("password", PASSWORD)];
    let fields = [fields.as_slice(), &[("continue", "/dashboard/api-keys")]].concat();
    let inside = browser.fill("/account/sign-in", "/account/sign-in", &fields).await;
    assert_eq!(
        (inside.status, inside.header("location")),
        (StatusCode::SEE_OTHER, "/dashboard/api-keys")
    );
    assert_eq!(browser.get("/dashboard/api-keys").await.status, StatusCode::OK);
    let mut other = Browser::new(&server);
    let away = other.get("/dashboard/audit?action=delete&entry=x").await;
    let kept = "/account/sign-in?continue=/dashboard/audit%3Faction%3Ddelete%26entry%3Dx";
    assert_eq!(away.header("location"), kept);
    let again = browser.get("/account/sign-in?continue=/account/sessions").await;
    assert_eq!(
        (again.status, again.header("location")),
        (StatusCode::SEE_OTHER, "/account/sessions")
    );
    assert_eq!(browser.get("/account/sign-in?again=1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn wrong_password_and_unknown_account_get_the_same_answer() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    let wrong = browser.sign_in(ANA, "something else").await;
    let unknown = browser.sign_in("bo@example.org", PASSWORD).await;
    let nonsense = browser.sign_in("no address", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert_eq!(wrong.status, unknown.status);
    assert!(wrong.text.contains("The email or the password is wrong"), "{}", wrong.text);
    assert_eq!(wrong.text.replace(ANA, "bo@example.org"), unknown.text);
    assert_eq!(wrong.text.replace(ANA, "no address"), nonsense.text);
    assert_eq!(browser.cookie("parlor_session"), None);
}

#[tokio::test]
async fn form_of_another_browser_another_site_or_nowhere_is_refused() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut attacker = Browser::new(&server);
    let foreign = csrf_in(&attacker.get("/account/sign-in").await.text);
    let mut browser = Browser::new(&server);
    let own = csrf_in(&browser.get("/account/sign-in").await.text);
    let fields = [("email", ANA), ("password", PASSWORD)];
    for csrf in ["", "x", &foreign] {
        let all = [[("csrf", csrf)].as_slice(), &fields].concat();
        let answer = browser.post("/account/sign-in", &all).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf}");
        assert!(answer.text.contains("Try again"), "{}", answer.text);
    }
    let good = [[("csrf", own.as_str())].as_slice(), &fields].concat();
    for odd in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let mut elsewhere = Browser::new(&server);
        elsewhere.cookies.clone_from(&browser.cookies);
        elsewhere.headers.push(odd);
        assert_eq!(elsewhere.post("/account/sign-in", &good).await.status, StatusCode::FORBIDDEN);
    }
    browser.headers.push(("origin", "http://parlor.test:8080"));
    assert_eq!(browser.post("/account/sign-in", &good).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn session_that_was_brought_along_is_worth_nothing() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.cookies.push(("parlor_session".to_owned(), "planted".to_owned()));
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
    browser.sign_in(ANA, PASSWORD).await;
    let first = browser.cookie("parlor_session").unwrap().to_owned();
    assert_ne!(first, "planted");
    let fields = [("email", ANA), ("password", PASSWORD)];
    browser.fill("/account/sign-in?again=1", "/account/sign-in", &fields).await;
    assert_ne!(browser.cookie("parlor_session"), Some(first.as_str()));
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_after_signing_in() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    for way in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/account/..//x",
        "javascript:x",
    ] {
        let mut browser = Browser::new(&server);
        let fields = [("email", ANA), ("password", PASSWORD), ("continue", way)];
        let answer = browser.fill("/account/sign-in", "/account/sign-in", &fields).await;
        assert_eq!(answer.header("location"), "/dashboard", "{way}");
    }
}

#[tokio::test]
async fn guesses_are_slowed_down_for_known_and_unknown_accounts_alike() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    for email in [ANA, "nobody@example.org"] {
        let mut browser = Browser::new(&server);
        for _ in 0..10 {
            assert_eq!(browser.sign_in(email, "guess").await.status, StatusCode::FORBIDDEN);
        }
        let answer = browser.sign_in(email, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{email}");
        assert_eq!(answer.header("retry-after"), "600");
        assert!(
            answer.text.contains("Too many tries. Try again in 10 minutes."),
            "{}",
            answer.text
        );
    }
    server.clock.advance(600);
    assert_eq!(Browser::new(&server).sign_in(ANA, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn session_ends_after_a_day_without_use_and_after_fourteen_days() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let (mut idle, mut busy) = (Browser::new(&server), Browser::new(&server));
    idle.sign_in(ANA, PASSWORD).await;
    busy.sign_in(ANA, PASSWORD).await;
    for _ in 0..27 {
        server.clock.advance(DAY / 2);
        assert_eq!(busy.get("/account/sessions").await.status, StatusCode::OK);
    }
    assert_eq!(idle.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
    server.clock.advance(DAY / 2);
    assert_eq!(busy.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_others() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browsers = [Browser::new(&server), Browser::new(&server), Browser::new(&server)];
    for browser in &mut browsers {
        browser.sign_in(ANA, PASSWORD).await;
    }
    let [one, two, three] = &mut browsers;
    let page = one.get("/account/sessions").await.text;
    assert_eq!(page.matches("Firefox on Linux</b>").count(), 3, "{page}");
    assert_eq!(page.matches("This browser").count(), 1);
    let (_, rest) = page.split_once(r#"name="session" value=""#).unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    one.fill("/account/sessions", "/account/sessions/end", &[("session", &id)]).await;
    let mut left = 0;
    for browser in [&mut *two, &mut *three] {
        left += u8::from(browser.get("/account/sessions").await.status == StatusCode::OK);
    }
    assert_eq!(left, 1);
    one.fill("/account/sessions", "/account/sessions/end-others", &[]).await;
    for browser in [two, three] {
        assert_eq!(browser.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(one.get("/account/sessions").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    account(&server, "bo@example.org").await;
    let (mut ana, mut other, mut bo) =
        (Browser::new(&server), Browser::new(&server), Browser::new(&server));
    ana.sign_in(ANA, PASSWORD).await;
    other.sign_in(ANA, PASSWORD).await;
    bo.sign_in("bo@example.org", PASSWORD).await;
    let page = ana.get("/account/sessions").await.text;
    let (_, rest) = page.split_once(r#"name="session" value=""#).unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    bo.fill("/account/sessions", "/account/sessions/end", &[("session", &id)]).await;
    let csrf = csrf_in(&page);
    let forged = bo.post("/account/sessions/end-others", &[("csrf", &csrf)]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(other.get("/account/sessions").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_signs_out_is_out_at_once() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.sign_in(ANA, PASSWORD).await;
    let kept = browser.cookies.clone();
    let out = browser.fill("/account/sessions", "/account/sign-out", &[]).await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/account/sign-in"));
    assert_eq!(browser.cookie("parlor_session"), None);
    browser.cookies = kept;
    assert_eq!(browser.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn dashboard_gets_an_access_token_and_nobody_else_does() {
    let server = TestServer::start().await;
    account(&server, ANA).await;
    let mut browser = Browser::new(&server);
    browser.sign_in(ANA, PASSWORD).await;
    let csrf = csrf_in(&browser.get("/account/sessions").await.text);
    let cookie = format!("parlor_session={}", browser.cookie("parlor_session").unwrap());
    let ask = |headers: Vec<(&'static str, String)>| {
        let mut request = Request::post("/account/token");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        server.send(request.body(Body::empty()).unwrap())
    };
    let good = vec![("cookie", cookie.clone()), ("x-csrf", csrf.clone())];
    let answer = ask(good.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    assert_eq!(answer.body["token_type"], json!("Bearer"));
    assert_eq!(answer.body["expires_in"], json!(900));
    assert_eq!(answer.body["access_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(answer.header("cache-control"), "no-store");
    let elsewhere = [good, vec![("sec-fetch-site", "cross-site".to_owned())]].concat();
    for refused in [vec![], vec![("cookie", cookie)], vec![("x-csrf", csrf)], elsewhere] {
        assert_eq!(ask(refused).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn what_somebody_types_stays_text() {
    let server = TestServer::start().await;
    let mut browser = Browser::new(&server);
    let hostile = r#""><script>alert(1)</script>"#;
    let answer = browser.sign_in(hostile, PASSWORD).await;
    assert!(!answer.text.contains("<script>"), "{}", answer.text);
    assert!(answer.text.contains("&quot;&gt;&lt;script&gt;"), "{}", answer.text);
}

#[tokio::test]
async fn form_that_is_too_large_gets_a_page() {
    let server = TestServer::with(|settings| settings.limits.body_bytes = 1000).await;
    let mut browser = Browser::new(&server);
    let answer = browser.post("/account/sign-in", &[("email", &"x".repeat(2000))]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("The form did not arrive"), "{}", answer.text);
}

#[tokio::test]
async fn address_that_leads_nowhere_gets_a_page() {
    let server = TestServer::start().await;
    for path in ["/account/sign_in", "/account/invitations", "/account/a/b/c/%3Cscript%3E"] {
        let answer = server.anonymous().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {answer}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(answer.text.contains("There is nothing here"), "{path}: {answer}");
        assert!(!answer.text.contains("<script>"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn styles_of_the_pages_are_the_kit_and_need_nothing_else() {
    let server = TestServer::start().await;
    let style = server.anonymous().get("/static/account.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(!style.text.contains("@import"), "imports are not followed here");
    assert_eq!(
        server.anonymous().get("/static/parlor.svg").await.header("content-type"),
        "image/svg+xml"
    );
}
