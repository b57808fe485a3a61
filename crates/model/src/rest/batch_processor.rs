//! `/batch-processor`: jobs over recordings.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::schema::{Field, Rule, Schema, described_bodies};

const IN_PARAMS: Schema = Schema::of(&[
    Field::required(
        "sourceType",
        Rule::OneOf(&["recordingId", "uri"]),
        "Which of the two fields says what to work on",
    ),
    Field::new("recordingId", Rule::TEXT, "A recording of this server"),
    Field::new("uri", Rule::Address, "A file elsewhere"),
    Field::new("language", Rule::TEXT, "The language that is spoken"),
]);
const OUT_PARAMS: Schema = Schema::of(&[Field::new(
    "s3Config",
    Rule::Object(&Schema::of(&[Field::new(
        "s3KeyTemplate",
        Rule::TEXT,
        "What the files are called",
    )])),
    "Where in the bucket",
)]);

static SUBMIT: Schema = Schema::of(&[
    Field::required("preset", Rule::OneOf(&["transcript", "summarize"]), "What is made"),
    Field::required("inParams", Rule::Object(&IN_PARAMS), "Of what"),
    Field::new("outParams", Rule::Object(&OUT_PARAMS), "Where it goes"),
    Field::new("transformParams", Rule::ANY_OBJECT, "Options for the model"),
]);

described_bodies! {
    /// Body of `POST /batch-processor`.
    SubmitJobBody = &SUBMIT, {
        "preset": "transcript",
        "inParams": {"sourceType": "uri", "uri": "https://example.org/call.mp4", "language": "en"}
    };
}

/// Body of `POST /batch-processor`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitJob {
    /// Over a recording of this server.
    Recording(String),
    /// Over a file elsewhere.
    Address(String),
}

impl SubmitJob {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        SubmitJobBody::SCHEMA.check(body)?;
        let source = body.get("inParams").unwrap_or(&Value::Null);
        let named = |name: &str| {
            let value = source.get(name).and_then(Value::as_str).map(str::to_owned);
            value.ok_or_else(|| ApiError::missing_field(&format!("inParams.{name}")))
        };
        match source.get("sourceType").and_then(Value::as_str) {
            Some("uri") => named("uri").map(Self::Address),
            _ => named("recordingId").map(Self::Recording),
        }
    }
}

/// Answer of `POST /batch-processor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f"})))]
pub struct SubmittedJob {
    /// The job's id.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "preset": "transcript", "status": "finished", "input": {"sourceType": "uri", "uri": "https://example.org/call.mp4"}, "output": {"transcription": [{"format": "vtt"}]}})))]
pub struct BatchJob {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// `transcript` or `summarize`.
    #[cfg_attr(feature = "openapi", schema(example = "transcript"))]
    pub preset: String,
    /// `submitted`, `processing`, `finished` or `error`.
    #[cfg_attr(feature = "openapi", schema(example = "finished"))]
    pub status: String,
    /// Of what.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Object, example = json!({"sourceType": "recordingId"}))
    )]
    pub input: Map<String, Value>,
    /// What was made.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Object, example = json!({"transcription": [{"format": "vtt"}]}))
    )]
    pub output: Map<String, Value>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Answer of `GET /batch-processor/:id/access-link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "preset": "transcript", "status": "finished", "transcription": [{"format": "vtt", "link": "https://meet.example.org/files/abc"}]})))]
pub struct BatchJobLinks {
    /// The job's id.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// `transcript` or `summarize`.
    #[cfg_attr(feature = "openapi", schema(example = "transcript"))]
    pub preset: String,
    /// Always `finished`.
    #[cfg_attr(feature = "openapi", schema(example = "finished"))]
    pub status: String,
    /// The transcripts.
    pub transcription: Vec<FileLink>,
    /// The summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<FileLink>,
}

/// A file to fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileLink {
    /// `txt`, `srt`, `vtt` or `json`.
    #[cfg_attr(feature = "openapi", schema(example = "vtt"))]
    pub format: String,
    /// Where it is.
    #[cfg_attr(feature = "openapi", schema(format = "uri", example = "https://example.org/f.vtt"))]
    pub link: String,
}
