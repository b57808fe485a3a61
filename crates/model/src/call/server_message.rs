//! From the room to the client.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ParticipantView, SlotAssignment, TrackSource, VideoDelivery, WaitingView};
use crate::event::LeaveReason;
use crate::id::{MeetingId, ParticipantId};
use crate::time::UnixMillis;

/// From the room to the client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "type")]
#[expect(clippy::large_enum_variant, reason = "messages travel in boxes")]
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
        /// For administrators, who waits in the lobby; `[]` for others.
        #[serde(default)]
        waiting: Vec<WaitingView>,
        /// What a resumed stay is sent of the videos in its slots.
        #[serde(default)]
        deliveries: Vec<VideoDelivery>,
    },
    /// You are in the lobby. Later comes `welcome`, once you are let in, or
    /// `refused`.
    Waiting {
        /// Yourself.
        participant: ParticipantView,
        /// Shown to `resume` later.
        resume_secret: String,
        /// The server's clock now.
        now: UnixMillis,
        /// Whether somebody is in the call who can let you in.
        is_host_present: bool,
    },
    /// To those in the lobby: whether somebody is in the call who can let
    /// them in has changed.
    HostPresence {
        /// Whether.
        is_present: bool,
    },
    /// To administrators: somebody knocks.
    WaitingAdded {
        /// Who.
        waiting: WaitingView,
    },
    /// To administrators: somebody who knocked has another name.
    WaitingUpdated {
        /// The whole new view.
        waiting: WaitingView,
    },
    /// To administrators: somebody waits no longer, for whatever reason.
    WaitingRemoved {
        /// Who.
        id: ParticipantId,
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
        /// session: `server_sender`, and `unseen_sender` for everybody
        /// without presence.
        from: ParticipantId,
        /// The data.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        data: Value,
    },
    /// An administrator switched a track of yours off, or asks for it: switch
    /// the device and `publish`.
    MediaRequested {
        /// Which track.
        source: TrackSource,
        /// Whether it shall be on.
        is_on: bool,
        /// The administrator.
        by: ParticipantId,
    },
    /// Which encodings of a track of yours anybody receives. Others need not
    /// be sent.
    LayersWanted {
        /// Which track.
        source: TrackSource,
        /// Their `rid`s; `[]`: none.
        rids: Vec<String>,
    },
    /// What you are sent of videos has changed. Only the changed ones are
    /// listed.
    VideoDeliveries {
        /// The changes.
        deliveries: Vec<VideoDelivery>,
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
