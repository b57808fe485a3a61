//! `/meeting-tokens`: making, reading, and signing them oneself.

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use insta::assert_snapshot;
use parlor_model::id::RoleId;
use parlor_model::key_permission::KeyPermission;
use parlor_store::members;
use serde_json::{Value, json};

use crate::person::SignedIn;
use crate::support::{Answer, TestServer};

/// A token as an application signs it itself: with the text of the key.
pub(crate) fn self_signed(key: &str, claims: &Value) -> String {
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    let key = jsonwebtoken::EncodingKey::from_secret(key.as_bytes());
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
}

async fn read(server: &TestServer, token: &str) -> Answer {
    server.key().get(&format!("/v1/meeting-tokens/{token}")).await
}

#[tokio::test]
async fn token_is_the_only_key_of_the_answer() {
    let server = TestServer::start().await;
    let body = json!({ "properties": { "room_name": "standup" } });
    let answer = server.key().post("/v1/meeting-tokens", body).await;
    assert_snapshot!(answer, @r#"200 {"token":"[token]"}"#);
}

#[tokio::test]
async fn claims_are_abbreviated_and_only_what_was_set() {
    let server = TestServer::start().await;
    let token = server
        .key()
        .make_token(json!({ "room_name": "standup", "is_owner": true, "user_name": "Ana" }))
        .await;
    let expected = json!({
        "r": "standup", "o": true, "u": "Ana", "d": server.org.to_string(), "iat": server.now()
    });
    assert_eq!(claims(&token), expected);
    let header = BASE64.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header, json!({ "alg": "HS256", "typ": "JWT" }));
}

#[tokio::test]
async fn token_is_signed_with_the_text_of_the_key() {
    let server = TestServer::start().await;
    let token = server.key().make_token(json!({})).await;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = jsonwebtoken::DecodingKey::from_secret(server.key.expose().as_bytes());
    let hs256 = jsonwebtoken::Algorithm::HS256;
    assert!(jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, hs256).unwrap());
}

#[tokio::test]
async fn token_without_properties_is_legal() {
    let server = TestServer::start().await;
    for body in ["", "{}", r#"{"properties":{}}"#, r#"{"properties":{"exp":null}}"#] {
        let answer = server.key().send(Method::POST, "/v1/meeting-tokens", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        let read = read(&server, answer.body["token"].as_str().unwrap()).await;
        assert_eq!(read.to_string(), "200 {}");
    }
}

#[tokio::test]
async fn token_properties_at_the_top_level_are_unknown_parameters() {
    let server = TestServer::start().await;
    let answer = server.key().post("/v1/meeting-tokens", json!({ "room_name": "standup" })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'room_name'"}"#);
}

#[tokio::test]
async fn token_with_an_unknown_property() {
    let server = TestServer::start().await;
    for property in ["colour", "max_participants", "domain_id", "iat"] {
        let body = json!({ "properties": { property: 1 } });
        let answer = server.key().post("/v1/meeting-tokens", body).await;
        assert_eq!(answer.info(), format!("unknown parameter '{property}'"), "{answer}");
    }
}

#[tokio::test]
async fn token_exp_in_the_past_is_refused_and_nbf_in_the_past_is_fine() {
    let server = TestServer::start().await;
    let now = server.now();
    let body = json!({ "properties": { "exp": now } });
    let answer = server.key().post("/v1/meeting-tokens", body).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"exp was '1893456000', which is in the past rather than in the future"}"#);
    let token = server.key().make_token(json!({ "nbf": now - 100 })).await;
    assert_eq!(read(&server, &token).await.body, json!({ "nbf": now - 100 }));
}

#[tokio::test]
async fn token_exp_or_nbf_not_a_number() {
    let server = TestServer::start().await;
    let body = json!({ "properties": { "exp": "soon" } });
    let answer = server.key().post("/v1/meeting-tokens", body).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"exp was 'soon' but should be a number of seconds since the unix epoch"}"#);
}

#[tokio::test]
async fn token_user_id_over_36_characters() {
    let server = TestServer::start().await;
    server.key().make_token(json!({ "user_id": "x".repeat(36) })).await;
    let body = json!({ "properties": { "user_id": "x".repeat(37) } });
    let answer = server.key().post("/v1/meeting-tokens", body).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"user_id was 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' but should be a string of at most 36 characters"}"#);
}

