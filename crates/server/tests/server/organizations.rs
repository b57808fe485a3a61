//! What happens to organizations, their roles, members and invitations, and to
//! the keys that hang on them.

use axum::http::{Method, StatusCode};
use parlor_model::command::Command;
use parlor_model::id::{OrgId, RoleId};
use parlor_model::time::UnixMillis;
use parlor_store::sessions;
use serde_json::{Value, json};

use crate::person::SignedIn;
use crate::support::{Answer, START_SECONDS, TestServer};

async fn make(owner: &SignedIn<'_>, name: &str) -> OrgId {
    let body = json!({"name": name}).to_string();
    let made = owner.send(Method::POST, "/organizations", None, &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    made.body["id"].as_str().unwrap().parse().unwrap()
}

async fn post(by: &SignedIn<'_>, path: &str, org: OrgId, body: Value) -> Answer {
    by.send(Method::POST, path, Some(org), &body.to_string()).await
}

async fn key_of(by: &SignedIn<'_>, org: OrgId, permissions: Value) -> Answer {
    post(by, "/api-keys", org, json!({"name": "own", "permissions": permissions})).await
}

fn value(made: &Answer) -> parlor_store::key::KeyValue {
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    parlor_store::key::KeyValue::unchecked(made.body["value"].as_str().unwrap())
}

#[tokio::test]
async fn role_that_shrinks_takes_the_keys_with_it_that_hold_more() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let org = make(&ana, "Acme").await;
    let roles = format!("/organizations/{org}/roles");
    let wide =
        json!({"name": "Guests", "description": "", "permissions": ["write:rooms", "read:logs"]});
    let made = post(&ana, &roles, org, wide).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    let role: RoleId = made.body["id"].as_str().unwrap().parse().unwrap();
    bo.join(org, vec![role]).await;
    let key = value(&key_of(&bo, org, json!(["read:rooms"])).await);

    let role_path = format!("{roles}/{role}");
    let same = json!({"name": "Guests", "description": "", "permissions": ["read:rooms"]});
    let changed = ana.send(Method::PUT, &role_path, Some(org), &same.to_string()).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed}");
    assert_eq!(server.bearer(&key).get("/v1/rooms").await.status, StatusCode::OK);
    let less = json!({"name": "Guests", "description": "", "permissions": ["read:logs"]});
    ana.send(Method::PUT, &role_path, Some(org), &less.to_string()).await;
    assert_eq!(server.bearer(&key).get("/v1/rooms").await.status, StatusCode::UNAUTHORIZED);

    let key = value(&key_of(&bo, org, json!(["read:logs"])).await);
    let deleted = ana.send(Method::DELETE, &role_path, Some(org), "").await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{deleted}");
    assert_eq!(server.bearer(&key).get("/v1/logs").await.status, StatusCode::UNAUTHORIZED);
    let built_in = format!("{roles}/{}", RoleId::from_number(1));
    let refused = ana.send(Method::DELETE, &built_in, Some(org), "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
}

#[tokio::test]
async fn an_organization_keeps_an_owner() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let org = make(&ana, "Acme").await;
    let access = |user| format!("/organizations/{org}/users/{user}/access");
    let member = json!({"role": "member", "assignedRoleIds": []});
    let refused = post(&ana, &access(ana.user), org, member.clone()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{refused}");
    assert!(refused.body["message"].as_str().unwrap().contains("no owner"), "{refused}");
    let leave = format!("/organizations/{org}/leave");
    assert_eq!(post(&ana, &leave, org, json!({})).await.status, StatusCode::CONFLICT);

    let stranger = post(&ana, &access(bo.user), org, member.clone()).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND, "{stranger}");
    bo.join(org, Vec::new()).await;
    let unknown = json!({"role": "member", "assignedRoleIds": [RoleId::from_random([9; 16])]});
    let unknown = post(&ana, &access(bo.user), org, unknown).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST, "{unknown}");
    let owner = json!({"role": "owner", "assignedRoleIds": []});
    let made = post(&ana, &access(bo.user), org, owner).await;
    assert_eq!((made.status, &made.body["role"]), (StatusCode::OK, &json!("owner")), "{made}");
    assert_eq!(post(&ana, &leave, org, json!({})).await.status, StatusCode::NO_CONTENT);
    let gone = ana.send(Method::GET, &format!("/organizations/{org}"), None, "").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "{gone}");
}

