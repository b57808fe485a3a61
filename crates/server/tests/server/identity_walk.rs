//! Every operation of the identity face, at both its bases: with no credential,
//! a wrong one, a key that lacks what it needs, and one of another
//! organization. A route that is added without a rule fails here.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use parlor_model::key_permission::KeyPermission;
use parlor_server::{Credentials, IdentityRoute, Need, Place, identity_document, identity_routes};

use crate::support::TestServer;

const BASES: [&str; 2] = ["/api", ""];

/// The route's path with something in each variable segment.
pub(crate) fn address(base: &str, route: &IdentityRoute, organization: &str) -> String {
    let filled = route
        .path
        .replace("{organizationId}", organization)
        .replace("{name}", "nobody's")
        .replace("{userId}", "operator")
        .replace("{roleId}", "11111111-1111-4111-8111-111111111111")
        .replace("{invitationId}", "11111111-1111-4111-8111-111111111111")
        .replace("{regionId}", "local")
        .replace("{identityProviderId}", "corp")
        .replace("{id}", "nothing");
    assert!(!filled.contains('{'), "{filled}: fill in this variable");
    format!("{base}{}", filled.replace(' ', "%20").replace('\'', "%27"))
}

fn guarded() -> impl Iterator<Item = IdentityRoute> {
    identity_routes().into_iter().filter(|route| route.credentials != Credentials::None)
}

#[tokio::test]
async fn every_operation_refuses_anonymous_and_unknown_callers() {
    let server = TestServer::start().await;
    let org = server.org.to_string();
    for route in guarded() {
        for base in BASES {
            let address = address(base, &route, &org);
            for caller in [
                server.anonymous(),
                server.bad_key(),
                server.authorized("Basic dXNlcjpwYXNz"),
                server.authorized("Bearer"),
                server.authorized("Bearer eyJhbGciOiJub25lIn0.e30.AA"),
            ] {
                let answer = caller.send(route.method.clone(), &address, "").await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {address}", route.method);
                assert_eq!(answer.body["message"], "Unauthorized", "{address}");
                assert_eq!(answer.body["error"], "Invalid or expired API key", "{address}");
                assert_eq!(answer.body["statusCode"], 401, "{address}");
                assert_eq!(answer.body["path"], address.as_str());
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{address}");
            }
        }
    }
}

/// What a key needs for the route, if anything.
fn needed(route: &IdentityRoute) -> Option<KeyPermission> {
    route.need.of_key().filter(|_| route.place != Place::None)
}

#[tokio::test]
async fn every_operation_refuses_a_key_without_its_permission() {
    let server = TestServer::start().await;
    let org = server.org.to_string();
    // No operation here needs this one.
    let key = server.limited_key(KeyPermission::ReadBilling).await;
    for route in guarded() {
        let address = address("/api", &route, &org);
        let answer = server.bearer(&key).send(route.method.clone(), &address, "").await;
        let Some(permission) = needed(&route) else {
            let is_refused = route.credentials == Credentials::Person;
            assert_eq!(answer.status == StatusCode::FORBIDDEN, is_refused, "{address}: {answer}");
            continue;
        };
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address}: {answer}");
        assert_eq!(answer.body["message"], "Forbidden", "{address}");
        assert_eq!(answer.body["error"], "Insufficient permissions", "{address}");
        assert_eq!(answer.body["code"], "INSUFFICIENT_PERMISSIONS", "{address}");
        if route.credentials != Credentials::Person {
            assert_eq!(answer.body["requiredPermission"], permission.word(), "{address}");
        }
    }
}

#[tokio::test]
async fn every_operation_admits_a_key_with_just_its_permission() {
    let server = TestServer::start().await;
    let org = server.org.to_string();
    let mut keys = BTreeMap::new();
    for permission in KeyPermission::ALL {
        keys.insert(*permission, server.limited_key(*permission).await);
    }
    for route in guarded() {
        let Some(permission) = needed(&route) else {
            continue;
        };
        if route.credentials == Credentials::Person {
            continue;
        }
        let address = address("/api", &route, &org);
        let answer =
            server.bearer(&keys[&permission]).send(route.method.clone(), &address, "").await;
        // The contract itself forbids a few things to everybody.
        let is_lack = answer.body.get("requiredPermission").is_some();
        assert!(!is_lack, "{} {address}: {answer}", route.method);
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{} {address}: {answer}", route.method);
    }
}

#[tokio::test]
async fn every_operation_hides_an_organization_from_the_keys_of_others() {
    let server = TestServer::start().await;
    let org = server.org.to_string();
    for route in guarded().filter(|route| route.place == Place::Path) {
        let address = address("/api", &route, &org);
        let answer = server.other_org().send(route.method.clone(), &address, "").await;
        let expected = match route.credentials {
            Credentials::Person => StatusCode::FORBIDDEN,
            _ => StatusCode::NOT_FOUND,
        };
        assert_eq!(answer.status, expected, "{} {address}: {answer}", route.method);
        assert!(!answer.text.contains("acme"), "{address}: {answer}");
    }
}

#[tokio::test]
async fn operators_alone_decide_about_other_organizations() {
    let server = TestServer::start().await;
    let org = server.org.to_string();
    for route in guarded().filter(|route| route.need == Need::Operator) {
        let address = address("/api", &route, &org);
        let answer = server.other_org().send(route.method.clone(), &address, "{}").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address}: {answer}");
    }
}

#[tokio::test]
async fn what_needs_no_credential_works_without_and_with_a_wrong_one() {
    let server = TestServer::start().await;
    let open = identity_routes().into_iter().filter(|one| one.credentials == Credentials::None);
    for route in open {
        assert_eq!(route.method, Method::GET);
        for base in BASES {
            let address = format!("{base}{}", route.path);
            assert_eq!(server.anonymous().get(&address).await.status, StatusCode::OK, "{address}");
            assert_eq!(server.bad_key().get(&address).await.status, StatusCode::OK, "{address}");
        }
    }
}

#[test]
fn every_operation_is_in_the_document_under_its_own_name() {
    let document = identity_document().unwrap();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            described.insert((method.to_uppercase(), path.clone(), name.to_owned()));
        }
    }
    let routed: BTreeSet<_> = identity_routes()
        .into_iter()
        .map(|one| (one.method.to_string(), one.path.to_owned(), one.operation.to_owned()))
        .collect();
    assert_eq!(described, routed);
}

#[test]
fn every_permission_of_the_document_is_the_one_that_is_demanded() {
    let document = identity_document().unwrap();
    for route in identity_routes() {
        let entry = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        let named = entry["x-permission"].as_str();
        assert_eq!(named, route.need.of_key().map(KeyPermission::word), "{}", route.path);
    }
}
