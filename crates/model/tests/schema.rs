//! Bodies checked by their schemas, in the words of those operations.

use parlor_model::rest::streams::{ChangeRecording, RecordingKind, StartRecording, StartStream};
use parlor_model::rest::transcription::StartTranscriptionBody;
use parlor_model::schema::{Field, Peers, Rule, Schema};
use serde_json::{Map, Value, json};

const SCHEMA: Schema = Schema::of(&[
    Field::required("id", Rule::Uuid, ""),
    Field::new("flag", Rule::Flag, ""),
    Field::new("count", Rule::Integer { min: 1, max: 9 }, ""),
    Field::new("side", Rule::Even { min: 2, max: 10 }, ""),
    Field::new("share", Rule::Number { min: 0.5, max: 1.0 }, ""),
    Field::new("name", Rule::Text { min: 1, max: 5 }, ""),
    Field::new("pin", Rule::Digits { min: 3, max: 7 }, ""),
    Field::new("call", Rule::Prefixed("sip:"), ""),
    Field::new("colour", Rule::Colour, ""),
    Field::new("url", Rule::Address, ""),
    Field::new("secret", Rule::Base64, ""),
    Field::new("kind", Rule::OneOf(&["a", "b"]), ""),
    Field::new("list", Rule::List { item: &Rule::OneOf(&["x", "y"]), max: 2 }, ""),
    Field::new("inner", Rule::Object(&Schema::of(&[Field::new("flag", Rule::Flag, "")])), ""),
    Field::new("map", Rule::Map(&Rule::Flag), ""),
    Field::new("either", Rule::AnyOf(&[Rule::Flag, Rule::TEXT]), ""),
    Field::new("any", Rule::Any, ""),
])
.with_peers(&[Peers::AtMostOne(&["flag", "count"])]);

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("not an object: {value}") };
    object
}

/// What is said about a body with an id and this one more field.
fn told(name: &str, value: Value) -> String {
    let mut body = object(json!({"id": "6f0c5a1e-3f0c-4a86-9f3d-2a4b7c1d9e10"}));
    body.insert(name.to_owned(), value);
    SCHEMA.check(&body).err().map(|error| error.info).unwrap_or_default()
}

#[test]
fn values_within_their_rules_pass() {
    let good = [
        ("flag", json!(true)),
        ("count", json!(9)),
        ("count", json!(1.0)),
        ("side", json!(10)),
        ("share", json!(0.75)),
        ("name", json!("äöüÄÖ")),
        ("pin", json!("0123456")),
        ("call", json!("sip:a@b")),
        ("colour", json!("#00ffAA")),
        ("colour", json!("#00ffAA80")),
        ("url", json!("https://example.org/x?y=1")),
        ("secret", json!("c2VjcmV0cw==")),
        ("kind", json!("b")),
        ("list", json!(["x", "x"])),
        ("inner", json!({})),
        ("inner", json!({"flag": false})),
        ("map", json!({"one": true, "two": false})),
        ("either", json!("text")),
        ("any", json!(null)),
    ];
    for (name, value) in good {
        assert_eq!(told(name, value.clone()), "", "{name}: {value}");
    }
}

#[test]
fn values_outside_their_rules_are_told_in_the_known_words() {
    let bad = [
        ("other", json!(60), "\"other\" is not allowed [Received other=60]"),
        ("flag", json!("yes"), "\"flag\" must be a boolean [Received flag=\"yes\"]"),
        ("count", json!("1"), "\"count\" must be a number [Received count=\"1\"]"),
        ("count", json!(1.5), "\"count\" must be an integer [Received count=1.5]"),
        ("count", json!(0), "\"count\" must be greater than or equal to 1 [Received count=0]"),
        ("count", json!(10), "\"count\" must be less than or equal to 9 [Received count=10]"),
        ("side", json!(3), "\"side\" must be a multiple of 2 [Received side=3]"),
        ("name", json!(""), "\"name\" is not allowed to be empty [Received name=\"\"]"),
        ("pin", json!("12a"), "\"pin\" must be a string of 3 to 7 digits [Received pin=\"12a\"]"),
        (
            "call",
            json!("sip:"),
            "\"call\" must be a string that begins with sip: [Received call=\"sip:\"]",
        ),
        (
            "colour",
            json!("#fff"),
            "\"colour\" must be #rrggbb or #aarrggbb [Received colour=\"#fff\"]",
        ),
        (
            "url",
            json!("ftp://x"),
            "\"url\" must be a valid uri with http or https [Received url=\"ftp://x\"]",
        ),
        (
            "secret",
            json!("a"),
            "\"secret\" must be a valid base64 string [Received secret=\"[redacted]\"]",
        ),
        ("kind", json!("c"), "\"kind\" must be one of [a, b] [Received kind=\"c\"]\n"),
        ("list", json!("x"), "\"list\" must be an array [Received list=\"x\"]"),
        ("list", json!(["z"]), "\"list[0]\" must be one of [x, y] [Received list[0]=\"z\"]\n"),
        ("inner", json!({"x": 1}), "\"inner.x\" is not allowed [Received inner.x=1]"),
        ("map", json!({"one": 1}), "\"map.one\" must be a boolean [Received map.one=1]"),
        ("either", json!(1), "\"either\" must be a string [Received either=1]"),
        ("id", json!("7"), "\"id\" must be a valid GUID [Received id=\"7\"]"),
        ("flag", json!(null), "\"flag\" must be a boolean [Received flag=null]"),
    ];
    for (name, value, text) in bad {
        assert_eq!(told(name, value), text);
    }
    let long = told("list", json!(["x", "x", "x"]));
    assert!(long.starts_with("\"list\" must contain less than or equal to 2 items"), "{long}");
}

