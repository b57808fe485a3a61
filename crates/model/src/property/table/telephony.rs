//! Telephones and SIP.

use super::{ABSENT, FALSE, getter, properties};
use crate::property::effective::Effective;
use crate::property::kind::{Field, Kind, Shape};
use crate::property::spec::Applies::Telephony;
use crate::property::spec::{PropertySpec, Scope};

const NO_GATEWAY: &str = "no telephone gateway in this release: checked, kept and returned";
const SWITCH_ONLY: &str =
    "requests to dial out are refused without it; there is no telephone gateway in this release";
const START_ONLY: &str =
    "`allow_room_start` is looked at; there is no telephone gateway in this release";
const OLD_CLIENTS: &str = "sent by older clients, whose switch it was; dropped";

const DIALOUT_CONFIG: Kind = Kind::Object(&Shape::closed(&[
    Field::new("allow_room_start", Kind::Flag),
    Field::new("dialout_geo", Kind::TEXT),
    Field::new("max_idle_timeout_sec", Kind::Number { min: 0.0 }),
]));

const SIP: Kind = Kind::Object(&Shape::closed(&[
    Field::required("display_name", Kind::TEXT),
    Field::required("sip_mode", Kind::OneOf(&["dial-in"])),
    Field::new("video", Kind::Flag),
    Field::new("num_endpoints", Kind::Integer { min: 1, max: 100 }),
    Field::new("force_digit_only_username", Kind::Flag),
    Field::new(
        "codecs",
        Kind::Object(&Shape::closed(&[
            Field::new("audio", Kind::SomeOf(&["OPUS", "G722", "PCMU", "PCMA"])),
            Field::new("video", Kind::SomeOf(&["H264", "VP8"])),
        ])),
    ),
    Field::new("provider", Kind::OneOf(&["daily"])),
]));

const MESSAGE: Kind = Kind::Object(&Shape::open(&[Field::new("message", Kind::TEXT)]));

const PINLESS_DIALIN: Kind = Kind::ListOf(&Shape::open(&[
    Field::new("phone_number", Kind::TEXT),
    Field::new("room_creation_api", Kind::TEXT),
    Field::new("name_prefix", Kind::TEXT),
    Field::new("sip_uri", Kind::TEXT),
    Field::new("hold_music_url", Kind::TEXT),
    Field::new("timeout_config", MESSAGE),
]));

const PIN_DIALIN: Kind = Kind::ListOf(&Shape::open(&[
    Field::new("phone_number", Kind::TEXT),
    Field::new("name_prefix", Kind::TEXT),
    Field::new("ivr_greeting", MESSAGE),
]));

properties! {
    /// The room may call telephones.
    flag enable_dialout = PropertySpec::new(Kind::Flag).room(FALSE).acts_partly(Telephony, SWITCH_ONLY);

    /// How the room calls telephones.
    value dialout_config =
        PropertySpec::new(DIALOUT_CONFIG).room(ABSENT).acts_partly(Telephony, START_ONLY).private();

    /// The room takes SIP calls.
    value sip = PropertySpec::new(SIP).room(ABSENT).without_effect(Telephony, NO_GATEWAY).private();

    /// The addresses for SIP calls, when `sip` was set.
    plain sip_uri = PropertySpec::new(Kind::Any)
        .read_only(Scope::Room, ABSENT)
        .without_effect(Telephony, NO_GATEWAY)
        .private();

    /// Telephone numbers that lead to a room of their own.
    value pinless_dialin =
        PropertySpec::new(PINLESS_DIALIN).domain(ABSENT).without_effect(Telephony, NO_GATEWAY).private();

    /// Telephone numbers that ask for a PIN.
    value pin_dialin = PropertySpec::new(PIN_DIALIN).domain(ABSENT).without_effect(Telephony, NO_GATEWAY).private();

    /// An older switch for telephone calls.
    plain enable_dialin =
        PropertySpec::new(Kind::Flag).ignored_in_room().without_effect(Telephony, OLD_CLIENTS);

    /// Older options of telephone calls.
    plain dialin =
        PropertySpec::new(Kind::Any).ignored_in_room().without_effect(Telephony, OLD_CLIENTS);
}
