//! What browsers are given: pages, the call machine and their files.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use insta::assert_snapshot;
use serde_json::json;

use crate::presence::enter;
use crate::support::{Answer, TestServer};

/// Where every daily-js recipe looks for the call machine.
const BUNDLES: [&str; 4] = [
    "/c.daily.co/call-machine/versioned/0.49.1/static/call-machine-object-bundle.js",
    "/c.daily.co/call-machine/versioned/0.92.2/static/call-machine-object-bundle.js",
    "/call-machine/versioned/0.68.0/static/call-machine-object-bundle.js",
    "/static/call-machine-object-bundle.js",
];

async fn page(server: &TestServer, path: &str) -> Answer {
    let answer = server.anonymous().get(path).await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}: {answer}");
    answer
}

#[tokio::test]
async fn room_page_has_the_status_that_fits() {
    let server = TestServer::start().await;
    let key = server.key();
    key.create_room("standup", json!({})).await;
    key.create_room("brief", json!({ "exp": server.now() + 60 })).await;
    key.post("/v1/rooms", json!({ "name": "board", "privacy": "private" })).await;
    key.create_room("solo", json!({ "max_participants": 1 })).await;
    enter(&server, "solo", "Ana", None, 0).await;
    let token = key.make_token(json!({ "room_name": "board" })).await;
    let wrong = key.make_token(json!({ "room_name": "standup" })).await;
    server.clock.advance(60);
    let cases = [
        ("/standup".to_owned(), StatusCode::OK),
        ("/standup/".to_owned(), StatusCode::OK),
        ("/parlor.test:8080/standup".to_owned(), StatusCode::OK),
        ("/nobody".to_owned(), StatusCode::NOT_FOUND),
        ("/stand%20up".to_owned(), StatusCode::NOT_FOUND),
        ("/brief".to_owned(), StatusCode::GONE),
        ("/board".to_owned(), StatusCode::FORBIDDEN),
        ("/solo".to_owned(), StatusCode::SERVICE_UNAVAILABLE),
        (format!("/board?t={token}"), StatusCode::OK),
        (format!("/board?emb=1&t={token}"), StatusCode::OK),
        (format!("/board?t={wrong}"), StatusCode::FORBIDDEN),
    ];
    let whole = page(&server, "/standup").await.text;
    for (path, status) in cases {
        let answer = page(&server, &path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.text, whole, "{path}");
    }
}

