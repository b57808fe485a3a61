//! Operations whose engine this release does not have: they check the request
//! and the state of things, with the contract's errors, and only then say so.

use axum::http::{Method, StatusCode};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::presence::enter;
use crate::support::{Answer, TestServer};

const SESSION: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// Operations of a room, a body that is as it should be, and what then answers.
fn room_operations() -> Vec<(&'static str, Value, StatusCode)> {
    const NONE: StatusCode = StatusCode::NOT_IMPLEMENTED;
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    let session = json!({"sessionId": SESSION});
    let transfer = json!({"sessionId": SESSION, "toEndPoint": "sip:a@example.org"});
    vec![
        ("recordings/start", json!({"type": "cloud"}), NONE),
        ("recordings/update", json!({"layout": {"preset": "default"}}), BAD),
        ("recordings/stop", json!({}), BAD),
        ("live-streaming/start", json!({"rtmpUrl": "rtmp://example.org/a"}), NONE),
        ("live-streaming/update", json!({}), BAD),
        ("live-streaming/stop", json!({}), BAD),
        ("transcription/start", json!({"language": "en"}), NONE),
        ("transcription/update", json!({"participants": [SESSION]}), BAD),
        ("transcription/stop", json!({}), BAD),
        ("dialOut/start", json!({"phoneNumber": "+15555550100"}), NONE),
        ("dialOut/sendDTMF", json!({"sessionId": SESSION, "tones": "12#"}), NONE),
        ("dialOut/stop", session, NONE),
        ("sipCallTransfer", transfer.clone(), NONE),
        ("sipRefer", transfer, NONE),
    ]
}

async fn hosting() -> TestServer {
    let server = TestServer::start().await;
    let properties = json!({"enable_recording": ["cloud", "raw-tracks"], "enable_dialout": true});
    server.key().create_room("standup", properties).await;
    server.key().create_room("plain", json!({})).await;
    server.key().create_room("empty", json!({"enable_dialout": true})).await;
    enter(&server, "standup", "Ana", None, 0).await;
    enter(&server, "plain", "Bo", None, 0).await;
    server
}

async fn ask(server: &TestServer, path: &str, body: Value) -> Answer {
    server.key().post(&format!("/v1/rooms/{path}"), body).await
}

