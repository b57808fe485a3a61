//! Every error case of the conventions: authentication, the envelope, the
//! kinds with their statuses, and the known texts.

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use parlor_model::id::RoomId;
use parlor_model::key_permission::KeyPermission;
use parlor_model::rest::rooms::Privacy;
use parlor_model::room_name::RESERVED;
use parlor_store::rooms::{self, NewRoom};
use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn authorization_header_absent() {
    let server = TestServer::start().await;
    let answer = server.anonymous().get("/v1/rooms").await;
    assert_snapshot!(answer, @r#"400 {"error":"authorization-header-error","info":"missing authorization header: send `Authorization: Bearer <API key>`"}"#);
}

#[tokio::test]
async fn authorization_header_with_another_scheme_or_nothing_after_it() {
    let server = TestServer::start().await;
    let raw = server.key.expose().to_owned();
    for header in [raw.as_str(), "Basic dTpw", "Bearer", "Bearer ", "Token abc"] {
        let answer = server.authorized(header).get("/v1/rooms").await;
        assert_eq!(
            answer.to_string(),
            r#"400 {"error":"authorization-header-error","info":"invalid authorization header"}"#
        );
    }
}

#[tokio::test]
async fn authorization_scheme_is_compared_without_case() {
    let server = TestServer::start().await;
    for scheme in ["bearer", "BEARER", "Bearer"] {
        let header = format!("{scheme} {}", server.key.expose());
        assert_eq!(server.authorized(&header).get("/v1/rooms").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn authentication_error_for_an_unknown_key() {
    let server = TestServer::start().await;
    let answer = server.bad_key().get("/v1/rooms").await;
    assert_snapshot!(answer, @r#"401 {"error":"authentication-error","info":"the API key is not valid: it is unknown, revoked or expired"}"#);
}

#[tokio::test]
async fn authentication_error_for_a_revoked_key() {
    let server = TestServer::start().await;
    let revoked = server.limited_key(KeyPermission::ReadRooms).await;
    assert_eq!(server.bearer(&revoked).get("/v1/rooms").await.status, StatusCode::OK);
    let keys = server.store.api_keys();
    let key = keys.find(revoked.expose()).unwrap();
    keys.revoke(&key, parlor_model::time::UnixMillis::new(0)).await.unwrap();
    let answer = server.bearer(&revoked).get("/v1/rooms").await;
    assert_snapshot!(answer, @r#"401 {"error":"authentication-error","info":"the API key is not valid: it is unknown, revoked or expired"}"#);
}

#[tokio::test]
async fn authentication_error_for_an_expired_key_from_that_moment_on() {
    let server = TestServer::start().await;
    let key = server.key_expiring_in(60).await;
    server.clock.advance_millis(59_999);
    assert_eq!(server.bearer(&key).get("/v1/rooms").await.status, StatusCode::OK);
    server.clock.advance_millis(1);
    let answer = server.bearer(&key).get("/v1/rooms").await;
    assert_snapshot!(answer, @r#"401 {"error":"authentication-error","info":"the API key is not valid: it is unknown, revoked or expired"}"#);
}

#[tokio::test]
async fn forbidden_error_names_the_missing_permission() {
    let server = TestServer::start().await;
    let reader = server.limited_key(KeyPermission::ReadRooms).await;
    let answer = server.bearer(&reader).post("/v1/rooms", json!({})).await;
    assert_snapshot!(answer, @r#"403 {"error":"forbidden-error","info":"the API key lacks the permission write:rooms"}"#);
    let answer = server.bearer(&reader).delete("/v1/rooms/nobody").await;
    assert_snapshot!(answer, @r#"403 {"error":"forbidden-error","info":"the API key lacks the permission delete:rooms"}"#);
}

#[tokio::test]
async fn resource_of_another_domain_is_as_if_absent() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let other = server.other_org();
    for answer in [
        other.get("/v1/rooms/standup").await,
        other.post("/v1/rooms/standup", json!({})).await,
        other.delete("/v1/rooms/standup").await,
        other.get("/v1/rooms/standup/presence").await,
    ] {
        assert_eq!(
            answer.to_string(),
            r#"404 {"error":"not-found","info":"room standup not found"}"#
        );
    }
    assert_eq!(server.key().get("/v1/rooms/standup").await.status, StatusCode::OK);
    assert_eq!(other.get("/v1/rooms").await.body["total_count"], 0);
}

#[tokio::test]
async fn authentication_comes_before_the_body_and_the_resource() {
    let server = TestServer::start().await;
    let answer = server.anonymous().send(Method::POST, "/v1/rooms/nobody", "{").await;
    assert_eq!(answer.body["error"], "authorization-header-error");
    let answer = server.bad_key().send(Method::POST, "/v1/rooms/nobody", "{").await;
    assert_eq!(answer.body["error"], "authentication-error");
}

#[tokio::test]
async fn permission_comes_before_the_body_and_the_body_before_the_resource() {
    let server = TestServer::start().await;
    let reader = server.limited_key(KeyPermission::ReadRooms).await;
    let answer = server.bearer(&reader).send(Method::POST, "/v1/rooms/nobody", "{").await;
    assert_eq!(answer.body["error"], "forbidden-error");
    let answer = server.key().send(Method::POST, "/v1/rooms/nobody", "{").await;
    assert_eq!(answer.body["error"], "json-parsing-error");
}

#[tokio::test]
async fn not_found_for_an_unknown_route() {
    let server = TestServer::start().await;
    for path in ["/v1/nothing", "/api/v1/nothing", "/v1/rooms/a/b/c"] {
        let answer = server.key().get(path).await;
        assert_eq!(
            answer.to_string(),
            format!(r#"404 {{"error":"not-found","info":"{path} not found"}}"#)
        );
    }
}

#[tokio::test]
async fn unknown_route_of_the_identity_face_has_its_envelope() {
    let server = TestServer::start().await;
    let answer = server.key().get("/api/nothing").await;
    assert_snapshot!(answer, @r#"404 {"statusCode":404,"message":"/api/nothing not found","error":"Not Found","code":"NOT_FOUND","path":"/api/nothing","timestamp":"2030-01-01T00:00:00.000Z"}"#);
    for path in ["/api", "/admin", "/sandbox/1/2/3", "/organizations/1/2/3"] {
        let answer = server.key().post(path, json!({})).await;
        assert_eq!(answer.body["statusCode"], 404, "{path}: {answer}");
    }
    for path in ["/api/v1/nothing", "/oauth", "/v1/sandbox"] {
        let answer = server.key().get(path).await;
        assert_eq!(answer.body["error"], "not-found", "{path}: {answer}");
    }
}

#[tokio::test]
async fn wrong_method_on_a_known_path_is_405_with_allow() {
    let server = TestServer::start().await;
    let answer = server.key().send(Method::PUT, "/v1/rooms", "{}").await;
    assert_snapshot!(answer, @r#"405 Allow: GET,HEAD,POST {"error":"invalid-request-error","info":"/v1/rooms does not take PUT; it takes the methods in the Allow header"}"#);
    let answer = server.anonymous().send(Method::PATCH, "/v1/rooms/standup", "").await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD,POST,DELETE")
    );
}

#[tokio::test]
async fn options_lists_the_methods() {
    let server = TestServer::start().await;
    let answer = server.anonymous().send(Method::OPTIONS, "/v1/rooms", "").await;
    assert_snapshot!(answer, @"204 Allow: GET,HEAD,POST");
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn json_parsing_error_for_a_body_that_is_not_json() {
    let server = TestServer::start().await;
    for body in ["{", "nonsense", r#"{"name":}"#, r#"{"name":"a"}}"#, "{'name':'a'}"] {
        let answer = server.key().send(Method::POST, "/v1/rooms", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.body["error"], "json-parsing-error", "{body}");
        assert!(answer.info().starts_with("the body is not valid JSON: "), "{answer}");
    }
}

#[tokio::test]
async fn invalid_request_error_for_json_that_is_not_an_object() {
    let server = TestServer::start().await;
    for body in ["[]", "null", "1", "\"name\"", "true"] {
        let answer = server.key().send(Method::POST, "/v1/rooms", body).await;
        assert_eq!(
            answer.to_string(),
            r#"400 {"error":"invalid-request-error","info":"the body should be a JSON object"}"#
        );
    }
}

#[tokio::test]
async fn over_large_body_is_413() {
    let server = TestServer::with(|settings| settings.limits.body_bytes = 1000).await;
    let body = json!({ "name": "x".repeat(1000) }).to_string();
    let answer = server.key().send(Method::POST, "/v1/rooms", body).await;
    assert_snapshot!(answer, @r#"413 {"error":"invalid-request-error","info":"the body is larger than 1000 bytes"}"#);
}

#[tokio::test]
async fn rate_limit_error_is_429() {
    let server = TestServer::with(|settings| settings.has_rate_limits = true).await;
    for _ in 0..100 {
        assert_eq!(server.key().get("/v1/rooms").await.status, StatusCode::OK);
    }
    let answer = server.key().get("/v1/rooms").await;
    assert_snapshot!(answer, @r#"429 {"error":"rate-limit-error","info":"too many requests: at most 100 in 5 s; try again in 5 s"}"#);
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn server_error_is_500_and_names_the_request() {
    let server = TestServer::start().await;
    let new = NewRoom {
        id: RoomId::from_random([9; 16]),
        org_id: server.org,
        name: "damaged".to_owned(),
        privacy: Privacy::Public,
        properties: "not JSON".to_owned(),
        expires_at: None,
    };
    let now = parlor_model::time::UnixMillis::new(0);
    server.store.write(move |c| rooms::create(c, &new, now)).await.unwrap();
    let answer = server.key().get("/v1/rooms/damaged").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.body["error"], "server-error");
    assert!(answer.info().contains(answer.header("x-request-id")), "{answer}");
}

#[tokio::test]
async fn server_error_is_503_when_storage_is_full() {
    let server =
        TestServer::with_store(|_| {}, |store| store.max_database_bytes = Some(768 * 1024)).await;
    let mut answer = server.key().post("/v1/rooms", json!({})).await;
    let url = "https://example.org/".to_owned() + &"x".repeat(200);
    for _ in 0..2000 {
        if answer.status != StatusCode::OK {
            break;
        }
        let body = json!({ "properties": { "meeting_join_hook": url } });
        answer = server.key().post("/v1/rooms", body).await;
    }
    assert_snapshot!(answer, @r#"503 {"error":"server-error","info":"storage is full; try again later"}"#);
    assert_eq!(server.key().get("/v1/rooms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn server_error_is_503_when_the_live_rooms_do_not_answer() {
    let mut server = TestServer::start().await;
    server.stop_live_rooms().await;
    let answer = server.key().get("/v1/presence").await;
    assert_snapshot!(answer, @r#"503 {"error":"server-error","info":"the live rooms do not answer; try again later"}"#);
}

#[tokio::test]
async fn not_implemented_is_501_after_authentication() {
    let server = TestServer::start().await;
    let answer = server.key().post("/v1/buy-phone-number", json!({})).await;
    assert_snapshot!(answer, @r#"501 {"error":"not-implemented","info":"buying phone numbers is not implemented by this server"}"#);
    let answer = server.anonymous().post("/v1/buy-phone-number", json!({})).await;
    assert_eq!(answer.body["error"], "authorization-header-error");
}

#[tokio::test]
async fn every_answer_is_json_in_utf_8_and_has_a_request_id() {
    let server = TestServer::start().await;
    for answer in [
        server.key().get("/v1/rooms").await,
        server.anonymous().get("/v1/rooms").await,
        server.key().get("/v1/nothing").await,
        server.key().send(Method::PUT, "/v1/rooms", "").await,
        server.key().get("/v1/rooms/%zz").await,
    ] {
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{answer}");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

// The known texts of rooms; those of tokens are in `meeting_tokens`.

#[tokio::test]
async fn room_name_taken() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let answer = server.key().create_room("standup", json!({})).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"a room named standup already exists"}"#);
}

#[tokio::test]
async fn room_name_with_an_invalid_character() {
    let server = TestServer::start().await;
    let answer = server.key().create_room("stand up", json!({})).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"stand up contains invalid characters (room names can contain A-Z, a-z, 0-9, '-', and '_')"}"#);
}

#[tokio::test]
async fn room_name_longer_than_128() {
    let server = TestServer::start().await;
    assert_eq!(server.key().create_room(&"x".repeat(128), json!({})).await.status, StatusCode::OK);
    let answer = server.key().create_room(&"x".repeat(129), json!({})).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"the room name has 129 characters, which exceeds 128 characters"}"#);
}

#[tokio::test]
async fn room_name_reserved_by_an_address_of_the_server() {
    let server = TestServer::start().await;
    for name in RESERVED {
        let answer = server.key().create_room(name, json!({})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        let info = format!("room name {name} is reserved: it is an address of this server");
        assert_eq!(answer.info(), info);
    }
    assert_eq!(server.key().create_room("Docs", json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn room_exp_not_later_than_now() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let now = server.now();
    for exp in [json!(now), json!(now - 1), json!(0)] {
        let body = json!({ "properties": { "exp": exp } });
        let info = format!("exp was '{exp}', which is in the past rather than in the future");
        for path in ["/v1/rooms", "/v1/rooms/standup"] {
            let answer = server.key().post(path, body.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert_eq!(answer.info(), info, "{path}");
        }
    }
}

#[tokio::test]
async fn room_exp_or_nbf_not_a_number() {
    let server = TestServer::start().await;
    let answer = server.key().create_room("a", json!({ "exp": "tomorrow" })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"exp was 'tomorrow' but should be a number of seconds since the unix epoch"}"#);
    let answer = server.key().create_room("a", json!({ "nbf": true })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"nbf was 'true' but should be a number of seconds since the unix epoch"}"#);
}

#[tokio::test]
async fn room_with_an_unknown_key() {
    let server = TestServer::start().await;
    let answer = server.key().post("/v1/rooms", json!({ "colour": "red" })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'colour'"}"#);
    let answer = server.key().create_room("a", json!({ "colour": "red" })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'colour'"}"#);
    let answer = server.key().create_room("a", json!({ "is_owner": true })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'is_owner'"}"#);
}

#[tokio::test]
async fn room_not_found() {
    let server = TestServer::start().await;
    for answer in [
        server.key().get("/v1/rooms/nobody").await,
        server.key().post("/v1/rooms/nobody", json!({})).await,
        server.key().delete("/v1/rooms/nobody").await,
        server.key().get("/v1/rooms/nobody/presence").await,
    ] {
        assert_eq!(
            answer.to_string(),
            r#"404 {"error":"not-found","info":"room nobody not found"}"#
        );
    }
}

#[tokio::test]
async fn room_property_of_the_wrong_type() {
    let server = TestServer::start().await;
    let answer = server.key().create_room("a", json!({ "enable_chat": "yes" })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"enable_chat was 'yes' but should be a boolean"}"#);
    let answer = server.key().create_room("a", json!({ "max_participants": 0 })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"max_participants was '0' but should be an integer from 1 to 200"}"#);
    let answer = server.key().create_room("a", json!({ "max_participants": 201 })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"max_participants was '201' but should be an integer from 1 to 200"}"#);
    let answer = server.key().create_room("a", json!({ "lang": "ja" })).await;
    assert!(
        answer.info().starts_with("lang was 'ja' but should be one of 'da', 'de', 'en'"),
        "{answer}"
    );
    let answer = server.key().post("/v1/rooms", json!({ "name": 7 })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"name was '7' but should be a string"}"#);
    let answer = server.key().post("/v1/rooms", json!({ "properties": [] })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"properties was '[]' but should be an object"}"#);
}

#[tokio::test]
async fn room_privacy_outside_the_enumeration() {
    let server = TestServer::start().await;
    let answer = server.key().post("/v1/rooms", json!({ "privacy": "secret" })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"privacy was 'secret' but should be one of 'public', 'private'"}"#);
}
