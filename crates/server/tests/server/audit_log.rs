//! The audit log over the identity face.

use axum::http::{Method, StatusCode};
use parlor_model::key_permission::KeyPermission;
use parlor_server::routes;
use serde_json::json;

use crate::person::SignedIn;
use crate::support::TestServer;

#[tokio::test]
async fn each_change_of_a_key_stands_in_the_log_with_what_came_of_it() {
    let server = TestServer::start().await;
    let key = server.key();
    let made = key.post("/api-keys", json!({"name": "ci", "permissions": ["read:rooms"]})).await;
    let value = made.body["value"].as_str().unwrap();
    for _ in 0..2 {
        key.delete("/api-keys/ci").await;
    }
    key.get("/api-keys").await;

    let log = key.get(&format!("/api/audit/organizations/{}", server.org)).await;
    assert_eq!(log.status, StatusCode::OK, "{log}");
    let items = log.body["items"].as_array().unwrap();
    let shown: Vec<_> = items
        .iter()
        .map(|item| (item["action"].as_str().unwrap(), item["statusCode"].as_u64().unwrap()))
        .collect();
    assert_eq!(shown, [("delete", 404), ("delete", 204), ("create", 201)]);
    assert_eq!(items[0]["targetType"], "api_key");
    assert_eq!(items[0]["targetId"], "ci");
    assert_eq!(items[2]["targetId"], "ci");
    assert_eq!(items[2]["metadata"]["permissions"], json!(["read:rooms"]));
    assert_eq!(items[0]["actorId"], "operator");
    assert!(items[0]["errorMessage"].is_string() && items[1]["errorMessage"].is_null());
    assert!(!log.text.contains(value) && !log.text.contains(server.key.expose()), "{log}");
}

#[tokio::test]
async fn who_may_not_read_the_log_is_told_what_they_lack() {
    let server = TestServer::start().await;
    let value = server.limited_key(KeyPermission::ManageApiKeys).await;
    let address = format!("/audit/organizations/{}", server.org);
    let refused = server.bearer(&value).get(&address).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.body["requiredPermission"], "read:audit_logs");
    let wrong = server.key().get(&format!("{address}?limit=1000")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{wrong}");
}

