//! The rules of the door, in the order in which they are asked: is there such
//! a room, is its organization suspended, has its time passed, is the token good and for this room, may one
//! enter without or only knock, is the room open yet, is there a place left.

use parlor_model::call::RefusalReason;
use parlor_model::command::PresentParticipant;
use parlor_model::error::ErrorKind;
use parlor_model::id::OrgId;
use parlor_model::join::JoinRefusal;
use parlor_model::property::{Effective, PropertySet, Scope};
use parlor_model::rest::rooms::Privacy;
use parlor_model::ticket::TicketAccess;
use parlor_model::time::UnixMillis;
use parlor_model::token::{WindowError, check_window};
use parlor_store::rooms::Room;
use parlor_store::{Store, orgs, rooms};

use crate::app::rooms::stored_properties;
use crate::failure::Failure;
use crate::identity::meeting_token::{self, NotBefore, TokenFault};

/// Somebody who may enter, and what applies to them.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) room: Room,
    pub(crate) domain_name: String,
    pub(crate) domain: PropertySet,
    pub(crate) properties: PropertySet,
    pub(crate) token: Option<PropertySet>,
    /// Into the call, or only into its lobby.
    pub(crate) access: TicketAccess,
    /// Most people in all rooms of the organization; `None`, too, for who takes
    /// over a place that they have.
    pub(crate) org_places: Option<u32>,
    /// Whether the operator stopped the organization.
    is_suspended: bool,
}

impl Admission {
    /// Decides whether somebody with `token` may enter the room called `name`
    /// at `now`. An empty token counts as none: apps build URLs that way.
    pub(crate) fn decide(
        store: &Store,
        org: OrgId,
        name: &str,
        token: Option<&str>,
        now: UnixMillis,
    ) -> Result<Result<Self, JoinRefusal>, Failure> {
        let Some(mut admission) = load(store, org, name, now)? else {
            return Ok(Err(no_room()));
        };
        if admission.is_suspended {
            return Ok(Err(suspended()));
        }
        if admission.room.is_expired(now) {
            return Ok(Err(room_expired()));
        }
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            match usable_token(store, org, name, token, now)? {
                Ok(properties) => admission.token = Some(properties),
                Err(fault) => return Ok(Err(bad_token(&fault))),
            }
        }
        Ok(admission.at_the_door(now))
    }

    /// What applies to the joiner.
    pub(crate) fn effective(&self) -> Effective<'_> {
        Effective::layer(&self.domain, &self.properties, self.token.as_ref())
    }

    /// Refuses who finds `max_participants` inside. One who takes the place of
    /// an older stay of their own needs none, here or of the organization's; nor
    /// do those whom nobody sees.
    pub(crate) fn with_place_among(
        mut self,
        present: &[PresentParticipant],
    ) -> Result<Self, JoinRefusal> {
        let effective = self.effective();
        let own = effective.known_user().filter(|_| effective.enforce_unique_user_ids());
        let others =
            present.iter().filter(|other| own.is_none() || other.user_id.as_deref() != own).count();
        // Whoever waits takes a place when they are let in.
        let is_full = self.access == TicketAccess::Full
            && effective.permissions().has_presence
            && others >= effective.max_participants() as usize;
        if is_full {
            return Err(room_full());
        }
        if others < present.len() {
            self.org_places = None;
        }
        Ok(self)
    }

    fn at_the_door(mut self, now: UnixMillis) -> Result<Self, JoinRefusal> {
        let effective = self.effective();
        let has_lobby = effective.enable_knocking();
        let is_stranger = self.token.is_none() && self.room.privacy == Privacy::Private;
        if is_stranger && !has_lobby {
            return Err(private());
        }
        if has_lobby && (is_stranger || effective.knocking()) {
            self.access = TicketAccess::Lobby;
        }
        match check_window(self.properties.nbf(), None, now) {
            Err(WindowError::NotYet { opens_at }) => Err(room_not_open(opens_at)),
            _ => Ok(self),
        }
    }
}

