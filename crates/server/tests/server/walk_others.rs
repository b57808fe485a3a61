//! What belongs to one organization is not there for another: on every
//! operation of both faces whose address names a thing, the answer about
//! another's thing is the one about a thing that does not exist.

use axum::http::{Method, StatusCode};
use parlor_server::{Credentials, Place, identity_routes, routes};
use serde_json::json;

use crate::support::{Answer, TestServer};

/// A name that is nobody's, as long as the one that is somebody's.
const NOTHING: &str = "nothing1";
/// The name of a room and of a key of the first organization.
const THEIRS: &str = "standup1";
/// An id that is nobody's.
const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

/// The answer without the name or id that was asked for, and without the time.
fn anonymised(answer: &Answer, asked: &str) -> String {
    answer.text.replace(asked, "…")
}

#[tokio::test]
async fn rest_api_answers_about_things_of_others_as_if_there_were_none() {
    let server = TestServer::start().await;
    server.key().create_room(THEIRS, json!({})).await;
    let hook = json!({"url": "http://127.0.0.1:9/hook"});
    let hook = server.key().post("/v1/webhooks", hook).await;
    let hook = hook.body["uuid"].as_str().map(str::to_owned);
    let mut walked = 0;
    for route in routes().into_iter().filter(|route| route.path.contains('{')) {
        let is_hook = route.path.starts_with("/webhooks/");
        let (theirs, none) = match (is_hook, &hook) {
            (true, Some(hook)) => (hook.as_str(), NO_ID),
            _ => (THEIRS, NOTHING),
        };
        let address = |thing: &str| {
            let filled = route.path.replace("{name}", thing).replace("{id}", thing);
            format!("/v1{}", filled.replace("{token}", thing).replace("{delivery}", NO_ID))
        };
        let stranger = server.other_org();
        let one = stranger.send(route.method.clone(), &address(theirs), "{}").await;
        let other = stranger.send(route.method.clone(), &address(none), "{}").await;
        let asked = format!("{} {}", route.method, route.path);
        assert_eq!(one.status, other.status, "{asked}: {one} but {other}");
        assert_eq!(anonymised(&one, theirs), anonymised(&other, none), "{asked}");
        assert!(one.status.is_client_error() || one.status.as_u16() == 501, "{asked}: {one}");
        if matches!(route.method, Method::GET | Method::DELETE) && !route.path.contains("{token}") {
            assert_eq!(one.status, StatusCode::NOT_FOUND, "{asked}: {one}");
        }
        walked += 1;
    }
    assert!(walked > 20, "{walked} operations name a thing");
    let room = server.key().get(&format!("/v1/rooms/{THEIRS}")).await;
    assert_eq!(room.status, StatusCode::OK, "{room}");
    if let Some(hook) = hook {
        let hook = server.key().get(&format!("/v1/webhooks/{hook}")).await;
        assert_eq!(hook.status, StatusCode::OK, "{hook}");
    }
}

#[tokio::test]
async fn lists_show_nothing_of_others() {
    let server = TestServer::start().await;
    server.key().create_room(THEIRS, json!({})).await;
    server.key().post("/api-keys", json!({"name": THEIRS, "permissions": ["read:rooms"]})).await;
    for route in routes().into_iter().filter(|one| one.method == Method::GET) {
        if route.path.contains('{') {
            continue;
        }
        let address = format!("/v1{}", route.path);
        let answer = server.other_org().get(&address).await;
        assert!(!answer.text.contains(THEIRS) && !answer.text.contains("acme"), "{address}");
    }
    let org = server.org.to_string();
    for route in identity_routes().into_iter().filter(|one| one.method == Method::GET) {
        if route.path.contains('{') {
            continue;
        }
        let address = format!("/api{}", route.path);
        let answer = server.other_org().get(&address).await;
        let shown = [THEIRS, "acme", &org].iter().any(|text| answer.text.contains(text));
        assert!(!shown, "{address}: {answer}");
    }
}

#[tokio::test]
async fn identity_face_answers_about_things_of_others_as_if_there_were_none() {
    let server = TestServer::start().await;
    server.key().post("/api-keys", json!({"name": THEIRS, "permissions": ["read:rooms"]})).await;
    let named = identity_routes().into_iter().filter(|route| {
        route.path.contains('{')
            && route.place == Place::Header
            && route.credentials == Credentials::Any
    });
    for route in named {
        let address = |thing: &str| {
            let filled = route.path.replace("{userId}", "operator").replace("{name}", thing);
            format!("/api{}", filled.replace("{id}", thing).replace("{organizationId}", thing))
        };
        let stranger = server.other_org();
        let one = stranger.send(route.method.clone(), &address(THEIRS), "{}").await;
        let other = stranger.send(route.method.clone(), &address(NOTHING), "{}").await;
        let asked = format!("{} {}", route.method, route.path);
        assert_eq!(one.status, other.status, "{asked}: {one} but {other}");
        assert_eq!(anonymised(&one, THEIRS), anonymised(&other, NOTHING), "{asked}");
        assert!(one.status.is_client_error() || one.status.as_u16() == 501, "{asked}: {one}");
    }
    let key = server.key().get(&format!("/api-keys/{THEIRS}")).await;
    assert_eq!(key.status, StatusCode::OK, "{key}");
}

#[tokio::test]
async fn header_that_names_another_organization_is_refused_on_every_operation() {
    let server = TestServer::start().await;
    let foreign = |method: Method, address: String| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(address)
            .header("authorization", format!("Bearer {}", server.key.expose()))
            .header("x-daytona-organization-id", NO_ID)
            .body(axum::body::Body::empty())
            .unwrap();
        server.send(request)
    };
    for route in routes() {
        let address = crate::coverage::address("/v1", route.path);
        let answer = foreign(route.method.clone(), address.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {address}: {answer}", route.method);
    }
    let ours = identity_routes().into_iter().filter(|route| {
        route.place == Place::Header
            && matches!(route.credentials, Credentials::Any | Credentials::Key)
    });
    for route in ours {
        let address = crate::identity_walk::address("/api", &route, NO_ID);
        let answer = foreign(route.method.clone(), address.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {address}: {answer}", route.method);
    }
}
