//! Actions on a live room: `/rooms/:name/send-app-message` and its siblings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::{Everybody, MAX_APP_MESSAGE_BYTES, Recipients};
use crate::command::{MergeStrategy, SessionDataChange};
use crate::error::ApiError;
use crate::id::ParticipantId;
use crate::permission::{MAX_PERMISSION_CHANGE_BYTES, PermissionChange};
use crate::schema::{Field, Peers, Rule, Schema, described_bodies};

/// Most ids in one list of a request.
const MAX_IDS: usize = 100;

/// What stands for everybody.
const EVERYBODY: &str = "*";

const IDS: Rule = Rule::List { item: &Rule::ANY_TEXT, max: MAX_IDS };
const MEDIA: &[&str] =
    &["video", "audio", "screenVideo", "screenAudio", "customVideo", "customAudio"];
const BY_TRACK_NAME: Rule = Rule::Map(&Rule::Flag);

const RECEIVE: Rule = Rule::AnyOf(&[
    Rule::Flag,
    Rule::Object(&Schema::of(&[
        Field::new("video", Rule::Flag, "Cameras"),
        Field::new("audio", Rule::Flag, "Microphones"),
        Field::new("screenVideo", Rule::Flag, "Shared screens"),
        Field::new("screenAudio", Rule::Flag, "Their sound"),
        Field::new("customVideo", BY_TRACK_NAME, "By the track's name, or `*`"),
        Field::new("customAudio", BY_TRACK_NAME, "By the track's name, or `*`"),
    ])),
]);

const PERMISSIONS: Schema = Schema::of(&[
    Field::new("hasPresence", Rule::Flag, "Whether the others see them"),
    Field::new(
        "canSend",
        Rule::AnyOf(&[Rule::Flag, Rule::List { item: &Rule::OneOf(MEDIA), max: MEDIA.len() }]),
        "What they may send",
    ),
    Field::new(
        "canReceive",
        Rule::Object(&Schema::of(&[
            Field::new("base", RECEIVE, "From everybody not named below"),
            Field::new("byUserId", Rule::Map(&RECEIVE), "By the sender's `user_id`"),
            Field::new("byParticipantId", Rule::Map(&RECEIVE), "By the sender's session id"),
        ])),
        "What they may receive; only the parts given are replaced",
    ),
    Field::new(
        "canAdmin",
        Rule::AnyOf(&[
            Rule::Flag,
            Rule::List {
                item: &Rule::OneOf(&["participants", "streaming", "transcription"]),
                max: 3,
            },
        ]),
        "What they may administer",
    ),
]);

static SEND: Schema = Schema::of(&[
    Field::required("data", Rule::ANY_OBJECT, "Any object of at most 4096 bytes"),
    Field::new("recipient", Rule::TEXT, "A session id, or `*` for everybody, as when absent"),
]);
static SET: Schema = Schema::of(&[
    Field::new("data", Rule::ANY_OBJECT, "The new values; none when absent"),
    Field::new(
        "mergeStrategy",
        Rule::OneOf(&["replace", "shallow-merge"]),
        "Whether keys that are not given go (`replace`, as when absent) or stay",
    ),
    Field::new(
        "keysToDelete",
        Rule::List { item: &Rule::ANY_TEXT, max: 10_000 },
        "With `shallow-merge`: keys that go in the same step",
    ),
]);
static EJECT: Schema = Schema::of(&[
    Field::new("ids", IDS, "Session ids, at most 100. Unknown ones are skipped"),
    Field::new("user_ids", IDS, "`user_id`s of tokens, at most 100"),
    Field::new("ban", Rule::Flag, "Whether those `user_ids` may not return in this meeting"),
])
.with_peers(&[Peers::AtLeastOne(&["ids", "user_ids"])]);
static UPDATE: Schema = Schema::of(&[Field::required(
    "data",
    Rule::Map(&Rule::Object(&PERMISSIONS)),
    "By session id, or `*` for everybody who is not named",
)]);

described_bodies! {
    /// Body of `POST /rooms/:name/send-app-message`.
    SendAppMessageBody = &SEND, {"data": {"hand": "raised"}, "recipient": "*"};
    /// Body of `POST /rooms/:name/set-session-data`.
    SetSessionDataBody = &SET,
        {"data": {"slide": 4}, "mergeStrategy": "shallow-merge", "keysToDelete": ["draft"]};
    /// Body of `POST /rooms/:name/eject`.
    EjectBody = &EJECT, {"ids": ["7c9e6679-7425-40de-944b-e07fc1f90ae7"], "ban": false};
    /// Body of `POST /rooms/:name/update-permissions`.
    UpdatePermissionsBody = &UPDATE, {"data": {"*": {"canSend": ["audio"]}}};
}

/// Body of `send-app-message`, read.
#[derive(Clone, Debug, PartialEq)]
pub struct SendAppMessage {
    /// Whom for.
    pub to: Recipients,
    /// What.
    pub data: Value,
}