#[tokio::test]
async fn room_page_may_be_framed_and_may_use_devices_but_loads_only_from_here() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let answer = page(&server, "/standup").await;
    assert_eq!(answer.header("x-frame-options"), "");
    let policy = answer.header("content-security-policy");
    for part in
        ["default-src 'self'", "connect-src 'self' ws://parlor.test:8080;", "frame-ancestors *"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let permissions = answer.header("permissions-policy");
    for device in ["camera=*", "microphone=*", "display-capture=*"] {
        assert!(permissions.contains(device), "{permissions}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn room_page_of_a_further_organization_is_at_its_own_host() {
    let server = TestServer::start().await;
    server.other_org().create_room("standup", json!({})).await;
    assert_eq!(page(&server, "/standup").await.status, StatusCode::NOT_FOUND);
    let cases = [
        ("globex.parlor.test:8080", StatusCode::OK),
        ("Globex.Parlor.Test:8080", StatusCode::OK),
        ("nobody.parlor.test:8080", StatusCode::NOT_FOUND),
    ];
    for (host, status) in cases {
        let request = Request::get("/standup").header("host", host);
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn host_of_no_organization_has_no_rooms_and_an_unrelated_one_the_first_organizations() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let cases = [
        ("nobody.parlor.test:8080", StatusCode::NOT_FOUND),
        ("acme.parlor.test:8080", StatusCode::OK),
        ("PARLOR.test:8080", StatusCode::OK),
        ("proxy.internal", StatusCode::OK),
    ];
    for (host, status) in cases {
        let join = Request::post("/_parlor/join").header("host", host);
        let body = Body::from(r#"{"room":"standup"}"#);
        let answer = server.send(join.body(body).unwrap()).await;
        assert_eq!(answer.status, status, "{host}: {answer}");
        let page = Request::get("/standup").header("host", host);
        let answer = server.send(page.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn readiness_is_looked_up_once_a_second() {
    let server = TestServer::start().await;
    for _ in 0..5 {
        server.anonymous().get("/readyz").await;
    }
    // Whether they answer, and how busy they are.
    assert_eq!(server.live.lock().unwrap().asked.len(), 2);
    server.clock.advance(1);
    server.anonymous().get("/readyz").await;
    assert_eq!(server.live.lock().unwrap().asked.len(), 4);
}

#[tokio::test]
async fn room_page_takes_get_and_head_only() {
    let server = TestServer::start().await;
    let answer = server.anonymous().send(Method::POST, "/standup", "").await;
    assert_snapshot!(answer, @r#"405 Allow: GET,HEAD {"error":"invalid-request-error","info":"/standup does not take POST; it takes GET,HEAD"}"#);
    server.key().create_room("standup", json!({})).await;
    let answer = server.anonymous().send(Method::HEAD, "/standup", "").await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn api_reference_is_a_page_under_the_same_policy_and_the_start_page_leads_to_it() {
    let server = TestServer::start().await;
    let start = page(&server, "/").await;
    assert!(start.text.contains(r#"<a href="/docs">"#));
    for path in ["/docs", "/docs/"] {
        let answer = page(&server, path).await;
        assert_eq!(answer.status, StatusCode::OK);
        let policy = "content-security-policy";
        assert_eq!(answer.header(policy), start.header(policy));
    }
    let index = server.anonymous().get("/static/docs/index.html").await;
    assert_eq!(index.status, StatusCode::NOT_FOUND, "only where it belongs");
}

#[tokio::test]
async fn start_page_shows_how_to_begin_under_the_same_policy() {
    let server = TestServer::start().await;
    let answer = page(&server, "/").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("<title>Parlor</title>"));
    assert!(answer.text.contains("curl -X POST http://parlor.test:8080/v1/rooms"));
    for inline in ["style=", "<style", "<script", "onclick", "{origin}"] {
        assert!(!answer.text.contains(inline), "{inline}");
    }
    assert!(answer.header("content-security-policy").contains("default-src 'self'"));
    let style = server.anonymous().get("/static/start.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.text.contains("--accent"));
}

#[tokio::test]
async fn call_machine_is_found_by_every_recipe_or_says_that_it_was_not_built() {
    let server = TestServer::start().await;
    for path in BUNDLES {
        let answer = server.anonymous().get(path).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        if answer.status == StatusCode::NOT_FOUND {
            assert!(answer.info().contains("was not built"), "{answer}");
            continue;
        }
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8", "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache");
        revalidates(&server, path, answer.header("etag")).await;
        travels_compressed(&server, path).await;
    }
}

async fn revalidates(server: &TestServer, path: &str, tag: &str) {
    let request = Request::get(path).header("if-none-match", tag).body(Body::empty()).unwrap();
    let answer = server.send(request).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(answer.header("etag"), tag);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let request =
        Request::get(path).header("if-none-match", "\"other\"").body(Body::empty()).unwrap();
    assert_eq!(server.send(request).await.status, StatusCode::OK);
}

async fn travels_compressed(server: &TestServer, path: &str) {
    let request = Request::get(path).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    assert_eq!(server.send(request).await.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn files_that_do_not_exist_are_404_in_our_envelope() {
    let server = TestServer::start().await;
    for path in [
        "/static/nothing.js",
        "/static/../Cargo.toml",
        "/static/%2e%2e/%2e%2e/Cargo.toml",
        "/static/index.html",
        "/call-machine/versioned/0.92.2/static/other.js",
        "/other.example.org/standup",
        "/a/b/c",
    ] {
        let answer = server.anonymous().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.body["error"], "not-found", "{path}");
    }
}

#[tokio::test]
async fn robots_stay_away() {
    let server = TestServer::start().await;
    let answer = server.anonymous().get("/robots.txt").await;
    assert_eq!(answer.text, "User-agent: *\nDisallow: /\n");
}

#[tokio::test]
async fn health_is_the_process_and_readiness_its_parts() {
    let mut server = TestServer::start().await;
    assert_snapshot!(server.anonymous().get("/healthz").await, @r#"200 {"status":"ok"}"#);
    assert_snapshot!(server.anonymous().get("/readyz").await, @r#"200 {"status":"ok","store":"ok","media":"ok","media_load":0}"#);
    server.stop_live_rooms().await;
    server.clock.advance(1);
    assert_eq!(server.anonymous().get("/healthz").await.status, StatusCode::OK);
    assert_snapshot!(server.anonymous().get("/readyz").await, @r#"503 {"status":"unavailable","store":"ok","media":"the media node has stopped"}"#);
    server.store.shutdown();
    server.clock.advance(1);
    assert_snapshot!(server.anonymous().get("/readyz").await, @r#"503 {"status":"unavailable","store":"the store is closed","media":"the media node has stopped"}"#);
}

#[tokio::test]
async fn rest_answers_are_not_for_other_origins() {
    let server = TestServer::start().await;
    let request = Request::options("/v1/rooms")
        .header("origin", "https://app.example.org")
        .header("access-control-request-method", "POST");
    let answer = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let answer = server.key().get("/v1/rooms").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
