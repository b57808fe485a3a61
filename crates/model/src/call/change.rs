//! What administrators ask for.

use serde::{Deserialize, Serialize};

use crate::permission::PermissionChange;

/// What an administrator wants changed of somebody. What is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct ParticipantChange {
    /// The microphone: `false` stops it at once; `true`, which only owners may
    /// say, asks its owner to switch it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub audio: Option<bool>,
    /// The camera, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub video: Option<bool>,
    /// A shared screen, picture and sound: it can only be stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub screen_share: Option<bool>,
    /// Whether they have to go.
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub is_ejected: bool,
    /// What they may do from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub permissions: Option<PermissionChange>,
}
