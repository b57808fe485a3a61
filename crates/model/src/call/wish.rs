//! What a receiver wants of the others' tracks, and what it gets of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::TrackSource;
use crate::id::ParticipantId;

/// How far somebody wants to receive a track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TrackWish {
    /// It is sent.
    #[default]
    Full,
    /// It has its slot, and nothing is sent: it can start without negotiation.
    Staged,
    /// It has no slot.
    None,
}

/// What somebody wants of one sender, or of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct SubscriptionWish {
    /// Track by track.
    #[serde(default)]
    pub tracks: BTreeMap<TrackSource, TrackWish>,
    /// All tracks that are not named.
    pub others: TrackWish,
}

impl SubscriptionWish {
    /// What is wanted of this track.
    #[must_use]
    pub fn of(&self, source: TrackSource) -> TrackWish {
        self.tracks.get(&source).copied().unwrap_or(self.others)
    }
}

/// How much of a video somebody wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct VideoWish {
    /// The best layer to send, from 0, the lowest, to 2. `None`: no limit.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub max_layer: Option<u8>,
    /// How wide it is shown, in physical pixels. `None`: unknown.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub width: Option<u16>,
    /// Whether it is not shown at all now.
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub is_paused: bool,
    /// What gets bandwidth first where it is scarce.
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<VideoPriority>"))]
    pub priority: VideoPriority,
}

/// What gets bandwidth first, from last to first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum VideoPriority {
    /// One of many.
    #[default]
    Normal,
    /// Whoever speaks.
    Speaker,
    /// Whom the viewer chose.
    Pinned,
    /// A shared screen.
    Screen,
}

/// What the room sends of a video from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VideoDelivery {
    /// The sender.
    pub participant: ParticipantId,
    /// Which of the sender's tracks.
    pub source: TrackSource,
    /// The spatial layer, from 0, the lowest; `None`: nothing is sent.
    pub layer: Option<u8>,
    /// Whether more is wanted than there is bandwidth for.
    pub is_limited: bool,
}
