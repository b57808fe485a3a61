//! The way into a room: who may enter, as whom, with which properties. Ends in
//! a ticket, which the room redeems without knowing records or tokens.

mod admission;
mod hook;

use parlor_bus::{RelayCredentials, RelayUser};
use parlor_model::call::{MAX_USER_NAME_CHARS, RefusalReason};
use parlor_model::call_log::{LOG_PASS_SECONDS, LogPass};
use parlor_model::command::{Command, Reply};
use parlor_model::error::ApiError;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::join::{
    EffectiveSettings, IceServer, JoinAnswer, JoinPurpose, JoinRefusal, JoinRequest, JoinRoom,
};
use parlor_model::permission::Permissions;
use parlor_model::property::{Effective, PropertySet, eject_limits};
use parlor_model::ticket::{EjectLimits, TICKET_SECONDS, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;

use crate::app::{presence, quotas};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::random;

pub(crate) use admission::{Admission, org_full};

/// How long a check may last. Longer serves slow networks better; shorter frees
/// the few places sooner.
const CHECK_SECONDS: u32 = 60;

/// Where the call socket is. A path, since room and API share a process.
const CALL_URL: &str = "/_parlor/call";

/// What a room's page shows before anybody asks to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doorway {
    /// Asking to join may work.
    Open,
    /// No such room.
    NoRoom,
    /// The room's time has passed.
    Expired,
    /// As many are inside as may be.
    Full,
    /// Not with this token, or not without one, or not yet.
    Closed,
}

/// What somebody with this token would find at the door now.
pub(crate) async fn look(
    state: &AppState,
    org: OrgId,
    room: &str,
    token: Option<&str>,
) -> Result<Doorway, Failure> {
    Ok(match admit(state, org, room, token, JoinPurpose::Call).await? {
        Ok(found) => match quotas::check_people(state, org, found.org_places).await {
            Ok(()) => Doorway::Open,
            Err(_full) => Doorway::Full,
        },
        Err(refusal) => match refusal.reason {
            RefusalReason::NoRoom => Doorway::NoRoom,
            RefusalReason::ExpRoom => Doorway::Expired,
            RefusalReason::MeetingFull => Doorway::Full,
            _ => Doorway::Closed,
        },
    })
}

