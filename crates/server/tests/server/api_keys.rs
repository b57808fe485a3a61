//! API keys over the identity face: the lines of the source document, the life
//! of a key, and what nobody may do with one.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use parlor_model::id::OrgId;
use parlor_server::PeerAddr;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, TestServer};

async fn create(caller: &Caller<'_>, name: &str, permissions: Value) -> Answer {
    caller.post("/api-keys", json!({ "name": name, "permissions": permissions })).await
}

/// The value of a key that was just made.
fn value(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    answer.body["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_made_as_the_source_document_shows() {
    let server = TestServer::start().await;
    let body = json!({
        "name": "My API Key",
        "permissions": ["write:sandboxes", "read:snapshots"],
        "expiresAt": "2030-12-31T23:59:59Z",
    });
    let made = server.key().post("/api-keys", body).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.body["name"], "My API Key");
    assert_eq!(made.body["permissions"], json!(["write:sandboxes", "read:snapshots"]));
    assert_eq!(made.body["expiresAt"], "2030-12-31T23:59:59.000Z");
    assert_eq!(made.body["createdAt"], "2030-01-01T00:00:00.000Z");
    assert_eq!(made.header("cache-control"), "no-store");
    let value = value(&made);
    assert!(value.starts_with("parlor_") && value.len() == 73);

    let holder = server.authorized(&format!("Bearer {value}"));
    assert_eq!(holder.get("/sandbox").await.status, StatusCode::OK);
    assert_eq!(holder.get("/api/snapshots").await.status, StatusCode::OK);
    let refused = holder.post("/api/snapshots", json!({})).await;
    assert_eq!(refused.body["requiredPermission"], "write:snapshots");
    assert_eq!(holder.get("/v1/rooms").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_value_is_shown_once_and_masked_ever_after() {
    let server = TestServer::start().await;
    let value = value(&create(&server.key(), "ci", json!(["read:rooms"])).await);
    let list = server.key().get("/api-keys").await;
    let read = server.key().get("/api-keys/ci").await;
    assert!(!list.text.contains(&value) && !read.text.contains(&value));
    let masked = format!("{}{}{}", &value[..3], "*".repeat(20), &value[70..]);
    assert_eq!(read.body["value"], masked);
    for field in ["name", "value", "createdAt", "permissions", "lastUsedAt", "expiresAt", "userId"]
    {
        assert!(read.body.get(field).is_some(), "{field}");
    }
    assert_eq!(read.body["userId"], "operator");
    assert_eq!(read.body["lastUsedAt"], Value::Null);
}

#[tokio::test]
async fn the_current_key_is_the_one_of_the_request_and_its_use_shows_at_once() {
    let server = TestServer::start().await;
    let value = value(&create(&server.key(), "ci", json!(["read:rooms"])).await);
    let holder = server.authorized(&format!("Bearer {value}"));
    let current = holder.get("/api-keys/current").await;
    assert_eq!(current.status, StatusCode::OK, "{current}");
    assert_eq!(current.body["name"], "ci");
    assert_eq!(current.body["lastUsedAt"], "2030-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn keys_are_listed_last_used_first() {
    let server = TestServer::start().await;
    let first = value(&create(&server.key(), "first", json!(["read:rooms"])).await);
    value(&create(&server.key(), "second", json!(["read:rooms"])).await);
    server.clock.advance(5);
    server.authorized(&format!("Bearer {first}")).get("/v1/rooms").await;
    server.clock.advance(5);
    let names: Vec<String> = server
        .key()
        .get("/api-keys")
        .await
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["main", "first", "second"]);
}

#[tokio::test]
async fn an_expired_key_is_refused_from_that_second_on_and_stays_listed() {
    let server = TestServer::start().await;
    let body = json!({"name": "short", "permissions": ["admin:organization"], "expiresAt": "2030-01-01T00:01:00Z"});
    let key = value(&server.key().post("/api-keys", body).await);
    let holder = server.authorized(&format!("Bearer {key}"));
    server.clock.advance(59);
    assert_eq!(holder.get("/api-keys/current").await.status, StatusCode::OK);
    server.clock.advance(1);
    for path in ["/api-keys/current", "/api/sandbox", "/users/me", "/organizations"] {
        let answer = holder.get(path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.body["error"], "Invalid or expired API key");
    }
    assert_eq!(holder.get("/v1/rooms").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.key().get("/api-keys/short").await.body["active"], false);
}

#[tokio::test]
async fn a_deleted_key_is_refused_at_once_and_its_name_is_free() {
    let server = TestServer::start().await;
    let key = value(&create(&server.key(), "my key/1", json!(["read:rooms"])).await);
    let gone = server.key().delete("/api-keys/my%20key%2F1").await;
    assert_eq!((gone.status, gone.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let holder = server.authorized(&format!("Bearer {key}"));
    assert_eq!(holder.get("/api-keys/current").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.key().delete("/api-keys/my%20key%2F1").await.status, StatusCode::NOT_FOUND);
    value(&create(&server.key(), "my key/1", json!(["read:rooms"])).await);
    let gone = server.key().delete("/api-keys/operator/my%20key%2F1").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone}");
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let server = TestServer::start().await;
    value(&create(&server.key(), "ci", json!(["read:rooms"])).await);
    let again = create(&server.key(), "ci", json!(["read:rooms"])).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(
        (&again.body["error"], &again.body["code"]),
        (&json!("Conflict"), &json!("CONFLICT"))
    );
    // In another organization it is another key.
    value(&create(&server.other_org(), "ci", json!(["read:rooms"])).await);
}

#[tokio::test]
async fn nobody_gives_more_than_they_hold() {
    let server = TestServer::start().await;
    let limited =
        create(&server.key(), "maker", json!(["manage:api_keys", "read:rooms", "delete:rooms"]))
            .await;
    let limited = value(&limited);
    let maker = server.authorized(&format!("Bearer {limited}"));
    for (wanted, lack) in [
        (json!(["write:rooms"]), "write:rooms"),
        (json!(["admin:organization"]), "admin:organization"),
        (json!(["read:rooms", "read:domain"]), "read:domain"),
    ] {
        let refused = create(&maker, "more", wanted).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
        assert_eq!(refused.body["requiredPermission"], lack);
    }
    let made = create(&maker, "less", json!(["read:rooms"])).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
}

#[tokio::test]
async fn rotation_gives_nobody_a_stronger_key_than_theirs() {
    let server = TestServer::start().await;
    let maker = value(&create(&server.key(), "maker", json!(["manage:api_keys"])).await);
    let maker = server.authorized(&format!("Bearer {maker}"));
    let refused = maker.post("/api-keys/main/rotate", json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert_eq!(refused.body["requiredPermission"], "admin:organization");
}

#[tokio::test]
async fn a_key_ends_itself_and_none_that_is_stronger() {
    let server = TestServer::start().await;
    let maker = value(&create(&server.key(), "maker", json!(["manage:api_keys"])).await);
    create(&server.key(), "reader", json!(["read:rooms"])).await;
    let maker = server.authorized(&format!("Bearer {maker}"));
    for path in ["/api-keys/main", "/api-keys/operator/main"] {
        let refused = maker.delete(path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} {refused}");
        assert_eq!(refused.body["requiredPermission"], "admin:organization");
    }
    let refused = maker.delete("/api-keys/reader").await;
    assert_eq!(refused.body["requiredPermission"], "read:rooms", "{refused}");
    assert_eq!(maker.delete("/api-keys/maker").await.status, StatusCode::NO_CONTENT);
    assert_eq!(server.key().delete("/api-keys/reader").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_rotated_key_works_on_for_the_overlap_and_no_longer() {
    let server = TestServer::start().await;
    let old = value(&create(&server.key(), "ci", json!(["read:rooms", "create:tokens"])).await);
    let rotated = server.key().post("/api-keys/ci/rotate", json!({"overlapSeconds": 600})).await;
    let new = value(&rotated);
    assert_eq!(rotated.body["name"], "ci");
    assert_eq!(rotated.body["permissions"], json!(["read:rooms", "create:tokens"]));
    let (old, new) =
        (server.authorized(&format!("Bearer {old}")), server.authorized(&format!("Bearer {new}")));
    assert_eq!(old.get("/api-keys/current").await.body["name"], "ci-old-1");
    assert_eq!(new.get("/api-keys/current").await.body["name"], "ci");
    server.clock.advance(600);
    assert_eq!(old.get("/v1/rooms").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(new.get("/v1/rooms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_and_the_header_must_agree() {
    let server = TestServer::start().await;
    let with_header = |organization: String| {
        let request = Request::builder()
            .uri("/api/api-keys")
            .header("authorization", format!("Bearer {}", server.key.expose()))
            .header("X-Daytona-Organization-ID", organization)
            .body(Body::empty())
            .unwrap();
        server.send(request)
    };
    assert_eq!(with_header(server.org.to_string()).await.status, StatusCode::OK);
    let other = OrgId::from_random([2; 16]).to_string();
    for organization in [other, "org_abc123".to_owned(), String::new()] {
        let answer = with_header(organization).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer}");
        assert_eq!(answer.body["error"], "Insufficient permissions");
    }
}

#[tokio::test]
async fn keys_of_another_organization_are_not_there() {
    let server = TestServer::start().await;
    value(&create(&server.key(), "secret-project", json!(["read:rooms"])).await);
    let stranger = server.other_org();
    assert!(!stranger.get("/api-keys").await.text.contains("secret-project"));
    for (method, path) in [
        (Method::GET, "/api-keys/secret-project"),
        (Method::DELETE, "/api-keys/secret-project"),
        (Method::DELETE, "/api-keys/operator/secret-project"),
        (Method::POST, "/api-keys/secret-project/rotate"),
    ] {
        let answer = stranger.send(method, path, "{}").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {answer}");
    }
    assert_eq!(server.key().get("/api-keys/secret-project").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_in_the_query_is_no_key() {
    let server = TestServer::start().await;
    let key = server.key.expose();
    for query in ["api_key", "access_token", "authorization", "token"] {
        let answer = server.anonymous().get(&format!("/api-keys?{query}={key}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{query}");
        assert!(!answer.text.contains(key));
    }
}

#[tokio::test]
async fn bad_requests_are_answered_in_the_envelope_of_the_face() {
    let server = TestServer::start().await;
    let cases = [
        (Method::POST, "/api-keys", "{", 400, "INVALID_JSON"),
        (Method::POST, "/api-keys", "[]", 400, "BAD_REQUEST"),
        (Method::POST, "/api-keys", "{}", 400, "BAD_REQUEST"),
        (Method::PUT, "/api-keys", "{}", 405, "METHOD_NOT_ALLOWED"),
        (Method::GET, "/api/nothing", "", 404, "NOT_FOUND"),
        (Method::GET, "/sandbox/x/y/z", "", 404, "NOT_FOUND"),
        (Method::GET, "/api-keys/%zz", "", 400, "BAD_REQUEST"),
        (Method::POST, "/sandbox", "{}", 501, "NOT_IMPLEMENTED"),
    ];
    for (method, path, body, status, code) in cases {
        let answer = server.key().send(method.clone(), path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {answer}");
        assert_eq!(answer.body["statusCode"], status, "{path}");
        assert_eq!(answer.body["code"], code, "{path}");
        assert_eq!(answer.body["timestamp"], "2030-01-01T00:00:00.000Z");
        assert!(answer.body["message"].is_string() && answer.body["error"].is_string());
    }
    let large = format!("{{\"name\": \"{}\"}}", "a".repeat(1024 * 1024));
    let answer = server.key().send(Method::POST, "/api-keys", large).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (413, &json!("PAYLOAD_TOO_LARGE")));
}

#[tokio::test]
async fn failed_sign_ins_are_counted_by_address_and_good_ones_are_not() {
    let server = TestServer::with(|settings| settings.has_rate_limits = true).await;
    let ask = |key: &str| {
        let mut request = Request::get("/api/api-keys/current")
            .header("authorization", format!("Bearer {key}"))
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(PeerAddr("203.0.113.9:4711".parse().unwrap()));
        server.send(request)
    };
    for _ in 0..30 {
        assert_eq!(ask("wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = ask("wrong").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.body["code"], "RATE_LIMITED");
    assert_eq!(refused.header("x-ratelimit-limit-failed-auth"), "30");
    assert_eq!(refused.header("retry-after"), "60");
    let good = ask(server.key.expose()).await;
    assert_eq!(good.status, StatusCode::OK);
    assert_eq!(good.header("x-ratelimit-limit-authenticated"), "10000");
    assert_eq!(good.header("x-ratelimit-remaining-authenticated"), "9999");
}

#[tokio::test]
async fn a_key_passes_its_end_and_its_limits_on_to_what_it_makes() {
    let server = TestServer::start().await;
    let end = "2030-01-02T00:00:00.000Z";
    let body = json!({
        "name": "short",
        "permissions": ["manage:api_keys", "write:rooms"],
        "expiresAt": end,
        "limits": {"rooms": 2},
    });
    let short = value(&server.key().post("/api-keys", body).await);
    let short = server.authorized(&format!("Bearer {short}"));

    let made = create(&short, "one", json!(["write:rooms"])).await;
    assert_eq!((made.status, &made.body["expiresAt"]), (StatusCode::CREATED, &json!(end)));
    let one = server.key().get("/api-keys/one").await;
    assert_eq!(one.body["limits"], json!({"rooms": 2}));
    let body = json!({
        "name": "two",
        "permissions": [],
        "expiresAt": "2030-01-01T12:00:00Z",
        "limits": {"rooms": 1_000_000, "requestsPer5s": 7},
    });
    let made = short.post("/api-keys", body).await;
    assert_eq!(made.body["expiresAt"], "2030-01-01T12:00:00.000Z", "{made}");
    let two = server.key().get("/api-keys/two").await;
    assert_eq!(two.body["limits"], json!({"rooms": 2, "requestsPer5s": 7}));
    let body = json!({"name": "three", "permissions": [], "expiresAt": "2030-01-02T00:00:01Z"});
    let refused = short.post("/api-keys", body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert!(refused.text.contains(end), "{refused}");
}

#[tokio::test]
async fn a_key_rotates_none_that_outlives_it_or_is_freer() {
    let server = TestServer::start().await;
    let manage = json!(["manage:api_keys"]);
    create(&server.key(), "free", manage.clone()).await;
    let ends = json!({"name": "ends", "permissions": manage, "expiresAt": "2030-01-02T00:00:00Z"});
    let limited = json!({"name": "limited", "permissions": manage, "limits": {"rooms": 1}});
    for body in [ends, limited] {
        let name = body["name"].as_str().unwrap().to_owned();
        let key = value(&server.key().post("/api-keys", body).await);
        let key = server.authorized(&format!("Bearer {key}"));
        let refused = key.post("/api-keys/free/rotate", json!({})).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}: {refused}");
        let own = key.post(&format!("/api-keys/{name}/rotate"), json!({})).await;
        assert_eq!(own.status, StatusCode::CREATED, "{name}: {own}");
    }
    // What was rotated away does not come back through its successor.
    let old = create(&server.key(), "leaked", json!(["manage:api_keys"])).await;
    let old = server.authorized(&format!("Bearer {}", value(&old)));
    assert_eq!(old.post("/api-keys/leaked/rotate", json!({})).await.status, StatusCode::CREATED);
    let again = old.post("/api-keys/leaked/rotate", json!({})).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "{again}");
}
