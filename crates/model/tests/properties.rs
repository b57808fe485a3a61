//! What requests may say about properties, and what answers show.

use parlor_model::property::{PropertyLimits, PropertySet, Scope};
use parlor_model::time::UnixMillis;
use serde_json::{Map, Value, json};

const NOW: UnixMillis = UnixMillis::new(1_900_000_000_000);

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("a JSON object")
}

/// The set after a request on an empty one, or the error's text.
fn set(scope: Scope, properties: &Value) -> Result<PropertySet, String> {
    let changes = PropertySet::parse(scope, object(properties), NOW, &PropertyLimits::default())
        .map_err(|error| error.info)?;
    let mut set = PropertySet::new(scope);
    set.apply(changes);
    Ok(set)
}

fn refusal(scope: Scope, properties: &Value) -> String {
    set(scope, properties).expect_err("the properties should be refused")
}

fn config(scope: Scope, properties: &Value) -> Value {
    Value::Object(set(scope, properties).expect("the properties are valid").config())
}

#[test]
fn wrong_values_are_refused_in_the_words_that_clients_know() {
    let cases = [
        (json!({"colour": 1}), "unknown parameter 'colour'"),
        (json!({"is_owner": true}), "unknown parameter 'is_owner'"),
        (json!({"sip_uri": {}}), "unknown parameter 'sip_uri'"),
        (json!({"start_video_off": "yes"}), "start_video_off was 'yes' but should be a boolean"),
        (json!({"start_video_off": 1}), "start_video_off was '1' but should be a boolean"),
        (
            json!({"max_participants": 0}),
            "max_participants was '0' but should be an integer from 1 to 200",
        ),
        (
            json!({"max_participants": 2.5}),
            "max_participants was '2.5' but should be an integer from 1 to 200",
        ),
        (
            json!({"exp": 1_899_999_999}),
            "exp was '1899999999', which is in the past rather than in the future",
        ),
        (
            json!({"exp": 1_900_000_000}),
            "exp was '1900000000', which is in the past rather than in the future",
        ),
        (
            json!({"exp": "soon"}),
            "exp was 'soon' but should be a number of seconds since the unix epoch",
        ),
        (
            json!({"nbf": true}),
            "nbf was 'true' but should be a number of seconds since the unix epoch",
        ),
        (
            json!({"rtmp_geo": "mars"}),
            "rtmp_geo was 'mars' but should be one of 'us-west-2', 'eu-central-1', 'ap-south-1'",
        ),
        (
            json!({"recordings_bucket": {"bucket": "x"}}),
            "unknown parameter 'recordings_bucket.bucket'",
        ),
        (
            json!({"recordings_bucket": {"bucket_name": 5}}),
            "recordings_bucket.bucket_name was '5' but should be a string",
        ),
        (json!({"sip": {"display_name": "x"}}), "missing required field 'sip.sip_mode'"),
        (
            json!({"streaming_endpoints": [{"name": "a"}, 7]}),
            "streaming_endpoints.1 was '[redacted]' but should be an object",
        ),
        (
            json!({"permissions": {"canReceive": {"byUserId": {"ana": {"video": 1}}}}}),
            "permissions.canReceive.byUserId.ana.video was '1' but should be a boolean",
        ),
        (json!({"permissions": {"cansend": true}}), "unknown parameter 'permissions.cansend'"),
        (
            json!({"permissions": {"canAdmin": ["streaming", "streaming"]}}),
            "permissions.canAdmin was '[\"streaming\",\"streaming\"]' but should be true, false or \
             a list of distinct ones of 'participants', 'streaming', 'transcription'",
        ),
    ];
    for (properties, info) in cases {
        assert_eq!(refusal(Scope::Room, &properties), info);
    }
}

#[test]
fn token_properties_have_limits_of_their_own() {
    let long = "x".repeat(37);
    let info = refusal(Scope::Token, &json!({"user_id": long}));
    assert!(info.ends_with("but should be a string of at most 36 characters"), "{info}");
    assert_eq!(refusal(Scope::Token, &json!({"iat": 5})), "unknown parameter 'iat'");
    assert_eq!(
        refusal(Scope::Token, &json!({"max_participants": 5})),
        "unknown parameter 'max_participants'"
    );
    let info = refusal(Scope::Token, &json!({"enable_recording": ["cloud", "cloud"]}));
    assert!(info.contains("but should be one of 'cloud'"), "{info}");
}

