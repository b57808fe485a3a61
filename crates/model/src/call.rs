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
//! By subject: [`TrackSource`] and what names a track; [`ParticipantView`], who
//! is seen and who waits; [`ParticipantChange`], what administrators ask for;
//! [`TrackWish`] and [`VideoWish`], what a receiver wants; the two directions.
//!
//! TypeScript types are generated from these files (`cargo xtask codegen`).

mod change;
mod client_message;
mod server_message;
mod track;
mod view;
mod wish;

pub use change::ParticipantChange;
pub use client_message::{ClientMessage, Everybody, Recipients};
pub use server_message::{RefusalReason, ServerMessage};
pub use track::{
    BadTrackTag, SendTransceiver, SlotAssignment, SlotTrack, TrackSource, TrackState, TrackTag,
};
pub use view::{NetworkQuality, ParticipantView, WaitingView};
pub use wish::{SubscriptionWish, TrackWish, VideoDelivery, VideoPriority, VideoWish};

use crate::id::{ParticipantId, RoomId};

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
/// Most custom tracks of one participant.
pub const MAX_CUSTOM_TRACKS: usize = 8;
/// Longest name of a custom track, in bytes.
pub const MAX_TRACK_TAG_BYTES: usize = 50;
/// Most entries of any map of a client's message; larger ones are refused.
pub const MAX_MAP_ENTRIES: usize = 1_000;
/// Most people who wait in the lobby of one room.
pub const MAX_WAITING: usize = 100;

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
