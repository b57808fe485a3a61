//! Every route has its permission, its limit class and an entry in the
//! document, and refuses those without a key.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use parlor_model::key_permission::KeyPermission;
use parlor_model::room_name::RESERVED;
use parlor_server::{openapi_document, routes};

use crate::support::TestServer;

/// Method, path and permission of every REST operation.
fn operations() -> Vec<(Method, &'static str, KeyPermission)> {
    routes().into_iter().map(|route| (route.method, route.path, route.permission)).collect()
}

/// The path below `base`, with something in each variable segment.
pub(crate) fn address(base: &str, path: &str) -> String {
    let filled = path
        .replace("{name}", "standup")
        .replace("{token}", "abc")
        .replace("{id}", "1")
        .replace("{delivery}", "2");
    format!("{base}{filled}")
}

#[tokio::test]
async fn every_operation_refuses_anonymous_and_unknown_callers() {
    let server = TestServer::start().await;
    for (method, path, _) in operations() {
        for base in ["/v1", "/api/v1"] {
            let address = address(base, path);
            let answer = server.anonymous().send(method.clone(), &address, "").await;
            assert_eq!(answer.body["error"], "authorization-header-error", "{method} {address}");
            let answer = server.bad_key().send(method.clone(), &address, "").await;
            assert_eq!(answer.body["error"], "authentication-error", "{method} {address}");
        }
    }
}

#[tokio::test]
async fn every_operation_refuses_a_key_without_its_permission() {
    let server = TestServer::start().await;
    let key = server.limited_key(KeyPermission::ReadLimits).await;
    for (method, path, permission) in operations() {
        let answer = server.bearer(&key).send(method.clone(), &address("/v1", path), "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}: {answer}");
        assert_eq!(answer.info(), format!("the API key lacks the permission {permission}"));
    }
}

#[tokio::test]
async fn every_operation_admits_a_key_with_just_its_permission() {
    let server = TestServer::start().await;
    let mut keys = BTreeMap::new();
    for permission in KeyPermission::ALL {
        keys.insert(*permission, server.limited_key(*permission).await);
    }
    for (method, path, permission) in operations() {
        let caller = server.bearer(&keys[&permission]);
        let answer = caller.send(method.clone(), &address("/v1", path), "").await;
        assert_ne!(answer.status, StatusCode::FORBIDDEN, "{method} {path}: {answer}");
    }
}

#[test]
fn every_working_operation_is_in_the_document_under_its_own_name() {
    let document = openapi_document().unwrap();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            described.insert((method.to_uppercase(), path.clone(), name.to_owned()));
        }
    }
    let routed = routes()
        .into_iter()
        .map(|one| (one.method.to_string(), one.path.to_owned(), one.operation.to_owned()));
    assert_eq!(described, routed.collect());
}

/// A name that is an address must not be a room, and a name that is reserved
/// for later must not be one either.
#[tokio::test]
async fn reserved_names_are_never_call_pages_and_addresses_are_reserved() {
    let server = TestServer::start().await;
    // The API reference is a page, but not a call's.
    for name in RESERVED.iter().filter(|name| **name != "docs") {
        let answer = server.anonymous().get(&format!("/{name}")).await;
        let is_page = answer.header("content-type").starts_with("text/html");
        assert!(!is_page, "/{name} is a call page");
    }
    let first_segments = ["v1", "api", "static", "call-machine", "_parlor", "healthz", "readyz"];
    for segment in first_segments {
        assert!(RESERVED.contains(&segment), "{segment} is an address but not reserved");
    }
    // Two addresses need no reservation: no room name holds a dot.
    assert!(!RESERVED.contains(&"c.daily.co") && !RESERVED.contains(&"robots.txt"));
}
