//! `/rooms`: what the room object is and how it changes.

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use parlor_model::command::{Command, EndReason};
use serde_json::json;

use crate::presence::enter;
use crate::support::TestServer;

#[tokio::test]
async fn room_has_exactly_seven_keys() {
    let server = TestServer::start().await;
    let body = json!({
        "name": "standup", "privacy": "private",
        "properties": { "exp": server.now() + 60, "start_video_off": true }
    });
    let answer = server.key().post("/v1/rooms", body).await;
    assert_snapshot!(answer, @r#"200 {"id":"[id]","name":"standup","api_created":true,"privacy":"private","url":"http://parlor.test:8080/standup","created_at":"2030-01-01T00:00:00.000Z","config":{"exp":1893456060,"start_video_off":true}}"#);
    assert_eq!(server.key().get("/v1/rooms/standup").await.body, answer.body);
}

#[tokio::test]
async fn fresh_room_has_an_empty_config() {
    let server = TestServer::start().await;
    let answer = server.key().create_room("standup", json!({})).await;
    assert_snapshot!(answer, @r#"200 {"id":"[id]","name":"standup","api_created":true,"privacy":"public","url":"http://parlor.test:8080/standup","created_at":"2030-01-01T00:00:00.000Z","config":{}}"#);
}

#[tokio::test]
async fn room_without_a_name_gets_a_random_one() {
    let server = TestServer::start().await;
    let mut names = Vec::new();
    for body in ["", "{}", r#"{"name":null}"#, r#"{"name":""}"#, "  \n"] {
        let answer = server.key().send(Method::POST, "/v1/rooms", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        let name = answer.body["name"].as_str().unwrap().to_owned();
        assert_eq!(name.len(), 20);
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        assert_eq!(answer.body["url"], format!("http://parlor.test:8080/{name}"));
        names.push(name);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[tokio::test]
async fn room_of_a_further_organization_lives_below_its_domain() {
    let server = TestServer::start().await;
    let answer = server.other_org().create_room("standup", json!({})).await;
    assert_eq!(answer.body["url"], "http://globex.parlor.test:8080/standup");
}

#[tokio::test]
async fn names_are_compared_with_case_and_may_start_with_a_dash() {
    let server = TestServer::start().await;
    for name in ["Standup", "standup", "-_x", "_y", "--"] {
        assert_eq!(server.key().create_room(name, json!({})).await.status, StatusCode::OK);
    }
    assert_eq!(server.key().get("/v1/rooms/STANDUP").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn config_shows_only_what_differs_from_the_default() {
    let server = TestServer::start().await;
    let properties = json!({
        "start_video_off": false, "enable_screenshare": true, "max_participants": 200,
        "enable_chat": true, "enable_knocking": false, "lang": "en", "sfu_switchover": 0.5
    });
    let answer = server.key().create_room("standup", properties).await;
    // Properties without a default of their own are kept whenever they were set.
    assert_eq!(answer.body["config"], json!({ "enable_chat": true, "enable_knocking": false }));
}

#[tokio::test]
async fn times_come_back_as_they_were_sent() {
    let server = TestServer::start().await;
    let (exp, nbf) = (json!(server.now() + 300), json!(1_893_456_100.25));
    let answer = server.key().create_room("standup", json!({ "exp": exp, "nbf": nbf })).await;
    assert_eq!(answer.body["config"], json!({ "exp": exp, "nbf": nbf }));
}

#[tokio::test]
async fn fractions_of_a_second_come_back_to_the_last_digit() {
    let server = TestServer::start().await;
    // As Python's time.time() writes them: read any less exactly, some change.
    for (number, exp) in ["1893456300.123", "1895360019.0467079"].into_iter().enumerate() {
        let body = format!(r#"{{"name":"room-{number}","properties":{{"exp":{exp}}}}}"#);
        let made = server.key().send(Method::POST, "/v1/rooms", body).await;
        let read = server.key().get(&format!("/v1/rooms/room-{number}")).await;
        for answer in [made, read] {
            assert!(answer.text.contains(&format!(r#""exp":{exp}}}"#)), "{answer}");
        }
    }
}

#[tokio::test]
async fn legacy_keys_are_accepted_and_ignored() {
    let server = TestServer::start().await;
    let properties = json!({
        "autojoin": true, "signaling_impl": "ws", "audio_only": false, "enable_dialin": false,
        "enable_transcription": true, "dialin": null, "enable_new_call_ui": true,
        "owner_only_broadcast": true
    });
    let answer = server.key().create_room("standup", properties).await;
    assert_eq!(answer.body["config"], json!({ "owner_only_broadcast": true }), "{answer}");
}

#[tokio::test]
async fn null_means_back_to_the_default() {
    let server = TestServer::start().await;
    let properties = json!({ "enable_chat": true, "exp": server.now() + 60, "nbf": null });
    server.key().create_room("standup", properties).await;
    let change = json!({ "properties": { "enable_chat": null, "exp": null } });
    let answer = server.key().post("/v1/rooms/standup", change).await;
    assert_eq!(answer.body["config"], json!({}));
    server.clock.advance(61);
    assert_eq!(server.key().get("/v1/rooms/standup").await.status, StatusCode::OK);
}

#[tokio::test]
async fn update_merges_and_answers_the_whole_room() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({ "start_audio_off": true })).await;
    let change = json!({ "privacy": "private", "properties": { "start_video_off": true } });
    let answer = server.key().post("/v1/rooms/standup", change).await;
    assert_snapshot!(answer, @r#"200 {"id":"[id]","name":"standup","api_created":true,"privacy":"private","url":"http://parlor.test:8080/standup","created_at":"2030-01-01T00:00:00.000Z","config":{"start_audio_off":true,"start_video_off":true}}"#);
    assert_eq!(server.key().get("/v1/rooms/standup").await.body, answer.body);
}

#[tokio::test]
async fn update_with_an_empty_body_changes_nothing() {
    let server = TestServer::start().await;
    let before = server.key().create_room("standup", json!({ "start_audio_off": true })).await;
    let after = server.key().send(Method::POST, "/v1/rooms/standup", "").await;
    assert_eq!((after.status, after.body), (StatusCode::OK, before.body));
}

#[tokio::test]
async fn update_of_the_name_is_an_unknown_parameter() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let answer = server.key().post("/v1/rooms/standup", json!({ "name": "retro" })).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"unknown parameter 'name'"}"#);
}

#[tokio::test]
async fn failed_update_changes_nothing() {
    let server = TestServer::start().await;
    let before = server.key().create_room("standup", json!({})).await;
    let change = json!({ "properties": { "enable_chat": true, "colour": "red" } });
    assert_eq!(
        server.key().post("/v1/rooms/standup", change).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(server.key().get("/v1/rooms/standup").await.body, before.body);
}

#[tokio::test]
async fn delete_answers_the_name_that_was_asked_for() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let answer = server.key().delete("/v1/rooms/standup").await;
    assert_snapshot!(answer, @r#"200 {"deleted":true,"name":"standup"}"#);
    let answer = server.key().delete("/v1/rooms/standup").await;
    assert_snapshot!(answer, @r#"404 {"error":"not-found","info":"room standup not found"}"#);
}

#[tokio::test]
async fn delete_removes_everybody_and_frees_the_name() {
    let server = TestServer::start().await;
    let first = server.key().create_room("standup", json!({})).await;
    server.key().delete("/v1/rooms/standup").await;
    let room = first.body["id"].as_str().unwrap().parse().unwrap();
    let asked = server.live.lock().unwrap().asked.clone();
    assert_eq!(asked, [Command::EndRoom { room, reason: EndReason::RoomDeleted }]);
    let second = server.key().create_room("standup", json!({})).await;
    assert_ne!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn call_of_a_deleted_room_ends_even_if_the_live_rooms_do_not_answer_at_first() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    enter(&server, "standup", "Ana", None, 0).await;
    server.live.lock().unwrap().is_deaf = true;
    let answer = server.key().delete("/v1/rooms/standup").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    server.jobs().run_round().await;
    assert_eq!(server.live.lock().unwrap().present.len(), 1);
    server.live.lock().unwrap().is_deaf = false;
    server.jobs().run_round().await;
    assert!(server.live.lock().unwrap().present.is_empty());
}

#[tokio::test]
async fn delete_of_an_expired_room_is_404_with_deleted_true() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({ "exp": server.now() + 60 })).await;
    server.clock.advance(60);
    let answer = server.key().delete("/v1/rooms/standup").await;
    assert_snapshot!(answer, @r#"404 {"error":"not-found","info":"room standup not found","deleted":true}"#);
    let answer = server.key().delete("/v1/rooms/standup").await;
    assert_snapshot!(answer, @r#"404 {"error":"not-found","info":"room standup not found"}"#);
}

#[tokio::test]
async fn expired_room_is_invisible_and_its_name_is_free() {
    let server = TestServer::start().await;
    let first = server.key().create_room("standup", json!({ "exp": server.now() + 60 })).await;
    server.clock.advance_millis(59_999);
    assert_eq!(server.key().get("/v1/rooms/standup").await.status, StatusCode::OK);
    server.clock.advance_millis(1);
    assert_eq!(server.key().get("/v1/rooms/standup").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        server.key().post("/v1/rooms/standup", json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let second = server.key().create_room("standup", json!({})).await;
    assert_eq!(second.status, StatusCode::OK);
    let room = first.body["id"].as_str().unwrap().parse().unwrap();
    let asked = server.live.lock().unwrap().asked.clone();
    assert_eq!(asked, [Command::EndRoom { room, reason: EndReason::RoomDeleted }]);
}

#[tokio::test]
async fn of_concurrent_creates_of_one_name_exactly_one_wins() {
    let server = TestServer::start().await;
    let caller = server.key();
    let creates = (0..20).map(|_| caller.create_room("standup", json!({})));
    let answers = futures_util::future::join_all(creates).await;
    let (won, lost): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((won.len(), lost.len()), (1, 19));
    assert!(lost.iter().all(|answer| answer.info() == "a room named standup already exists"));
}

#[tokio::test]
async fn operator_may_raise_the_limit_of_participants() {
    let server = TestServer::with(|settings| settings.max_participants = 1000).await;
    let answer = server.key().create_room("standup", json!({ "max_participants": 1000 })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    let answer = server.key().create_room("retro", json!({ "max_participants": 1001 })).await;
    assert_eq!(
        answer.info(),
        "max_participants was '1001' but should be an integer from 1 to 1000"
    );
}

#[tokio::test]
async fn slashes_and_both_bases_make_no_difference() {
    let server = TestServer::start().await;
    let answer = server.key().post("/v1/rooms/", json!({ "name": "standup" })).await;
    assert_eq!(answer.status, StatusCode::OK);
    for path in [
        "/v1/rooms/standup",
        "/v1/rooms/standup/",
        "/v1//rooms/standup",
        "//v1/rooms//standup//",
        "/api/v1/rooms/standup",
        "/v1/rooms/st%61ndup",
        "/v1/rooms/standup/?x=1",
    ] {
        assert_eq!(server.key().get(path).await.body, answer.body, "{path}");
    }
}

#[tokio::test]
async fn body_is_json_whatever_its_content_type() {
    let server = TestServer::start().await;
    let authorization = format!("Bearer {}", server.key.expose());
    for (number, content_type) in
        [Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("nonsense"), None]
            .into_iter()
            .enumerate()
    {
        let body = json!({ "name": format!("room{number}") }).to_string();
        let mut request =
            axum::http::Request::post("/v1/rooms").header("authorization", &authorization);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = server.send(request.body(body.into()).unwrap()).await;
        assert_eq!(answer.body["name"], format!("room{number}"), "{answer}");
    }
}

#[tokio::test]
async fn get_and_delete_with_a_json_content_type_and_no_body_are_normal() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let authorization = format!("Bearer {}", server.key.expose());
    for method in [Method::GET, Method::DELETE] {
        let request = axum::http::Request::builder()
            .method(method)
            .uri("/v1/rooms/standup")
            .header("authorization", &authorization)
            .header("content-type", "application/json");
        let answer = server.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
    }
}

#[tokio::test]
async fn last_value_of_a_key_that_comes_twice_counts() {
    let server = TestServer::start().await;
    let body = r#"{"name":"first","name":"second"}"#;
    let answer = server.key().send(Method::POST, "/v1/rooms", body).await;
    assert_eq!(answer.body["name"], "second");
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let server = TestServer::start().await;
    server.key().create_room("standup", json!({})).await;
    let answer = server.key().send(Method::HEAD, "/v1/rooms/standup", "").await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
}
