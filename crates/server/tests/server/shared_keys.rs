//! Keys that were granted several organizations.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use parlor_model::id::OrgId;
use serde_json::{Value, json};

use crate::person::SignedIn;
use crate::support::{Answer, TestServer};

/// A request with a key's value; `org` goes into the header.
async fn ask(server: &TestServer, key: &str, path: &str, org: Option<OrgId>) -> Answer {
    let mut request = Request::get(path).header("authorization", format!("Bearer {key}"));
    if let Some(org) = org {
        request = request.header("X-Daytona-Organization-ID", org.to_string());
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

/// Another organization of the same person.
async fn second(owner: &SignedIn<'_>) -> OrgId {
    let made = owner.send(Method::POST, "/organizations", None, r#"{"name": "Second"}"#).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    made.body["id"].as_str().unwrap().parse().unwrap()
}

/// Makes a key in the first organization that is granted the others too.
async fn grant(owner: &SignedIn<'_>, first: OrgId, others: &[OrgId], words: Value) -> Answer {
    let ids: Vec<_> = others.iter().map(ToString::to_string).collect();
    let body = json!({"name": "shared", "permissions": words, "organizationIds": ids});
    owner.send(Method::POST, "/api-keys", Some(first), &body.to_string()).await
}

fn value(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    answer.body["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn key_of_several_organizations_works_in_each_and_must_say_in_which() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let (first, second) = (server.org, second(&owner).await);
    let key = value(&grant(&owner, first, &[second], json!(["write:rooms"])).await);
    for path in ["/v1/rooms", "/api-keys/current"] {
        let silent = ask(&server, &key, path, None).await;
        assert_eq!(silent.status, StatusCode::BAD_REQUEST, "{path}: {silent}");
        assert!(silent.text.contains("X-Daytona-Organization-ID"), "{silent}");
        for org in [first, second] {
            let answer = ask(&server, &key, path, Some(org)).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {answer}");
        }
        let foreign = ask(&server, &key, path, Some(OrgId::from_random([2; 16]))).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{path}: {foreign}");
    }
    let current = ask(&server, &key, "/api-keys/current", Some(second)).await;
    assert_eq!(current.body["organizationId"], first.to_string());
    assert_eq!(current.body["organizationIds"], json!([first.to_string(), second.to_string()]));
}

#[tokio::test]
async fn rooms_of_the_organizations_of_one_key_stay_apart() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let (first, second) = (server.org, second(&owner).await);
    let key = value(&grant(&owner, first, &[second], json!(["write:rooms"])).await);
    server.key().create_room("only-here", json!({})).await;
    let here = ask(&server, &key, "/v1/rooms/only-here", Some(first)).await;
    assert_eq!(here.status, StatusCode::OK, "{here}");
    let there = ask(&server, &key, "/v1/rooms/only-here", Some(second)).await;
    assert_eq!(there.status, StatusCode::NOT_FOUND, "{there}");
}

#[tokio::test]
async fn nobody_grants_an_organization_in_which_they_hold_less() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let other = SignedIn::new(&server, "bo@example.org").await;
    // Of Bo's organizations one is not Ana's, and in another she is a member without roles.
    let theirs = second(&other).await;
    let refused = grant(&owner, server.org, &[theirs], json!(["read:rooms"])).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{refused}");
    owner.join(theirs, Vec::new()).await;
    let refused = grant(&owner, server.org, &[theirs], json!(["read:rooms"])).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert_eq!(refused.body["requiredPermission"], "read:rooms");
    // Nor does a key grant one that is not its own.
    let body = json!({"name": "x", "permissions": [], "organizationIds": [theirs.to_string()]});
    let refused = server.key().post("/api-keys", body).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{refused}");
}

#[tokio::test]
async fn key_ends_with_its_makers_place_in_any_of_its_organizations() {
    let server = TestServer::start().await;
    SignedIn::new(&server, "ana@example.org").await;
    let maker = SignedIn::new(&server, "bo@example.org").await;
    maker.join(server.org, vec!["00000000-0000-0000-0000-000000000005".parse().unwrap()]).await;
    let own = second(&maker).await;
    let key = value(&grant(&maker, own, &[server.org], json!(["read:rooms"])).await);
    assert_eq!(ask(&server, &key, "/v1/rooms", Some(server.org)).await.status, StatusCode::OK);
    let path = format!("/organizations/{}/users/{}", server.org, maker.user);
    let removed = server.key().delete(&path).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{removed}");
    for org in [own, server.org] {
        let answer = ask(&server, &key, "/v1/rooms", Some(org)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer}");
    }
}

#[tokio::test]
async fn key_ends_with_any_of_its_organizations() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let (first, second) = (server.org, second(&owner).await);
    let key = value(&grant(&owner, first, &[second], json!(["read:rooms"])).await);
    let path = format!("/organizations/{second}");
    let gone = owner.send(Method::DELETE, &path, None, "").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone}");
    let answer = ask(&server, &key, "/v1/rooms", Some(second)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer}");
}

#[tokio::test]
async fn rotated_key_keeps_its_organizations() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let (first, second) = (server.org, second(&owner).await);
    value(&grant(&owner, first, &[second], json!(["read:rooms"])).await);
    let rotated = owner.send(Method::POST, "/api-keys/shared/rotate", Some(first), "{}").await;
    let key = value(&rotated);
    assert_eq!(ask(&server, &key, "/v1/rooms", Some(second)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn demotion_that_is_refused_takes_no_keys() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let key = value(&grant(&owner, server.org, &[], json!(["write:rooms"])).await);
    let path = format!("/organizations/{}/users/{}/access", server.org, owner.user);
    let body = r#"{"role": "member", "assignedRoleIds": []}"#;
    let refused = owner.send(Method::POST, &path, None, body).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{refused}");
    assert_eq!(ask(&server, &key, "/v1/rooms", None).await.status, StatusCode::OK);
}
