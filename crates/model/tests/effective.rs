//! What applies to one joiner.

use parlor_model::permission::{AdminArea, Grant, MediaKind, ReceiveGrant};
use parlor_model::property::{Effective, PropertyLimits, PropertySet, Scope, eject_limits};
use parlor_model::ticket::EjectLimits;
use parlor_model::time::UnixMillis;
use serde_json::{Value, json};

fn set(scope: Scope, properties: &Value) -> PropertySet {
    let properties = properties.as_object().expect("a JSON object");
    let now = UnixMillis::new(0);
    let limits = PropertyLimits::default();
    let mut set = PropertySet::new(scope);
    set.apply(PropertySet::parse(scope, properties, now, &limits).expect("valid properties"));
    set
}

/// Domain, room and token, to be layered.
struct Layers(PropertySet, PropertySet, PropertySet);

impl Layers {
    fn new(domain: &Value, room: &Value, token: &Value) -> Self {
        Self(set(Scope::Domain, domain), set(Scope::Room, room), set(Scope::Token, token))
    }

    fn effective(&self) -> Effective<'_> {
        Effective::layer(&self.0, &self.1, Some(&self.2))
    }
}

#[test]
fn token_beats_room_beats_domain_beats_default() {
    let none = json!({});
    let layers = Layers::new(&none, &none, &none);
    assert_eq!(layers.effective().lang(), Some("en"));
    assert!(layers.effective().enable_prejoin_ui());
    assert_eq!(layers.effective().max_participants(), 200);
    let domain = json!({"lang": "de", "enable_prejoin_ui": false});
    let layers = Layers::new(&domain, &none, &none);
    assert_eq!(layers.effective().lang(), Some("de"));
    assert!(!layers.effective().enable_prejoin_ui());
    let layers = Layers::new(&domain, &json!({"lang": "fr", "max_participants": 3}), &none);
    assert_eq!(layers.effective().lang(), Some("fr"));
    assert_eq!(layers.effective().max_participants(), 3);
    let layers = Layers::new(&domain, &json!({"lang": "fr"}), &json!({"lang": "en"}));
    assert_eq!(layers.effective().lang(), Some("en"));
}

#[test]
fn an_audience_is_hidden_unless_its_token_says_otherwise() {
    let room = json!({"enable_hidden_participants": true, "permissions": {"hasPresence": true}});
    let none = json!({});
    let shown = json!({"permissions": {"hasPresence": true}});
    let owner = json!({"is_owner": true});
    for (token, is_visible, is_in_audience) in
        [(&none, false, true), (&shown, true, true), (&owner, true, false)]
    {
        let layers = Layers::new(&none, &room, token);
        let effective = layers.effective();
        let found = (effective.permissions().has_presence, effective.is_in_audience());
        assert_eq!(found, (is_visible, is_in_audience), "{token}");
    }
    let layers = Layers::new(&none, &none, &none);
    assert!(!layers.effective().is_in_audience());
}

#[test]
fn permissions_merge_key_by_key() {
    let layers = Layers::new(
        &json!({"permissions": {"hasPresence": false, "canSend": false, "canAdmin": true}}),
        &json!({"permissions": {"canSend": ["audio"], "canAdmin": ["streaming"]}}),
        &json!({"permissions": {"canAdmin": false, "canReceive": {"byUserId": {"ana": false}}}}),
    );
    let permissions = layers.effective().permissions();
    assert!(!permissions.has_presence);
    assert!(permissions.can_send.allows(&MediaKind::Audio));
    assert!(!permissions.can_send.allows(&MediaKind::Video));
    assert!(!permissions.can_admin.allows(&AdminArea::Streaming));
    assert_eq!(permissions.can_receive.base, ReceiveGrant::Whole(true));
    assert_eq!(permissions.can_receive.by_user_id["ana"], ReceiveGrant::Whole(false));
}