/// Lets somebody in, or says why not.
pub(crate) async fn join(
    state: &AppState,
    org: OrgId,
    request: JoinRequest,
) -> Result<Result<JoinAnswer, JoinRefusal>, Failure> {
    let token = request.token.as_deref();
    let purpose = request.purpose;
    let admission = match admit(state, org, &request.room, token, purpose).await? {
        Ok(admission) => admission,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = state.now();
    // A check is no stay: under the session id of one it would end that one.
    let pass = request.pass.as_deref().filter(|_| purpose == JoinPurpose::Call);
    let earlier = pass.and_then(|pass| earlier_stay(state, &admission, pass, now));
    // Whoever comes back had a place, and its cost is on the thread already or
    // was until a moment ago.
    if earlier.is_none() {
        check_load(state, admission.room.id).await?;
        let places = admission.org_places.filter(|_| purpose == JoinPurpose::Call);
        if let Err(refusal) = quotas::check_people(state, org, places).await {
            return Ok(Err(refusal));
        }
    }
    let participant = match earlier {
        Some(participant) => participant,
        None => ParticipantId::from_random(random::bytes()?),
    };
    let effective = admission.effective();
    let settings = settings(&admission, &effective, request.user_name);
    let mut ticket = ticket(&admission, &effective, &settings, participant, now);
    match purpose {
        JoinPurpose::Check => ticket = of_check(ticket),
        JoinPurpose::Call => {
            hook::expect(state, admission.room.org_id, participant, &effective).await?;
        }
    }
    Ok(Ok(JoinAnswer {
        call_url: CALL_URL.to_owned(),
        ticket: state.cx.ticket_key.seal(&ticket),
        participant,
        log_pass: state.cx.ticket_key.seal_log_pass(&log_pass(&admission, participant, now)),
        room: room(&admission),
        effective: settings,
        ice_servers: ice_servers(state, participant, now),
    }))
}

/// Refuses who is new while the media thread of the room has no time for them.
async fn check_load(state: &AppState, room: RoomId) -> Result<(), Failure> {
    // Media that do not answer in time are no reason to refuse: the room has
    // the last word.
    let Ok(Reply::Load { percent, limit }) = state.cx.bus.request(Command::Load { room }).await
    else {
        return Ok(());
    };
    if limit < 100 && percent >= limit {
        return Err(ApiError::overloaded(percent, limit).into());
    }
    Ok(())
}

/// Whose stay in this room a pass is about. `None`: it is another room's, or of
/// a server that runs no more; then the stay is a new one.
fn earlier_stay(
    state: &AppState,
    admission: &Admission,
    pass: &str,
    now: UnixMillis,
) -> Option<ParticipantId> {
    let pass = state.cx.ticket_key.open_log_pass(pass, now).ok()?;
    let is_here = pass.room == admission.room.id && pass.org == admission.room.org_id;
    is_here.then_some(pass.participant)
}

/// The built-in relay, for this stay only.
fn ice_servers(state: &AppState, participant: ParticipantId, now: UnixMillis) -> Vec<IceServer> {
    let urls = &state.cx.settings.turn_urls;
    if urls.is_empty() {
        return Vec::new();
    }
    let user = RelayUser { participant, begins_by: now.plus_seconds(TICKET_SECONDS) };
    let RelayCredentials { username, password } = state.cx.ticket_key.relay_credentials(user);
    vec![IceServer { urls: urls.clone(), username, credential: password }]
}

/// What somebody is told who asks at a host of no organization.
pub(crate) fn no_organization() -> JoinRefusal {
    admission::no_room()
}

/// The rules of the door, and whether there is a place inside.
async fn admit(
    state: &AppState,
    org: OrgId,
    room: &str,
    token: Option<&str>,
    purpose: JoinPurpose,
) -> Result<Result<Admission, JoinRefusal>, Failure> {
    let decision = Admission::decide(&state.cx.store, org, room, token, state.now())?;
    let admission = match decision {
        Ok(admission) => admission,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // A check takes no place in the call.
    if purpose == JoinPurpose::Check {
        return Ok(Ok(admission));
    }
    // The room has the last word on this. It is asked here so that a page can
    // say so before it switches a camera on; if it does not answer in time,
    // the ticket decides.
    let Ok(present) = presence::in_room(state, admission.room.id).await else {
        return Ok(Ok(admission));
    };
    Ok(admission.with_place_among(&present))
}

fn settings(
    admission: &Admission,
    effective: &Effective<'_>,
    asked_name: Option<String>,
) -> EffectiveSettings {
    let fixed_name = effective.user_name();
    let name = fixed_name.map_or_else(|| asked_name.unwrap_or_default(), str::to_owned);
    EffectiveSettings {
        user_name: name.chars().take(MAX_USER_NAME_CHARS).collect(),
        is_name_fixed: fixed_name.is_some(),
        is_owner: effective.is_owner(),
        permissions: effective.permissions(),
        access: admission.access,
        properties: effective.to_map(),
    }
}

fn ticket(
    admission: &Admission,
    effective: &Effective<'_>,
    settings: &EffectiveSettings,
    participant: ParticipantId,
    now: UnixMillis,
) -> Ticket {
    Ticket {
        org: admission.room.org_id,
        room: admission.room.id,
        room_name: admission.room.name.clone(),
        participant,
        expires_at: now.plus_seconds(TICKET_SECONDS),
        user_id: effective.known_user().map(str::to_owned),
        user_name: settings.user_name.clone(),
        is_owner: settings.is_owner,
        permissions: settings.permissions.clone(),
        is_audience: effective.is_in_audience(),
        eject: eject_limits(&admission.properties, admission.token.as_ref()),
        max_participants: effective.max_participants(),
        org_places: admission.org_places,
        is_unique_user: effective.enforce_unique_user_ids(),
        access: settings.access,
        is_check: false,
    }
}

/// The same for a check before the call: a room of its own, which is nobody's
/// record, and in which nobody is seen.
fn of_check(ticket: Ticket) -> Ticket {
    Ticket {
        room: RoomId::from(ticket.participant.as_uuid()),
        permissions: Permissions { has_presence: false, ..Permissions::participant() },
        eject: EjectLimits { at: None, after_seconds: Some(CHECK_SECONDS) },
        access: TicketAccess::Full,
        is_check: true,
        ..ticket
    }
}

fn log_pass(admission: &Admission, participant: ParticipantId, now: UnixMillis) -> LogPass {
    LogPass {
        org: admission.room.org_id,
        room: admission.room.id,
        participant,
        expires_at: now.plus_seconds(LOG_PASS_SECONDS),
    }
}

fn room(admission: &Admission) -> JoinRoom {
    JoinRoom {
        id: admission.room.id,
        name: admission.room.name.clone(),
        domain_name: admission.domain_name.clone(),
        config: admission.properties.public_config(),
        domain_config: admission.domain.public_config(),
        token_config: admission.token.as_ref().map(PropertySet::public_config).unwrap_or_default(),
    }
}