#[test]
fn time_in_the_past_is_fine_for_nbf() {
    assert_eq!(config(Scope::Room, &json!({"nbf": 5})), json!({"nbf": 5}));
}

#[test]
fn config_shows_only_what_differs_from_the_default() {
    let properties = json!({
        "start_video_off": false, "start_audio_off": true, "enable_screenshare": true,
        "max_participants": 200, "sfu_switchover": 0.5, "lang": "en", "enable_chat": true
    });
    let expected = json!({"start_audio_off": true, "enable_chat": true});
    assert_eq!(config(Scope::Room, &properties), expected);
}

#[test]
fn property_without_a_default_of_its_own_is_kept_whenever_it_was_set() {
    let properties = json!({"enable_prejoin_ui": true, "enable_pip_ui": false});
    assert_eq!(config(Scope::Room, &properties), properties);
}

#[test]
fn times_come_back_as_they_were_sent() {
    let properties = json!({"exp": 1_935_562_830.25, "nbf": 1_899_999_999});
    assert_eq!(config(Scope::Room, &properties).to_string(), properties.to_string());
}

#[test]
fn integer_with_a_fraction_of_zero_is_an_integer() {
    assert_eq!(
        config(Scope::Room, &json!({"max_participants": 5.0})).to_string(),
        r#"{"max_participants":5}"#
    );
}

#[test]
fn null_resets_and_other_properties_stay() {
    let limits = PropertyLimits::default();
    let mut room = set(Scope::Room, &json!({"enable_chat": true, "lang": "de"})).expect("valid");
    let reset = json!({"lang": null, "geo": null});
    room.apply(PropertySet::parse(Scope::Room, object(&reset), NOW, &limits).expect("valid"));
    assert_eq!(Value::Object(room.config()), json!({"enable_chat": true}));
}

#[test]
fn null_in_a_token_counts_as_absent() {
    let token = set(Scope::Token, &json!({"user_name": null, "is_owner": false})).expect("valid");
    assert_eq!(Value::Object(token.as_map().clone()), json!({"is_owner": false}));
}

#[test]
fn legacy_keys_are_accepted_and_dropped() {
    let properties =
        json!({"autojoin": 5, "signaling_impl": "ws", "dialin": {}, "audio_only": "x"});
    assert_eq!(config(Scope::Room, &properties), json!({}));
}

#[test]
fn domain_config_always_carries_its_core() {
    let expected = json!({
        "hide_daily_branding": false, "redirect_on_meeting_exit": "", "meeting_join_hook": "",
        "hipaa": false, "intercom_auto_record": false, "lang": "en"
    });
    assert_eq!(config(Scope::Domain, &json!({})), expected);
    let config = config(Scope::Domain, &json!({"lang": "de", "enable_pip_ui": true}));
    assert_eq!(config["lang"], json!("de"));
    assert_eq!(config["enable_pip_ui"], json!(true));
}

#[test]
fn domain_refuses_what_only_answers_have() {
    for name in ["hipaa", "intercom_auto_record", "max_api_keys", "exp"] {
        let info = refusal(Scope::Domain, &json!({ name: true }));
        assert_eq!(info, format!("unknown parameter '{name}'"));
    }
}

#[test]
fn operator_may_allow_more_participants() {
    let limits = PropertyLimits { max_participants: 1000 };
    let many = json!({"max_participants": 1000});
    assert!(PropertySet::parse(Scope::Room, object(&many), NOW, &limits).is_ok());
}

#[test]
fn set_survives_the_store() {
    let room =
        set(Scope::Room, &json!({"exp": 1_935_562_830.5, "enable_chat": true})).expect("valid");
    assert_eq!(PropertySet::from_json(Scope::Room, &room.to_json()).expect("JSON"), room);
}

#[test]
fn browsers_do_not_see_buckets_and_hooks() {
    let properties = json!({
        "recordings_bucket": {"bucket_name": "b"}, "meeting_join_hook": "https://hooks.example/x",
        "enable_chat": true
    });
    let room = set(Scope::Room, &properties).expect("valid");
    assert_eq!(Value::Object(room.public_config()), json!({"enable_chat": true}));
}
