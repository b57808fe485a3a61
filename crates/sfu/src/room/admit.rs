//! The way in: redeeming tickets, resuming stays, the first picture.

use parlor_model::call::{RefusalReason, ServerMessage};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use parlor_model::ticket::{Ticket, TicketAccess};
use serde_json::Value;

use super::Room;
use crate::io::{ConnectionId, Output};
use crate::line::Line;
use crate::participant::{Arrival, Participant};
use crate::secrets::is_same_secret;
use crate::slots::Slot;

/// Why somebody is not let in, and in which words.
pub(super) struct Refusal(pub(super) RefusalReason, pub(super) &'static str);

impl Room {
    pub(super) fn handle_connect(
        &mut self,
        connection: ConnectionId,
        ticket: Ticket,
        user_data: Option<Value>,
    ) {
        self.forget_expired_tickets();
        if let Err(refusal) = self.check_ticket(&ticket, user_data.as_ref()) {
            return self.refuse(connection, &refusal);
        }
        if let Err(refusal) = self.check_ban(&ticket) {
            return self.refuse(connection, &refusal);
        }
        // The room of a check is to be gone with the check, of which a node has
        // only a few at once; who begins a second one with the ticket sees no
        // more than in the first.
        if !ticket.is_check {
            let expires_at = ticket.expires_at;
            self.spent.insert(ticket.participant, expires_at, self.instant_of(expires_at));
        }
        let id = ticket.participant;
        self.end_same_stay(id);
        let resume_secret = self.secrets.resume_secret();
        let line = Line::open(connection, self.now);
        let arrival = Arrival { ticket, user_data, resume_secret, line };
        self.connections.insert(connection, id);
        if let Err(refusal) = self.arrive(arrival) {
            self.connections.remove(&connection);
            self.refuse(connection, &refusal);
        }
    }

    fn arrive(&mut self, arrival: Arrival) -> Result<(), Refusal> {
        if arrival.ticket.access == TicketAccess::Lobby {
            return self.enter_lobby(arrival);
        }
        self.end_older_stay(&arrival.ticket);
        self.check_space(&arrival.ticket)?;
        self.enter(arrival);
        Ok(())
    }

    pub(super) fn handle_resume(
        &mut self,
        connection: ConnectionId,
        participant: ParticipantId,
        secret: &str,
    ) {
        let now = self.now;
        let Some(line) = self.line_of(participant, secret) else {
            let info = "this stay is over: join again";
            return self.refuse(connection, &Refusal(RefusalReason::ConnectionError, info));
        };
        let previous = std::mem::replace(line, Line::open(connection, now)).connection();
        if let Some(previous) = previous {
            self.connections.remove(&previous);
            self.outputs.push_back(Output::Close(previous));
        }
        self.connections.insert(connection, participant);
        self.set_alarm(participant);
        if self.lobby.waiting.contains_key(&participant) {
            self.welcome_to_lobby(participant);
        } else {
            self.welcome(participant, true);
        }
    }

    /// The line of whoever knows the secret of the stay, in the call or in the
    /// lobby.
    fn line_of(&mut self, id: ParticipantId, secret: &str) -> Option<&mut Line> {
        let inside = self.participants.get_mut(&id).map(|it| (&it.resume_secret, &mut it.line));
        let outside = self.lobby.waiting.get_mut(&id).map(|it| (&it.resume_secret, &mut it.line));
        let (known, line) = inside.or(outside)?;
        is_same_secret(known, secret).then_some(line)
    }

    fn check_ticket(&self, ticket: &Ticket, user_data: Option<&Value>) -> Result<(), Refusal> {
        let bad = |info| Err(Refusal(RefusalReason::ConnectionError, info));
        if ticket.room != self.config.room || ticket.org != self.config.org {
            return bad("the ticket is for another room");
        }
        if ticket.expires_at <= self.wall() {
            return bad("the ticket has expired: join again");
        }
        if self.spent.contains(ticket.participant, ticket.expires_at) {
            return bad("the ticket was used already: join again");
        }
        if user_data.is_some_and(|data| !super::message::is_small_user_data(data)) {
            return bad("userData is larger than 4096 bytes");
        }
        Ok(())
    }

    /// Whoever was ejected with a ban stays outside while the meeting runs.
    fn check_ban(&self, ticket: &Ticket) -> Result<(), Refusal> {
        let meeting = self.meeting.as_ref();
        if meeting.is_some_and(|meeting| meeting.bans(ticket.user_id.as_deref())) {
            let info = "You were removed from this meeting and cannot come back while it runs";
            return Err(Refusal(RefusalReason::NotAllowed, info));
        }
        Ok(())
    }

    /// A further ticket of the same stay: its holder comes back without what
    /// it takes to resume, and begins anew.
    fn end_same_stay(&mut self, id: ParticipantId) {
        if self.participants.contains_key(&id) {
            self.remove(id, LeaveReason::Replaced);
        }
        self.remove_waiting(&[id], LeaveReason::Replaced);
    }

    /// With unique users, a new stay ends the older one of the same user.
    pub(super) fn end_older_stay(&mut self, ticket: &Ticket) {
        let Some(user) = ticket.user_id.as_ref().filter(|_| ticket.is_unique_user) else {
            return;
        };
        let same = |participant: &&Participant| participant.user_id.as_ref() == Some(user);
        let older: Vec<_> = self.participants.values().filter(same).map(|same| same.id).collect();
        for id in older {
            self.remove(id, LeaveReason::Replaced);
        }
    }

    pub(super) fn check_space(&self, ticket: &Ticket) -> Result<(), Refusal> {
        if ticket.is_check && !self.participants.is_empty() {
            return Err(Refusal(RefusalReason::MeetingFull, "A check is for one"));
        }
        let is_visible = ticket.permissions.has_presence;
        let alike =
            self.participants.values().filter(|other| other.is_visible() == is_visible).count();
        let most = if is_visible {
            ticket.max_participants as usize
        } else {
            self.config.limits.hidden_participants
        };
        if alike >= most {
            return Err(Refusal(RefusalReason::MeetingFull, "Meeting is full"));
        }
        Ok(())
    }

    /// A stay begins.
    pub(super) fn enter(&mut self, arrival: Arrival) {
        let mut participant = Participant::new(arrival, self.now, self.wall());
        participant.eject_deadline = participant.eject_at.map(|at| self.instant_of(at));
        let id = participant.id;
        self.participants.insert(id, participant);
        self.set_alarm(id);
        self.ensure_meeting();
        self.welcome(id, false);
        self.tell_joined(id);
        self.note_hosts();
    }

    /// Sends the full picture.
    fn welcome(&mut self, to: ParticipantId, is_resumed: bool) {
        let (Some(participant), Some(meeting)) = (self.participants.get(&to), &self.meeting) else {
            return;
        };
        let others = self.participants.values().filter(|other| other.id != to);
        let seen = others.clone().filter(|other| participant.sees(other.sight()));
        let speaker = self.speakers.dominant().filter(|speaker| *speaker != to);
        let carries = participant.slots.iter().filter(|slot| slot.track.is_some());
        let message = ServerMessage::Welcome {
            participant: participant.view(),
            is_resumed,
            resume_secret: participant.resume_secret.clone(),
            meeting: meeting.id,
            now: self.wall(),
            participants: seen.map(Participant::view).collect(),
            hidden: others.filter(|other| !other.is_visible()).count(),
            session_data: meeting.session_data().clone(),
            slots: carries.map(Slot::assignment).collect(),
            active_speaker: speaker.filter(|speaker| self.is_seen_by(participant, *speaker)),
            waiting: if participant.is_administrator() { self.waiting_views() } else { Vec::new() },
            deliveries: participant.receiving.deliveries(),
        };
        self.send(to, message);
    }

    fn tell_joined(&mut self, id: ParticipantId) {
        let Some(participant) = self.participants.get(&id) else {
            return;
        };
        if participant.is_visible() {
            self.tell_visible(id);
        } else {
            self.note_hidden();
        }
    }

    fn refuse(&mut self, connection: ConnectionId, refusal: &Refusal) {
        let Refusal(reason, info) = refusal;
        let message = ServerMessage::Refused { reason: *reason, info: (*info).to_owned() };
        self.outputs.push_back(Output::Message(vec![connection], Box::new(message)));
        self.outputs.push_back(Output::Close(connection));
    }
}