#[tokio::test]
async fn token_enable_recording_takes_a_string_or_distinct_strings() {
    let server = TestServer::start().await;
    for value in [json!("cloud"), json!(["cloud", "raw-tracks"])] {
        let token = server.key().make_token(json!({ "enable_recording": value })).await;
        assert_eq!(read(&server, &token).await.body, json!({ "enable_recording": value }));
    }
    for value in [json!("tape"), json!(["cloud", "cloud"]), json!(true)] {
        let body = json!({ "properties": { "enable_recording": value } });
        let answer = server.key().post("/v1/meeting-tokens", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{value}");
    }
}

#[tokio::test]
async fn token_of_the_wrong_type_names_the_property() {
    let server = TestServer::start().await;
    let body = json!({ "properties": { "is_owner": "yes" } });
    let answer = server.key().post("/v1/meeting-tokens", body).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"is_owner was 'yes' but should be a boolean"}"#);
}

#[tokio::test]
async fn token_survives_the_round_trip_exactly() {
    let server = TestServer::start().await;
    let properties = json!({
        "room_name": "no-such-room-needed", "exp": server.now() + 300, "nbf": server.now() - 5,
        "is_owner": false, "user_name": "Ana", "user_id": "u-1", "enable_screenshare": true,
        "start_video_off": true, "start_audio_off": false, "enable_recording": "cloud",
        "enable_prejoin_ui": false, "enable_live_captions_ui": true, "enable_recording_ui": false,
        "enable_terse_logging": true, "knocking": false, "start_cloud_recording": false,
        "start_cloud_recording_opts": { "width": 1280 }, "auto_start_transcription": false,
        "close_tab_on_exit": true, "redirect_on_meeting_exit": "https://example.org/bye",
        "lang": "de", "eject_at_token_exp": true, "eject_after_elapsed": 60,
        "permissions": { "canSend": ["audio", "video"], "hasPresence": true, "canAdmin": ["participants"] }
    });
    let token = server.key().make_token(properties.clone()).await;
    assert_eq!(read(&server, &token).await.body, properties);
}

#[tokio::test]
async fn self_signed_token_with_the_right_domain_is_equally_valid() {
    let server = TestServer::start().await;
    let domain = server.key().get("/v1").await.body["domain_id"].clone();
    let token =
        self_signed(server.key.expose(), &json!({ "r": "standup", "d": domain, "o": true }));
    assert_eq!(
        read(&server, &token).await.body,
        json!({ "room_name": "standup", "is_owner": true })
    );
    let claims = json!({ "room_name": "standup", "d": domain, "enable_prejoin_ui": true });
    let token = self_signed(server.key.expose(), &claims);
    let expected = json!({ "room_name": "standup", "enable_prejoin_ui": true });
    assert_eq!(read(&server, &token).await.body, expected);
}

