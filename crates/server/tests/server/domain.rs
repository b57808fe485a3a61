//! `GET /` and `POST /`: the domain's own settings.

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::TestServer;

#[tokio::test]
async fn domain_config_always_carries_its_core_of_keys() {
    let server = TestServer::with(|settings| settings.has_rate_limits = true).await;
    let answer = server.key().get("/v1").await;
    assert_snapshot!(answer, @r#"200 {"domain_name":"acme","domain_id":"[id]","config":{"hide_daily_branding":false,"redirect_on_meeting_exit":"","meeting_join_hook":"","hipaa":false,"intercom_auto_record":false,"lang":"en"}}"#);
    assert_eq!(answer.body["domain_id"], server.org.to_string());
    assert_eq!(server.key().get("/v1/").await.body, answer.body);
    assert_eq!(server.key().get("/api/v1/").await.body, answer.body);
}

#[tokio::test]
async fn domain_says_when_requests_are_not_counted() {
    let server = TestServer::start().await;
    assert_eq!(server.key().get("/v1").await.body["config"]["disable_rate_limiting"], true);
}

#[tokio::test]
async fn change_is_kept_and_null_resets() {
    let server = TestServer::start().await;
    let change = json!({ "properties": { "lang": "de", "enable_hand_raising": true } });
    let answer = server.key().post("/v1/", change).await;
    assert_eq!(
        (&answer.body["config"]["lang"], &answer.body["config"]["enable_hand_raising"]),
        (&json!("de"), &json!(true))
    );
    assert_eq!(server.key().get("/v1").await.body, answer.body);
    let answer = server.key().post("/v1", json!({ "properties": { "lang": null } })).await;
    assert_eq!(
        (&answer.body["config"]["lang"], &answer.body["config"]["enable_hand_raising"]),
        (&json!("en"), &json!(true))
    );
    let answer = server.other_org().get("/v1").await;
    assert_eq!(
        (&answer.body["domain_name"], &answer.body["config"]["enable_hand_raising"]),
        (&json!("globex"), &Value::Null)
    );
}

#[tokio::test]
async fn empty_change_answers_the_domain() {
    let server = TestServer::start().await;
    let before = server.key().get("/v1").await;
    let after = server.key().send(Method::POST, "/v1", "").await;
    assert_eq!((after.status, after.body), (StatusCode::OK, before.body));
}

#[tokio::test]
async fn wrong_top_level_key_and_read_only_properties_are_400() {
    let server = TestServer::start().await;
    let answer = server.key().post("/v1", json!({ "foobar": 1 })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'foobar'"}"#);
    for name in ["intercom_auto_record", "hipaa", "colour", "max_participants"] {
        let answer = server.key().post("/v1", json!({ "properties": { name: true } })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {answer}");
    }
    let answer = server.key().post("/v1", json!({ "properties": { "lang": "xx" } })).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// A value for every property that requests may set, none of them the default.
fn writable() -> Vec<(&'static str, Value)> {
    let flags_on = [
        "enable_advanced_chat",
        "enable_pip_ui",
        "enable_emoji_reactions",
        "enable_hand_raising",
        "enable_breakout_rooms",
        "enable_live_captions_ui",
        "enable_network_ui",
        "hide_daily_branding",
        "disable_rtmp_geo_fallback",
        "enable_terse_logging",
        "enable_transcription_storage",
        "enable_mesh_sfu",
        "enable_multiparty_adaptive_simulcast",
        "enforce_unique_user_ids",
        "enable_opus_fec",
    ];
    let flags_off = [
        "enable_people_ui",
        "enable_cpu_warning_notifications",
        "enable_prejoin_ui",
        "enable_noise_cancellation_ui",
        "enable_video_processing_ui",
        "enable_adaptive_simulcast",
    ];
    let others = [
        ("redirect_on_meeting_exit", json!("https://example.org/bye")),
        ("lang", json!("de")),
        ("meeting_join_hook", json!("https://example.org/joined")),
        ("geo", json!("eu-central-1")),
        ("rtmp_geo", json!("ap-south-1")),
        ("transcription_bucket", json!({"bucket_name": "b"})),
        ("recordings_template", json!("{room_name}/{epoch_time}")),
        ("transcription_template", json!("{room_name}/{epoch_time}.vtt")),
        ("sfu_switchover", json!(2)),
        ("recordings_bucket", json!({"bucket_name": "b", "bucket_region": "eu-central-1"})),
        ("permissions", json!({"canSend": ["audio"]})),
        ("batch_processor_bucket", json!({"bucket_name": "b"})),
        ("pinless_dialin", json!([{"phone_number": "+15555550100"}])),
        ("pin_dialin", json!([{"phone_number": "+15555550100"}])),
        ("enable_raw_tracks_transcoded_audio", json!("wav-48k")),
    ];
    let on = flags_on.into_iter().map(|name| (name, json!(true)));
    let off = flags_off.into_iter().map(|name| (name, json!(false)));
    on.chain(off).chain(others).collect()
}

#[tokio::test]
async fn every_writable_property_is_kept_and_reset_by_null() {
    let server = TestServer::start().await;
    let fresh = server.key().get("/v1").await.body;
    for (name, value) in writable() {
        let answer = server.key().post("/v1", json!({"properties": {name: value}})).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {answer}");
        assert_eq!(answer.body["config"][name], value, "{name}");
        assert_eq!(server.key().get("/v1").await.body, answer.body, "{name}");
        let answer = server.key().post("/v1", json!({"properties": {name: null}})).await;
        assert_eq!(answer.body, fresh, "{name}");
    }
}

#[tokio::test]
async fn change_is_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let before = server.key().get("/v1").await.body;
    let change = json!({"properties": {"lang": "de", "enable_people_ui": "yes"}});
    let answer = server.key().post("/v1", change).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"enable_people_ui was 'yes' but should be a boolean"}"#);
    assert_eq!(server.key().get("/v1").await.body, before);
}

#[tokio::test]
async fn rooms_inherit_the_domain_and_tokens_beat_both_key_by_key() {
    let server = TestServer::start().await;
    let change = json!({"properties": {
        "enable_network_ui": true, "enable_prejoin_ui": false, "lang": "de",
        "permissions": {"canSend": ["audio"], "hasPresence": false, "canAdmin": ["streaming"]}
    }});
    server.key().post("/v1", change).await;
    let room = json!({
        "enable_prejoin_ui": true,
        "permissions": {"canSend": ["video"], "hasPresence": true}
    });
    server.key().create_room("standup", room).await;
    let token = json!({"room_name": "standup", "lang": "fr", "permissions": {"canSend": true}});
    let token = server.key().make_token(token).await;
    let join = async |token: Option<&str>| {
        let body = json!({"room": "standup", "token": token});
        server.anonymous().post("/_parlor/join", body).await.body["effective"].clone()
    };
    let guest = join(None).await;
    assert_eq!(guest["properties"]["enable_network_ui"], true, "the domain's");
    assert_eq!(guest["properties"]["enable_prejoin_ui"], true, "the room's");
    assert_eq!(guest["properties"]["lang"], "de");
    assert_eq!(guest["permissions"]["canSend"], json!(["video"]), "the room's");
    assert_eq!(guest["permissions"]["hasPresence"], true, "the room's");
    assert_eq!(guest["permissions"]["canAdmin"], json!(["streaming"]), "the domain's");
    let holder = join(Some(&token)).await;
    assert_eq!(holder["properties"]["lang"], "fr");
    assert_eq!(holder["permissions"]["canSend"], true, "the token's");
    assert_eq!(holder["permissions"]["hasPresence"], true, "the room's");
    assert_eq!(holder["permissions"]["canAdmin"], json!(["streaming"]), "the domain's");
}
