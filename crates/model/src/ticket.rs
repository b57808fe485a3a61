//! The admission ticket: what the server, which knows records and tokens,
//! tells the room, which knows neither. It is made by `POST /_parlor/join`,
//! carried by the browser and redeemed once, within [`TICKET_SECONDS`], on
//! the call socket. Everything the room must know about a joiner is in it.

use serde::{Deserialize, Serialize};

use crate::id::{OrgId, ParticipantId, RoomId};
use crate::permission::Permissions;
use crate::time::UnixMillis;

/// How long a ticket may be redeemed, in seconds. Longer lets a slow browser
/// in; shorter narrows the window in which a stolen ticket is worth anything.
pub const TICKET_SECONDS: i64 = 60;

/// Who may enter which room, as whom, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The organization the room belongs to.
    pub org: OrgId,
    /// The room's record.
    pub room: RoomId,
    /// The room's name, for logs and presence.
    pub room_name: String,
    /// The session id of this stay. A ticket is spent once this id has joined.
    pub participant: ParticipantId,
    /// Last moment at which the ticket opens the door.
    pub expires_at: UnixMillis,
    /// The token's `user_id`. `None`: the session id stands in for it.
    pub user_id: Option<String>,
    /// The display name; may be empty.
    pub user_name: String,
    /// Whether the token made this participant a meeting owner.
    pub is_owner: bool,
    /// Permissions at entry, already merged of domain, room and token.
    pub permissions: Permissions,
    /// Whether they are of an audience (`enable_hidden_participants`): as long
    /// as they have no presence, they see and receive meeting owners only.
    pub is_audience: bool,
    /// Limits that end the stay.
    pub eject: EjectLimits,
    /// Most participants the room may hold at once, this one included.
    pub max_participants: u32,
    /// Most people in all rooms of the organization together, this one
    /// included. `None`: as many as the rooms take.
    #[serde(default)]
    pub org_places: Option<u32>,
    /// Whether an older stay of the same `user_id` ends when this one begins
    /// (`enforce_unique_user_ids`).
    pub is_unique_user: bool,
    /// How far the ticket opens the door.
    pub access: TicketAccess,
    /// Whether it is for a check before a call: a room of one, which echoes.
    pub is_check: bool,
}

/// How far a ticket opens the door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TicketAccess {
    /// Into the call.
    #[default]
    Full,
    /// Into the lobby, where one waits to be let in.
    Lobby,
}

/// When the room must remove a participant. Computed at join and never moved
/// by later changes of the room or token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EjectLimits {
    /// At this moment (`eject_at_token_exp`, or else `eject_at_room_exp`).
    pub at: Option<UnixMillis>,
    /// This many seconds after the join (`eject_after_elapsed`).
    pub after_seconds: Option<u32>,
}

impl EjectLimits {
    /// The moment at which somebody who joined at `joined_at` is removed: the
    /// earlier of both limits, or `None` for never.
    #[must_use]
    pub fn deadline(&self, joined_at: UnixMillis) -> Option<UnixMillis> {
        let elapsed = self.after_seconds.map(|secs| joined_at.plus_seconds(i64::from(secs)));
        match (self.at, elapsed) {
            (Some(at), Some(elapsed)) => Some(at.min(elapsed)),
            (at, elapsed) => at.or(elapsed),
        }
    }
}
