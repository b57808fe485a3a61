//! Who is seen, and who waits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{TrackSource, TrackState};
use crate::id::ParticipantId;
use crate::permission::Permissions;
use crate::time::UnixMillis;

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
    /// Whether they record the call on their own device.
    #[serde(default)]
    pub is_recording: bool,
    /// How good their network is.
    #[serde(default)]
    pub network: NetworkQuality,
}

/// How good somebody's own network is, as they measure it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum NetworkQuality {
    /// Not measured yet.
    #[default]
    Unknown,
    /// Nothing is amiss.
    Good,
    /// Others notice it.
    Weak,
    /// Hardly a call.
    Poor,
}

/// Somebody who waits in the lobby, as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WaitingView {
    /// The session id, which they keep when they are let in.
    pub id: ParticipantId,
    /// The display name; may be empty.
    pub name: String,
    /// When they asked to come in, on the server's clock.
    pub since: UnixMillis,
}
