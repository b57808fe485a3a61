//! The lobby: whoever may not simply enter waits in it until an administrator
//! lets them in. Nobody in the call sees them before they knock, and they see
//! nobody; they learn whether somebody is there who could open.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parlor_model::call::{
    ClientMessage, MAX_USER_NAME_CHARS, MAX_WAITING, RefusalReason, ServerMessage, WaitingView,
};
use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::ParticipantId;

use super::Room;
use super::administration::check_size;
use super::admit::Refusal;
use super::message::Rejection;
use crate::io::Output;
use crate::participant::{Arrival, Participant};
use crate::waiting::Waiting;

/// How long somebody may stand in the lobby without knocking. Longer leaves
/// more time to those whom a page asks for their names first; shorter frees the
/// memory of those who will never knock.
const TIME_TO_KNOCK: Duration = Duration::from_secs(300);

const TOO_MANY: &str = "Too many people wait already";

impl Room {
    /// Somebody comes with a ticket that leads no further than the lobby.
    pub(super) fn enter_lobby(&mut self, arrival: Arrival) -> Result<(), Refusal> {
        if self.lobby.waiting.len() >= MAX_WAITING && !self.make_space_in_lobby() {
            return Err(Refusal(RefusalReason::MeetingFull, TOO_MANY));
        }
        let id = arrival.ticket.participant;
        let mut waiting = Waiting::new(arrival, self.now, self.wall());
        waiting.knock_deadline = Some(self.now + TIME_TO_KNOCK);
        waiting.eject_deadline = waiting.ticket.eject.at.map(|at| self.instant_of(at));
        self.lobby.waiting.insert(id, waiting);
        self.set_alarm(id);
        self.welcome_to_lobby(id);
        Ok(())
    }

    /// Sends away who has stood in a full lobby for longest without knocking:
    /// no administrator could, for none sees them. `false`: all have knocked.
    fn make_space_in_lobby(&mut self) -> bool {
        let mut waiting = self.lobby.waiting.iter();
        let Some(oldest) = waiting.find(|(_, it)| it.knocked_at.is_none()).map(|(id, _)| *id)
        else {
            return false;
        };
        self.refuse_waiting(oldest, RefusalReason::MeetingFull, TOO_MANY);
        true
    }

    /// Tells somebody in the lobby where they are.
    pub(super) fn welcome_to_lobby(&mut self, id: ParticipantId) {
        let is_host_present = self.participants.values().any(Participant::is_administrator);
        self.lobby.is_host_present = is_host_present;
        let (now, wall) = (self.now, self.wall());
        let Some(waiting) = self.lobby.waiting.get(&id) else {
            return;
        };
        let message = ServerMessage::Waiting {
            participant: waiting.own_view(now),
            resume_secret: waiting.resume_secret.clone(),
            now: wall,
            is_host_present,
        };
        self.send_waiting(id, message);
    }

    /// What little those in the lobby may say.
    pub(super) fn carry_out_in_lobby(
        &mut self,
        from: ParticipantId,
        message: ClientMessage,
    ) -> Result<(), Rejection> {
        match message {
            ClientMessage::RequestAccess { name } => self.knock(from, &name),
            ClientMessage::SetUserName { name } => self.rename_waiting(from, &name),
            ClientMessage::Ping => self.send_waiting(from, ServerMessage::Pong),
            ClientMessage::Leave => self.end_waiting(from),
            _ => return Err("you are in the lobby: request access first".into()),
        }
        Ok(())
    }

    fn knock(&mut self, from: ParticipantId, name: &str) {
        let wall = self.wall();
        let Some(waiting) = self.lobby.waiting.get_mut(&from) else {
            return;
        };
        if waiting.knocked_at.is_some() {
            return self.rename_waiting(from, name);
        }
        waiting.ticket.user_name = cut(name);
        waiting.knocked_at = Some(wall);
        waiting.knock_deadline = None;
        let (view, fact) = (waiting.view(), waiting.joined_fact());
        if let Some(waiting) = view {
            self.send_where(Participant::is_administrator, ServerMessage::WaitingAdded { waiting });
        }
        self.tell_of_lobby(fact);
    }

    fn rename_waiting(&mut self, from: ParticipantId, name: &str) {
        let Some(waiting) = self.lobby.waiting.get_mut(&from) else {
            return;
        };
        waiting.ticket.user_name = cut(name);
        if let Some(waiting) = waiting.view() {
            let message = ServerMessage::WaitingUpdated { waiting };
            self.send_where(Participant::is_administrator, message);
        }
    }

    /// An administrator answers those who knocked. Whoever finds no place goes
    /// on waiting, and the administrator is told so.
    pub(super) fn answer_knocks(
        &mut self,
        from: ParticipantId,
        everybody: Option<bool>,
        named: &BTreeMap<ParticipantId, bool>,
    ) -> Result<(), Rejection> {
        self.check_administrator(from)?;
        check_size(named.len())?;
        let knocked = self.lobby.waiting.iter().filter(|(_, it)| it.knocked_at.is_some());
        let answered =
            knocked.filter_map(|(id, _)| Some((*id, named.get(id).copied().or(everybody)?)));
        let mut outcome = Ok(());
        for (id, is_let_in) in answered.collect::<Vec<_>>() {
            if !is_let_in {
                self.refuse_waiting(id, RefusalReason::NotAllowed, "Join request rejected");
            } else if !self.let_in(id) {
                outcome = Err("the meeting is full: whoever found no place still waits".into());
            }
        }
        outcome
    }

