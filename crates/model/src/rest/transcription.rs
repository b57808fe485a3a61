//! What transcription is asked with.

use crate::schema::{Field, Rule, Schema, described_bodies};

const INSTANCE: Field =
    Field::new("instanceId", Rule::TEXT, "Which of several that run at once; absent: the only one");
const PARTICIPANTS: Field = Field::new(
    "participants",
    Rule::List { item: &Rule::TEXT, max: 1000 },
    "Session ids of those who are transcribed; everybody when absent",
);
const MOST: f64 = i32::MAX as f64;

static START: Schema = Schema::of(&[
    Field::new("language", Rule::TEXT, "The language that is spoken"),
    Field::new("model", Rule::TEXT, "Which model listens"),
    Field::new("tier", Rule::TEXT, "An older choice of model"),
    Field::new("profanity_filter", Rule::Flag, "Whether swearing is left out"),
    Field::new("punctuate", Rule::Flag, "Whether there is punctuation"),
    Field::new(
        "endpointing",
        Rule::AnyOf(&[Rule::Flag, Rule::Number { min: 0.0, max: MOST }]),
        "After how many milliseconds of silence a phrase is over, or whether it ever is",
    ),
    Field::new(
        "redact",
        Rule::AnyOf(&[
            Rule::Flag,
            Rule::List { item: &Rule::AnyOf(&[Rule::Flag, Rule::TEXT]), max: 100 },
        ]),
        "What is left out of the text",
    ),
    Field::new("extra", Rule::ANY_OBJECT, "Options for the model"),
    Field::new("includeRawResponse", Rule::Flag, "Whether the model's own answers are told too"),
    INSTANCE,
    PARTICIPANTS,
    Field::new("transcription_geo", Rule::OneOf(&["global", "eu"]), "Where it is transcribed"),
]);
static UPDATE: Schema = Schema::of(&[INSTANCE, PARTICIPANTS]);
static STOP: Schema = Schema::of(&[INSTANCE]);

described_bodies! {
    /// Body of `POST /rooms/:name/transcription/start`.
    StartTranscriptionBody = &START, {"language": "en", "punctuate": true};
    /// Body of `POST /rooms/:name/transcription/update`.
    UpdateTranscriptionBody = &UPDATE, {"participants": ["6f0c5a1e-3f0c-4a86-9f3d-2a4b7c1d9e10"]};
    /// Body of `POST /rooms/:name/transcription/stop`.
    StopTranscriptionBody = &STOP, {};
}
