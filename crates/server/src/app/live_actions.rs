//! Actions on a room that hosts a call. The room's record says whose it is and
//! whether there is one; the live room does the rest.

use parlor_model::call::MAX_SESSION_DATA_BYTES;
use parlor_model::command::{Command, Reply};
use parlor_model::error::ApiError;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::rest::live_actions::{
    Eject, SendAppMessage, UpdatePermissions, parse_session_data,
};
use parlor_store::rooms::Room;
use serde_json::{Map, Value};

use crate::app::rooms;
use crate::cx::AppState;
use crate::failure::Failure;

/// Sends data to people in the call.
pub(crate) async fn send_app_message(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: Map<String, Value>,
) -> Result<(), Failure> {
    let SendAppMessage { to, data } = SendAppMessage::parse(body)?;
    let ask = |room| Command::SendAppMessage { room, to, data };
    ask_call(state, org, name, ask).await?.done()
}

/// The meeting's session data.
pub(crate) async fn session_data(
    state: &AppState,
    org: OrgId,
    name: &str,
) -> Result<Value, Failure> {
    match ask_call(state, org, name, |room| Command::ReadSessionData { room }).await?.0 {
        Reply::SessionData { data } => Ok(data),
        _ => Err(Failure::UnexpectedReply),
    }
}

/// Changes the meeting's session data.
pub(crate) async fn set_session_data(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: Map<String, Value>,
) -> Result<(), Failure> {
    let change = parse_session_data(body)?;
    let answer = ask_call(state, org, name, |room| Command::SetSessionData { room, change });
    match answer.await?.0 {
        Reply::SessionDataTooLarge { bytes } => {
            Err(ApiError::session_data_too_large(bytes, MAX_SESSION_DATA_BYTES).into())
        }
        other => CallReply(other).done(),
    }
}

/// Lets the media thread of the call fail: for tests of what comes after.
pub(crate) async fn fail_thread(state: &AppState, org: OrgId, name: &str) -> Result<(), Failure> {
    ask_call(state, org, name, |room| Command::FailThread { room }).await?.done()
}

/// Removes people from the call, and says whom.
pub(crate) async fn eject(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: Map<String, Value>,
) -> Result<Vec<ParticipantId>, Failure> {
    let Eject { ids, user_ids, is_ban } = Eject::parse(body)?;
    let ask = |room| Command::Eject { room, ids, user_ids, is_ban };
    match ask_call(state, org, name, ask).await?.0 {
        Reply::Ejected { ids } => Ok(ids),
        _ => Err(Failure::UnexpectedReply),
    }
}

/// Changes what people in the call may do.
pub(crate) async fn update_permissions(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Map<String, Value>,
) -> Result<(), Failure> {
    let UpdatePermissions { everybody, participants } = UpdatePermissions::parse(body)?;
    let ask = |room| Command::UpdatePermissions { room, everybody, participants };
    ask_call(state, org, name, ask).await?.done()
}

/// The record of a room in which a call goes on.
///
/// # Errors
/// 404 when there is no such room, or nobody in it.
pub(crate) async fn find_hosting(
    state: &AppState,
    org: OrgId,
    name: &str,
) -> Result<Room, Failure> {
    let room = rooms::find(state, org, name)?;
    must_host(state, &room).await?;
    Ok(room)
}

/// Refuses a room in which no call goes on.
pub(crate) async fn must_host(state: &AppState, room: &Room) -> Result<(), Failure> {
    ask_room(state, &room.name, Command::IsHosting { room: room.id }).await?.done()
}

/// What a room that hosts a call answered.
struct CallReply(Reply);

impl CallReply {
    fn done(self) -> Result<(), Failure> {
        match self.0 {
            Reply::Done => Ok(()),
            _ => Err(Failure::UnexpectedReply),
        }
    }
}

/// Puts a question to the call in the room called `name`.
async fn ask_call(
    state: &AppState,
    org: OrgId,
    name: &str,
    ask: impl FnOnce(RoomId) -> Command,
) -> Result<CallReply, Failure> {
    let room = rooms::find(state, org, name)?;
    ask_room(state, name, ask(room.id)).await
}

async fn ask_room(state: &AppState, name: &str, command: Command) -> Result<CallReply, Failure> {
    match state.cx.bus.request(command).await? {
        Reply::NoCall => Err(ApiError::room_without_call(name).into()),
        reply => Ok(CallReply(reply)),
    }
}