impl SendAppMessage {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(mut body: Map<String, Value>) -> Result<Self, ApiError> {
        SendAppMessageBody::SCHEMA.check(&body)?;
        let data = body.remove("data").unwrap_or_default();
        let bytes = data.to_string().len();
        if bytes > MAX_APP_MESSAGE_BYTES {
            return Err(ApiError::app_message_too_large(bytes, MAX_APP_MESSAGE_BYTES));
        }
        Ok(Self { to: recipients(body.get("recipient"))?, data })
    }
}

fn recipients(value: Option<&Value>) -> Result<Recipients, ApiError> {
    match value.and_then(Value::as_str) {
        None | Some(EVERYBODY) => Ok(Recipients::All(Everybody::Everybody)),
        Some(text) => match text.parse() {
            Ok(id) => Ok(Recipients::Some(vec![id])),
            Err(_) => Err(ApiError::must("recipient", "must be a session id or *", &text.into())),
        },
    }
}

/// Reads the body of `set-session-data`.
///
/// # Errors
///
/// With the text for the caller, for the first thing that is wrong.
pub fn parse_session_data(mut body: Map<String, Value>) -> Result<SessionDataChange, ApiError> {
    SetSessionDataBody::SCHEMA.check(&body)?;
    let data = match body.remove("data") {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    let strategy = match body.get("mergeStrategy").and_then(Value::as_str) {
        Some("shallow-merge") => MergeStrategy::ShallowMerge,
        _ => MergeStrategy::Replace,
    };
    Ok(SessionDataChange { strategy, data, keys_to_delete: texts(body.remove("keysToDelete")) })
}

/// Body of `eject`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eject {
    /// Session ids. What is no id at all is nobody's, and left out.
    pub ids: Vec<ParticipantId>,
    /// The tokens' `user_id`s.
    pub user_ids: Vec<String>,
    /// Whether they may not come back while the meeting runs.
    pub is_ban: bool,
}

impl Eject {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(mut body: Map<String, Value>) -> Result<Self, ApiError> {
        EjectBody::SCHEMA.check(&body)?;
        let ids = texts(body.remove("ids"));
        let user_ids = texts(body.remove("user_ids"));
        if ids.is_empty() && user_ids.is_empty() {
            return Err(ApiError::none_of_peers("value", &["ids", "user_ids"]));
        }
        let ids = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let is_ban = body.get("ban").and_then(Value::as_bool).unwrap_or(false);
        Ok(Self { ids, user_ids, is_ban })
    }
}

/// Body of `update-permissions`, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdatePermissions {
    /// For everybody who is not named.
    pub everybody: Option<PermissionChange>,
    /// By session id. What is no id at all is nobody's, and left out.
    pub participants: BTreeMap<ParticipantId, PermissionChange>,
}

impl UpdatePermissions {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        UpdatePermissionsBody::SCHEMA.check(body)?;
        let mut update = Self::default();
        for (whom, value) in body.get("data").and_then(Value::as_object).into_iter().flatten() {
            if value.to_string().len() > MAX_PERMISSION_CHANGE_BYTES {
                let rule = format!("must be at most {MAX_PERMISSION_CHANGE_BYTES} bytes");
                return Err(ApiError::must(whom, &rule, value));
            }
            let change = PermissionChange::deserialize(value)
                .map_err(|_| ApiError::must(whom, "must be permissions", value))?;
            if whom == EVERYBODY {
                update.everybody = Some(change);
            } else if let Ok(id) = whom.parse() {
                update.participants.insert(id, change);
            }
        }
        Ok(update)
    }
}

/// The strings of a checked list.
fn texts(list: Option<Value>) -> Vec<String> {
    let Some(Value::Array(items)) = list else {
        return Vec::new();
    };
    let text = |item| match item {
        Value::String(text) => Some(text),
        _ => None,
    };
    items.into_iter().filter_map(text).collect()
}

/// Answer of several actions. A string, not a boolean: so it is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sent {
    /// Always `"true"`.
    #[cfg_attr(feature = "openapi", schema(example = "true"))]
    pub sent: String,
}

impl Sent {
    /// The answer.
    #[must_use]
    pub fn new() -> Self {
        Self { sent: "true".to_owned() }
    }
}

impl Default for Sent {
    fn default() -> Self {
        Self::new()
    }
}

/// Answer of other actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusSent {
    /// Always `sent`.
    #[cfg_attr(feature = "openapi", schema(example = "sent"))]
    pub status: String,
}

impl StatusSent {
    /// The answer.
    #[must_use]
    pub fn new() -> Self {
        Self { status: "sent".to_owned() }
    }
}

impl Default for StatusSent {
    fn default() -> Self {
        Self::new()
    }
}

/// Answer of `get-session-data`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionData {
    /// What was set in this meeting; `{}` before anybody set any.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, example = json!({"slide": 4})))]
    pub data: Value,
}

/// Answer of `eject`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ejected {
    /// Session ids of those who were removed, also where `user_ids` were asked
    /// for.
    #[serde(rename = "ejectedIds")]
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Vec<String>, example = json!(["7c9e6679-7425-40de-944b-e07fc1f90ae7"]))
    )]
    pub ejected_ids: Vec<ParticipantId>,
}