fn load(
    store: &Store,
    org: OrgId,
    name: &str,
    now: UnixMillis,
) -> Result<Option<Admission>, Failure> {
    let found = store.read(|c| -> Result<_, Failure> {
        let Some(room) = rooms::find_including_expired(c, org, name)? else {
            return Ok(None);
        };
        Ok(orgs::find(c, org)?.map(|org| (room, org)))
    })?;
    let Some((room, org)) = found else {
        return Ok(None);
    };
    Ok(Some(Admission {
        domain: stored_properties(Scope::Domain, &org.properties)?,
        properties: stored_properties(Scope::Room, &room.properties)?,
        room,
        is_suspended: org.is_suspended(now),
        domain_name: org.domain,
        org_places: org.limits.concurrent_participants,
        token: None,
        access: TicketAccess::Full,
    }))
}

fn usable_token(
    store: &Store,
    org: OrgId,
    room: &str,
    token: &str,
    now: UnixMillis,
) -> Result<Result<PropertySet, TokenFault>, Failure> {
    let claims = match meeting_token::read(store, org, token, now)? {
        Ok(claims) => claims,
        Err(fault) => return Ok(Err(fault)),
    };
    if let Err(fault) = meeting_token::check_times(&claims, NotBefore::Counts, now) {
        return Ok(Err(fault));
    }
    if claims.room_name().is_some_and(|only| only != room) {
        return Ok(Err(TokenFault::OtherRoom));
    }
    Ok(Ok(claims.properties))
}

pub(super) fn no_room() -> JoinRefusal {
    let info = "The meeting you're trying to join does not exist.";
    refusal(ErrorKind::NotFound, RefusalReason::NoRoom, info, None)
}

fn suspended() -> JoinRefusal {
    let info = "This domain is suspended: nobody new is let into its rooms.";
    refusal(ErrorKind::Forbidden, RefusalReason::NotAllowed, info, None)
}

fn room_expired() -> JoinRefusal {
    let info = "This room is no longer open: its expiry time has passed.";
    refusal(ErrorKind::NotFound, RefusalReason::ExpRoom, info, None)
}

fn room_not_open(nbf: f64) -> JoinRefusal {
    let info = "This room is not open yet.";
    refusal(ErrorKind::Forbidden, RefusalReason::NbfRoom, info, Some(nbf))
}

fn room_full() -> JoinRefusal {
    let info = "Meeting is full";
    refusal(ErrorKind::Server, RefusalReason::MeetingFull, info, None)
}

pub(crate) fn org_full(limit: u32) -> JoinRefusal {
    let info = JoinRefusal::org_full_info(limit);
    refusal(ErrorKind::Server, RefusalReason::MeetingFull, &info, None)
}

fn private() -> JoinRefusal {
    // What existing apps match on.
    let info = "You are not allowed to join this meeting";
    refusal(ErrorKind::Forbidden, RefusalReason::NotAllowed, info, None)
}

fn bad_token(fault: &TokenFault) -> JoinRefusal {
    let (reason, info, opens_at) = match fault {
        TokenFault::Window(WindowError::Expired { .. }) => {
            (RefusalReason::ExpToken, "The meeting token has expired.", None)
        }
        TokenFault::Window(WindowError::NotYet { opens_at }) => {
            (RefusalReason::NbfToken, "The meeting token is not valid yet.", Some(*opens_at))
        }
        // Which check failed is for the holder of the key, who can ask
        // `GET /meeting-tokens/:token`; a stranger learns nothing here.
        _ => (RefusalReason::NotAllowed, "You are not allowed to join this meeting", None),
    };
    refusal(ErrorKind::Forbidden, reason, info, opens_at)
}

fn refusal(
    kind: ErrorKind,
    reason: RefusalReason,
    info: &str,
    opens_at: Option<f64>,
) -> JoinRefusal {
    JoinRefusal { error: kind.wire().to_owned(), info: info.to_owned(), reason, opens_at }
}