#[test]
fn fields_that_must_be_there_and_those_that_exclude_each_other_are_told() {
    let told = |value| SCHEMA.check(&object(value)).unwrap_err().info;
    assert_eq!(told(json!({})), "missing required field 'id'");
    let both = json!({"id": "6f0c5a1e-3f0c-4a86-9f3d-2a4b7c1d9e10", "flag": true, "count": 1});
    assert_eq!(told(both), "\"value\" contains a conflict between exclusive peers [flag, count]");
}

#[test]
fn recordings_are_started_with_what_the_contract_lists_and_nothing_else() {
    let parse = |value| StartRecording::parse(&object(value));
    assert_eq!(parse(json!({})).unwrap().kind, RecordingKind::Cloud);
    let whole = json!({
        "type": "raw-tracks", "width": 1920, "height": 1080, "fps": 29.97, "videoBitrate": 5000,
        "audioBitrate": 128, "minIdleTimeOut": 300, "maxDuration": 15000,
        "backgroundColor": "#000000", "instanceId": "6f0c5a1e-3f0c-4a86-9f3d-2a4b7c1d9e10",
        "layout": {"preset": "custom", "composition_params": {"video.mode": "grid", "n": 1},
                   "session_assets": {"images/logo": "https://example.org/l.png"},
                   "participants": {"video": ["*"], "sort": "active"}},
        "dataOutputs": ["event-json"]
    });
    assert_eq!(parse(whole).unwrap().kind, RecordingKind::RawTracks);
    let info = |value| parse(value).unwrap_err().info;
    assert_eq!(
        info(json!({"max_duration": 60})),
        "\"max_duration\" is not allowed [Received max_duration=60]"
    );
    assert_eq!(info(json!({"layout": {}})), "missing required field 'layout.preset'");
    assert_eq!(
        info(json!({"layout": {"preset": "single-participant"}})),
        "missing required field 'layout.session_id'"
    );
    let reserved = json!({"instanceId": "c3df927c-f738-4471-a2b7-066fa7e95a6b"});
    assert!(info(reserved).contains("is reserved"));
    let update = object(json!({"type": "raw-tracks"}));
    assert!(ChangeRecording::parse_update(&update).is_err());
    assert!(ChangeRecording::parse_stop(&update).is_ok());
}

#[test]
fn a_kind_of_recording_is_allowed_by_a_word_or_a_list() {
    let kind = RecordingKind::CloudAudioOnly;
    assert!(!kind.is_allowed_by(None));
    assert!(!kind.is_allowed_by(Some(&json!("cloud"))));
    assert!(kind.is_allowed_by(Some(&json!("cloud-audio-only"))));
    assert!(kind.is_allowed_by(Some(&json!(["cloud", "cloud-audio-only"]))));
}

#[test]
fn streams_want_exactly_one_kind_of_target() {
    let parse = |value| StartStream::parse(&object(value));
    for none in [json!({}), json!({"rtmpUrl": []}), json!({"endpoints": []})] {
        let info = parse(none).unwrap_err().info;
        assert_eq!(info, "\"value\" must contain at least one of [rtmpUrl, endpoints]");
    }
    let both = json!({"rtmpUrl": "rtmp://a/b", "endpoints": [{"endpoint": "x"}]});
    assert!(parse(both).unwrap_err().info.contains("exclusive peers"));
    assert!(parse(json!({"rtmpUrl": "http://a/b"})).is_err());
    let several = parse(json!({"rtmpUrl": ["rtmp://a/b", "rtmps://c/d"]})).unwrap();
    assert_eq!(several.targets, ["rtmp://a/b", "rtmps://c/d"]);
    let named = parse(json!({"endpoints": [{"endpoint": "main"}]})).unwrap();
    assert_eq!(named.unknown_target(None), Some("main"));
    assert_eq!(named.unknown_target(Some(&json!([{"name": "main"}]))), None);
}

#[test]
fn transcription_takes_numbers_and_booleans_where_the_contract_does() {
    let check = |value| StartTranscriptionBody::SCHEMA.check(&object(value));
    assert!(check(json!({"endpointing": 300, "redact": ["pci"], "extra": {"a": [1]}})).is_ok());
    assert!(check(json!({"endpointing": false, "redact": true})).is_ok());
    assert!(check(json!({"endpointing": "soon"})).is_err());
    assert!(check(json!({"transcription_geo": "us"})).is_err());
}
