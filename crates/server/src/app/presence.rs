//! Who is in which room now, as the live rooms say it.

use parlor_model::command::{self, Command, Reply};
use parlor_model::id::{OrgId, RoomId};
use parlor_model::rest::presence::{Presence, PresentParticipant, RoomPresence};
use parlor_model::time::UnixMillis;

use crate::app::rooms;
use crate::cx::AppState;
use crate::failure::Failure;

/// Which of a room's participants are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct PresenceQuery {
    /// Most to list; all when absent.
    pub(crate) limit: Option<u32>,
    /// Only those with this `user_id`.
    pub(crate) user_id: Option<String>,
    /// Only those with this display name.
    pub(crate) user_name: Option<String>,
}

impl PresenceQuery {
    fn wants(&self, present: &command::PresentParticipant) -> bool {
        let is_user = self.user_id.as_ref().is_none_or(|id| present.user_id.as_ref() == Some(id));
        let is_named = self.user_name.as_ref().is_none_or(|name| present.user_name == *name);
        is_user && is_named
    }
}

/// The people in one room, in order of joining.
pub(crate) async fn of_room(
    state: &AppState,
    org: OrgId,
    name: &str,
    query: PresenceQuery,
) -> Result<RoomPresence, Failure> {
    let room = rooms::find(state, org, name)?;
    let present = in_room(state, room.id).await?;
    let now = state.now();
    let wanted: Vec<PresentParticipant> = present
        .into_iter()
        .filter(|present| query.wants(present))
        .map(|present| shown(present, now))
        .collect();
    let total_count = wanted.len() as u64;
    let limit = query.limit.map_or(usize::MAX, |limit| limit as usize);
    Ok(RoomPresence { total_count, data: wanted.into_iter().take(limit).collect() })
}

/// The people in every room of the organization that has any, by room name.
pub(crate) async fn of_org(state: &AppState, org: OrgId) -> Result<Presence, Failure> {
    let present = ask(state, Command::OrgPresence { org }).await?;
    let now = state.now();
    let mut by_room = Presence::new();
    for present in present {
        let room = present.room_name.clone();
        by_room.entry(room).or_default().push(shown(present, now));
    }
    Ok(by_room)
}

fn shown(present: command::PresentParticipant, now: UnixMillis) -> PresentParticipant {
    PresentParticipant {
        room: present.room_name,
        id: present.participant,
        user_id: present.user_id,
        user_name: Some(present.user_name).filter(|name| !name.is_empty()),
        mtg_session_id: present.meeting,
        join_time: present.joined_at.to_iso8601(),
        // The two clocks may differ by a little.
        duration: now.millis_since(present.joined_at).max(0) / 1000,
    }
}

/// Everybody visible in a room, as the room itself says it.
pub(crate) async fn in_room(
    state: &AppState,
    room: RoomId,
) -> Result<Vec<command::PresentParticipant>, Failure> {
    ask(state, Command::RoomPresence { room }).await
}

async fn ask(
    state: &AppState,
    command: Command,
) -> Result<Vec<command::PresentParticipant>, Failure> {
    match state.cx.bus.request(command).await? {
        Reply::Presence { participants } => Ok(participants),
        _ => Err(Failure::UnexpectedReply),
    }
}
