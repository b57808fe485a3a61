//! Recording, live streaming and transcription.

use super::{ABSENT, FALSE, getter, properties};
use crate::property::effective::Effective;
use crate::property::kind::{Field, Kind, Shape};
use crate::property::spec::Applies::Recording;
use crate::property::spec::{DefaultValue, PropertySpec};
use crate::property::template::TemplateRule;

const RECORDING_TYPES: &[&str] = &["cloud", "cloud-audio-only", "local", "raw-tracks"];

const AUDIO_FORMATS: &[&str] = &[
    "aac",
    "wav",
    "wav-48k",
    "wav-48k-stereo",
    "wav-48k-mono",
    "wav-44k1",
    "wav-44k1-stereo",
    "wav-44k1-mono",
    "",
];

const NO_RECORDER: &str = "no recording engine in this release: checked, kept and returned";
const KINDS_ONLY: &str = "requests to start a recording are checked against it; there is no recording engine in this release";
const NAMES_ONLY: &str = "requests to start a stream are checked against it; there is no streaming engine in this release";
const NO_TRANSCRIBER: &str = "no transcription engine in this release: checked, kept and returned";
const NO_REGIONS: &str = "a server of your own has no regions: streams leave from your nodes";

const RECORDINGS_BUCKET: Kind = Kind::Object(&Shape::closed(&[
    Field::new("bucket_name", Kind::TEXT),
    Field::new("bucket_region", Kind::TEXT),
    Field::new("assume_role_arn", Kind::TEXT),
    Field::new("allow_api_access", Kind::Flag),
    Field::new("allow_streaming_from_bucket", Kind::Flag),
]));

const TRANSCRIPTION_BUCKET: Kind = Kind::Object(&Shape::closed(&[
    Field::new("bucket_name", Kind::TEXT),
    Field::new("bucket_region", Kind::TEXT),
    Field::new("assume_role_arn", Kind::TEXT),
    Field::new("allow_api_access", Kind::Flag),
]));

const SIDE: Kind = Kind::Integer { min: 32, max: 1920 };

const HLS_VARIANTS: Kind = Kind::ListOf(&Shape::open(&[
    Field::new("width", SIDE),
    Field::new("height", SIDE),
    Field::new("fps", Kind::Integer { min: 1, max: 30 }),
    Field::new("bitrate", Kind::Integer { min: 100, max: 5000 }),
    Field::new("iframe_only", Kind::Flag),
]));

const STREAMING_ENDPOINTS: Kind = Kind::ListOf(&Shape::open(&[
    Field::new("name", Kind::TEXT),
    Field::new("type", Kind::TEXT),
    Field::new("rtmp_config", Kind::Object(&Shape::open(&[Field::new("url", Kind::TEXT)]))),
    Field::new(
        "hls_config",
        Kind::Object(&Shape::open(&[
            Field::new(
                "storage",
                Kind::Object(&Shape::open(&[
                    Field::new("bucket_name", Kind::TEXT),
                    Field::new("bucket_region", Kind::TEXT),
                    Field::new("assume_role_arn", Kind::TEXT),
                    Field::new("path", Kind::TEXT),
                    Field::new("path_template", Kind::TEXT),
                ])),
            ),
            Field::new("save_hls_recording", Kind::Flag),
            Field::new("variants", HLS_VARIANTS),
        ])),
    ),
]));

const ANY_OBJECT: Kind = Kind::Object(&Shape::open(&[]));

static RECORDINGS_TEMPLATE: TemplateRule = TemplateRule {
    placeholders: &[
        "epoch_time",
        "domain_name",
        "room_name",
        "mtg_session_id",
        "instance_id",
        "recording_id",
    ],
    extensions: &["mp4"],
};

static TRANSCRIPTION_TEMPLATE: TemplateRule = TemplateRule {
    placeholders: &[
        "epoch_time",
        "domain_name",
        "room_name",
        "mtg_session_id",
        "instance_id",
        "transcript_id",
    ],
    extensions: &[],
};