#[tokio::test]
async fn who_administers_it_sees_when_members_were_there_and_nobody_else_does() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let org = make(&ana, "Acme").await;
    bo.join(org, vec![RoleId::from_number(1)]).await;
    let path = format!("/organizations/{org}/users");
    let seen = async |by: &SignedIn<'_>| {
        let list = by.send(Method::GET, &path, Some(org), "").await;
        assert_eq!(list.status, StatusCode::OK, "{list}");
        // Who came at the same moment stands in no order.
        let all = list.body.as_array().unwrap();
        [ana.user, bo.user].map(|user| {
            let one = all.iter().find(|one| one["userId"] == user.to_string()).unwrap();
            one["lastSeenAt"].as_str().map(str::to_owned)
        })
    };
    let then = Some(UnixMillis::new(server.now() * 1000).to_iso8601());
    server.clock.advance(600);
    assert_eq!(seen(&ana).await, [then.clone(), then]);
    assert_eq!(seen(&bo).await, [None, None]);
    let user = bo.user;
    server.store.write(move |c| sessions::revoke_all_of_user(c, user)).await.unwrap();
    assert_eq!(seen(&ana).await[1], None);
}

#[tokio::test]
async fn deleted_organization_takes_its_keys_and_open_invitations_along() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let org = make(&ana, "Acme").await;
    let key = value(&key_of(&ana, org, json!(["admin:organization"])).await);
    let path = format!("/organizations/{org}/invitations");
    let invited =
        post(&ana, &path, org, json!({"email": "bo@example.org", "role": "member"})).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{invited}");
    let deleted = ana.send(Method::DELETE, &format!("/organizations/{org}"), None, "").await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{deleted}");
    assert_eq!(server.bearer(&key).get("/v1/rooms").await.status, StatusCode::UNAUTHORIZED);
    let accept =
        format!("/organizations/invitations/{}/accept", invited.body["id"].as_str().unwrap());
    let late = bo.send(Method::POST, &accept, None, "").await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "{late}");
    let first = ana.send(Method::DELETE, &format!("/organizations/{}", server.org), None, "").await;
    assert_eq!(first.status, StatusCode::FORBIDDEN, "{first}");
}

#[tokio::test]
async fn invitation_is_answered_once_and_stands_in_the_organizations_log() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let org = make(&ana, "Acme").await;
    let path = format!("/organizations/{org}/invitations");
    let wanted = json!({"email": "bo@example.org", "role": "member", "assignedRoleIds": [RoleId::from_number(7)]});
    let invited = post(&ana, &path, org, wanted.clone()).await;
    let id = invited.body["id"].as_str().unwrap().to_owned();
    let twice = post(&ana, &path, org, wanted.clone()).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "{twice}");
    let count = bo.send(Method::GET, "/organizations/invitations/count", None, "").await;
    assert_eq!(count.body, json!(1));

    let accept = format!("/organizations/invitations/{id}/accept");
    let strange = ana.send(Method::POST, &accept, None, "").await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND, "{strange}");
    let joined = bo.send(Method::POST, &accept, None, "").await;
    assert_eq!(joined.status, StatusCode::OK, "{joined}");
    assert_eq!(joined.body["status"], "accepted");
    assert_eq!(bo.send(Method::POST, &accept, None, "").await.status, StatusCode::NOT_FOUND);
    let cancel = post(&ana, &format!("{path}/{id}/cancel"), org, json!({})).await;
    assert_eq!(cancel.status, StatusCode::CONFLICT, "{cancel}");
    assert_eq!(post(&ana, &path, org, wanted).await.status, StatusCode::CONFLICT, "a member");

    let log = format!("/audit/organizations/{org}?action=accept");
    let log = ana.send(Method::GET, &log, None, "").await;
    let entries = log.body["items"].as_array().unwrap();
    let said: Vec<_> = entries.iter().map(|one| (&one["actorEmail"], &one["statusCode"])).collect();
    let (by, gone, done) = (json!("bo@example.org"), json!(404), json!(200));
    assert_eq!(said, [(&by, &gone), (&by, &done)], "{log}");
}