#[tokio::test]
async fn nobody_hides_what_a_key_may_do_behind_what_means_nothing() {
    let server = TestServer::start().await;
    let key = server.key();
    let mut permissions = vec!["read:rooms"; 1000];
    permissions.push("admin:organization");
    let long = "x".repeat(20_000);
    let body = json!({
        "name": "quiet",
        "permissions": permissions,
        "limits": {"rooms": 5, "pad": long},
        "reason": long,
        "email": {"name": long},
    });
    let made = key.post("/api-keys", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    let log = key.get(&format!("/api/audit/organizations/{}", server.org)).await;
    let metadata = &log.body["items"][0]["metadata"];
    assert_eq!(metadata["permissions"], json!(["read:rooms", "admin:organization"]), "{log}");
    assert_eq!((&metadata["name"], &metadata["limits"]), (&json!("quiet"), &json!({"rooms": 5})));
    assert_eq!(metadata["reason"].as_str().unwrap().len(), 200);
}

#[tokio::test]
async fn a_key_that_somebody_pasted_for_its_name_is_not_in_the_log() {
    let server = TestServer::start().await;
    let key = server.key();
    let value = server.limited_key(KeyPermission::ReadRooms).await;
    key.delete(&format!("/api-keys/{}", value.expose())).await;
    key.post("/api-keys", json!({"name": value.expose(), "permissions": ["nothing"]})).await;
    let log = key.get(&format!("/api/audit/organizations/{}", server.org)).await;
    assert_eq!(log.body["items"][0]["targetId"], "parlor_…", "{log}");
    assert_eq!(log.body["items"][1]["targetId"], "parlor_…", "{log}");
    assert!(!log.text.contains(value.expose()), "{log}");
}

/// What is deleted where nothing can be, until there are engines for it.
const NEVER_THERE: [&str; 4] =
    ["delete_transcript", "delete_batch_job", "release_phone_number", "delete_dialin_config"];

#[tokio::test]
async fn what_the_rest_api_deletes_and_settings_it_changes_stand_in_the_log() {
    let server = TestServer::start().await;
    let key = server.key();
    let mut expected = Vec::new();
    for route in routes() {
        let is_deletion = route.method == Method::DELETE && route.state.lack().is_none();
        let is_noted = route.is_noted || NEVER_THERE.contains(&route.operation);
        assert!(is_noted || !is_deletion, "{} deletes, and nobody will know", route.operation);
        if !route.is_noted {
            continue;
        }
        let path = format!("/v1{}", route.path.replace("{name}", "den").replace("{id}", "den"));
        let body = match route.operation {
            "delete_rooms" => json!({"rooms": ["den", "attic"]}),
            _ => json!({"nothing_we_know": "a secret of somebody"}),
        };
        let answer = key.send(route.method, &path, body.to_string()).await;
        expected.insert(0, (route.operation, u64::from(answer.status.as_u16())));
    }
    let log = key.get(&format!("/audit/organizations/{}", server.org)).await;
    let items = log.body["items"].as_array().unwrap();
    let shown: Vec<_> = items
        .iter()
        .map(|item| {
            (item["metadata"]["operation"].as_str().unwrap(), item["statusCode"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(shown, expected);
    assert!(!log.text.contains("a secret of somebody"), "{log}");
}

#[tokio::test]
async fn an_entry_about_a_room_says_which_and_what_was_set() {
    let server = TestServer::start().await;
    let key = server.key();
    key.post("/v1/rooms", json!({"name": "den"})).await;
    key.post("/v1/rooms/den", json!({"privacy": "private", "properties": {"max_participants": 4}}))
        .await;
    key.delete("/v1/rooms/den").await;
    let log = key.get(&format!("/audit/organizations/{}?targetType=room", server.org)).await;
    let [deleted, updated] = log.body["items"].as_array().unwrap().as_slice() else {
        panic!("two entries: {log}");
    };
    assert_eq!((&deleted["action"], &deleted["targetId"]), (&json!("delete"), &json!("den")));
    assert_eq!((&updated["action"], &updated["targetId"]), (&json!("update"), &json!("den")));
    assert_eq!(updated["metadata"]["properties"], json!(["privacy", "max_participants"]));
    assert_eq!((&deleted["statusCode"], &updated["statusCode"]), (&json!(200), &json!(200)));
    let begin = deleted["actorApiKeyPrefix"].as_str().unwrap();
    assert!(server.key.expose().starts_with(begin), "{log}");
}

#[tokio::test]
async fn the_log_is_narrowed_as_clients_write_it() {
    let server = TestServer::start().await;
    let key = server.key();
    for name in ["ci", "app"] {
        key.post("/api-keys", json!({"name": name, "permissions": ["read:rooms"]})).await;
    }
    for _ in 0..2 {
        key.delete("/api-keys/ci").await;
    }
    let address = format!("/api/audit/organizations/{}", server.org);
    let newest = key.get(&format!("{address}?limit=1")).await.body["items"][0]["id"].clone();
    let newest = newest.as_str().unwrap();
    for (query, found) in [
        ("action=delete".to_owned(), 2),
        ("action[eq]=delete".to_owned(), 2),
        ("action%5Bnot%5D=delete".to_owned(), 2),
        ("action=%7B%22eq%22%3A%20%22delete%22%7D".to_owned(), 2),
        ("action=%7B%22in%22%3A%20%5B%22create%22%2C%20%22delete%22%5D%7D".to_owned(), 4),
        ("action[in]=create,delete&targetId[not]=app".to_owned(), 3),
        ("action=fork".to_owned(), 0),
        ("statusCode[gte]=400".to_owned(), 1),
        ("statusCode=%7B%22lt%22%3A%20204%7D".to_owned(), 2),
        ("createdAt[gte]=2100-01-01T00:00:00Z".to_owned(), 0),
        ("createdAt=%7B%22lt%22%3A%20%222100-01-01T00%3A00%3A00%2B00%3A00%22%7D".to_owned(), 4),
        (format!("id={newest}"), 1),
        (format!("id=%7B%22not%22%3A%20%22{newest}%22%7D"), 3),
    ] {
        let log = key.get(&format!("{address}?{query}")).await;
        assert_eq!(log.status, StatusCode::OK, "{query}: {log}");
        assert_eq!(log.body["total"], found, "{query}: {log}");
    }
    let wrong = key.get(&format!("{address}?action[like]=create")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{wrong}");
}

#[tokio::test]
async fn the_log_is_narrowed_to_what_came_of_it() {
    let server = TestServer::start().await;
    let key = server.key();
    key.post("/api-keys", json!({"name": "ci", "permissions": ["read:rooms"]})).await;
    key.delete("/api-keys/nothing").await;
    let address = format!("/audit/organizations/{}", server.org);
    for (result, statuses) in [
        ("done", vec![201]),
        ("refused", vec![404]),
        ("failed", vec![]),
        ("unknown", vec![]),
        ("", vec![404, 201]),
    ] {
        let log = key.get(&format!("{address}?result={result}")).await;
        let items = log.body["items"].as_array().unwrap();
        let found: Vec<_> = items.iter().map(|item| &item["statusCode"]).collect();
        assert_eq!(found, statuses.iter().collect::<Vec<_>>(), "{result}: {log}");
        assert_eq!(log.body["total"], statuses.len(), "{result}");
    }
    let wrong = key.get(&format!("{address}?result=good")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{wrong}");
}

#[tokio::test]
async fn an_entry_says_whom_it_is_about_when_they_are_gone() {
    let server = TestServer::start().await;
    let ana = SignedIn::new(&server, "ana@example.org").await;
    let bo = SignedIn::new(&server, "bo@example.org").await;
    let stranger = SignedIn::new(&server, "eve@example.org").await;
    let org = server.org;
    bo.join(org, vec![]).await;
    let send = |method, path: String, body: &'static str| {
        let ana = &ana;
        async move { ana.send(method, &format!("/organizations/{org}/{path}"), Some(org), body).await }
    };
    let role = r#"{"name": "Guests", "description": "", "permissions": ["read:rooms"]}"#;
    let role = send(Method::POST, "roles".to_owned(), role).await;
    let role = format!("roles/{}", role.body["id"].as_str().unwrap());
    let invited = r#"{"email": "cy@example.org", "role": "member"}"#;
    let invited = send(Method::POST, "invitations".to_owned(), invited).await;
    let cancel = format!("invitations/{}/cancel", invited.body["id"].as_str().unwrap());
    // Nobody hides whom it is about, nor learns the address of a stranger.
    let lie = r#"{"email": "somebody@else.example", "name": "another"}"#;
    send(Method::DELETE, format!("users/{}", bo.user), lie).await;
    send(Method::DELETE, format!("users/{}", stranger.user), lie).await;
    send(Method::DELETE, role, lie).await;
    send(Method::POST, cancel, lie).await;
    let log = ana.send(Method::GET, &format!("/audit/organizations/{org}"), None, "").await;
    let said = |at: usize, name: &str| log.body["items"][at]["metadata"][name].clone();
    assert_eq!(said(0, "email"), "cy@example.org", "{log}");
    assert_eq!(said(1, "name"), "Guests", "{log}");
    assert_eq!(
        (said(2, "email"), said(3, "email")),
        (json!(null), json!("bo@example.org")),
        "{log}"
    );
}
