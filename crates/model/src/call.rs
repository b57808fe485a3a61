//! The call protocol: messages between a client and the room, JSON text
//! frames on the call socket (`GET /_parlor/call`). The client speaks first,
//! with `hello` or `resume`; everything after that is in any order.
//!
//! One `RTCPeerConnection` per participant. The client is always the offerer,
//! the room only answers, so there is no glare. The first offer carries send
//! transceivers and some receive-only ones, the *slots*. The room says by
//! message which sender a slot carries; when it needs more slots it says how
//! many, and the client adds them and offers again.
//!
//! TypeScript types are generated from this file (`cargo xtask codegen`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::command::MergeStrategy;
use crate::event::LeaveReason;
use crate::id::{MeetingId, ParticipantId, RoomId};
use crate::permission::Permissions;
use crate::time::UnixMillis;

/// Longest message either side accepts, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Longest serialised `data` of an app message, in bytes.
pub const MAX_APP_MESSAGE_BYTES: usize = 4096;
/// Longest serialised session data of a meeting, in bytes.
pub const MAX_SESSION_DATA_BYTES: usize = 100 * 1024;
/// Longest serialised `user_data`, in bytes.
pub const MAX_USER_DATA_BYTES: usize = 4096;
/// Longest display name, in characters.
pub const MAX_USER_NAME_CHARS: usize = 256;
/// How often the client sends `ping`, in milliseconds. More often notices a
/// dead network sooner and costs radio time on phones.
pub const PING_INTERVAL_MS: u32 = 4_000;

/// A track by its purpose. Together with the participant it names a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum TrackSource {
    /// The microphone.
    CamAudio,
    /// The camera.
    CamVideo,
    /// The sound of a shared screen.
    ScreenAudio,
    /// The picture of a shared screen.
    ScreenVideo,
}

impl TrackSource {
    /// Whether the track is video.
    #[must_use]
    pub fn is_video(self) -> bool {
        matches!(self, Self::CamVideo | Self::ScreenVideo)
    }
}

/// Whether somebody sends a track, and why not. Wire: a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TrackState {
    /// The sender sends.
    Sending,
    /// Switched off by the sender.
    Off,
    /// The sender's device is missing, in use or not permitted.
    Blocked,
    /// The sender's `can_send` permission does not cover it.
    NotPermitted,
}

/// A participant as the others see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ParticipantView {
    /// The session id.
    pub id: ParticipantId,
    /// The token's `user_id`, else the session id.
    pub user_id: String,
    /// The display name; may be empty.
    pub user_name: String,
    /// What the application attached, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "unknown", optional))]
    pub user_data: Option<Value>,
    /// Whether a meeting owner.
    pub is_owner: bool,
    /// When they entered, on the server's clock.
    pub joined_at: UnixMillis,
    /// When the room will remove them; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub eject_at: Option<UnixMillis>,
    /// What they may do.
    pub permissions: Permissions,
    /// What they send. A missing source is `off`.
    #[cfg_attr(feature = "typescript", ts(type = "Partial<Record<TrackSource, TrackState>>"))]
    pub tracks: BTreeMap<TrackSource, TrackState>,
}

/// A transceiver of the client's offer that sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SendTransceiver {
    /// Its `a=mid`.
    pub mid: String,
    /// What it carries.
    pub source: TrackSource,
}

/// What a slot carries from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SlotAssignment {
    /// The slot: `a=mid` of a receive-only transceiver.
    pub mid: String,
    /// Whose track it carries; `None`: nobody's, the slot is free.
    pub track: Option<SlotTrack>,
}

/// A sender's track in a slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SlotTrack {
    /// The sender.
    pub participant: ParticipantId,
    /// Which of the sender's tracks.
    pub source: TrackSource,
}

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
        /// At most [`MAX_USER_NAME_CHARS`]; longer ones are cut.
        name: String,
    },
    /// New attached data.
    SetUserData {
        /// At most [`MAX_USER_DATA_BYTES`] serialised; larger ones are refused.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        data: Value,
    },
    /// Data for other participants.
    AppMessage {
        /// Whom for.
        to: Recipients,
        /// At most [`MAX_APP_MESSAGE_BYTES`] serialised; larger ones are refused.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        data: Value,
    },
    /// Changes the meeting's session data, which everybody then sees by
    /// `session_data`. Larger data than [`MAX_SESSION_DATA_BYTES`] is refused.
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
    /// Are you there? Answered by `pong`.
    Ping,
    /// Goodbye; the room closes the socket.
    Leave,
}