#[tokio::test]
async fn settings_are_kept_beside_each_other_and_a_suspension_shows() {
    let server = TestServer::start().await;
    let org = format!("/organizations/{}", server.org);
    let send = async |method, path: &str, body: Value| {
        let path = format!("{org}{path}");
        server.key().send(method, &path, body.to_string()).await
    };
    let changes = [
        (Method::PATCH, "/default-region", json!({"defaultRegionId": "eu"})),
        (Method::POST, "/preview-warning", json!({"enabled": true})),
        (Method::PUT, "/otel-config", json!({"endpoint": "https://otel.example.org"})),
        (Method::PUT, "/experimental-config", json!({"a": [1]})),
    ];
    let all = changes.map(|(method, path, body)| send(method, path, body));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
    }
    let shown = server.key().get(&org).await.body;
    assert_eq!(shown["defaultRegionId"], "eu");
    assert_eq!(shown["previewWarningEnabled"], true);
    assert_eq!(shown["otelConfig"]["endpoint"], "https://otel.example.org");
    assert_eq!(shown["experimentalConfig"], json!({"a": [1]}));
    let large = json!({"a": "x".repeat(20_000)});
    let refused = send(Method::PUT, "/experimental-config", large).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused}");
    assert!(refused.body["message"].as_str().unwrap().contains("16384"), "{refused}");

    let until = json!({"reason": "unpaid", "until": "2001-01-01T00:00:00Z"});
    assert_eq!(send(Method::POST, "/suspend", until).await.status, StatusCode::BAD_REQUEST);
    let reason = json!({"reason": "unpaid"});
    assert_eq!(send(Method::POST, "/suspend", reason).await.status, StatusCode::NO_CONTENT);
    let shown = server.key().get(&org).await.body;
    assert_eq!((&shown["suspended"], &shown["suspensionReason"]), (&json!(true), &json!("unpaid")));
    assert_eq!(send(Method::POST, "/unsuspend", json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(server.key().get(&org).await.body["suspended"], false);
}

#[tokio::test]
async fn nobody_makes_organizations_without_end_and_deleting_one_makes_room() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let mut last = None;
    for number in 0..50 {
        last = Some(make(&ana, &format!("Number {number}")).await);
    }
    let one_more = json!({"name": "One more"}).to_string();
    let refused = ana.send(Method::POST, "/organizations", None, &one_more).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert!(refused.text.contains("at most 50 organizations"), "{refused}");
    let path = format!("/organizations/{}", last.unwrap());
    assert_eq!(ana.send(Method::DELETE, &path, None, "").await.status, StatusCode::NO_CONTENT);
    make(&ana, "One more").await;
}

#[tokio::test]
async fn nobody_makes_and_deletes_organizations_without_end() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    for number in 0..200 {
        let path = format!("/organizations/{}", make(&ana, &format!("Run {number}")).await);
        assert_eq!(ana.send(Method::DELETE, &path, None, "").await.status, StatusCode::NO_CONTENT);
    }
    let body = json!({"name": "One more"}).to_string();
    let refused = ana.send(Method::POST, "/organizations", None, &body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert!(refused.text.contains("200 organizations of this account"), "{refused}");
    // Their token has ended by then, too.
    server.clock.advance(24 * 60 * 60);
    let ana = ana.again("ana@example.org").await;
    make(&ana, "One more").await;
}