#[tokio::test]
async fn token_with_a_wrong_signature() {
    let server = TestServer::start().await;
    let token = self_signed("another key", &json!({ "d": server.org.to_string() }));
    assert_snapshot!(read(&server, &token).await, @r#"400 {"error":"invalid-request-error","info":"the meeting token is not valid: it was not signed with an active API key of this domain that holds create:tokens"}"#);
    let good = server.key().make_token(json!({ "user_name": "Ana" })).await;
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let payload = BASE64.encode(json!({ "d": server.org.to_string(), "o": true }).to_string());
    let changed = read(&server, &format!("{header}.{payload}.{signature}")).await;
    assert_eq!(changed.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn token_of_another_domain() {
    let server = TestServer::start().await;
    let token = server.other_org().make_token(json!({})).await;
    assert_eq!(read(&server, &token).await.status, StatusCode::BAD_REQUEST);
    let token =
        self_signed(server.key.expose(), &json!({ "d": "6f0c5a1e-3f0c-4a86-9f3d-2a4b7c1d9e10" }));
    assert_snapshot!(read(&server, &token).await, @r#"400 {"error":"invalid-request-error","info":"the meeting token is not valid: it belongs to another domain (claim d)"}"#);
    let token = self_signed(server.key.expose(), &json!({ "r": "standup" }));
    assert_eq!(read(&server, &token).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn token_that_is_malformed() {
    let server = TestServer::start().await;
    for token in ["nonsense", "a.b", "a.b.c", "..", "eyJhbGciOiJIUzI1NiJ9.e30"] {
        let answer = read(&server, token).await;
        assert_eq!(
            answer.info(),
            "the meeting token is not valid: it is not a JSON Web Token",
            "{token}"
        );
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn token_with_another_algorithm_or_none() {
    let server = TestServer::start().await;
    let payload = BASE64.encode(json!({ "d": server.org.to_string() }).to_string());
    for algorithm in ["none", "None", "RS256", "HS512", ""] {
        let header = BASE64.encode(json!({ "alg": algorithm, "typ": "JWT" }).to_string());
        let answer = read(&server, &format!("{header}.{payload}.")).await;
        assert_eq!(answer.info(), "the meeting token is not valid: its algorithm is not HS256");
    }
}

#[tokio::test]
async fn token_that_has_expired() {
    let server = TestServer::start().await;
    let token = server.key().make_token(json!({ "exp": server.now() + 10 })).await;
    server.clock.advance_millis(9_999);
    assert_eq!(read(&server, &token).await.status, StatusCode::OK);
    server.clock.advance_millis(1);
    assert_snapshot!(read(&server, &token).await, @r#"400 {"error":"invalid-request-error","info":"the meeting token is not valid: it is expired at 1893456010 (exp)"}"#);
}

#[tokio::test]
async fn token_that_is_not_valid_yet_unless_nbf_is_ignored() {
    let server = TestServer::start().await;
    let token = server.key().make_token(json!({ "nbf": server.now() + 10 })).await;
    assert_snapshot!(read(&server, &token).await, @r#"400 {"error":"invalid-request-error","info":"the meeting token is not valid: it is not valid before 1893456010 (nbf)"}"#);
    let path = format!("/v1/meeting-tokens/{token}?ignoreNbf=true");
    assert_snapshot!(server.key().get(&path).await, @r#"200 {"nbf":1893456010}"#);
    server.clock.advance(10);
    assert_eq!(read(&server, &token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn token_signed_by_a_revoked_key_is_refused() {
    let server = TestServer::start().await;
    let maker = server.limited_key(KeyPermission::CreateTokens).await;
    let token = server.bearer(&maker).make_token(json!({})).await;
    assert_eq!(read(&server, &token).await.status, StatusCode::OK);
    let keys = server.store.api_keys();
    let key = keys.find(maker.expose()).unwrap();
    keys.revoke(&key, parlor_model::time::UnixMillis::new(0)).await.unwrap();
    assert_eq!(read(&server, &token).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn token_signed_by_a_key_without_create_tokens_is_refused() {
    let server = TestServer::start().await;
    let reader = server.limited_key(KeyPermission::ReadRooms).await;
    let token = self_signed(reader.expose(), &json!({ "d": server.org.to_string() }));
    assert_eq!(read(&server, &token).await.status, StatusCode::BAD_REQUEST);
    let answer = server.bearer(&reader).post("/v1/meeting-tokens", json!({})).await;
    assert_eq!(answer.info(), "the API key lacks the permission create:tokens");
}

#[tokio::test]
async fn token_signed_by_an_expired_key_is_refused() {
    let server = TestServer::start().await;
    let key = server.key_expiring_in(60).await;
    let token = server.bearer(&key).make_token(json!({})).await;
    assert_eq!(read(&server, &token).await.status, StatusCode::OK);
    server.clock.advance(60);
    assert_eq!(read(&server, &token).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_persons_token_is_good_while_they_may_make_tokens() {
    let server = TestServer::start().await;
    // The first account owns the server's organization; role 1 is the Developer.
    let owner = SignedIn::new(&server, "ana@example.org").await;
    let developer = SignedIn::new(&server, "bo@example.org").await;
    developer.join(server.org, vec![RoleId::from_number(1)]).await;
    let make = async |person: &SignedIn<'_>| {
        let body = json!({"properties": {"is_owner": true}}).to_string();
        person.send(Method::POST, "/v1/meeting-tokens", Some(server.org), &body).await
    };
    let made = |answer: &Answer| answer.body["token"].as_str().unwrap().to_owned();
    let token = made(&make(&developer).await);
    assert_eq!(claims(&token)["parlor_user_id"], developer.user.to_string());
    assert_snapshot!(read(&server, &token).await, @r#"200 {"is_owner":true}"#);

    let own = made(&make(&owner).await);
    let (org, user) = (server.org, developer.user);
    server.store.write(move |c| members::remove(c, org, user)).await.unwrap();
    assert_snapshot!(read(&server, &token).await.info(), @"the meeting token is not valid: whoever made it may not make tokens of this domain any more");
    assert_eq!(read(&server, &own).await.status, StatusCode::OK);
    // A key's own token says nothing by naming somebody.
    let named = json!({ "d": org.to_string(), "parlor_user_id": user.to_string() });
    let signed = self_signed(server.key.expose(), &named);
    assert_eq!(read(&server, &signed).await.status, StatusCode::OK);
}
