//! Properties that hold for any input.

use parlor_model::permission::Permissions;
use parlor_model::property::{
    Effective, Kind, PropertyLimits, PropertySet, PropertySpec, Scope, specs,
};
use parlor_model::rest::body::Present;
use parlor_model::rest::rooms::CreateRoom;
use parlor_model::room_name::RoomName;
use parlor_model::time::UnixMillis;
use parlor_model::token::TokenClaims;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const NOW: UnixMillis = UnixMillis::new(1_900_000_000_000);

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["video", "canSend", "cloud", "{epoch_time}", "v,a"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(any_key(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Keys that the parsers know, and others.
fn any_key() -> impl Strategy<Value = String> {
    let known: Vec<String> = Scope::ALL.into_iter().flat_map(specs).flat_map(names_of).collect();
    let nested =
        ["canSend", "canReceive", "base", "byUserId", "cs", "cr", "b", "u", "display_name"];
    prop_oneof![
        4 => prop::sample::select(known),
        2 => prop::sample::select(nested.map(str::to_owned).to_vec()),
        1 => ".{0,8}",
    ]
}

fn names_of(spec: &PropertySpec) -> Vec<String> {
    [Some(spec.name), spec.claim()].into_iter().flatten().map(str::to_owned).collect()
}

fn any_object() -> impl Strategy<Value = Map<String, Value>> {
    btree_map(any_key(), any_json(), 0..8).prop_map(|fields| fields.into_iter().collect())
}

/// A value that the row of a token property admits.
fn token_value(spec: &'static PropertySpec) -> BoxedStrategy<Value> {
    match spec.kind {
        Kind::Flag => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Integer { min, max } => (min..=max).prop_map(Value::from).boxed(),
        Kind::Time | Kind::FutureTime => {
            prop_oneof![any::<u32>().prop_map(Value::from), (0.0..4e9).prop_map(Value::from)]
                .boxed()
        }
        Kind::OneOf(words) => prop::sample::select(words).prop_map(Value::from).boxed(),
        Kind::OneOrSomeOf(words) => {
            prop::sample::subsequence(words.to_vec(), 0..=words.len()).prop_map(Value::from).boxed()
        }
        Kind::Object(_) if spec.name == "permissions" => any_permissions().boxed(),
        Kind::Object(_) => Just(json!({"width": 640})).boxed(),
        _ => ".{0,36}".prop_map(Value::from).boxed(),
    }
}

fn any_permissions() -> impl Strategy<Value = Value> {
    let media = vec!["video", "audio", "screenVideo", "screenAudio", "customVideo", "customAudio"];
    let areas = vec!["participants", "streaming", "transcription"];
    let send = prop_oneof![
        any::<bool>().prop_map(Value::from),
        prop::sample::subsequence(media, 0..=6).prop_map(Value::from)
    ];
    let admin = prop_oneof![
        any::<bool>().prop_map(Value::from),
        prop::sample::subsequence(areas, 0..=3).prop_map(Value::from)
    ];
    let receive = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (any::<bool>(), ".{0,4}")
            .prop_map(|(flag, name)| { json!({"screenVideo": flag, "customAudio": {name: flag}}) })
    ];
    let by_user = btree_map("[a-z]{1,3}", receive.clone(), 0..3);
    (option::of(any::<bool>()), option::of(send), option::of((receive, by_user)), option::of(admin))
        .prop_map(|(presence, send, receive, admin)| {
            let mut permissions = Map::new();
            let receive = receive.map(|(base, by_user)| json!({"base": base, "byUserId": by_user}));
            let fields = [
                ("hasPresence", presence.map(Value::from)),
                ("canSend", send),
                ("canReceive", receive),
                ("canAdmin", admin),
            ];
            let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
            permissions.extend(given.map(|(name, value)| (name.to_owned(), value)));
            Value::Object(permissions)
        })
}

fn any_token() -> impl Strategy<Value = Map<String, Value>> {
    let fields: Vec<_> = specs(Scope::Token)
        .filter(|spec| spec.is_writable(Scope::Token))
        .map(|spec| option::of(token_value(spec)).prop_map(|value| (spec.name, value)))
        .collect();
    fields.prop_map(|fields| {
        let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        given.collect()
    })
}

proptest! {
    #[test]
    fn parsing_never_panics_and_what_it_accepts_it_accepts_again(object in any_object()) {
        let limits = PropertyLimits::default();
        for scope in Scope::ALL {
            let Ok(changes) = PropertySet::parse(scope, &object, NOW, &limits) else { continue };
            let mut set = PropertySet::new(scope);
            set.apply(changes);
            let again = PropertySet::parse(scope, set.as_map(), NOW, &limits);
            prop_assert!(again.is_ok(), "{again:?}");
            prop_assert_eq!(&PropertySet::from_json(scope, &set.to_json()).unwrap(), &set);
        }
    }

    #[test]
    fn bodies_names_and_claims_never_panic(object in any_object(), name in ".{0,140}") {
        let present = Present { now: NOW, limits: &PropertyLimits::default() };
        let _ignored = CreateRoom::parse(&object, present).is_ok();
        let _ignored = RoomName::parse(&name).is_ok();
        if let Ok(token) = TokenClaims::from_claims(&object) {
            let again = TokenClaims::from_claims(&token.to_claims()).unwrap();
            prop_assert_eq!(again, token);
        }
    }

    #[test]
    fn claims_round_trip_exactly(properties in any_token()) {
        let token = TokenClaims::from_claims(&properties).unwrap();
        prop_assert_eq!(token.properties.as_map(), &properties);
        let back = TokenClaims::from_claims(&token.to_claims()).unwrap();
        prop_assert_eq!(Value::from(back.properties.as_map().clone()), Value::from(properties));
    }

    #[test]
    fn checked_permissions_all_count(permissions in any_permissions()) {
        let domain = PropertySet::new(Scope::Domain);
        let properties = json!({"permissions": permissions.clone()});
        let limits = PropertyLimits::default();
        let changes =
            PropertySet::parse(Scope::Room, properties.as_object().unwrap(), NOW, &limits).unwrap();
        let mut room = PropertySet::new(Scope::Room);
        room.apply(changes);
        let merged = Effective::layer(&domain, &room, None).permissions();
        let shown = serde_json::to_value(&merged).unwrap();
        for name in ["hasPresence", "canSend", "canAdmin"] {
            if let Some(given) = permissions.get(name) {
                prop_assert_eq!(sorted(&shown[name]), sorted(given));
            }
        }
        if permissions == json!({}) {
            prop_assert_eq!(merged, Permissions::participant());
        }
    }
}

/// Lists of words are sets.
fn sorted(value: &Value) -> Value {
    let Value::Array(words) = value else {
        return value.clone();
    };
    let mut words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    words.sort_unstable();
    Value::from(words)
}