const RECORDINGS_KEY: DefaultValue = DefaultValue::Text("{domain_name}/{room_name}/{epoch_time}");
const TRANSCRIPTION_KEY: DefaultValue =
    DefaultValue::Text("{domain_name}/{room_name}/{epoch_time}.vtt");

properties! {
    /// Which kinds of recording may be started.
    value enable_recording = PropertySpec::new(Kind::OneOrSomeOf(RECORDING_TYPES))
        .room(ABSENT)
        .token(ABSENT, "er")
        .acts_partly(Recording, KINDS_ONLY);

    /// A cloud recording starts when the holder joins. Needs `cloud` in
    /// `enable_recording`.
    flag start_cloud_recording =
        PropertySpec::new(Kind::Flag).token(FALSE, "sr").without_effect(Recording, NO_RECORDER);

    /// Options of the recording that `start_cloud_recording` starts.
    value start_cloud_recording_opts =
        PropertySpec::new(ANY_OBJECT).token(ABSENT, "sro").without_effect(Recording, NO_RECORDER).private();

    /// Raw tracks get an audio file without gaps in this format.
    text enable_raw_tracks_transcoded_audio = PropertySpec::new(Kind::OneOf(AUDIO_FORMATS))
        .domain(ABSENT)
        .room(ABSENT)
        .without_effect(Recording, NO_RECORDER);

    /// The bucket that recordings go to.
    value recordings_bucket =
        PropertySpec::new(RECORDINGS_BUCKET).domain(ABSENT).room(ABSENT).without_effect(Recording, NO_RECORDER).private();

    /// The storage key of recordings. `{epoch_time}` is in milliseconds.
    text recordings_template = PropertySpec::new(Kind::Template(&RECORDINGS_TEMPLATE))
        .domain(RECORDINGS_KEY)
        .room(RECORDINGS_KEY)
        .without_effect(Recording, NO_RECORDER)
        .private();

    /// Named targets of live streams.
    value streaming_endpoints =
        PropertySpec::new(STREAMING_ENDPOINTS).room(ABSENT).acts_partly(Recording, NAMES_ONLY).private();

    /// The region that live streams leave from.
    text rtmp_geo = PropertySpec::new(Kind::OneOf(&["us-west-2", "eu-central-1", "ap-south-1"]))
        .domain(ABSENT)
        .room(ABSENT)
        .without_effect(Recording, NO_REGIONS);

    /// No other region stands in when a live stream's is down.
    flag disable_rtmp_geo_fallback = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(FALSE)
        .without_effect(Recording, NO_REGIONS);

    /// Transcription starts when an owner joins.
    flag auto_start_transcription =
        PropertySpec::new(Kind::Flag).token(FALSE, "ast").without_effect(Recording, NO_TRANSCRIBER);

    /// Options of the transcription that `auto_start_transcription` starts.
    value auto_transcription_settings =
        PropertySpec::new(ANY_OBJECT).room(ABSENT).without_effect(Recording, NO_TRANSCRIBER);

    /// Transcripts are kept, as WebVTT.
    flag enable_transcription_storage =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(FALSE).without_effect(Recording, NO_TRANSCRIBER);

    /// The bucket that transcripts go to.
    value transcription_bucket = PropertySpec::new(TRANSCRIPTION_BUCKET)
        .domain(ABSENT)
        .room(ABSENT)
        .without_effect(Recording, NO_TRANSCRIBER)
        .private();

    /// The storage key of transcripts. `{epoch_time}` is in seconds.
    text transcription_template = PropertySpec::new(Kind::Template(&TRANSCRIPTION_TEMPLATE))
        .domain(TRANSCRIPTION_KEY)
        .room(TRANSCRIPTION_KEY)
        .without_effect(Recording, NO_TRANSCRIBER)
        .private();

    /// The bucket that batch jobs write to.
    value batch_processor_bucket =
        PropertySpec::new(ANY_OBJECT).domain(ABSENT).without_effect(Recording, NO_TRANSCRIBER).private();

    /// An older switch for transcription.
    plain enable_transcription = PropertySpec::new(Kind::Any)
        .ignored_in_room()
        .without_effect(Recording, "sent by older clients, whose switch it was; dropped");
}
