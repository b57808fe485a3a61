//! The way in: redeeming tickets, resuming stays, the first picture.

use parlor_model::call::{RefusalReason, ServerMessage};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use parlor_model::ticket::{Ticket, TicketAccess};
use serde_json::Value;

use super::Room;
use crate::io::{ConnectionId, Output};
use crate::participant::{Line, Participant};
use crate::secrets::is_same_secret;
use crate::slots::Slot;

/// Why somebody is not let in, and in which words.
struct Refusal(RefusalReason, &'static str);

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
        let expires_at = ticket.expires_at;
        self.spent.insert(ticket.participant, expires_at, self.instant_of(expires_at));
        self.end_older_stay(&ticket);
        if let Err(refusal) = self.check_space(&ticket) {
            return self.refuse(connection, &refusal);
        }
        let id = ticket.participant;
        self.enter(connection, ticket, user_data);
        self.welcome(id, false);
        self.tell_joined(id);
    }

    pub(super) fn handle_resume(
        &mut self,
        connection: ConnectionId,
        participant: ParticipantId,
        secret: &str,
    ) {
        let now = self.now;
        let known = self.participants.get_mut(&participant);
        let Some(known) = known.filter(|known| is_same_secret(&known.resume_secret, secret)) else {
            let info = "this stay is over: join again";
            return self.refuse(connection, &Refusal(RefusalReason::ConnectionError, info));
        };
        let previous = known.connection();
        known.line = Line::Open { connection, heard_at: now };
        if let Some(previous) = previous {
            self.connections.remove(&previous);
            self.outputs.push_back(Output::Close(previous));
        }
        self.connections.insert(connection, participant);
        self.welcome(participant, true);
    }

    fn check_ticket(&self, ticket: &Ticket, user_data: Option<&Value>) -> Result<(), Refusal> {
        let bad = |info| Err(Refusal(RefusalReason::ConnectionError, info));
        if ticket.room != self.config.room || ticket.org != self.config.org {
            return bad("the ticket is for another room");
        }
        if ticket.is_check || ticket.access == TicketAccess::Lobby {
            return bad("not supported yet");
        }
        if ticket.expires_at <= self.wall() {
            return bad("the ticket has expired: join again");
        }
        if self.spent.contains(ticket.participant)
            || self.participants.contains_key(&ticket.participant)
        {
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

    /// With unique users, a new stay ends the older one of the same user.
    fn end_older_stay(&mut self, ticket: &Ticket) {
        let Some(user) = ticket.user_id.as_ref().filter(|_| ticket.is_unique_user) else {
            return;
        };
        let same = |participant: &&Participant| participant.user_id.as_ref() == Some(user);
        let older: Vec<_> = self.participants.values().filter(same).map(|same| same.id).collect();
        for id in older {
            self.remove(id, LeaveReason::Replaced);
        }
    }

    fn check_space(&self, ticket: &Ticket) -> Result<(), Refusal> {
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

    fn enter(&mut self, connection: ConnectionId, ticket: Ticket, user_data: Option<Value>) {
        let secret = self.secrets.resume_secret();
        let times = (self.now, self.wall());
        let mut participant = Participant::new(ticket, user_data, secret, connection, times);
        participant.eject_deadline = participant.eject_at.map(|at| self.instant_of(at));
        self.connections.insert(connection, participant.id);
        self.participants.insert(participant.id, participant);
        self.ensure_meeting();
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
            waiting: Vec::new(),
            deliveries: Vec::new(),
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
