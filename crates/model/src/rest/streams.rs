//! What recording and live streaming are asked with. The layouts, the sizes
//! and the bounds are the same for both.

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::schema::{Field, Peers, Rule, Schema, described_bodies};

/// The instance that is meant when none is named. Nobody may start another one
/// of that name.
pub const DEFAULT_INSTANCE: &str = "c3df927c-f738-4471-a2b7-066fa7e95a6b";

const SIDE: Rule = Rule::Even { min: 32, max: 1920 };
const MOST_SECONDS: f64 = i32::MAX as f64;
const CAMERAS: Field =
    Field::new("max_cam_streams", Rule::Integer { min: 1, max: 20 }, "Most cameras in the picture");
const PRESET: Field = Field::required("preset", Rule::TEXT, "Which layout");

const WHO: Rule = Rule::List { item: &Rule::TEXT, max: 1000 };

const PLAIN: Schema = Schema::of(&[PRESET]);
const GRID: Schema = Schema::of(&[PRESET, CAMERAS]);
const SINGLE: Schema =
    Schema::of(&[PRESET, Field::required("session_id", Rule::TEXT, "Who is in the picture")]);
const PORTRAIT: Schema = Schema::of(&[
    PRESET,
    Field::new("variant", Rule::OneOf(&["vertical", "inset"]), "Side by side or inset"),
    CAMERAS,
]);
const CUSTOM: Schema = Schema::of(&[
    PRESET,
    Field::new("composition_id", Rule::TEXT, "Which composition"),
    Field::new(
        "composition_params",
        Rule::Map(&Rule::AnyOf(&[Rule::Flag, Rule::ANY_NUMBER, Rule::ANY_TEXT])),
        "Its parameters, by dotted name",
    ),
    Field::new("session_assets", Rule::Map(&Rule::TEXT), "Pictures and the like: name to address"),
    Field::new(
        "participants",
        Rule::Object(&Schema::of(&[
            Field::new("video", WHO, "Session ids, `*` or `owners`"),
            Field::new("audio", WHO, "Session ids, `*` or `owners`"),
            Field::new("sort", Rule::OneOf(&["active"]), "In which order"),
        ])),
        "Who is seen and heard",
    ),
]);

const LAYOUT: Rule = Rule::Tagged {
    tag: "preset",
    variants: &[
        ("default", &GRID),
        ("audio-only", &PLAIN),
        ("single-participant", &SINGLE),
        ("active-participant", &PLAIN),
        ("portrait", &PORTRAIT),
        ("raw-tracks-audio-only", &PLAIN),
        ("custom", &CUSTOM),
    ],
};

const KIND: Field = Field::new(
    "type",
    Rule::OneOf(&["cloud", "cloud-audio-only", "raw-tracks"]),
    "Which kind of recording; `cloud` when absent",
);
const INSTANCE: Field =
    Field::new("instanceId", Rule::Uuid, "Which of several that run at once; absent: the only one");
const DATA_OUTPUTS: Field = Field::new(
    "dataOutputs",
    Rule::List { item: &Rule::OneOf(&["event-json", "transcript-webvtt", "chat-webvtt"]), max: 3 },
    "What is written beside the media",
);
const RTMP_URL: Rule = Rule::AnyOf(&[Rule::Prefixed("rtmp://"), Rule::Prefixed("rtmps://")]);

/// A schema of the options that recording and streaming share, and more.
macro_rules! with_options {
    ($($field:expr),* $(,)?) => {
        Schema::of(&[
            Field::new("width", SIDE, "Width of the picture, even"),
            Field::new("height", SIDE, "Height of the picture, even"),
            Field::new("fps", Rule::Number { min: 1.0, max: 30.0 }, "Pictures a second"),
            Field::new("videoBitrate", Rule::Number { min: 10.0, max: 10_000.0 }, "In kbit/s"),
            Field::new("audioBitrate", Rule::Number { min: 10.0, max: 320.0 }, "In kbit/s"),
            Field::new(
                "minIdleTimeOut",
                Rule::Number { min: 0.0, max: MOST_SECONDS },
                "Seconds of silence after which it ends; 300 when absent",
            ),
            Field::new(
                "maxDuration",
                Rule::Number { min: 1.0, max: MOST_SECONDS },
                "Most seconds; 10800 for a recording and 86400 for a stream when absent",
            ),
            Field::new("backgroundColor", Rule::Colour, "Behind the pictures"),
            Field::new("layout", LAYOUT, "How the pictures are arranged; a grid when absent"),
            INSTANCE,
            KIND,
            $($field),*
        ])
    };
}

static START_RECORDING: Schema = with_options!(DATA_OUTPUTS);
static UPDATE_RECORDING: Schema = with_options!();
static STOP_RECORDING: Schema = Schema::of(&[INSTANCE, KIND]);
static START_STREAM: Schema = with_options!(
    DATA_OUTPUTS,
    Field::new(
        "rtmpUrl",
        Rule::AnyOf(&[
            Rule::Prefixed("rtmps://"),
            Rule::List { item: &RTMP_URL, max: 20 },
            Rule::Prefixed("rtmp://"),
        ]),
        "Where the stream goes: an RTMP address, or several",
    ),
    Field::new(
        "endpoints",
        Rule::List {
            item: &Rule::Object(&Schema::of(&[Field::required(
                "endpoint",
                Rule::TEXT,
                "A name of the room's `streaming_endpoints`, or an RTMP address",
            )])),
            max: 20,
        },
        "The same, by name",
    ),
)
.with_peers(&[
    Peers::AtLeastOne(&["rtmpUrl", "endpoints"]),
    Peers::AtMostOne(&["rtmpUrl", "endpoints"]),
]);
static UPDATE_STREAM: Schema = with_options!();
static STOP_STREAM: Schema = Schema::of(&[INSTANCE]);

