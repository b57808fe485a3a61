//! Somebody in the lobby: not in the call, seen by nobody, and known to
//! administrators once they have knocked.

use std::time::Instant;

use indexmap::IndexMap;
use parlor_model::call::{ParticipantView, WaitingView};
use parlor_model::event::Fact;
use parlor_model::id::{MeetingId, ParticipantId};
use parlor_model::ticket::Ticket;
use parlor_model::time::UnixMillis;
use serde_json::Value;

use crate::alarms::Alarm;
use crate::line::Line;
use crate::participant::{Arrival, Budgets, Participant};

/// Everybody in the lobby of a room, in order of coming.
#[derive(Default)]
pub(crate) struct Lobby {
    pub(crate) waiting: IndexMap<ParticipantId, Waiting>,
    /// Whether those in the lobby believe that somebody can let them in.
    pub(crate) is_host_present: bool,
    /// What its facts are numbered under: they belong to no meeting.
    pub(crate) facts: Option<(MeetingId, u64)>,
}

/// One person in the lobby.
pub(crate) struct Waiting {
    pub(crate) ticket: Ticket,
    user_data: Option<Value>,
    pub(crate) resume_secret: String,
    pub(crate) line: Line,
    /// When the room looks whether they have to go.
    pub(crate) alarm: Alarm,
    pub(crate) budgets: Budgets,
    /// When they came.
    came_at: UnixMillis,
    /// When they knocked, if they have.
    pub(crate) knocked_at: Option<UnixMillis>,
    /// When the room sends them away, on its own clock.
    pub(crate) eject_deadline: Option<Instant>,
    /// When it does if they have not knocked.
    pub(crate) knock_deadline: Option<Instant>,
}

impl Waiting {
    /// Somebody who has just come.
    pub(crate) fn new(arrival: Arrival, now: Instant, wall: UnixMillis) -> Self {
        let Arrival { ticket, user_data, resume_secret, line } = arrival;
        Self {
            ticket,
            user_data,
            resume_secret,
            line,
            alarm: Alarm::default(),
            budgets: Budgets::new(now),
            came_at: wall,
            knocked_at: None,
            eject_deadline: None,
            knock_deadline: None,
        }
    }

    /// When they have to go whatever becomes of their socket.
    pub(crate) fn time_limit(&self) -> Option<Instant> {
        [self.eject_deadline, self.knock_deadline].into_iter().flatten().min()
    }

    /// Whether they have to go now.
    pub(crate) fn is_time_up(&self, now: Instant) -> bool {
        self.time_limit().is_some_and(|at| at <= now)
    }

    /// Who asks the room in.
    pub(crate) fn into_arrival(self) -> Arrival {
        let Self { ticket, user_data, resume_secret, line, .. } = self;
        Arrival { ticket, user_data, resume_secret, line }
    }

    /// How administrators see them, once they have knocked.
    pub(crate) fn view(&self) -> Option<WaitingView> {
        let since = self.knocked_at?;
        Some(WaitingView {
            id: self.ticket.participant,
            name: self.ticket.user_name.clone(),
            since,
        })
    }

    /// How they see themselves.
    pub(crate) fn own_view(&self, now: Instant) -> ParticipantView {
        let arrival = Arrival {
            ticket: self.ticket.clone(),
            user_data: self.user_data.clone(),
            resume_secret: String::new(),
            line: self.line,
        };
        Participant::new(arrival, now, self.came_at).view()
    }

    /// What the facts say once they have knocked.
    pub(crate) fn joined_fact(&self) -> Fact {
        Fact::WaitingParticipantJoined {
            participant: self.ticket.participant,
            user_id: self.ticket.user_id.clone(),
            user_name: self.ticket.user_name.clone(),
            is_owner: self.ticket.is_owner,
            permissions: self.ticket.permissions.clone(),
        }
    }

    /// What the facts say when somebody who knocked waits no longer.
    pub(crate) fn left_fact(&self, at: UnixMillis) -> Option<Fact> {
        let knocked_at = self.knocked_at?;
        Some(Fact::WaitingParticipantLeft {
            participant: self.ticket.participant,
            duration_ms: at.millis_since(knocked_at).max(0),
            joined_at: knocked_at,
            user_id: self.ticket.user_id.clone(),
            user_name: self.ticket.user_name.clone(),
            is_owner: self.ticket.is_owner,
            permissions: self.ticket.permissions.clone(),
        })
    }
}