/// From the room to the client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum ServerMessage {
    /// You are in. A full picture; everything after it is a change.
    Welcome {
        /// Yourself.
        participant: ParticipantView,
        /// Whether this continues an earlier socket's stay.
        is_resumed: bool,
        /// Shown to `resume` later.
        resume_secret: String,
        /// The running meeting.
        meeting: MeetingId,
        /// The server's clock now.
        now: UnixMillis,
        /// The others, in order of joining.
        participants: Vec<ParticipantView>,
        /// Who has no presence, as a count.
        hidden: usize,
        /// The meeting's session data; `{}` before anybody set any.
        #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
        session_data: Map<String, Value>,
        /// What the slots of a resumed stay carry.
        slots: Vec<SlotAssignment>,
        /// Who spoke last, if anybody did.
        active_speaker: Option<ParticipantId>,
    },
    /// You are not in, and the socket closes.
    Refused {
        /// Why.
        reason: RefusalReason,
        /// For people.
        info: String,
    },
    /// The answer to the last offer.
    Answer {
        /// The remote description; candidates included.
        sdp: String,
    },
    /// More slots are needed: this many in all. Add them and offer again.
    SlotsWanted {
        /// Audio slots in all.
        audio: usize,
        /// Video slots in all.
        video: usize,
    },
    /// Slots changed what they carry. Only the changed ones are listed.
    Slots {
        /// The changes.
        slots: Vec<SlotAssignment>,
    },
    /// Somebody came.
    ParticipantJoined {
        /// Who.
        participant: ParticipantView,
    },
    /// Something about somebody (perhaps yourself) changed.
    ParticipantUpdated {
        /// The whole new view.
        participant: ParticipantView,
    },
    /// Somebody is gone.
    ParticipantLeft {
        /// Who.
        id: ParticipantId,
        /// How it ended.
        reason: LeaveReason,
    },
    /// More or fewer are here without presence. At most once a second.
    HiddenCount {
        /// How many besides yourself.
        hidden: usize,
    },
    /// The meeting has ended, and those without presence who are still here
    /// begin another: with new session data, `{}`.
    MeetingChanged {
        /// The running meeting from now on.
        meeting: MeetingId,
    },
    /// The meeting's session data was changed.
    SessionData {
        /// All of it.
        #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
        data: Map<String, Value>,
    },
    /// Another participant speaks.
    ActiveSpeaker {
        /// Who.
        participant: ParticipantId,
    },
    /// Data from another participant, or from the server.
    AppMessage {
        /// The sender's session id. Two ids, fixed for each room, are nobody's
        /// session: [`server_sender`], and [`unseen_sender`] for everybody
        /// without presence.
        from: ParticipantId,
        /// The data.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        data: Value,
    },
    /// A message of yours was not carried out.
    Rejected {
        /// The `type` of the message.
        message: String,
        /// What was wrong, for people.
        info: String,
    },
    /// Your stay has ended by the room's decision, and the socket closes.
    Removed {
        /// Why.
        reason: LeaveReason,
    },
    /// I am here.
    Pong,
}

/// Whom app messages of the server come from, in this room. No client can
/// send under this name.
#[must_use]
pub fn server_sender(room: RoomId) -> ParticipantId {
    ParticipantId::from_random(room.as_uuid().into_bytes().map(|byte| byte ^ 0x5a))
}

/// Whom app messages of those without presence come from, in this room: it
/// tells the others neither who they are nor that two messages are of one
/// person. It is not the server's, so that nobody can speak in its name.
#[must_use]
pub fn unseen_sender(room: RoomId) -> ParticipantId {
    ParticipantId::from_random(room.as_uuid().into_bytes().map(|byte| byte ^ 0xa5))
}

/// Why somebody may not enter. The values are daily-js's `error.type`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// No such room.
    NoRoom,
    /// A private room and no token, or a token that does not fit.
    NotAllowed,
    /// The room is not open yet.
    NbfRoom,
    /// The room is closed.
    ExpRoom,
    /// The token is not valid yet.
    NbfToken,
    /// The token is no longer valid.
    ExpToken,
    /// `max_participants` are inside.
    MeetingFull,
    /// The ticket or the resume secret is not (or no longer) good: join again.
    ConnectionError,
}