    /// From the lobby into the call. `false`: there is no place.
    fn let_in(&mut self, id: ParticipantId) -> bool {
        let Some(ticket) = self.lobby.waiting.get(&id).map(|it| it.ticket.clone()) else {
            return true;
        };
        self.end_older_stay(&ticket);
        if self.check_space(&ticket).is_err() {
            return false;
        }
        if let Some(waiting) = self.lobby.waiting.shift_remove(&id) {
            self.tell_waiting_removed(&waiting);
            self.enter(waiting.into_arrival());
        }
        true
    }

    fn refuse_waiting(&mut self, id: ParticipantId, reason: RefusalReason, info: &str) {
        self.send_waiting(id, ServerMessage::Refused { reason, info: info.to_owned() });
        self.end_waiting(id);
    }

    /// Sends people away who have no part in the call (yet).
    pub(super) fn remove_waiting(&mut self, ids: &[ParticipantId], reason: LeaveReason) {
        for id in ids {
            self.send_waiting(*id, ServerMessage::Removed { reason });
            self.end_waiting(*id);
        }
    }

    /// Somebody waits no longer, and does not come in.
    fn end_waiting(&mut self, id: ParticipantId) {
        let Some(waiting) = self.lobby.waiting.shift_remove(&id) else {
            return;
        };
        self.outputs.push_back(Output::Left(id));
        if let Some(connection) = waiting.line.connection() {
            self.connections.remove(&connection);
            self.outputs.push_back(Output::Close(connection));
        }
        self.tell_waiting_removed(&waiting);
    }

    fn tell_waiting_removed(&mut self, waiting: &Waiting) {
        if let Some(fact) = waiting.left_fact(self.wall()) {
            let id = waiting.ticket.participant;
            self.send_where(Participant::is_administrator, ServerMessage::WaitingRemoved { id });
            self.tell_of_lobby(fact);
        }
    }

    /// Sends somebody away whose time in the lobby is over.
    pub(super) fn remove_waiting_if_overdue(&mut self, id: ParticipantId) {
        let Some(waiting) = self.lobby.waiting.get(&id) else {
            return;
        };
        if self.deadline_of_waiting(waiting) <= self.now {
            let is_time_up = waiting.is_time_up(self.now);
            let reason =
                if is_time_up { LeaveReason::TimeLimit } else { LeaveReason::Disconnected };
            self.remove_waiting(&[id], reason);
        }
    }

    /// Tells those in the lobby when the first who can let them in comes, and
    /// when the last goes.
    pub(super) fn note_hosts(&mut self) {
        let is_present = self.participants.values().any(Participant::is_administrator);
        if std::mem::replace(&mut self.lobby.is_host_present, is_present) == is_present {
            return;
        }
        let lines = self.lobby.waiting.values().filter_map(|it| it.line.connection());
        let connections: Vec<_> = lines.collect();
        if !connections.is_empty() {
            let message = ServerMessage::HostPresence { is_present };
            self.outputs.push_back(Output::Message(connections, Box::new(message)));
        }
    }

    /// Everybody who knocked, for those who may let them in.
    pub(super) fn waiting_views(&self) -> Vec<WaitingView> {
        self.lobby.waiting.values().filter_map(Waiting::view).collect()
    }

    /// Who administers now.
    pub(super) fn administrators(&self) -> BTreeSet<ParticipantId> {
        let administrators = self.participants.values().filter(|it| it.is_administrator());
        administrators.map(|it| it.id).collect()
    }

    /// Shows the lobby to those who administer now and did not before, and
    /// hides it from those who do not any more.
    pub(super) fn tell_changed_administrators(&mut self, before: &BTreeSet<ParticipantId>) {
        let after = self.administrators();
        for view in self.waiting_views() {
            for id in after.difference(before) {
                self.send(*id, ServerMessage::WaitingAdded { waiting: view.clone() });
            }
            for id in before.difference(&after) {
                self.send(*id, ServerMessage::WaitingRemoved { id: view.id });
            }
        }
        self.note_hosts();
    }

    pub(super) fn send_waiting(&mut self, to: ParticipantId, message: ServerMessage) {
        let connection = self.lobby.waiting.get(&to).and_then(|it| it.line.connection());
        if let Some(connection) = connection {
            self.outputs.push_back(Output::Message(vec![connection], Box::new(message)));
        }
    }

    /// Tells the server a fact of the lobby, which has no meeting.
    fn tell_of_lobby(&mut self, fact: Fact) {
        let at = self.wall();
        let secrets = &mut self.secrets;
        let (meeting, told) = self.lobby.facts.get_or_insert_with(|| (secrets.meeting_id(), 0));
        let event = RoomEvent {
            org: self.config.org,
            room: self.config.room,
            room_name: self.config.name.clone(),
            seq: *told,
            at,
            meeting: *meeting,
            meeting_started_at: at,
            fact,
        };
        *told += 1;
        self.outputs.push_back(Output::Event(Box::new(event)));
    }
}

fn cut(name: &str) -> String {
    name.chars().take(MAX_USER_NAME_CHARS).collect()
}
