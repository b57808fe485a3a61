//! From the client to the room.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    NetworkQuality, ParticipantChange, SendTransceiver, SubscriptionWish, TrackSource, TrackState,
    VideoWish,
};
use crate::command::MergeStrategy;
use crate::id::ParticipantId;

/// Whom an app message is for. Wire: `"*"` or a list of session ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Recipients {
    /// Everybody but the sender.
    All(Everybody),
    /// Just these. Unknown ids are skipped.
    Some(Vec<ParticipantId>),
}

/// The wire's `"*"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Everybody {
    /// `"*"`.
    #[serde(rename = "*")]
    Everybody,
}
/// From the client to the room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum ClientMessage {
    /// First message of a new stay: redeems the ticket. Answered by `welcome`
    /// or `refused`.
    Hello {
        /// As `POST /_parlor/join` gave it.
        ticket: String,
        /// What the application attached (`userData`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "unknown", optional))]
        user_data: Option<Value>,
    },
    /// First message on a new socket of a running stay, within the grace
    /// time. Answered by `welcome` with `is_resumed`, or `refused`.
    Resume {
        /// The session id.
        participant: ParticipantId,
        /// As the last `welcome` gave it.
        secret: String,
    },
    /// An SDP offer. Answered by `answer`. Each offer lists all transceivers.
    Offer {
        /// The local description.
        sdp: String,
        /// Transceivers that send (or will).
        sends: Vec<SendTransceiver>,
        /// `a=mid` of the slots, in order of creation.
        slots: Vec<String>,
    },
    /// A track of one's own was switched on or off.
    Publish {
        /// Which.
        source: TrackSource,
        /// `sending`, `off` or `blocked`.
        state: TrackState,
    },
    /// New display name.
    SetUserName {
        /// At most `MAX_USER_NAME_CHARS`; longer ones are cut.
        name: String,
    },
    /// New attached data.
    SetUserData {
        /// At most `MAX_USER_DATA_BYTES` serialised; larger ones are refused.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        data: Value,
    },
    /// Data for other participants.
    AppMessage {
        /// Whom for.
        to: Recipients,
        /// At most `MAX_APP_MESSAGE_BYTES` serialised; larger ones are refused.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        data: Value,
    },
    /// Changes the meeting's session data, which everybody then sees by
    /// `session_data`. Larger data than
    /// `MAX_SESSION_DATA_BYTES` is refused.
    SetSessionData {
        /// What happens to the keys that are not given.
        #[serde(default)]
        strategy: MergeStrategy,
        /// The new values.
        #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
        data: Map<String, Value>,
        /// Keys that go in the same step; they count in a merge only.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
        keys_to_delete: Vec<String>,
    },
    /// The decoder of a slot needs a keyframe now.
    RequestKeyframe {
        /// The slot.
        mid: String,
    },
    /// Changes others: administrators only (`can_admin` participants). Nobody
    /// changes more than they may, and who is not there is skipped.
    UpdateParticipants {
        /// For everybody else who is not named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        everybody: Option<ParticipantChange>,
        /// For these. At most `MAX_MAP_ENTRIES`.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(as = "BTreeMap<String, ParticipantChange>"))]
        participants: BTreeMap<ParticipantId, ParticipantChange>,
    },
    /// In the lobby: knocks. Administrators hear of it.
    RequestAccess {
        /// At most `MAX_USER_NAME_CHARS`; longer ones are cut.
        name: String,
    },
    /// Lets in those who knocked, or sends them away: administrators only.
    AnswerKnocks {
        /// For everybody else who waits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        everybody: Option<bool>,
        /// For these: whether they may come in.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(as = "BTreeMap<String, bool>"))]
        participants: BTreeMap<ParticipantId, bool>,
    },
    /// Which tracks are wanted; at first all. Only what changes is said.
    SetSubscriptions {
        /// Of everybody who is not named, now or before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        base: Option<SubscriptionWish>,
        /// Of these; `null`: as of everybody again.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(as = "BTreeMap<String, Option<SubscriptionWish>>"))]
        participants: BTreeMap<ParticipantId, Option<SubscriptionWish>>,
    },
    /// How much of the videos is wanted. Only what changes is said.
    SetVideoWishes {
        /// Of every video that is not named, now or before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        base: Option<VideoWish>,
        /// Of these people: replaces all that was said of each; `{}`: nothing
        /// in particular any more.
        #[serde(default)]
        #[cfg_attr(
            feature = "typescript",
            ts(as = "BTreeMap<String, BTreeMap<TrackSource, VideoWish>>")
        )]
        participants: BTreeMap<ParticipantId, BTreeMap<TrackSource, VideoWish>>,
    },
    /// How good one's own network is, for the others to see.
    SetNetworkQuality {
        /// How good.
        quality: NetworkQuality,
    },
    /// Whether one records the call on one's own device, for the others to see.
    SetRecording {
        /// Whether.
        is_recording: bool,
    },
    /// Are you there? Answered by `pong`.
    Ping,
    /// Goodbye; the room closes the socket.
    Leave,
}
