//! Every operation of both faces with the access tokens of people: of an owner,
//! of a member without roles, and of somebody of another organization.

use axum::http::{Method, StatusCode};
use parlor_model::key_permission::KeyPermission;
use parlor_server::{Credentials, Need, Place, identity_routes, routes};

use crate::person::SignedIn;
use crate::support::TestServer;
use crate::{coverage, identity_walk};

/// What somebody lacks, as `/v1` says it.
fn lack(permission: KeyPermission) -> String {
    format!(
        "you lack the permission {permission} in this organization: an owner can give you a role that holds it"
    )
}

#[tokio::test]
async fn owner_holds_every_permission_of_every_operation() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    for route in routes() {
        for base in ["/v1", "/api/v1"] {
            let address = coverage::address(base, route.path);
            let answer = owner.send(route.method.clone(), &address, None, "").await;
            let is_refused =
                matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            assert!(!is_refused, "{} {address}: {answer}", route.method);
        }
    }
    let org = server.org.to_string();
    for route in identity_routes() {
        let address = identity_walk::address("/api", &route, &org);
        let answer = owner.send(route.method.clone(), &address, None, "").await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{} {address}: {answer}", route.method);
        assert!(answer.body.get("requiredPermission").is_none(), "{address}: {answer}");
        let is_key_only = route.credentials == Credentials::Key;
        assert!(!is_key_only || answer.status == StatusCode::FORBIDDEN, "{address}: {answer}");
    }
}

#[tokio::test]
async fn member_without_roles_is_refused_whatever_needs_a_permission() {
    let server = TestServer::start().await;
    SignedIn::new(&server, "ana@example.org").await;
    let member = SignedIn::new(&server, "bo@example.org").await;
    member.join(server.org, Vec::new()).await;
    let (org, named) = (server.org.to_string(), Some(server.org));
    for route in routes() {
        let address = coverage::address("/v1", route.path);
        let answer = member.send(route.method.clone(), &address, named, "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {address}: {answer}", route.method);
        assert_eq!(answer.info(), lack(route.permission), "{address}");
    }
    // Whoever leaves is no member for what follows.
    for route in identity_routes().into_iter().filter(|it| it.operation != "leave_organization") {
        let address = identity_walk::address("/api", &route, &org);
        let answer = member.send(route.method.clone(), &address, named, "").await;
        let needed = match route.need {
            Need::Holds(permission) | Need::OneOf(permission, _) => Some(permission),
            Need::Operator => Some(KeyPermission::AdminOrganization),
            // The key in that address is not theirs.
            Need::KeyHolds(_) if route.operation == "delete_api_key_of_user" => {
                Some(KeyPermission::AdminOrganization)
            }
            Need::Membership | Need::KeyHolds(_) => None,
        };
        let said = answer.body["requiredPermission"].as_str();
        assert_eq!(said, needed.map(KeyPermission::word), "{} {address}: {answer}", route.method);
        assert_eq!(
            answer.status == StatusCode::FORBIDDEN,
            needed.is_some() || route.credentials == Credentials::Key,
            "{address}: {answer}"
        );
    }
}

#[tokio::test]
async fn somebody_of_another_organization_is_refused_or_finds_nothing() {
    let server = TestServer::start().await;
    SignedIn::new(&server, "ana@example.org").await;
    let stranger = SignedIn::new(&server, "carla@example.org").await;
    let (org, named) = (server.org.to_string(), Some(server.org));
    for route in routes() {
        let address = coverage::address("/v1", route.path);
        let answer = stranger.send(route.method.clone(), &address, named, "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {address}: {answer}", route.method);
    }
    for route in identity_routes().into_iter().filter(|one| one.credentials != Credentials::Key) {
        let address = identity_walk::address("/api", &route, &org);
        let answer = stranger.send(route.method.clone(), &address, named, "").await;
        match route.place {
            Place::Path => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}: {answer}"),
            Place::Header if route.credentials != Credentials::None => {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address}: {answer}");
            }
            Place::Header | Place::None => {}
        }
        assert!(!answer.text.contains("acme"), "{address}: {answer}");
    }
}

#[tokio::test]
async fn somebody_of_several_organizations_must_name_one() {
    let server = TestServer::start().await;
    SignedIn::new(&server, "ana@example.org").await;
    let member = SignedIn::new(&server, "bo@example.org").await;
    member.join(server.org, Vec::new()).await;
    for route in routes() {
        let address = coverage::address("/v1", route.path);
        let answer = member.send(route.method.clone(), &address, None, "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{} {address}: {answer}", route.method);
        assert!(answer.info().contains("X-Daytona-Organization-ID"), "{address}: {answer}");
    }
    for route in identity_routes() {
        if route.place != Place::Header
            || matches!(route.credentials, Credentials::None | Credentials::Key)
        {
            continue;
        }
        let address = identity_walk::address("/api", &route, &server.org.to_string());
        let answer = member.send(route.method.clone(), &address, None, "").await;
        // Operators are so in the first organization alone: there is no choice.
        let expected = match route.need {
            Need::Operator => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        assert_eq!(answer.status, expected, "{} {address}: {answer}", route.method);
    }
}

#[tokio::test]
async fn operator_of_several_organizations_names_none() {
    let server = TestServer::start().await;
    let operator = SignedIn::new(&server, "ana@example.org").await;
    let stranger = SignedIn::new(&server, "bo@example.org").await;
    for person in [&operator, &stranger] {
        let path = "/organizations";
        let made = person.send(Method::POST, path, None, r#"{"name": "Team"}"#).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made}");
        let team = made.body["id"].as_str().unwrap();
        let path = format!("/organizations/{team}/quota");
        let answer = operator.send(Method::PATCH, &path, None, r#"{"rooms": 5}"#).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
        let answer = stranger.send(Method::PATCH, &path, None, r#"{"rooms": 9}"#).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer}");
    }
}

#[tokio::test]
async fn role_of_a_member_opens_what_it_holds_and_nothing_else() {
    let server = TestServer::start().await;
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let member = SignedIn::new(&server, "bo@example.org").await;
    let role = r#"{"name": "Rooms", "description": "", "permissions": ["read:rooms"]}"#;
    let path = format!("/organizations/{}/roles", server.org);
    let made = owner.send(Method::POST, &path, None, role).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    let role = made.body["id"].as_str().unwrap().parse().unwrap();
    member.join(server.org, vec![role]).await;
    for route in routes() {
        let address = coverage::address("/v1", route.path);
        let answer = member.send(route.method.clone(), &address, Some(server.org), "").await;
        let is_open = route.permission == KeyPermission::ReadRooms;
        assert_eq!(answer.status != StatusCode::FORBIDDEN, is_open, "{address}: {answer}");
    }
}
