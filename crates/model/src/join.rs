//! `POST /_parlor/join`: what a client asks before it opens the call socket,
//! and what it learns. Also used as a pre-flight (`preAuth`): an unused ticket
//! simply expires.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::RefusalReason;
use crate::id::{ParticipantId, RoomId};
use crate::permission::Permissions;
use crate::ticket::TicketAccess;

/// The request. Sent as `text/plain` by our clients, so that no CORS preflight
/// is needed; it is parsed as JSON whatever its content type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRequest {
    /// The room's name: the last segment of its URL.
    pub room: String,
    /// A meeting token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<String>,
    /// The display name; the token's wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub user_name: Option<String>,
    /// What for.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<JoinPurpose>"))]
    pub purpose: JoinPurpose,
    /// The `log_pass` of an earlier join to the same room: the new stay keeps
    /// its session id if the server still knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub pass: Option<String>,
}

/// What somebody joins for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JoinPurpose {
    /// The call.
    #[default]
    Call,
    /// A check before the call: a room of one, in which one receives oneself.
    Check,
}

/// The way in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JoinAnswer {
    /// Where the call socket is. May be a path: resolve it against the address
    /// the request went to, and use `ws` for `http`, `wss` for `https`.
    pub call_url: String,
    /// For `hello`. Good for a minute, once.
    pub ticket: String,
    /// The session id of this stay.
    pub participant: ParticipantId,
    /// For reports to `POST /_parlor/logs` about this stay.
    pub log_pass: String,
    /// The room.
    pub room: JoinRoom,
    /// What applies to this joiner, merged of domain, room and token.
    pub effective: EffectiveSettings,
    /// For the `RTCPeerConnection`: ways to the server where datagrams find none.
    #[serde(default)]
    pub ice_servers: Vec<IceServer>,
}

/// An entry of `iceServers` of an `RTCPeerConnection`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct IceServer {
    /// `turn:` and `turns:` addresses.
    pub urls: Vec<String>,
    /// For this stay.
    pub username: String,
    /// For this stay.
    pub credential: String,
}

/// The room as daily-js's `room()` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct JoinRoom {
    /// The record.
    pub id: RoomId,
    /// The name.
    pub name: String,
    /// The organization's public name.
    pub domain_name: String,
    /// Room properties that were set.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
    pub config: Map<String, Value>,
    /// Domain properties that were set.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
    pub domain_config: Map<String, Value>,
    /// Token properties that were set.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
    pub token_config: Map<String, Value>,
}

/// What applies to one joiner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EffectiveSettings {
    /// The display name: the token's, else the one asked for; may be empty.
    pub user_name: String,
    /// Whether the token fixes the display name.
    pub is_name_fixed: bool,
    /// Whether a meeting owner.
    pub is_owner: bool,
    /// What the joiner may do.
    pub permissions: Permissions,
    /// Whether the ticket leads into the call or into its lobby.
    pub access: TicketAccess,
    /// Every property by its wire name, merged domain < room < token, defaults
    /// included: `start_video_off`, `enable_prejoin_ui`, `lang`, …
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
    pub properties: Map<String, Value>,
}

/// Why not. Status 404 (`no-room`), 410 (`exp-room`), 503 (`meeting-full`),
/// else 403.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRefusal {
    /// The stable kind, as everywhere: `not-found`, `forbidden-error`, ….
    pub error: String,
    /// For people.
    pub info: String,
    /// What the client acts on.
    pub reason: RefusalReason,
    /// With `nbf-room` and `nbf-token`: when the door opens, unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub opens_at: Option<f64>,
}

impl JoinRefusal {
    /// What is said when an organization has as many people in its rooms as it
    /// may. Whoever looks at it may not be of the organization, so that the way
    /// out is to wait.
    #[must_use]
    pub fn org_full_info(limit: u32) -> String {
        format!(
            "As many people as may be are in rooms of this domain, which is {limit} \
             (concurrentParticipants): try again when somebody has left"
        )
    }
}