#[tokio::test]
async fn room_operations_need_a_room_with_a_call_and_then_say_what_lacks() {
    let server = hosting().await;
    for (path, body, status) in room_operations() {
        let answer = ask(&server, &format!("nobody/{path}"), body.clone()).await;
        assert_eq!(
            (answer.status, answer.info()),
            (StatusCode::NOT_FOUND, "room nobody not found")
        );
        let answer = ask(&server, &format!("empty/{path}"), body.clone()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {answer}");
        assert_eq!(answer.info(), "room empty does not seem to be hosting a call currently");
        let answer = ask(&server, &format!("standup/{path}"), body.clone()).await;
        assert_eq!(answer.status, status, "{path}: {answer}");
        let address = format!("/v1/rooms/standup/{path}");
        let answer = server.other_org().post(&address, body).await;
        assert_eq!(
            (answer.status, answer.info()),
            (StatusCode::NOT_FOUND, "room standup not found")
        );
    }
}

#[tokio::test]
async fn room_operations_look_at_the_body_before_the_room() {
    let server = hosting().await;
    for (path, _, _) in room_operations() {
        let answer = ask(&server, &format!("nobody/{path}"), json!({"max_duration": 60})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {answer}");
        assert_eq!(answer.info(), "\"max_duration\" is not allowed [Received max_duration=60]");
        let wrong = server.key().post(&format!("/v1/rooms/standup/{path}"), json!([])).await;
        assert_eq!(wrong.info(), "the body should be a JSON object", "{path}");
    }
}

#[tokio::test]
async fn recordings_need_to_be_allowed_by_the_room() {
    let server = hosting().await;
    let start = async |room: &str, body: Value| {
        ask(&server, &format!("{room}/recordings/start"), body).await
    };
    assert_snapshot!(start("plain", json!({})).await, @r#"400 {"error":"invalid-request-error","info":"room plain does not allow recordings of type 'cloud': add it to the room's property enable_recording"}"#);
    let answer = start("standup", json!({"type": "cloud-audio-only"})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    let answer = start("standup", json!({"type": "raw-tracks"})).await;
    assert_snapshot!(answer, @r#"501 {"error":"not-implemented","info":"recording is not implemented by this server"}"#);
    assert_snapshot!(start("standup", json!({"type": "local"})).await, @r#"400 {"error":"invalid-request-error","info":"\"type\" must be one of [cloud, cloud-audio-only, raw-tracks] [Received type=\"local\"]\n"}"#);
    assert_eq!(
        ask(&server, "standup/recordings/start", json!({})).await.status,
        StatusCode::NOT_IMPLEMENTED
    );
    let empty = server.key().send(Method::POST, "/v1/rooms/standup/recordings/start", "").await;
    assert_eq!(empty.status, StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn nothing_that_does_not_run_can_be_updated_or_stopped() {
    let server = hosting().await;
    assert_snapshot!(ask(&server, "standup/recordings/stop", json!({})).await, @r#"400 {"error":"invalid-request-error","info":"room standup has no active recording"}"#);
    assert_snapshot!(ask(&server, "standup/live-streaming/stop", json!({})).await, @r#"400 {"error":"invalid-request-error","info":"room standup has no active live stream"}"#);
    assert_snapshot!(ask(&server, "standup/transcription/stop", json!({})).await, @r#"400 {"error":"invalid-request-error","info":"room standup has no active transcription"}"#);
    let raw = json!({"type": "raw-tracks"});
    assert_snapshot!(ask(&server, "standup/recordings/update", raw).await, @r#"400 {"error":"invalid-request-error","info":"a recording of raw tracks cannot be updated"}"#);
}

#[tokio::test]
async fn streams_go_to_addresses_and_to_endpoints_of_the_room() {
    let server = hosting().await;
    let endpoints = json!([{"name": "main", "type": "rtmp", "rtmp_config": {"url": "rtmp://a/b"}}]);
    let change = json!({"properties": {"streaming_endpoints": endpoints}});
    server.key().post("/v1/rooms/standup", change).await;
    let start = async |body: Value| ask(&server, "standup/live-streaming/start", body).await;
    let known = start(json!({"endpoints": [{"endpoint": "main"}]})).await;
    assert_eq!(known.status, StatusCode::NOT_IMPLEMENTED, "{known}");
    let unknown = start(json!({"endpoints": [{"endpoint": "other"}]})).await;
    assert_snapshot!(unknown, @r#"400 {"error":"invalid-request-error","info":"an endpoint is neither an RTMP address nor a name in the property streaming_endpoints of room standup"}"#);
    for none in
        [json!({}), json!({"rtmpUrl": "x", "endpoints": []}), json!({"rtmpUrl": "http://a"})]
    {
        assert_eq!(start(none.clone()).await.status, StatusCode::BAD_REQUEST, "{none}");
    }
}

#[tokio::test]
async fn dial_out_needs_to_be_switched_on_and_may_begin_the_call_if_the_room_says_so() {
    let server = hosting().await;
    let call = json!({"phoneNumber": "+15555550100"});
    let answer = ask(&server, "plain/dialOut/start", call.clone()).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"room plain does not allow dial-out: set the room's property enable_dialout"}"#);
    let change = json!({"properties": {"dialout_config": {"allow_room_start": true}}});
    server.key().post("/v1/rooms/empty", change).await;
    let answer = ask(&server, "empty/dialOut/start", call).await;
    assert_snapshot!(answer, @r#"501 {"error":"not-implemented","info":"dial-out is not implemented by this server"}"#);
    for bad in [
        json!({}),
        json!({"phoneNumber": "15555550100"}),
        json!({"sipUri": "a@example.org"}),
        json!({"phoneNumber": "+15555550100", "sipUri": "sip:a@example.org"}),
        json!({"phoneNumber": "+15555550100", "video": true}),
        json!({"sipUri": "sip:a@b", "waitBeforeExtensionDialSec": 61}),
        json!({"sipUri": "sip:a@b", "videoSettings": {"width": 1281}}),
        json!({"sipUri": "sip:a@b", "codecs": {"audio": ["MP3"]}}),
    ] {
        let answer = ask(&server, "standup/dialOut/start", bad.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer}");
    }
}

#[tokio::test]
async fn telephones_in_a_call_are_named_by_their_session() {
    let server = hosting().await;
    for path in ["dialOut/sendDTMF", "dialOut/stop", "sipCallTransfer", "sipRefer"] {
        let answer = ask(&server, &format!("standup/{path}"), json!({})).await;
        assert_eq!(answer.info(), "missing required field 'sessionId'", "{path}");
    }
    let long = json!({"sessionId": SESSION, "tones": "1".repeat(21)});
    let answer = ask(&server, "standup/dialOut/sendDTMF", long).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn lists_of_what_no_engine_made_are_empty() {
    let server = TestServer::start().await;
    let lists = [
        "/v1/recordings",
        "/v1/transcript",
        "/v1/batch-processor",
        "/v1/purchased-phone-numbers",
        "/v1/domain-dialin-config",
    ];
    for path in lists {
        for query in ["", "?limit=5&ending_before=OLDEST", "?limit=1000&room_name=standup"] {
            let answer = server.key().get(&format!("{path}{query}")).await;
            assert_eq!(answer.text, r#"{"total_count":0,"data":[]}"#, "{path}{query}");
        }
        for query in ["limit=0", "limit=x", "starting_after=abc", "ending_before=abc"] {
            let answer = server.key().get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}?{query}: {answer}");
        }
        let both = server.key().get(&format!("{path}?starting_after=a&ending_before=b")).await;
        assert_eq!(both.info(), "starting_after and ending_before cannot be used together");
    }
    let answer =
        server.key().get("/v1/list-available-numbers?region=CA&city=LA&contains=123").await;
    assert_eq!(answer.text, r#"{"total_count":0,"data":[]}"#);
}

#[tokio::test]
async fn ids_of_what_no_engine_made_are_unknown() {
    let server = TestServer::start().await;
    let operations = [
        (Method::GET, "recordings/{id}", "recording"),
        (Method::DELETE, "recordings/{id}", "recording"),
        (Method::GET, "recordings/{id}/access-link", "recording"),
        (Method::GET, "transcript/{id}", "transcript"),
        (Method::DELETE, "transcript/{id}", "transcript"),
        (Method::GET, "transcript/{id}/access-link", "transcript"),
        (Method::GET, "batch-processor/{id}", "batch processor job"),
        (Method::DELETE, "batch-processor/{id}", "batch processor job"),
        (Method::GET, "batch-processor/{id}/access-link", "batch processor job"),
        (Method::DELETE, "release-phone-number/{id}", "phone number"),
        (Method::GET, "domain-dialin-config/{id}", "dial-in configuration"),
        (Method::PUT, "domain-dialin-config/{id}", "dial-in configuration"),
        (Method::DELETE, "domain-dialin-config/{id}", "dial-in configuration"),
    ];
    for (method, path, what) in operations {
        for id in [SESSION, "7", "..%2F.."] {
            let address = format!("/v1/{}", path.replace("{id}", id));
            let answer = server.key().send(method.clone(), &address, "").await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {address}: {answer}");
            let id = id.replace("%2F", "/");
            assert_eq!(answer.info(), format!("{what} {id} not found"));
        }
    }
    let answer = server.key().get("/v1/recordings/7/access-link?valid_for_secs=0").await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"valid_for_secs was '0' but should be an integer from 1 to 43200"}"#);
}

#[tokio::test]
async fn batch_jobs_are_checked_before_it_is_said_that_nobody_does_them() {
    let server = TestServer::start().await;
    let submit = async |body: Value| server.key().post("/v1/batch-processor", body).await;
    let of_uri =
        json!({"preset": "summarize", "inParams": {"sourceType": "uri", "uri": "https://a/b.mp4"}});
    assert_snapshot!(submit(of_uri).await, @r#"501 {"error":"not-implemented","info":"the batch processor is not implemented by this server"}"#);
    let of_recording = json!({"preset": "transcript", "inParams": {"sourceType": "recordingId", "recordingId": "7"}});
    assert_snapshot!(submit(of_recording).await, @r#"404 {"error":"not-found","info":"recording 7 not found"}"#);
    assert_snapshot!(submit(json!({"preset": "transcript", "inParams": {"sourceType": "uri"}})).await, @r#"400 {"error":"invalid-request-error","info":"missing required field 'inParams.uri'"}"#);
    for bad in [
        json!({}),
        json!({"preset": "transcript"}),
        json!({"preset": "poem", "inParams": {"sourceType": "uri", "uri": "https://a"}}),
        json!({"preset": "transcript", "inParams": {"sourceType": "uri", "uri": "file:///etc"}}),
    ] {
        assert_eq!(submit(bad.clone()).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn number_searches_are_validated() {
    let server = TestServer::start().await;
    let search =
        async |query: &str| server.key().get(&format!("/v1/list-available-numbers?{query}")).await;
    assert_snapshot!(search("contains=12").await, @r#"400 {"error":"validation-error","info":"contains should have 3 to 7 digits"}"#);
    for bad in [
        "areacode=41",
        "areacode=415&region=CA",
        "city=LA",
        "contains=123&ends_with=456",
        "starts_with=12345678",
        "ends_with=12a",
    ] {
        let answer = search(bad).await;
        assert_eq!(answer.body["error"], "validation-error", "{bad}: {answer}");
    }
    assert_eq!(search("areacode=415&starts_with=555").await.status, StatusCode::OK);
}

#[tokio::test]
async fn numbers_and_dial_in_are_checked_before_it_is_said_that_there_are_none() {
    let server = TestServer::start().await;
    let buy = async |body: Value| server.key().post("/v1/buy-phone-number", body).await;
    assert_eq!(buy(json!({})).await.status, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(buy(json!({"number": "+15555550100"})).await.status, StatusCode::NOT_IMPLEMENTED);
    assert_snapshot!(buy(json!({"number": "reception"})).await, @r#"422 {"errors":[{"detail":"the number should be + and 7 to 15 digits","status":"422","title":"Invalid phone number","code":"invalid_phone_number"}],"status":422}"#);
    assert_eq!(buy(json!({"number": 7})).await.status, StatusCode::BAD_REQUEST);

    let dial_in = async |body: Value| server.key().post("/v1/domain-dialin-config", body).await;
    assert_snapshot!(dial_in(json!({"type": "pin_dialin", "phone_number": "+15555550100"})).await, @r#"400 {"error":"invalid-request-error","info":"Failed to configure pin dialin: +15555550100 not associated with domain: acme"}"#);
    assert_snapshot!(dial_in(json!({"type": "pin_dialin"})).await, @r#"400 {"error":"invalid-request-error","info":"missing required field 'phone_number'"}"#);
    assert_snapshot!(dial_in(json!({})).await, @r#"400 {"error":"invalid-request-error","info":"missing required field 'type'"}"#);
    assert_eq!(
        dial_in(json!({"type": "pinless_dialin"})).await.status,
        StatusCode::NOT_IMPLEMENTED
    );
    let path = "/v1/domain-dialin-config/7";
    let answer = server.key().send(Method::PUT, path, r#"{"type":"pin_dialin"}"#).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "the type cannot be changed: {answer}");
    assert_eq!(
        server.key().get("/v1/domain-dialin-config?type=fax").await.status,
        StatusCode::BAD_REQUEST
    );

    let update = async |body: Value| server.key().post("/v1/dialin/pinlessCallUpdate", body).await;
    let whole = json!({"callId": "a", "callDomain": "b", "sipUri": "sip:c@d"});
    assert_eq!(update(whole).await.status, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(update(json!({"callId": "a"})).await.status, StatusCode::BAD_REQUEST);
}
