//! How media flows, and how clients begin.

use super::{ABSENT, FALSE, TRUE, getter, properties};
use crate::property::effective::Effective;
use crate::property::kind::Kind;
use crate::property::spec::Applies::{Call, MeetingStart, Page};
use crate::property::spec::{DefaultValue, PropertySpec};

const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-south-1",
    "eu-central-1",
    "eu-west-2",
    "sa-east-1",
    "us-east-1",
    "us-west-2",
];

const NO_REGIONS: &str = "a server of your own has no regions: media goes through your nodes";
const ALWAYS_SFU: &str = "every call goes through the server from its first moment";
const SERVER_DECIDES: &str = "the server itself decides where a call's media goes";
const OLD_CLIENTS: &str = "sent by older clients, whose switch it was; dropped";

properties! {
    /// The camera is off at a direct join.
    flag start_video_off = PropertySpec::new(Kind::Flag).room(FALSE).token(FALSE, "vo").acts(Call);

    /// The microphone is off at a direct join.
    flag start_audio_off = PropertySpec::new(Kind::Flag).room(FALSE).token(FALSE, "ao").acts(Call);

    /// Several media servers carry one call.
    flag enable_mesh_sfu = PropertySpec::new(Kind::Flag)
        .domain(ABSENT)
        .room(ABSENT)
        .without_effect(MeetingStart, SERVER_DECIDES);

    /// From how many participants on media goes through the server; 0.5: from
    /// the first.
    number sfu_switchover = PropertySpec::new(Kind::Number { min: 0.0 })
        .domain(DefaultValue::Number(0.5))
        .room(DefaultValue::Number(0.5))
        .without_effect(MeetingStart, ALWAYS_SFU);

    /// Cameras send only the layers that are received when two are in the
    /// call, and not the smallest one besides.
    flag enable_adaptive_simulcast =
        PropertySpec::new(Kind::Flag).domain(TRUE).room(TRUE).acts(Call);

    /// Cameras send only the layers that are received when more are in the
    /// call, and not the smallest one besides. Needs
    /// `enable_adaptive_simulcast`.
    flag enable_multiparty_adaptive_simulcast =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(FALSE).acts(Call);

    /// Voices carry redundancy against packet loss, unless this is `false`.
    flag enable_opus_fec = PropertySpec::new(Kind::Flag).domain(ABSENT).acts(Call);

    /// Clients write fewer log lines.
    flag enable_terse_logging = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(FALSE)
        .token_long_name(FALSE)
        .acts(Call);

    /// The page shows at most 12 people at a time, to save effort in large calls.
    flag experimental_optimize_large_calls =
        PropertySpec::new(Kind::Flag).room(ABSENT).acts(Page);

    /// The region of the media servers.
    text geo = PropertySpec::new(Kind::OneOf(REGIONS))
        .domain(ABSENT)
        .room(ABSENT)
        .without_effect(MeetingStart, NO_REGIONS);

    /// Which signalling a client used.
    plain signaling_impl = PropertySpec::new(Kind::TEXT)
        .read_only(crate::property::spec::Scope::Domain, ABSENT)
        .ignored_in_room()
        .without_effect(Call, OLD_CLIENTS);

    /// Clients joined without asking.
    plain autojoin =
        PropertySpec::new(Kind::Flag).ignored_in_room().without_effect(Call, OLD_CLIENTS);

    /// No video in the call.
    plain audio_only =
        PropertySpec::new(Kind::Flag).ignored_in_room().without_effect(Call, OLD_CLIENTS);

    /// A newer interface, when it was new.
    plain enable_new_call_ui =
        PropertySpec::new(Kind::Flag).ignored_in_room().without_effect(Call, OLD_CLIENTS);
}