#[test]
fn owner_may_do_everything() {
    let layers = Layers::new(
        &json!({}),
        &json!({"permissions": {"canSend": false}, "owner_only_broadcast": true, "enable_screenshare": false}),
        &json!({"is_owner": true}),
    );
    let permissions = layers.effective().permissions();
    assert_eq!(permissions.can_send, Grant::Whole(true));
    assert_eq!(permissions.can_admin, Grant::Whole(true));
}

#[test]
fn only_owners_send_in_a_broadcast() {
    let layers = Layers::new(&json!({}), &json!({"owner_only_broadcast": true}), &json!({}));
    assert_eq!(layers.effective().permissions().can_send, Grant::Whole(false));
}

#[test]
fn screens_may_be_forbidden() {
    let layers = Layers::new(&json!({}), &json!({"enable_screenshare": false}), &json!({}));
    let can_send = layers.effective().permissions().can_send;
    assert!(can_send.allows(&MediaKind::Video));
    assert!(!can_send.allows(&MediaKind::ScreenVideo));
    assert!(!can_send.allows(&MediaKind::ScreenAudio));
}

#[test]
fn map_for_browsers_has_defaults_but_nothing_private() {
    let layers = Layers::new(
        &json!({}),
        &json!({"start_video_off": true, "recordings_bucket": {"bucket_name": "b"}, "exp": 9}),
        &json!({}),
    );
    let map = layers.effective().to_map();
    assert_eq!(map["start_video_off"], json!(true));
    assert_eq!(map["start_audio_off"], json!(false));
    assert_eq!(map["enable_prejoin_ui"], json!(true));
    for name in ["recordings_bucket", "exp", "nbf", "max_api_keys", "autojoin", "domain_id"] {
        assert!(!map.contains_key(name), "{name}");
    }
}

#[test]
fn room_ejects_at_its_exp_or_after_a_time() {
    let room = set(
        Scope::Room,
        &json!({"exp": 100.5, "eject_at_room_exp": true, "eject_after_elapsed": 60}),
    );
    let expected = EjectLimits { at: Some(UnixMillis::new(100_500)), after_seconds: Some(60) };
    assert_eq!(eject_limits(&room, None), expected);
    let plain = set(Scope::Token, &json!({"exp": 50, "eject_at_token_exp": false}));
    assert_eq!(eject_limits(&room, Some(&plain)), expected);
}

#[test]
fn eject_of_the_token_replaces_both_of_the_room() {
    let room = set(
        Scope::Room,
        &json!({"exp": 100, "eject_at_room_exp": true, "eject_after_elapsed": 60}),
    );
    let at_exp = set(Scope::Token, &json!({"exp": 500, "eject_at_token_exp": true}));
    let expected = EjectLimits { at: Some(UnixMillis::new(500_000)), after_seconds: None };
    assert_eq!(eject_limits(&room, Some(&at_exp)), expected);
    let elapsed = set(Scope::Token, &json!({"exp": 500, "eject_after_elapsed": 7}));
    let expected = EjectLimits { at: None, after_seconds: Some(7) };
    assert_eq!(eject_limits(&room, Some(&elapsed)), expected);
}

#[test]
fn exp_alone_removes_nobody() {
    let room = set(Scope::Room, &json!({"exp": 100}));
    assert_eq!(eject_limits(&room, None), EjectLimits::default());
}

#[test]
fn an_empty_user_id_is_none() {
    let none = json!({});
    let layers = Layers::new(&none, &none, &json!({"user_id": ""}));
    assert_eq!(layers.effective().known_user(), None);
    let layers = Layers::new(&none, &none, &json!({"user_id": "u-1"}));
    assert_eq!(layers.effective().known_user(), Some("u-1"));
}

#[test]
fn a_time_beyond_the_calendar_ejects_at_its_end() {
    let token = json!({"exp": 1e300, "eject_at_token_exp": true});
    let limits = eject_limits(&set(Scope::Room, &json!({})), Some(&set(Scope::Token, &token)));
    assert_eq!(limits.at.map(UnixMillis::to_iso8601).as_deref(), Some("9999-12-31T23:59:59.999Z"));
}
