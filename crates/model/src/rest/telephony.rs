//! Telephones and SIP: what a room's calls are asked with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::schema::{Field, Peers, Rule, Schema, described_bodies};

const SESSION: Field =
    Field::required("sessionId", Rule::TEXT, "The session id of the telephone's participant");
const TO: Field = Field::required(
    "toEndPoint",
    Rule::TEXT,
    "Where to: `sip:` and an address, or `+` and a number",
);
const CALLER: Field = Field::new("callerId", Rule::TEXT, "Id of a number that was bought");
const EXTENSION: Field =
    Field::new("extension", Rule::Text { min: 1, max: 20 }, "What to dial once it has answered");
const WAIT: Field = Field::new(
    "waitBeforeExtensionDialSec",
    Rule::Integer { min: 0, max: 60 },
    "Seconds to wait before that; none when absent",
);

static START: Schema = Schema::of(&[
    Field::new("sipUri", Rule::Prefixed("sip:"), "Whom to call over SIP"),
    Field::new("phoneNumber", Rule::Prefixed("+"), "Whom to call by telephone"),
    Field::new("displayName", Rule::TEXT, "The display name in the call"),
    Field::new("userId", Rule::TEXT, "The `user_id` in the call"),
    CALLER,
    EXTENSION,
    WAIT,
    Field::new("video", Rule::Flag, "Whether there is a picture; only with `sipUri`"),
    Field::new(
        "videoSettings",
        Rule::Object(&Schema::of(&[
            Field::new("width", Rule::Integer { min: 1, max: 1280 }, "1280 when absent"),
            Field::new("height", Rule::Integer { min: 1, max: 720 }, "720 when absent"),
            Field::new("fps", Rule::Integer { min: 1, max: 30 }, "15 when absent"),
            Field::new("videoBitrate", Rule::Integer { min: 1, max: 1000 }, "900 when absent"),
        ])),
        "How the picture is sent",
    ),
    Field::new(
        "codecs",
        Rule::Object(&Schema::of(&[
            Field::new(
                "audio",
                Rule::List { item: &Rule::OneOf(&["OPUS", "G722", "PCMU", "PCMA"]), max: 4 },
                "In order of preference",
            ),
            Field::new(
                "video",
                Rule::List { item: &Rule::OneOf(&["H264", "VP8"]), max: 2 },
                "In order of preference",
            ),
        ])),
        "Which codecs are offered",
    ),
])
.with_peers(&[
    Peers::AtLeastOne(&["sipUri", "phoneNumber"]),
    Peers::AtMostOne(&["sipUri", "phoneNumber"]),
]);
static SEND_DTMF: Schema = Schema::of(&[
    SESSION,
    Field::required("tones", Rule::Text { min: 1, max: 20 }, "The keys to press"),
    Field::new(
        "digitDurationMs",
        Rule::Integer { min: 50, max: 2000 },
        "How long each is held; 500 when absent",
    ),
]);
static STOP: Schema = Schema::of(&[SESSION]);
static TRANSFER: Schema = Schema::of(&[SESSION, TO, CALLER, WAIT, EXTENSION]);
static REFER: Schema = Schema::of(&[SESSION, TO]);
static PINLESS_UPDATE: Schema = Schema::of(&[
    Field::required("callId", Rule::TEXT, "The call that waits"),
    Field::required("callDomain", Rule::TEXT, "Where it waits"),
    Field::required("sipUri", Rule::Prefixed("sip:"), "The room's address for SIP"),
]);

described_bodies! {
    /// Body of `POST /rooms/:name/dialOut/start`.
    StartDialOutBody = &START, {"phoneNumber": "+15555550100", "displayName": "Reception"};
    /// Body of `POST /rooms/:name/dialOut/sendDTMF`.
    SendDtmfBody = &SEND_DTMF,
        {"sessionId": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "tones": "123#"};
    /// Body of `POST /rooms/:name/dialOut/stop`.
    StopDialOutBody = &STOP, {"sessionId": "7c9e6679-7425-40de-944b-e07fc1f90ae7"};
    /// Body of `POST /rooms/:name/sipCallTransfer`.
    TransferCallBody = &TRANSFER, {
        "sessionId": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "toEndPoint": "+15555550101"
    };
    /// Body of `POST /rooms/:name/sipRefer`.
    ReferCallBody = &REFER, {
        "sessionId": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "toEndPoint": "sip:desk@example.org"
    };
    /// Body of `POST /dialin/pinlessCallUpdate`.
    UpdatePinlessCallBody = &PINLESS_UPDATE, {
        "callId": "a1b2", "callDomain": "sip.example.org", "sipUri": "sip:room@sip.example.org"
    };
}

/// Checks the body of `dialOut/start`.
///
/// # Errors
///
/// With the text for the caller, for the first thing that is wrong.
pub fn check_dial_out(body: &Map<String, Value>) -> Result<(), ApiError> {
    StartDialOutBody::SCHEMA.check(body)?;
    match body.get("video") {
        Some(video) if video == true && !body.contains_key("sipUri") => {
            Err(ApiError::must("video", "is only allowed with sipUri", video))
        }
        _ => Ok(()),
    }
}

/// Answer of `dialOut/start` and `dialOut/sendDTMF`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DialOutAnswer {
    /// Always `"true"`.
    #[cfg_attr(feature = "openapi", schema(example = "true"))]
    pub ok: String,
    /// The session id of the telephone's participant.
    #[cfg_attr(
        feature = "openapi",
        schema(format = "uuid", example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")
    )]
    pub session_id: String,
}

/// Answer of transfers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OkAnswer {
    /// Always `"true"`.
    #[cfg_attr(feature = "openapi", schema(example = "true"))]
    pub ok: String,
}