#[tokio::test]
async fn calls_of_a_deleted_organization_end() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let org = make(&ana, "Acme").await;
    let key = value(&key_of(&ana, org, json!(["admin:organization"])).await);
    let mut rooms = Vec::new();
    for body in [json!({"name": "brief", "properties": {"exp": START_SECONDS + 60}}), json!({})] {
        let room = server.bearer(&key).post("/v1/rooms", body).await;
        rooms.push(room.body["id"].as_str().unwrap().to_owned());
    }
    server.key().create_room("other", json!({})).await;
    // People may still be in a room that has expired.
    server.clock.advance(60);
    server.live.lock().unwrap().asked.clear();
    let path = format!("/organizations/{org}");
    assert_eq!(ana.send(Method::DELETE, &path, None, "").await.status, StatusCode::NO_CONTENT);
    let asked = server.live.lock().unwrap().asked.clone();
    let mut ended: Vec<_> = asked
        .iter()
        .map(|command| match command {
            Command::EndRoom { room, .. } => room.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    ended.sort();
    rooms.sort();
    assert_eq!(ended, rooms);
}

#[tokio::test]
async fn who_loses_the_right_to_invite_loses_their_invitations_and_nobody_elses() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let eve = SignedIn::new(&server, "eve@example.org").await;
    let org = make(&ana, "Acme").await;
    bo.join(org, Vec::new()).await;
    let access = format!("/organizations/{org}/users/{}/access", bo.user);
    let role = |role: &str| json!({"role": role, "assignedRoleIds": []});
    let invitations = format!("/organizations/{org}/invitations");
    let invite = |email: &str| json!({"email": email, "role": "owner", "assignedRoleIds": []});
    post(&ana, &invitations, org, invite("cleo@example.org")).await;
    for way in ["demoted", "removed"] {
        post(&ana, &access, org, role("owner")).await;
        let invited = post(&bo, &invitations, org, invite("eve@example.org")).await;
        assert_eq!(invited.status, StatusCode::CREATED, "{invited}");
        match way {
            "demoted" => post(&ana, &access, org, role("member")).await,
            _ => {
                let place = format!("/organizations/{org}/users/{}", bo.user);
                ana.send(Method::DELETE, &place, None, "").await
            }
        };
        let id = invited.body["id"].as_str().unwrap();
        let accept = format!("/organizations/invitations/{id}/accept");
        let late = eve.send(Method::POST, &accept, None, "").await;
        assert_eq!(late.status, StatusCode::NOT_FOUND, "{way}: {late}");
    }
    let all = ana.send(Method::GET, &invitations, None, "").await;
    let all = all.body.as_array().unwrap().clone();
    let waiting: Vec<_> = all.iter().filter(|one| one["status"] == "pending").collect();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["email"], "cleo@example.org");
}

#[tokio::test]
async fn where_telemetry_goes_is_read_by_those_who_administer_it_alone() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let org = make(&ana, "Acme").await;
    bo.join(org, Vec::new()).await;
    let secret = "Bearer otel-secret";
    let config = json!({"endpoint": "https://otel.example.org", "headers": {"a": secret}});
    let path = format!("/organizations/{org}/otel-config");
    let set = ana.send(Method::PUT, &path, None, &config.to_string()).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{set}");
    let limited = value(&key_of(&ana, org, json!(["read:rooms"])).await);
    for path in ["/organizations".to_owned(), format!("/organizations/{org}")] {
        let owner = ana.send(Method::GET, &path, None, "").await;
        assert!(owner.text.contains(secret), "{owner}");
        let member = bo.send(Method::GET, &path, None, "").await;
        assert_eq!(member.status, StatusCode::OK, "{member}");
        assert!(!member.text.contains(secret), "{member}");
        let key = server.bearer(&limited).get(&path).await;
        assert!(key.status == StatusCode::OK && !key.text.contains(secret), "{key}");
    }
}

#[tokio::test]
async fn providers_are_not_named_over_the_api_and_the_answer_says_where() {
    let server = TestServer::start().await;
    let all = format!("/organizations/{}/identity-providers", server.org);
    for path in [all.clone(), format!("{all}/test-connection")] {
        let refused = server.key().post(&path, json!({"name": "Corp"})).await;
        assert_eq!(refused.status, StatusCode::NOT_IMPLEMENTED, "{refused}");
        assert_eq!(refused.body["code"], "NOT_IMPLEMENTED");
        assert!(refused.body["message"].as_str().unwrap().contains("[[identity_provider]]"));
    }
    for method in [Method::PATCH, Method::DELETE] {
        let unknown = server.key().send(method, &format!("{all}/corp"), "{}").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}