described_bodies! {
    /// Body of `POST /rooms/:name/recordings/start`.
    StartRecordingBody = &START_RECORDING,
        {"type": "cloud", "width": 1280, "height": 720, "layout": {"preset": "active-participant"}};
    /// Body of `POST /rooms/:name/recordings/update`.
    UpdateRecordingBody = &UPDATE_RECORDING,
        {"layout": {"preset": "default", "max_cam_streams": 9}};
    /// Body of `POST /rooms/:name/recordings/stop`.
    StopRecordingBody = &STOP_RECORDING, {"type": "raw-tracks"};
    /// Body of `POST /rooms/:name/live-streaming/start`.
    StartStreamBody = &START_STREAM,
        {"rtmpUrl": "rtmps://live.example.org/app/key", "fps": 25};
    /// Body of `POST /rooms/:name/live-streaming/update`.
    UpdateStreamBody = &UPDATE_STREAM, {"layout": {"preset": "portrait", "variant": "inset"}};
    /// Body of `POST /rooms/:name/live-streaming/stop`.
    StopStreamBody = &STOP_STREAM, {};
}

/// A kind of recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordingKind {
    /// One picture and one sound, mixed on the server.
    #[default]
    Cloud,
    /// One sound, mixed on the server.
    CloudAudioOnly,
    /// Every track by itself.
    RawTracks,
}

impl RecordingKind {
    /// The wire's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::CloudAudioOnly => "cloud-audio-only",
            Self::RawTracks => "raw-tracks",
        }
    }

    /// The kind that a checked body names.
    fn of(body: &Map<String, Value>) -> Self {
        match body.get("type").and_then(Value::as_str) {
            Some("cloud-audio-only") => Self::CloudAudioOnly,
            Some("raw-tracks") => Self::RawTracks,
            _ => Self::Cloud,
        }
    }

    /// Whether a room's `enable_recording` allows it: one word, or a list.
    #[must_use]
    pub fn is_allowed_by(self, enable_recording: Option<&Value>) -> bool {
        match enable_recording {
            Some(Value::String(word)) => word == self.as_str(),
            Some(Value::Array(words)) => words.iter().any(|word| word == self.as_str()),
            _ => false,
        }
    }
}

/// Body of `recordings/start`, read.
#[derive(Clone, Debug)]
pub struct StartRecording {
    /// What is to be recorded.
    pub kind: RecordingKind,
}

impl StartRecording {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        StartRecordingBody::SCHEMA.check(body)?;
        refuse_reserved_instance(body)?;
        Ok(Self { kind: RecordingKind::of(body) })
    }
}

/// Body of `recordings/update` and `recordings/stop`, read.
#[derive(Clone, Debug)]
pub struct ChangeRecording {
    /// Which kind is meant.
    pub kind: RecordingKind,
}

impl ChangeRecording {
    /// Reads the body of an update.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong. Raw
    /// tracks have nothing that could be updated.
    pub fn parse_update(body: &Map<String, Value>) -> Result<Self, ApiError> {
        UpdateRecordingBody::SCHEMA.check(body)?;
        match RecordingKind::of(body) {
            RecordingKind::RawTracks => Err(ApiError::raw_tracks_update()),
            kind => Ok(Self { kind }),
        }
    }

    /// Reads the body of a stop.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse_stop(body: &Map<String, Value>) -> Result<Self, ApiError> {
        StopRecordingBody::SCHEMA.check(body)?;
        Ok(Self { kind: RecordingKind::of(body) })
    }
}

/// Body of `live-streaming/start`, read.
#[derive(Clone, Debug)]
pub struct StartStream {
    /// Where it goes: names of the room's `streaming_endpoints`, and addresses.
    pub targets: Vec<String>,
}

impl StartStream {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        StartStreamBody::SCHEMA.check(body)?;
        refuse_reserved_instance(body)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let targets: Vec<String> = match (body.get("rtmpUrl"), body.get("endpoints")) {
            (Some(Value::Array(urls)), _) => urls.iter().filter_map(text).collect(),
            (Some(url), _) => text(url).into_iter().collect(),
            (None, Some(Value::Array(endpoints))) => {
                endpoints.iter().filter_map(|one| text(one.get("endpoint")?)).collect()
            }
            (None, _) => Vec::new(),
        };
        if targets.is_empty() {
            return Err(ApiError::none_of_peers("value", &["rtmpUrl", "endpoints"]));
        }
        Ok(Self { targets })
    }

    /// The first target that is neither an RTMP address nor a name in the
    /// room's `streaming_endpoints`.
    #[must_use]
    pub fn unknown_target(&self, streaming_endpoints: Option<&Value>) -> Option<&str> {
        let endpoints = streaming_endpoints.and_then(Value::as_array);
        let is_named =
            |target: &str| endpoints.is_some_and(|all| all.iter().any(|one| one["name"] == target));
        let is_address =
            |target: &str| target.starts_with("rtmp://") || target.starts_with("rtmps://");
        let unknown = self.targets.iter().find(|target| !is_address(target) && !is_named(target));
        unknown.map(String::as_str)
    }
}

fn refuse_reserved_instance(body: &Map<String, Value>) -> Result<(), ApiError> {
    match body.get("instanceId") {
        Some(id) if id.as_str().is_some_and(|id| id.eq_ignore_ascii_case(DEFAULT_INSTANCE)) => {
            Err(ApiError::must("instanceId", "is reserved: leave it out, or choose another", id))
        }
        _ => Ok(()),
    }
}
